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

PROCESS = "process(self, packet: Packet, now: Time) -> int"
LOOKING = {
    "look_ahead": "look_ahead(self, packet: Packet) -> int",
    "look_closer": "look_closer(self, hint: int) -> int",
    "look_closest": "look_closest(self, hint: int) -> None",
}
"""Methods that ask for memory before `process` needs it, and change nothing: all, or none."""
TYPES = {"Time": "int"}
"""What a signature names by an alias, which may be another of the same type."""


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
    def looking(self) -> list[Function]:
        """Its methods that look ahead; the native loop calls them before the packet's turn."""
        return [self.cls.methods[name] for name in LOOKING if name in self.cls.methods]

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
            and not self.is_given(contract)
        ]

    def is_given(self, contract: Contract) -> bool:
        """Whether what it says is so wherever an NF runs: in GIVEN, by names that mean the same."""
        libvig = self.module.program.load("libvig.types")
        return (
            GIVEN.fullmatch(contract.text) is not None
            and ("MAX_TIME" not in contract.text or self._means(libvig, "MAX_TIME"))
            and ("config" not in contract.text or self._keeps_settings())
        )

    def _means(self, other: Module, name: str) -> bool:
        """Whether a name stands for the same number as in another module."""
        return self.module.lookup(name) == other.lookup(name)

    def _keeps_settings(self) -> bool:
        """Whether its field `config` is what the constructor was given, as its text shows."""
        match self.constructor.body:
            case [ast.Return(value=ast.Call(func=ast.Name(id=name), args=args, keywords=[]))]:
                kept = dict(zip(self.cls.fields, args, strict=False)).get("config")
                given = [parameter for parameter, _ in self.constructor.parameters]
                is_kept = isinstance(kept, ast.Name) and [kept.id] == given
                return name == self.cls.name and is_kept
        return False

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
    check_signature(cls.methods["process"], PROCESS)
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
    found = NetworkFunction(module, cls, constructors[0])
    check_looking(found)
    return found


def check_looking(nf: NetworkFunction) -> None:
    """Raise UsageError where the native loop could not call what is to look ahead."""
    methods = nf.cls.methods
    found = [name for name in LOOKING if name in methods]
    for name, signature in LOOKING.items() if found else ():
        if name not in found:
            raise UsageError(
                f"{methods[found[0]].site}: {nf.cls.name} has {found[0]}, and no {name}; write "
                f"`def {signature}`"
            )
        check_signature(methods[name], signature)
        for contract in methods[name].requires:
            if not nf.is_given(contract):
                raise UsageError(
                    f"{contract.site}: nothing makes `{contract.text}` true; check it in {name}"
                )


def check_signature(function: Function, signature: str) -> None:
    """Raise UsageError where its parameters or types are not those with which it is called."""
    (meant,) = ast.parse(f"def {signature}: ...").body
    assert isinstance(meant, ast.FunctionDef)
    wanted = [(argument.arg, argument.annotation) for argument in meant.args.args]
    given = function.parameters
    names_differ = [name for name, _ in given] != [name for name, _ in wanted]
    pairs = [
        *zip(given[1:], wanted[1:], strict=False),
        (("", function.node.returns), ("", meant.returns)),
    ]
    if names_differ or not all(is_type(function, own, other) for (_, own), (_, other) in pairs):
        raise UsageError(f"{function.site}: write `def {signature}`")


def is_type(function: Function, annotation: ast.expr | None, wanted: ast.expr | None) -> bool:
    """Whether an annotation means a type of such a signature, by whatever alias."""
    name = ast.unparse(wanted) if wanted is not None else "None"
    if name == "Packet":
        found = None
        if isinstance(annotation, ast.Name):
            found = function.module.lookup_type(annotation.id)
        return isinstance(found, Class) and found.module.name == "libvig.packet.packet"
    return function.module.alias_name(annotation) == TYPES.get(name, name)


def is_looking(function: Function) -> bool:
    """Whether it is a method of a network function that looks ahead."""
    owner = function.owner
    return owner is not None and "process" in owner.methods and function.name in LOOKING


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
