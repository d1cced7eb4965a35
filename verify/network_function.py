"""The network function in a module that is read as source, and what a spec calls its parts."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from verify.errors import UsageError
from verify.source import Class, Contract, Function, Module

GIVEN = re.compile(
    r"packet\.device < (len\(self\.config\.(mac|peer)\)|self\.config\.devices)"
    r"|0 <= now( <= MAX_TIME)?|now >= 0|now <= MAX_TIME"
)
"""What may be required of a packet and its time, as it is so wherever an NF runs: that it came in
by a device, at a time that a clock can show."""

SAFE = "safe, and keeps its invariant"


@dataclass(frozen=True)
class NetworkFunction:
    """The parts of an NF's module that the verifier works on."""

    module: Module
    cls: Class
    constructor: Function

    @property
    def process(self) -> Function:
        return self.cls.methods["process"]

    @property
    def name(self) -> str:
        return self.module.name.rsplit(".", 1)[-1]

    @property
    def assumptions(self) -> list[Contract]:
        """What `process` requires of a packet or its time that nothing makes true by itself.

        What it requires of its state is proved to hold again before the next packet.
        """
        return [
            contract
            for contract in self.process.requires
            if ("packet" in contract.names or contract.names == {"now"})
            and not GIVEN.fullmatch(contract.text)
        ]

    @property
    def is_safe(self) -> str:
        """The name of what is proved of `process` itself."""
        return f"{self.name}: {SAFE}"

    @property
    def begins_right(self) -> str:
        """The name of what is proved of the constructor."""
        return f"{self.constructor.name}: establishes the invariant"


def find_network_function(module: Module) -> NetworkFunction:
    """The one network function of a module; raises UsageError where that is not what it has."""
    classes = [cls for cls in module.classes.values() if "process" in cls.methods]
    if len(classes) != 1:
        raise UsageError(
            f"{module.path}: {len(classes)} classes have a method `process`; write exactly one"
        )
    (cls,) = classes
    if not cls.invariants:
        raise UsageError(
            f"{cls.site}: {cls.name} has no invariant; write @invariant(lambda self: …) above it, "
            "saying what holds of its state between packets"
        )
    drop = module.classes.get("Drop")
    if drop is not None and any(reason >= 0 for reason in drop.members.values()):
        raise UsageError(
            f"{drop.site}: Drop has a reason that is not negative; verdicts >= 0 are devices"
        )
    parameters = [name for name, _ in cls.methods["process"].parameters]
    if parameters != ["self", "packet", "now"]:
        raise UsageError(
            f"{cls.methods['process'].site}: write "
            "`def process(self, packet: Packet, now: Time) -> int`"
        )
    constructors = [
        function
        for function in module.functions.values()
        if isinstance(function.node.returns, ast.Name) and function.node.returns.id == cls.name
    ]
    if len(constructors) != 1:
        raise UsageError(
            f"{module.path}: write one function that builds it: "
            f"`def new_{cls.name.lower()}(config: {cls.name}Config) -> {cls.name}`"
        )
    return NetworkFunction(module, cls, constructors[0])


def check_convention(nf: NetworkFunction) -> None:
    """Raise UsageError where `pyvigor run` would not find what makes the NF, or its reasons."""
    name = f"new_{nf.name}"
    if nf.constructor.name != name:
        config = ", ".join(ast.unparse(argument) for argument in nf.constructor.node.args.args)
        raise UsageError(
            f"{nf.constructor.site}: {nf.constructor.name} makes the {nf.cls.name}; the file's "
            f"name says {nf.name}, so write `def {name}({config}) -> {nf.cls.name}`"
        )
    if "Drop" not in nf.module.classes:
        raise UsageError(
            f"{nf.module.path}: no enumeration Drop(IntEnum) of reasons; write one, all < 0"
        )


def spec_roles(function: Function, nf: NetworkFunction) -> dict[str, str]:
    """The spec's names for the NF, the first packet and the first time."""
    roles: dict[str, str] = {}
    wanted = {nf.cls.name: "nf", "Packet": "packet", "Time": "now"}
    for name, annotation in function.parameters:
        role = wanted.pop(ast.unparse(annotation) if annotation else "", None)
        if role is not None:
            roles[name] = role
    if wanted:
        raise UsageError(
            f"{function.site}: the spec {function.name} lacks a parameter of type "
            f"{next(iter(wanted))}; write `def {function.name}(nf: {nf.cls.name}, packet: Packet, "
            "now: Time) -> None`"
        )
    return roles
