"""Loops: turn by turn where the bounds are numbers, else by an invariant and a variant."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verify import conditions, ghosts
from verify.conditions import assume_invariants
from verify.formulas import Formula, truth_value
from verify.frame import Break, Continue, Frame
from verify.integers import Int
from verify.laws import UNBOUNDED
from verify.logic import disjunction
from verify.path import PathEnds
from verify.proofs import LoopProof, loop_number
from verify.source import Function, Site
from verify.subset_words import MAX_INT, MIN_INT
from verify.symbolic import symbolic_view, value_of_type
from verify.values import Array, Object, Structure, Unsupported, Value, mutable_parts
from verify.writes import changeable_parts, content, written

if TYPE_CHECKING:
    from verify.machine import Machine

UNROLLED_TURNS = 64
MOST_TURNS = 2**65  # more than there are integers of 64 bits


@dataclass(frozen=True)
class Turns:
    """The variable of a `for` loop and the bounds of its range."""

    name: str
    start: Int
    stop: Int
    step: int

    @property
    def are_numbers(self) -> bool:
        return self.start.is_constant and self.stop.is_constant


def run_loop(machine: Machine, node: ast.For | ast.While, frame: Frame) -> None:
    """Execute a loop; the path goes on behind it."""
    turns = _turns(machine, node, frame) if isinstance(node, ast.For) else None
    if isinstance(node, ast.For) and turns is not None and turns.are_numbers:
        with suppress(Break):
            _turn_by_turn(machine, node, turns, frame)
    else:
        Loop(machine, node, turns, frame).run()


def _turns(machine: Machine, node: ast.For, frame: Frame) -> Turns:
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
    step = bounds[2] if len(bounds) > 2 else Int(1)
    if not step.is_constant or step.constant <= 0:
        raise Unsupported(f"{site}: the step of a range must be a positive number")
    if len(bounds) == 1:
        return Turns(name, Int(0), bounds[0], step.constant)
    return Turns(name, bounds[0], bounds[1], step.constant)


def _turn_by_turn(machine: Machine, node: ast.For, turns: Turns, frame: Frame) -> None:
    values = range(turns.start.constant, turns.stop.constant, turns.step)
    if len(values) > UNROLLED_TURNS:
        raise Unsupported(
            f"{frame.site(node)}: at most {UNROLLED_TURNS} turns are followed one by one"
        )
    for value in values:
        frame.names[turns.name] = Int(value)
        with suppress(Continue):
            machine.block(node.body, frame)


@dataclass
class Loop:
    """A loop of any number of turns: one of them stands for all."""

    machine: Machine
    node: ast.For | ast.While
    turns: Turns | None
    frame: Frame

    @property
    def site(self) -> Site:
        return self.frame.site(self.node)

    def run(self) -> None:
        """Prove that the invariant holds at first and is kept, and go on with what it says."""
        machine, frame = self.machine, self.frame
        self.proof = self._proof()
        if self.turns is not None:
            frame.names[self.turns.name] = self.turns.start
        self._prove("at first")
        kept = self._forget()
        turn = machine.path.fresh("turn", 0, MOST_TURNS)
        if self.turns is not None:
            frame.names[self.turns.name] = self.turns.start.plus(turn, self.turns.step)
        ghosts_before = _ghost_arrays(frame)
        for predicate in self.proof.invariants:  # and each has a value where those before it hold
            with machine.read_only(ghosts.ONLY_LOOKS):
                conditions.assume(machine, ghosts.said(predicate), self._words(predicate))
        is_over = machine.path.choose() == 1
        self._enter(turn, is_over=is_over)
        if is_over:
            return
        before = [self._measure(variant, "not negative") for variant in self.proof.variants]
        try:
            with suppress(Continue):
                machine.block(self.node.body, frame)
        except Break:
            return
        if self.turns is not None:
            at = frame.names[self.turns.name]
            assert isinstance(at, Int)
            frame.names[self.turns.name] = at.plus(Int(self.turns.step))
        self._check_kept(kept, ghosts_before)
        self._prove("after a turn")
        for variant, old in zip(self.proof.variants, before, strict=True):
            new = self._measure(variant, None)
            label = f"{variant.name} falls at every turn"
            machine.oblige(label, self.site, machine.path.less(new, old))
        raise PathEnds

    def _proof(self) -> LoopProof:
        proofs, function = self.machine.hooks.proofs, self.frame.function
        proof = LoopProof([], [])
        if proofs is not None and function is not None:
            proof = proofs.of_loop(function, loop_number(function, self.node))
        if self.turns is not None and not proof.invariants:
            if function is None or (function.module.is_spec and not function.module.is_proof):
                raise Unsupported(
                    f"{self.site}: the bounds of this loop are no numbers; write "
                    "`all(… for … in range(…))`, or constant bounds"
                )
            raise Unsupported(
                f"{self.site}: the bounds of this loop are no numbers; write constant bounds, or "
                f"the loop's invariant, {self._word('loop')}"
            )
        if self.turns is None and not proof.variants:
            raise Unsupported(
                f"{self.site}: nothing says that this loop ends; write what falls at every turn, "
                f"{self._word('decreases')}"
            )
        return proof

    def _word(self, word: str) -> str:
        """How and where a proof says something of this loop."""
        function = self.frame.function
        if function is None or not function.module.is_library:
            return f"`@{word}(…)`, in a proof file of libvig"
        number = loop_number(function, self.node)
        name = function.qualified_name + (f", {number}" if number else "")
        file = f"libvig/proof/{function.module.name.rpartition('.')[2]}.py"
        if function.owner is None:
            return f"`@{word}({name})` above a function of {file}"
        owner = function.owner.name
        return f"`@{word}({name})` above a method of `@about class …({owner})` in {file}"

    def _words(self, predicate: Function) -> Frame:
        """The names that a predicate speaks of."""
        names: dict[str, Value] = {}
        for name, _ in predicate.parameters:
            if name == "OLD" and self.machine.old is not None:
                names[name] = self.machine.old
            elif name in self.frame.names:
                names[name] = self.frame.names[name]
            else:
                raise Unsupported(f"{predicate.site}: `{name}` has no value where the loop begins")
        return Frame(predicate.module, names, predicate, is_spec=True)

    def _prove(self, when: str) -> None:
        """Prove the invariant of what is one of the states that `run` goes on with."""
        for predicate in self.proof.invariants:
            label = f"loop invariant {predicate.name}, {when}"
            said, words = ghosts.said(predicate), self._words(predicate)
            with self.machine.read_only(ghosts.ONLY_LOOKS):
                conditions.prove(self.machine, said, words, label, self.site, is_defined=True)

    def _measure(self, variant: Function, label: str | None) -> Int:
        with self.machine.read_only(ghosts.ONLY_LOOKS):
            value = self.machine.number(ghosts.said(variant), self._words(variant))
        if label is not None:
            path = self.machine.path
            label = f"{variant.name} is {label}"
            self.machine.oblige(label, self.site, path.less_equal(Int(0), value))
        return value

    def _enter(self, turn: Int, *, is_over: bool) -> None:
        """Assume that there is another turn, or that there is none."""
        path, frame = self.machine.path, self.frame
        if self.turns is None:
            assert isinstance(self.node, ast.While)
            with self.machine.read_only(f"{self.site}: the test of a loop may not change anything"):
                if conditions.decide(self.machine, self.node.test, frame) == is_over:
                    raise PathEnds
            return
        at = frame.names[self.turns.name]
        assert isinstance(at, Int)
        if is_over:
            path.assume(path.less_equal(self.turns.stop, at))
            before_last = path.less(at.plus(Int(-self.turns.step)), self.turns.stop)
            path.assume(disjunction([before_last, path.equal(turn, Int(0))]))
            frame.names.pop(self.turns.name, None)
        else:
            path.assume(path.less(at, self.turns.stop))

    # ------------------------------------------------------------ what a turn may change

    def _forget(self) -> list[tuple[Array | Structure | Object, object]]:
        """Forget what a turn may change; gives what it must leave alone, as it is."""
        machine, frame = self.machine, self.frame
        changed = written(machine, self.node.body, frame)
        bound = assigned(self.node.body)
        for name in sorted(bound):
            if name in frame.names:
                frame.names[name] = self._arbitrary(name, frame.names[name])
        parts = changeable_parts(frame.names.values())
        for part in parts:
            if any(part is other for other in changed):
                forget(machine, part)
        return [(p, content(p)) for p in parts if not any(p is other for other in changed)]

    def _check_kept(
        self, kept: list[tuple[Array | Structure | Object, object]], ghosts_before: list[int]
    ) -> None:
        """Refuse a turn that changed what was not forgotten."""
        for part, as_it_was in kept:
            if content(part) != as_it_was:
                raise Unsupported(f"{self.site}: it changes what it was not seen to change")
        if _ghost_arrays(self.frame) != ghosts_before:
            raise Unsupported(f"{self.site}: a ghost list is replaced; assign to its elements")

    def _arbitrary(self, name: str, value: Value) -> Value:
        path = self.machine.path
        limits = (-UNBOUNDED, UNBOUNDED) if self.frame.is_spec else (MIN_INT, MAX_INT)
        if isinstance(value, Int):
            return path.fresh(name, *limits)
        if isinstance(value, bool | Formula):
            return truth_value(path.fresh_name(name))
        if isinstance(value, Object) and not list(mutable_parts(value)):
            kind = ast.Name(value.cls.name, ast.Load())
            prefix = path.fresh_name(name)
            return value_of_type(kind, value.cls.module, prefix, path.fresh_named)
        raise Unsupported(f"{self.site}: `{name}` must be a number, set before the loop")


def forget(machine: Machine, part: Array | Structure | Object) -> None:
    """From here on, anything may be in it."""
    path = machine.path
    if isinstance(part, Object):
        proof = machine.hooks.proofs and machine.hooks.proofs.of_class(part.cls)
        assert proof
        for name, annotation in proof.ghost.items():
            if not isinstance(part.ghost[name], Array):
                part.ghost[name] = ghosts.arbitrary(path, name, annotation)
    elif isinstance(part, Structure):
        view = symbolic_view(part.cls, path.fresh_name(part.name))
        part.entries, part.is_changed = view, True
        assume_invariants(machine, part)
    else:
        part.name = name = path.fresh_name(part.name.partition("!")[0])
        low, high = part.limits
        part.content = lambda path, at: path.element(name, at, low, high)
        part.writes = ()
        part.is_filled_with = None


def _ghost_arrays(frame: Frame) -> list[int]:
    """Which arrays the ghost fields are."""
    return [
        id(part)
        for value in frame.names.values()
        if isinstance(value, Object)
        for part in value.ghost.values()
        if isinstance(part, Array)
    ]


def assigned(statements: Sequence[ast.stmt]) -> set[str]:
    """Names that the statements assign to."""
    return {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
