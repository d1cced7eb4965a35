"""Ghost steps of proof files: they assign to ghost fields, and cannot touch anything else."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from verify import arrays, comprehensions, conditions
from verify.frame import Break, Continue, Frame, Return
from verify.integers import Int
from verify.laws import UNBOUNDED
from verify.path import Path
from verify.source import Function
from verify.values import Array, Content, Object, Unsupported, Value

if TYPE_CHECKING:
    from verify.machine import Machine

ONLY_LOOKS = "what a proof file says of a state may not change it; call only what reads"

ANY_INTEGER = (-UNBOUNDED, UNBOUNDED)


def arbitrary(path: Path, name: str, annotation: ast.expr) -> Value:
    """A ghost field of which nothing is known."""
    match ast.unparse(annotation):
        case "int":
            return path.fresh(name, *ANY_INTEGER)
        case "list[int]":
            unknown = path.fresh_name(name)
            length = path.fresh(f"len({name})", *ANY_INTEGER)
            path.assume(path.less_equal(Int(0), length))
            return Array(unknown, length, content_of(unknown), ANY_INTEGER)
    raise Unsupported(f"a ghost field is an int or a list[int], not {ast.unparse(annotation)}")


def give(machine: Machine, subject: Object) -> None:
    """Give an object ghost fields of which nothing is known."""
    proof = machine.hooks.proofs and machine.hooks.proofs.of_class(subject.cls)
    for name, annotation in proof.ghost.items() if proof else ():
        subject.ghost[name] = arbitrary(machine.path, name, annotation)


def always(machine: Machine, subject: Object) -> Sequence[Function]:
    """The predicates that hold of it between calls."""
    proof = machine.hooks.proofs and machine.hooks.proofs.of_class(subject.cls)
    return proof.always if proof else []


def words(predicate: Function, subject: Object) -> Frame:
    """The names that a predicate about an object speaks of."""
    return Frame(predicate.module, {"self": subject}, predicate, is_spec=True)


def assume_always(machine: Machine, subject: Object) -> None:
    """Take for granted what holds of it between calls; it can be evaluated, as is proved apart."""
    with machine.trusted(), machine.read_only(ONLY_LOOKS):
        for predicate in always(machine, subject):
            conditions.assume(machine, said(predicate), words(predicate, subject))


def said(predicate: Function) -> ast.expr:
    """What a predicate returns."""
    match predicate.body:
        case [ast.Return(value=ast.expr() as value)]:
            return value
    raise Unsupported(f"{predicate.site}: a predicate is one `return`")


def content_of(name: str) -> Content:
    """What is in an array of integers of which nothing is known."""
    return lambda path, at: path.element(name, at, *ANY_INTEGER)


def run_steps(
    machine: Machine, steps: Sequence[Function], names: dict[str, Value], subject: Object
) -> None:
    """Execute ghost steps; their parameters take the values of these names."""
    for step in steps:
        known: dict[str, Value] = {"self": subject}
        for name, _ in step.parameters:
            if name != "self":
                if name not in names:
                    raise Unsupported(f"{step.site}: `{name}` has no value at this step")
                known[name] = names[name]
        frame = Frame(step.module, known, step, is_spec=True, is_ghost=True)
        machine.ghost_depth += 1
        try:
            machine.block(step.body, frame)
        except (Break, Continue, Return):
            raise Unsupported(f"{step.site}: a ghost step goes through to its end") from None
        finally:
            machine.ghost_depth -= 1


def assign(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Assign to a ghost field, or to an element of one."""
    site = frame.site(target)
    subject = frame.names["self"]
    assert isinstance(subject, Object)
    match target:
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in subject.ghost:
            if isinstance(value, Int):
                subject.ghost[name] = machine.path.named(value)
                return
            if isinstance(value, Array) and not any(value is g for g in subject.ghost.values()):
                subject.ghost[name] = value
                return
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id="self"), attr=name), slice=index):
            array = subject.ghost.get(name)
            if isinstance(array, Array) and isinstance(value, Int):
                at = machine.number(index, frame)
                machine.check_index(array, at, 1, ast.unparse(target), site)
                arrays.write(machine, array, at, value)
                return
    raise Unsupported(f"{site}: a ghost step assigns to ghost fields, and to nothing else")


def listed(machine: Machine, node: ast.ListComp, frame: Frame) -> Array:
    """`[… for i in range(n)]`: the list that a ghost field begins with."""
    match node.generators:
        case [
            ast.comprehension(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=[bound]),
                ifs=[],
            )
        ]:
            length = machine.number(bound, frame)
        case _:
            raise Unsupported(f"{frame.site(node)}: write `[… for i in range(n)]`")
    path = machine.path
    site = frame.site(node)
    machine.oblige("size not negative", site, path.less_equal(Int(0), length))
    kept = comprehensions.frozen(frame)
    comprehensions.well_defined(machine, node.generators, [node.elt], kept)

    def content(path: Path, at: Int) -> Int:
        with machine.instance(path):
            return machine.number(node.elt, kept.with_names({name: at}))

    return Array(path.fresh_name(name), length, content, ANY_INTEGER)
