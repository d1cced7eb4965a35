"""Code that is known by its contract: what its callers prove, and what they know of its result."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from verify import functions, maps, writes
from verify.conditions import assume, assume_invariants, decide, prove_contract
from verify.frame import WRITING_CONTRACT, Frame, body_frame, contract_frame, named
from verify.laws import LawfulPath
from verify.path import PathEnds
from verify.source import Function, Site, text_of
from verify.subset_words import MAX_INT, MIN_INT
from verify.symbolic import (
    class_of,
    is_structure_function,
    stated_limits,
    symbolic_structure,
    symbolic_view,
)
from verify.values import (
    NeedsFork,
    Object,
    Old,
    Structure,
    Unsupported,
    Value,
    View,
    is_of_numbers,
    mutable_parts,
    objects_in,
    share_parts,
)
from verify.writes import only_looks

if TYPE_CHECKING:
    from verify.machine import Machine


def require(machine: Machine, function: Function, arguments: list[Value], site: Site) -> None:
    """Prove the preconditions of a call."""
    names = named(function, arguments)
    for contract in function.requires:
        label = f"precondition of {function.qualified_name}"
        prove_contract(machine, contract, names, label, site)


def require_invariants(machine: Machine, arguments: list[Value], site: Site) -> None:
    """Prove the invariants of what was written to: code that is proved apart counts on them."""
    for argument in arguments:
        for instance in objects_in(argument):
            if any(part.is_changed for part in mutable_parts(instance)):
                for invariant in instance.cls.invariants:
                    label = f"invariant of {instance.cls.name}"
                    prove_contract(machine, invariant, {"self": instance}, label, site)


def call_by_contract(
    machine: Machine, function: Function, arguments: list[Value], site: Site
) -> Value:
    """Prove the preconditions; of the result is known what the postconditions say."""
    if isinstance(machine.path, LawfulPath) and functions.is_plain(function):
        require(machine, function, arguments, site)
        machine.path.rely_on(function)
        return functions.apply(machine, function, arguments)
    if machine.pure_depth:
        raise NeedsFork
    if function.owner is not None and function.owner.view and isinstance(arguments[0], Object):
        raise Unsupported(f"{site}: a lemma that sees the fields of a structure may not call it")
    if share_parts(arguments):
        raise Unsupported(f"{site}: `{function.name}` is given the same array or structure twice")
    require(machine, function, arguments, site)
    require_invariants(machine, arguments, site)
    if not is_structure_function(function):
        if writes.written(machine, function.body, body_frame(function, arguments)):
            raise Unsupported(
                f"{site}: `{function.name}` has an `ensure` and writes to its arguments; "
                "drop the `ensure`"
            )
    machine.path.rely_on(function)
    return known_result(machine, function, arguments)


def known_result(machine: Machine, function: Function, arguments: list[Value]) -> Value:
    """Any result and any change of the structure that the postconditions allow."""
    names = named(function, arguments)
    structure = arguments[0] if arguments and isinstance(arguments[0], Structure) else None
    looks = structure is not None and only_looks(function)
    changes = structure and not looks and any("OLD" in e.names for e in function.ensures)
    if structure is not None:
        names["OLD"] = Old(structure.entries)  # a name of contracts only
        if changes:
            machine.may_write()
            view_name = machine.path.fresh_name(f"{structure.name}.{function.name}")
            structure.entries = symbolic_view(structure.cls, view_name)
            structure.is_changed = True
    names["result"] = result_of(machine, function, arguments)
    if structure is not None and not changes and not looks:
        machine.may_write()
        structure.entries = replace(structure.entries, name=machine.path.fresh_name("rewritten"))
        structure.is_changed = True
    defined: set[str] = set()
    for ensure in sorted(function.ensures, key=lambda e: not _defines(e.condition.body, "result")):
        frame = contract_frame(ensure, names)
        with machine.trusted(), machine.read_only(f"{ensure.site}: {WRITING_CONTRACT}"):
            learn(machine, ensure.condition.body, frame, structure if changes else None, defined)
    if changes and structure is not None and "self" not in defined:
        assume_invariants(machine, structure)  # else they follow from those of the old view
    if isinstance(names["result"], Structure):
        assume_invariants(machine, names["result"])
    return names["result"]


def result_of(machine: Machine, function: Function, arguments: list[Value]) -> Value:
    """A value of the type that the function returns: the same one for the same arguments.

    But where it depends on what may be written to unseen, it is any such value.
    """
    kind = function.module.alias_name(function.node.returns)
    cls = class_of(function.node.returns, function.module)
    if kind == "None":
        return None
    if cls is not None and cls.view is not None:
        name = machine.path.fresh_name(function.name)
        view = symbolic_view(cls, f"{name}.entries")
        return symbolic_structure(machine.path, cls, name, view)
    limits = stated_limits(function.ensures, function.module).get("result", (MIN_INT, MAX_INT))
    if functions.is_plain(function):
        name = f"{function.module.name}.{function.qualified_name}"
        return functions.application(machine.path, function, name, arguments, limits)
    if is_look(function, arguments):
        assert isinstance(arguments[0], Structure)
        name = f"{arguments[0].entries.name}.{function.name}"
        return functions.application(machine.path, function, name, arguments[1:], limits)
    name = machine.path.fresh_name(function.name)
    return functions.application(machine.path, function, name, [], limits)


def is_look(function: Function, arguments: list[Value]) -> bool:
    """Whether it looks at a structure, and all else that it is given is numbers."""
    return (
        bool(arguments)
        and isinstance(arguments[0], Structure)
        and all(is_of_numbers(argument) for argument in arguments[1:])
        and only_looks(function)
    )


def _defines(node: ast.expr, name: str) -> bool:
    """Whether the condition is `name == …`, with no `name` on the right."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            inside = {text_of(part) for part in ast.walk(right) if isinstance(part, ast.expr)}
            return text_of(left) == name and name not in inside
    return False


def learn(
    machine: Machine,
    node: ast.expr,
    frame: Frame,
    changed: Structure | None,
    defined: set[str],
) -> None:
    """Assume a postcondition; one that says what the result or the view *is* defines it."""
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                learn(machine, value, frame, changed, defined)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            chosen = body if decide(machine, test, frame) else orelse
            learn(machine, chosen, frame, changed, defined)
            if not machine.path.is_replaying and not machine.path.may_hold():
                raise PathEnds  # what is learned so may contradict what is known
        case ast.Compare(comparators=[right]) if (
            _defines(node, "result")
            and "result" not in defined
            and not isinstance(frame.names["result"], Structure)
        ):
            meant = machine.expression(right, frame)
            machine.path.assume(
                maps.equal(machine.path, frame.names["result"], meant, frame.site(node))
            )
            frame.names["result"] = meant
            defined.add("result")
        case ast.Compare(comparators=[right]) if (
            changed is not None and _defines(node, "self.entries") and "self" not in defined
        ):
            view = machine.expression(right, frame)
            assert isinstance(view, View)
            changed.entries = replace(view, name=changed.entries.name)
            defined.add("self")
        case _:
            assume(machine, node, frame)
