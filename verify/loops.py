"""Loops over a `range`: turn by turn where the bounds are numbers, else by an invariant."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from verify.frame import Frame
from verify.integers import Int
from verify.path import PathEnds
from verify.source import Function, Site
from verify.subset_words import MAX_INT, MIN_INT
from verify.values import Unsupported

if TYPE_CHECKING:
    from verify.machine import Machine

UNROLLED_TURNS = 64


def run_loop(machine: Machine, node: ast.For, frame: Frame) -> None:
    """Execute a loop; the path goes on behind it."""
    site = frame.site(node)
    match node:
        case ast.For(
            target=ast.Name(id=name),
            iter=ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]),
            orelse=[],
        ):
            bounds = [machine.number(argument, frame) for argument in arguments]
        case _:
            raise Unsupported(f"{site}: write `for name in range(…)`")
    start = bounds[0] if len(bounds) > 1 else Int(0)
    stop = bounds[1] if len(bounds) > 1 else bounds[0]
    step = bounds[2] if len(bounds) > 2 else Int(1)
    if not step.is_constant or step.constant <= 0:
        raise Unsupported(f"{site}: the step of a range must be a positive number")
    if start.is_constant and stop.is_constant:
        _turn_by_turn(
            machine, node, name, range(start.constant, stop.constant, step.constant), frame
        )
    else:
        _by_invariant(machine, node, name, (start, stop, step.constant), frame)


def _turn_by_turn(machine: Machine, node: ast.For, name: str, turns: range, frame: Frame) -> None:
    if len(turns) > UNROLLED_TURNS:
        raise Unsupported(
            f"{frame.site(node)}: at most {UNROLLED_TURNS} turns are followed one by one"
        )
    for at in turns:
        frame.names[name] = Int(at)
        machine.block(node.body, frame)


def _by_invariant(
    machine: Machine,
    node: ast.For,
    name: str,
    bounds: tuple[Int, Int, int],
    frame: Frame,
) -> None:
    """Prove that the invariant holds at first and is kept, then go on with what it says."""
    site = frame.site(node)
    function = frame.function
    find = machine.hooks.loop_invariants
    invariants = find(function) if find is not None and function is not None else []
    if not invariants:
        raise Unsupported(
            f"{site}: the bounds of this loop are no numbers; write constant bounds, or the loop's "
            "invariant in a proof file"
        )
    changed = sorted(_assigned(node.body))
    _prove_invariants(machine, invariants, frame, site, "at first")
    start, stop, step = bounds
    path = machine.path
    for changed_name in changed:
        if not isinstance(frame.names.get(changed_name), Int):
            raise Unsupported(f"{site}: `{changed_name}` must be an integer set before the loop")
        frame.names[changed_name] = path.fresh(changed_name, MIN_INT, MAX_INT)
    for invariant in invariants:
        machine.assume(_said(invariant), _invariant_frame(invariant, frame))
    if machine.path.choose() == 1:  # the loop is over
        frame.names.pop(name, None)
        return
    turn = path.fresh("turn", 0, MAX_INT)
    at = start.plus(turn, step)
    path.assume(path.less(at, stop))
    frame.names[name] = at
    with machine.read_only(f"{site}: a loop with an invariant may not write to arrays"):
        machine.block(node.body, frame)
    _prove_invariants(machine, invariants, frame, site, "after a turn")
    raise PathEnds


def _prove_invariants(
    machine: Machine, invariants: list[Function], frame: Frame, site: Site, when: str
) -> None:
    for invariant in invariants:
        label = f"loop invariant {invariant.name}, {when}"
        machine.prove(_said(invariant), _invariant_frame(invariant, frame), label, site)


def _said(invariant: Function) -> ast.expr:
    match invariant.body:
        case [ast.Return(value=ast.expr() as value)]:
            return value
    raise Unsupported(f"{invariant.site}: a loop invariant is one `return`")


def _invariant_frame(invariant: Function, frame: Frame) -> Frame:
    return Frame(invariant.module, {name: frame.names[name] for name, _ in invariant.parameters})


def _assigned(statements: list[ast.stmt]) -> set[str]:
    """Names that the statements assign to."""
    return {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
