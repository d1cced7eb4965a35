"""Conditions: evaluated, taken for granted and proved; contracts and invariants above all."""

from __future__ import annotations

import ast
from contextlib import AbstractContextManager, nullcontext
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


def prove(
    machine: Machine,
    node: ast.expr,
    frame: Frame,
    label: str,
    site: Site,
    *,
    is_defined: bool = False,
) -> None:
    """Prove a condition; conjunctions part by part.

    That it can be evaluated is proved, too, unless it is defined by what is proved elsewhere.
    """
    if machine.trusted_depth:
        return

    def go_on(part: ast.expr) -> None:
        prove(machine, part, frame, label, site, is_defined=is_defined)

    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                go_on(value)
        case ast.BoolOp(op=ast.Or(), values=[*firsts, last]):
            with evaluating(machine, is_defined=is_defined):
                whole = merged(machine, node, frame)
                if whole is None and any(decide(machine, first, frame) for first in firsts):
                    return
            if whole is None:
                go_on(last)
            else:
                machine.oblige(label, site, whole)
        case ast.IfExp(test=test, body=body, orelse=orelse) if machine.pure_depth:
            with evaluating(machine, is_defined=is_defined):
                condition = truth(machine.expression(test, frame), site)
            if isinstance(condition, Quantified):
                raise NeedsFork
            with machine.guarded(condition):
                go_on(body)
            with machine.guarded(negation(condition)):
                go_on(orelse)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            with evaluating(machine, is_defined=is_defined):
                is_true = decide(machine, test, frame)
            go_on(body if is_true else orelse)
        case _:
            with evaluating(machine, is_defined=is_defined):
                goal = truth(machine.expression(node, frame), site)
            machine.oblige(label, site, goal)


def evaluating(machine: Machine, *, is_defined: bool) -> AbstractContextManager[None]:
    """Where a condition is evaluated; if it is defined, nothing is proved of that."""
    return machine.trusted() if is_defined else nullcontext()


def prove_contract(
    machine: Machine,
    contract: Contract,
    names: dict[str, Value],
    label: str,
    site: Site,
    *,
    is_defined: bool = False,
) -> None:
    """Prove a contract for these values; `site` is where the failure is shown."""
    frame = contract_frame(contract, names)
    label = f"{label}: {contract.text}"
    outer, machine.contract = machine.contract, contract
    try:
        with machine.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
            prove(machine, contract.condition.body, frame, label, site, is_defined=is_defined)
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
