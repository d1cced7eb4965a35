"""Functions known by their contract, as functions of the solver's: same arguments, same result.

So are functions of numbers, and methods of a structure that write to nothing, for as long as
nothing else writes to the structure either. Inside a law a call cannot be made anew for every
instance; so there, of a function of numbers, the postconditions are stated for all arguments that
meet its preconditions.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

import z3

from verify.formulas import Formula, within
from verify.frame import contract_frame
from verify.integers import Int, atom_of
from verify.laws import LawfulPath
from verify.logic import conjunction, implication
from verify.path import Path
from verify.source import Class, Contract, Function
from verify.subset_words import MAX_INT, MIN_INT
from verify.symbolic import class_of, value_of_type
from verify.values import Bool, Object, Quantified, Unsupported, Value, numbers_in

if TYPE_CHECKING:
    from verify.machine import Machine


def is_plain(function: Function) -> bool:
    """Whether it takes and gives numbers, and objects made of numbers, and nothing else."""
    kinds = [annotation for _, annotation in function.parameters if annotation is not None]
    if function.owner is not None and not _is_record(function.owner):
        return False
    return all(
        function.module.alias_name(kind) == "int" or _is_plain_class(kind, function)
        for kind in [*kinds, function.node.returns]
        if kind is not None
    )


def _is_plain_class(kind: ast.expr, function: Function) -> bool:
    cls = class_of(kind, function.module)
    return cls is not None and _is_record(cls)


def _is_record(cls: Class) -> bool:
    return cls.view is None and all(
        cls.module.alias_name(kind) == "int" for kind in cls.fields.values()
    )


def apply(machine: Machine, function: Function, arguments: Sequence[Value]) -> Value:
    """The value of the function; what is known of it is stated once on the path."""
    path = machine.path
    assert isinstance(path, LawfulPath)
    name = f"{function.module.name}.{function.qualified_name}"
    if name not in path.axioms:
        path.axioms[name] = z3.BoolVal(True)  # its own contract may speak of it
        path.axioms[name] = _law(machine, function, name)
    return application(path, function, name, arguments)


def application(
    path: Path,
    function: Function,
    name: str,
    arguments: Sequence[Value],
    limits: tuple[int, int] = (MIN_INT, MAX_INT),
) -> Value:
    """The value of the solver's function of this name, of the type that `function` returns.

    In the solver, the name ends like a call: no field, array or view has such a name. A number
    lies within the limits, whatever the arguments are.
    """
    name = f"{name}()"
    numbers = [number for argument in arguments for number in numbers_in(argument)]

    def leaf(part: str, low: int, high: int) -> Int:
        return path.apply(part, numbers, low, high)

    if function.module.alias_name(function.node.returns) == "bool":
        return path.predicate(name, *numbers)
    if function.module.alias_name(function.node.returns) == "int":
        return leaf(name, *limits)
    return value_of_type(function.node.returns, function.module, name, leaf)


def _law(machine: Machine, function: Function, name: str) -> z3.BoolRef:
    """For all arguments that meet the preconditions, the postconditions hold."""
    path = machine.path
    assert isinstance(path, LawfulPath)
    bound: list[z3.ArithRef] = []

    def variable(part: str, low: int, high: int) -> Int:
        term = z3.Int(path.fresh_name(part))
        bound.append(term)
        atom = atom_of(term, low, high)
        path.ranged.add(atom.number)
        limits.append(within(term, low, high))
        return Int(0, ((atom, 1),))

    limits: list[Bool] = []
    with path.template(), machine.instance(path):
        arguments = [
            value_of_type(_annotation(function, annotation), function.module, parameter, variable)
            for parameter, annotation in function.parameters
        ]
        names: dict[str, Value] = {
            parameter: value
            for (parameter, _), value in zip(function.parameters, arguments, strict=True)
        }
        given = [
            _condition(machine, contract, {"self": value})
            for value in arguments
            if isinstance(value, Object)
            for contract in value.cls.invariants
        ]
        given += [_condition(machine, contract, names) for contract in function.requires]
        result = application(path, function, name, arguments)
        names["result"] = result
        said = [_condition(machine, contract, names) for contract in function.ensures]
        said += [
            _condition(machine, contract, {"self": result})
            for contract in (result.cls.invariants if isinstance(result, Object) else ())
        ]
    body = implication([*limits, *given], conjunction(said))
    pattern = [path.term(number) for number in numbers_in(result)]
    if isinstance(body, bool):
        return z3.BoolVal(body)
    return z3.ForAll(bound, body.term(), patterns=pattern)


def _annotation(function: Function, written: ast.expr | None) -> ast.expr:
    """What a parameter is annotated with; `self` is of the class."""
    if written is not None:
        return written
    assert function.owner is not None
    return ast.Name(function.owner.name, ast.Load())


def _condition(machine: Machine, contract: Contract, names: dict[str, Value]) -> Bool:
    value = machine.expression(contract.condition.body, contract_frame(contract, names))
    if isinstance(value, Quantified) or not isinstance(value, bool | Formula):
        raise Unsupported(f"{contract.site}: write a condition on numbers")
    return value
