"""Conditions: evaluated, taken for granted and proved; contracts and invariants above all."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from verify.formulas import Formula
from verify.frame import WRITING_CONTRACT, Frame, contract_frame
from verify.logic import negation
from verify.source import Contract, Site, text_of
from verify.values import Bool, NeedsFork, Object, Quantified, Structure, Unsupported, Value

if TYPE_CHECKING:
    from verify.machine import Machine


def truth(value: Value, site: Site) -> Bool | Quantified:
    """The value as a condition; Unsupported where it is no truth value."""
    if isinstance(value, bool | Formula | Quantified):
        return value
    raise Unsupported(f"{site}: a condition must be a truth value; write a comparison")


def decide(machine: Machine, node: ast.expr, frame: Frame) -> bool:
    """Evaluate a condition, forking the path where it may be either."""
    if machine.pure_depth:
        raise NeedsFork
    condition = truth(machine.expression(node, frame), frame.site(node))
    return machine.path.branch(condition, frame.site(node), text_of(node))


def merged(machine: Machine, node: ast.expr, frame: Frame) -> Bool | None:
    """The condition as one formula; None where that takes a fork."""
    try:
        with machine.pure():
            value = machine.expression(node, frame)
    except NeedsFork:
        return None
    return value if isinstance(value, bool | Formula) else None


def assume(machine: Machine, node: ast.expr, frame: Frame) -> None:
    """Take a condition for granted."""
    if machine.pure_depth:
        raise NeedsFork
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                assume(machine, value, frame)
        case ast.BoolOp(op=ast.Or(), values=[*firsts, last]):
            whole = merged(machine, node, frame)
            if whole is not None:
                machine.path.assume(whole)
            elif not any(decide(machine, first, frame) for first in firsts):
                assume(machine, last, frame)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            assume(machine, body if decide(machine, test, frame) else orelse, frame)
        case _:
            machine.path.assume(truth(machine.expression(node, frame), frame.site(node)))


def prove(machine: Machine, node: ast.expr, frame: Frame, label: str, site: Site) -> None:
    """Prove a condition; conjunctions part by part."""
    if machine.trusted_depth:
        return
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                prove(machine, value, frame, label, site)
        case ast.BoolOp(op=ast.Or(), values=[*firsts, last]):
            whole = merged(machine, node, frame)
            if whole is not None:
                machine.oblige(label, site, whole)
            elif not any(decide(machine, first, frame) for first in firsts):
                prove(machine, last, frame, label, site)
        case ast.IfExp(test=test, body=body, orelse=orelse) if machine.pure_depth:
            condition = truth(machine.expression(test, frame), site)
            if isinstance(condition, Quantified):
                raise NeedsFork
            with machine.guarded(condition):
                prove(machine, body, frame, label, site)
            with machine.guarded(negation(condition)):
                prove(machine, orelse, frame, label, site)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            prove(machine, body if decide(machine, test, frame) else orelse, frame, label, site)
        case _:
            machine.oblige(label, site, truth(machine.expression(node, frame), site))


def prove_contract(
    machine: Machine, contract: Contract, names: dict[str, Value], label: str, site: Site
) -> None:
    """Prove a contract for these values; `site` is where the failure is shown."""
    frame = contract_frame(contract, names)
    outer, machine.contract = machine.contract, contract
    try:
        with machine.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
            prove(machine, contract.condition.body, frame, f"{label}: {contract.text}", site)
    finally:
        machine.contract = outer


def assume_invariants(machine: Machine, instance: Object | Structure) -> None:
    """Assume what always holds of an object."""
    for invariant in instance.cls.invariants:
        assume_contract(machine, invariant, {"self": instance})


def assume_contract(machine: Machine, contract: Contract, names: dict[str, Value]) -> None:
    """Assume a condition; that it can be evaluated is proved where it is written."""
    with machine.trusted(), machine.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
        assume(machine, contract.condition.body, contract_frame(contract, names))
