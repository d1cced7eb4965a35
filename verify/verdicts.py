"""What `process` may return: a device, FLOOD where the NF knows it, or a reason in its Drop."""

from __future__ import annotations

import ast
import re
from types import ModuleType
from typing import Any

import z3

from libvig.packet.packet import FLOOD
from verify.formulas import Formula
from verify.frame import contract_frame
from verify.integers import Int
from verify.logic import conjunction, disjunction
from verify.machine import Machine
from verify.network_function import NetworkFunction
from verify.source import Contract
from verify.values import Bool, Object, Unsupported, Value

LABEL = "the verdict is a device, or a reason in Drop"


def prove_verdict(
    machine: Machine, nf: NetworkFunction, state: Value, packet: Value, verdict: Int
) -> None:
    """Prove that the runner knows what to do with the packet; it refuses an NF without Drop."""
    if "Drop" not in nf.module.classes:
        return
    path = machine.path
    assert isinstance(packet, Object)
    device = packet.fields["device"]
    assert isinstance(device, Int)
    by_verdict = Object(packet.cls, {**packet.fields, "device": verdict})
    is_device: list[Bool] = [path.less_equal(Int(0), verdict), path.less(verdict, Int(FLOOD))]
    limits = limits_of_devices(nf)
    if not limits:
        is_device.append(path.equal(verdict, device))
    with machine.pure(), machine.trusted():
        for contract in limits:
            names = {"self": state, "packet": by_verdict}
            condition = machine.expression(contract.condition.body, contract_frame(contract, names))
            if not isinstance(condition, bool | Formula):
                raise Unsupported(f"{contract.site}: say of a device what number it may have")
            is_device.append(condition)
    others = [path.equal(verdict, Int(value)) for value in known_values(nf)]
    machine.oblige(LABEL, nf.process.site, disjunction([conjunction(is_device), *others]))


def limits_of_devices(nf: NetworkFunction) -> list[Contract]:
    """What `process` requires of the device that a packet comes in by.

    If that is nothing, it is known of that device alone that there is one.
    """
    return [
        contract
        for contract in nf.process.requires
        if contract.names <= {"self", "packet"} and "packet.device" in contract.text
    ]


def known_values(nf: NetworkFunction) -> list[int]:
    """Verdicts that are no device."""
    reasons = nf.module.classes["Drop"].members.values()
    return [*reasons, *([FLOOD] if nf.module.lookup("FLOOD") == FLOOD else [])]


def in_words(nf: NetworkFunction, verdict: Value) -> str:
    """A verdict for people: its name, or what it is made of, as far as that is short."""
    if not isinstance(verdict, Int):
        return "something else"
    if verdict.is_constant:
        reasons = nf.module.classes["Drop"].members if "Drop" in nf.module.classes else {}
        names = {value: f"Drop.{name}" for name, value in reasons.items()} | {FLOOD: "FLOOD"}
        return names.get(verdict.constant, f"device {verdict.constant}")
    match verdict:
        case Int(constant=0, terms=((atom, 1),)):
            return _named((atom.base or atom).term)
    return "a number"


def _named(term: z3.ArithRef) -> str:
    """The name of a field, of what a function returned, or of what a structure holds."""
    if z3.is_app_of(term, z3.Z3_OP_MOD) or z3.is_app_of(term, z3.Z3_OP_IDIV):
        return f"part of {_named(term.arg(0))}"
    if not z3.is_app_of(term, z3.Z3_OP_UNINTERPRETED):
        return "a number"
    name = re.sub(r"^process\.|![0-9]+", "", term.decl().name())
    name = re.sub(r"^nf\.", "self.", name)
    if name.endswith("()"):
        return f"{name.removesuffix('()').rpartition('.')[2]}(…)"
    if not term.num_args():
        return name
    structure, of, field = name.partition(".entries")
    return f"{structure}{of}[…]{field}"


def is_known(
    nf: NetworkFunction, module: ModuleType, state: Any, packet: Any, verdict: int
) -> bool:
    """The same of a real verdict, for the state and the packet that it was given for."""
    if not 0 <= verdict < FLOOD:
        return int(verdict) in known_values(nf)
    limits = limits_of_devices(nf)
    names = {"self": state, "packet": packet._replace(device=verdict)}
    return all(_holds(contract, module, names) for contract in limits) and (
        bool(limits) or verdict == packet.device
    )


def _holds(contract: Contract, module: ModuleType, names: dict[str, Any]) -> bool:
    code = compile(ast.Expression(contract.condition), str(contract.site), "eval")
    condition = eval(code, vars(module))
    return bool(condition(**{name: names[name] for name in contract.names}))
