"""Calls: constructors, inlined code, and which code is known by its contract instead.

A method of a structure is known by its contract alone, and so is any function with an `ensure`;
that function's body is proved against the contract apart (`Hooks.rely_on`). A function that has
only a `require` is inlined once that is proved, and its own safety is proved apart, too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verify import arrays, choices, comprehensions, conditions, ghosts
from verify.annotations import check_types, is_of_type
from verify.builtins import BUILTINS, is_genuine
from verify.by_contract import call_by_contract, require, require_invariants
from verify.formulas import Formula
from verify.frame import Frame, Return, body_frame, named
from verify.path import Path
from verify.proofs import Proofs
from verify.source import Class, Function, Site, text_of
from verify.statements import bind
from verify.symbolic import is_structure_function
from verify.values import (
    NeedsFork,
    Object,
    Structure,
    Unsupported,
    Value,
    mutable_parts,
    numbers_in,
    objects_in,
    share_parts,
)

if TYPE_CHECKING:
    from verify.machine import Machine

SPECIAL_FORMS = ("all", "any", "all_different", "assume")


@dataclass
class Hooks:
    """What an execution leaves to the verification that runs it."""

    rely_on: Callable[[Function], None]  # this function's contract or safety is relied on
    read_models: Callable[[Path], tuple[object, ...]]  # small ones, on a path that has some
    process: Callable[[Machine, Function, list[Value], Site], Value] | None = None
    proofs: Proofs | None = None
    subject: Class | None = None  # the structure that is itself what is proved


def call(machine: Machine, node: ast.Call, frame: Frame) -> Value:
    """The value of a call."""
    site = frame.site(node)
    if arrays.is_maker(node, frame):
        return arrays.made(machine, node, frame)
    match node.func:
        case ast.Name(id=name) if name not in frame.names:
            return call_name(machine, name, node, frame)
        case ast.Attribute(value=owner_node, attr=name):
            owner = machine.expression(owner_node, frame)
            if isinstance(owner, Object | Structure):
                method = method_of(machine, owner, name, frame)
                if method is None or method.is_marked("property") or method.is_marked("view"):
                    raise Unsupported(f"{site}: {owner.cls.name} has no method `{name}`")
                arguments = [owner, *_arguments(machine, node, frame)]
                with machine.called_from(frame.module, site):
                    return invoke(machine, method, arguments, site)
    raise Unsupported(f"{site}: `{text_of(node)}` cannot be followed; call a method or function")


def method_of(
    machine: Machine, owner: Object | Structure, name: str, frame: Frame
) -> Function | None:
    """The method of this name; a proof has words of its own for what it argues about."""
    proofs = machine.hooks.proofs
    if frame.module.is_proof and proofs is not None and isinstance(owner, Object):
        proof = proofs.of_class(owner.cls)
        if proof is not None and name in proof.cls.methods:
            return proof.cls.methods[name]
    return owner.cls.methods.get(name)


def _arguments(machine: Machine, node: ast.Call, frame: Frame) -> list[Value]:
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise Unsupported(f"{frame.site(node)}: pass arguments by position")
    return [machine.expression(argument, frame) for argument in node.args]


def call_name(machine: Machine, name: str, node: ast.Call, frame: Frame) -> Value:
    """The value of a call of a global name: a builtin, a class or a function."""
    site = frame.site(node)
    if name in SPECIAL_FORMS and not is_genuine(name, frame.module.lookup(name)):
        raise Unsupported(f"{site}: `{name}` means something else here; use another name")
    if name in ("all", "any"):
        match node.args:
            case [ast.GeneratorExp() as generator]:
                return comprehensions.quantified(machine, generator, frame, universal=name == "all")
        raise Unsupported(f"{site}: write `{name}(… for … in …)`")
    if name == "all_different":
        return comprehensions.all_different(machine, node.args[0], frame)
    if name == "assume":
        conditions.assume(machine, node.args[0], frame)
        return None
    found = frame.module.lookup(name)
    arguments = _arguments(machine, node, frame)
    if isinstance(found, Class):
        return construct(machine, found, arguments, site)
    builtin = BUILTINS.get(name)
    if builtin is not None and is_genuine(name, found):
        return builtin(machine, arguments, text_of(node), site)
    if isinstance(found, Function):
        with machine.called_from(frame.module, site):
            return invoke(machine, found, arguments, site)
    raise Unsupported(f"{site}: `{name}` is not known here; import it from libvig or define it")


def construct(machine: Machine, cls: Class, arguments: list[Value], site: Site) -> Value:
    """Build an object; its invariants must hold from the start."""
    if cls.view is not None and (cls is not machine.hooks.subject or machine.old is not None):
        raise Unsupported(f"{site}: build a {cls.name} by its constructor function")
    if len(arguments) != len(cls.fields):
        raise Unsupported(f"{site}: give {cls.name} its {len(cls.fields)} fields by position")
    instance = Object(cls, dict(zip(cls.fields, arguments, strict=True)))
    check_types(instance, site)
    if cls.view is not None:
        check_parts(instance, site)
        machine.built.append(instance)
        check_words(machine, instance, site)
        return instance  # its invariants are proved once its ghost state is there
    check_words(machine, instance, site)
    for invariant in cls.invariants:
        conditions.prove_contract(
            machine, invariant, {"self": instance}, f"invariant of {cls.name}", site
        )
    return instance


def check_words(machine: Machine, value: Value, site: Site) -> None:
    """Prove that the numbers in a value have 64 bits, as whoever is given it takes for granted."""
    for number in numbers_in(value):
        machine.check_word(number, "what is handed on", site)


def check_parts(instance: Object, site: Site) -> None:
    """Refuse an array or structure under two names."""
    if share_parts([instance]):
        raise Unsupported(
            f"{site}: the same array is in {instance.cls.name} twice; give each field its own"
        )


# ---------------------------------------------------------------- functions and methods


def invoke(machine: Machine, function: Function, arguments: list[Value], site: Site) -> Value:
    """Call a function with known arguments: by its contract, or by executing its body."""
    if len(arguments) != len(function.parameters):
        raise Unsupported(f"{site}: `{function.name}` takes {len(function.parameters)} arguments")
    for (name, annotation), argument in zip(function.parameters, arguments, strict=True):
        if not is_of_type(argument, annotation, function):
            raise Unsupported(
                f"{site}: `{name}` of `{function.name}` must be of type {text_of(annotation)}"
                if annotation
                else f"{function.site}: annotate `{name}`"
            )
    if function.name == "process" and machine.hooks.process is not None:
        return machine.hooks.process(machine, function, arguments, site)
    if function in machine.stack:
        raise Unsupported(f"{function.site}: `{function.name}` calls itself; write a loop")
    return machine.recalled(
        function, arguments, lambda: evaluate(machine, function, arguments, site)
    )


def evaluate(machine: Machine, function: Function, arguments: list[Value], site: Site) -> Value:
    """Call a function that takes such arguments."""
    if is_own(machine, function, arguments):
        return invoke_own(machine, function, arguments, site)
    by_contract = bool(function.ensures) and not function.module.is_spec
    if by_contract or is_structure_function(function):
        check_handed_on(machine, function, arguments, site)
        return call_by_contract(machine, function, arguments, site)
    require(machine, function, arguments, site)
    if function.requires and not share_parts(arguments):  # proved apart for separate arguments
        require_invariants(machine, arguments, site)
        check_handed_on(machine, function, arguments, site)
        machine.path.rely_on(function)
        with machine.trusted():
            return inline(machine, function, arguments)
    if not function.is_interpreted:
        for argument in arguments:
            check_words(machine, argument, site)
    return inline(machine, function, arguments)


def check_handed_on(
    machine: Machine, function: Function, arguments: list[Value], site: Site
) -> None:
    """What is proved apart was proved for arguments of 64 bits, and for structures in order."""
    for argument in arguments:
        check_words(machine, argument, site)
        if any(is_being_changed(machine, instance) for instance in objects_in(argument)):
            raise Unsupported(
                f"{site}: `{function.name}` has a contract, so it cannot be given a structure that "
                "is being changed; move what is wanted here to a helper without one"
            )


def is_being_changed(machine: Machine, instance: Object) -> bool:
    """Whether its invariants, those of its proof included, may not hold just now."""
    if instance.cls is machine.hooks.subject:
        return True
    return instance.cls.view is not None and any(
        part.is_changed for part in mutable_parts(instance)
    )


def is_own(machine: Machine, function: Function, arguments: list[Value]) -> bool:
    """Whether the structure that is being proved calls a method of its own."""
    subject = machine.hooks.subject
    return (
        subject is not None
        and function.owner is not None
        and function.owner.name == subject.name
        and isinstance(arguments[0], Object)
        and arguments[0].cls is subject
    )


def invoke_own(machine: Machine, function: Function, arguments: list[Value], site: Site) -> Value:
    """Execute a helper of the structure that is being proved."""
    if function.requires or function.ensures:
        raise Unsupported(
            f"{site}: `{function.name}` has a contract, which counts on the invariants of its own "
            "object; move what is wanted here to a helper without one"
        )
    return inline(machine, function, arguments)


def inline(machine: Machine, function: Function, arguments: list[Value]) -> Value:
    """Execute the body."""
    if function in machine.stack:
        raise Unsupported(f"{function.site}: `{function.name}` calls itself; write a loop")
    machine.stack.append(function)
    if function.module.is_spec:
        machine.note_helper(function)
    frame = body_frame(function, arguments)
    result: Value = None
    try:
        if machine.pure_depth:
            return pure_block(machine, function.body, frame)
        machine.block(function.body, frame)
    except Return as returned:
        result = returned.value
    finally:
        machine.stack.pop()
    take_steps(machine, function, arguments, result)
    return result


def take_steps(machine: Machine, function: Function, arguments: list[Value], result: Value) -> None:
    """Take the ghost steps that hang on a method of the structure that is being proved."""
    proofs, subject = machine.hooks.proofs, machine.hooks.subject
    if proofs is None or subject is None or function.owner is not subject:
        return
    proof = proofs.of_class(subject)
    if proof is not None and isinstance(arguments[0], Object):
        names = {**named(function, arguments), "result": result}
        ghosts.run_steps(machine, proof.steps("after", function), names, arguments[0])


def pure_block(machine: Machine, statements: list[ast.stmt], frame: Frame) -> Value:
    """A body that only returns, as one value: `if` chooses between the values."""
    match statements:
        case [ast.Return(value=ast.expr() as value), *_]:
            return machine.expression(value, frame)
        case [ast.Assign(targets=[ast.Name() | ast.Tuple() as target], value=value), *rest]:
            bind(machine, target, machine.expression(value, frame), frame)
            return pure_block(machine, rest, frame)
        case [ast.If(test=test_node, body=body, orelse=orelse), *rest]:
            test = conditions.truth(machine.expression(test_node, frame), frame.site(test_node))
            if not isinstance(test, bool | Formula):
                raise NeedsFork
            return choices.merge(
                machine,
                test,
                lambda: pure_block(machine, [*body, *rest], frame.with_names({})),
                lambda: pure_block(machine, [*orelse, *rest], frame.with_names({})),
                frame.site(test_node),
            )
    raise NeedsFork
