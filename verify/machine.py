"""Symbolic execution of the verified subset, on one path: its state, and where its parts meet.

Code forks the path where it branches. Contracts and the bodies of `all` and `any` are evaluated
without forking (`pure`): `and`, `or` and `if … else` become formulas, and what is evaluated
behind a condition is guarded by it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from verify import (
    access,
    arithmetic,
    calls,
    choices,
    comprehensions,
    conditions,
    ghosts,
    maps,
    obligations,
    statements,
)
from verify.frame import Frame
from verify.integers import Int
from verify.path import Failure, Path
from verify.recording import Recording
from verify.sharing import Shared
from verify.source import Contract, Function, Module, Site, text_of
from verify.subset_words import MAX_INT, MIN_INT
from verify.values import (
    Array,
    Bool,
    NeedsFork,
    Object,
    Old,
    Quantified,
    Unsupported,
    Value,
    is_immutable,
)


@dataclass
class Machine:
    """What is being executed on one path, and what was found on the way."""

    path: Path
    hooks: calls.Hooks
    failures: list[Failure] = field(default_factory=list)
    obligations: int = 0
    asserts: set[Site] = field(default_factory=set)  # lines of specs that were reached
    helpers: set[Function] = field(default_factory=set)  # functions of specs that were called
    came_to_end: bool = False
    user_site: Site | None = None  # the call by which an NF or a spec got into libvig
    contract: Contract | None = None  # the condition that is being proved
    guards: list[Bool] = field(default_factory=list)
    pure_depth: int = 0
    quantifier_depth: int = 0  # inside `all`, `any` or a comprehension
    ghost_depth: int = 0  # inside a ghost step
    built: list[Object] = field(default_factory=list)  # of the structure that is being proved
    old: Old | None = None  # of the structure's method that is being proved
    trusted_depth: int = 0  # inside code of which the safety is proved apart
    read_only_reasons: list[str] = field(default_factory=list)
    stack: list[Function] = field(default_factory=list)
    shared: Shared = field(default_factory=Shared)

    def __post_init__(self) -> None:
        self.path.note_reliance = self.hooks.rely_on

    # ------------------------------------------------------------ obligations

    def ends(self) -> None:
        """The execution has come to its end; note whether some input gets here."""
        if not self.path.is_replaying and not self.came_to_end:
            self.came_to_end = self.path.is_possible()

    def oblige(self, label: str, site: Site, goal: Bool | Quantified) -> None:
        """Prove the goal here, or note a failure and end the path."""
        if self.trusted_depth:
            return
        if self.user_site is not None and self.stack and self.stack[-1].module.is_library:
            site = self.user_site  # where the mistake is to be mended
        if self.path.recording is not None:
            self.path.recording.obligations += 1
        if goal is not True:
            self.path.note_change()
        if not self.path.is_replaying:
            self.obligations += 1
            if goal is not True:
                obligations.discharge(self, label, site, goal)
        if not isinstance(goal, Quantified) and not self.guards:
            self.path.assume(goal)

    def check_word(self, value: Int, text: str, site: Site) -> None:
        """Prove that a number has 64 bits, where that does not go without saying."""
        low, high = value.range()
        if low < MIN_INT or high > MAX_INT:
            self.check_range(value, MIN_INT, MAX_INT, f"fits 64 bits: {text}", site)

    def check_range(self, value: Int, low: int, high: int, label: str, site: Site) -> None:
        """Prove low <= value <= high."""
        self.oblige(label, site, self.path.less_equal(Int(low), value))
        self.oblige(label, site, self.path.less_equal(value, Int(high)))

    def check_index(self, array: Array, at: Int, size: int, text: str, site: Site) -> None:
        """Prove that `size` elements from `at` on are in the array."""
        self.oblige(f"index not negative: {text}", site, self.path.less_equal(Int(0), at))
        end = at.plus(Int(size))
        self.oblige(f"index in range: {text}", site, self.path.less_equal(end, array.length))

    # ------------------------------------------------------------ calls

    def note_helper(self, function: Function) -> None:
        """Note that a function of a spec was called: its asserts are to be reached."""
        self.helpers.add(function)
        if self.path.recording is not None:
            self.path.recording.helpers.add(function)

    def recalled(
        self, function: Function, arguments: list[Value], evaluate: Callable[[], Value]
    ) -> Value:
        """What a call gives; it is not made again where it only looks, and would see the same."""
        if not self.path.recalls_calls or self.ghost_depth:
            return evaluate()
        mode = self.pure_depth > 0, self.trusted_depth > 0, self.quantifier_depth > 0
        outcomes = self.shared.call(function, arguments, mode)
        if outcomes is None:
            return evaluate()
        return self.path.recall(outcomes, evaluate, is_immutable, self._note_recalled)

    def _note_recalled(self, recording: Recording) -> None:
        if not self.path.is_replaying:
            self.obligations += recording.obligations
        self.helpers |= recording.helpers

    # ------------------------------------------------------------ modes

    @contextmanager
    def called_from(self, module: Module, site: Site) -> Iterator[None]:
        """Inside, failures of libvig code are shown where the module's own code called it."""
        outer = self.user_site
        if not module.is_library:
            self.user_site = site
        try:
            yield
        finally:
            self.user_site = outer

    @contextmanager
    def guarded(self, *guards: Bool) -> Iterator[None]:
        """Inside, obligations are proved under the guards."""
        depth = len(self.guards)
        self.guards += guards
        try:
            yield
        finally:
            del self.guards[depth:]

    @contextmanager
    def pure(self) -> Iterator[None]:
        """Inside, nothing may fork: what would, raises NeedsFork."""
        self.pure_depth += 1
        try:
            yield
        finally:
            self.pure_depth -= 1

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Inside, nothing is proved: that was or will be done apart."""
        self.trusted_depth += 1
        try:
            yield
        finally:
            self.trusted_depth -= 1

    @contextmanager
    def read_only(self, reason: str) -> Iterator[None]:
        """Inside, nothing may be written: the reason says what to tell who does."""
        self.read_only_reasons.append(reason)
        try:
            yield
        finally:
            self.read_only_reasons.pop()

    def may_write(self, *, is_ghost: bool = False) -> None:
        """Refuse where what is written would be lost."""
        self.path.note_change()
        if self.pure_depth:
            raise NeedsFork
        if self.read_only_reasons:
            raise Unsupported(self.read_only_reasons[-1])
        if self.ghost_depth and not is_ghost:
            raise Unsupported("a ghost step may not change what it argues about")

    @contextmanager
    def instance(self, path: Path) -> Iterator[None]:
        """Inside the body of `all`, `any` or a comprehension, for one key, on the given path.

        That the body can be evaluated at all has been proved where it was written.
        """
        outer, self.path = self.path, path
        self.quantifier_depth += 1
        try:
            with self.pure(), self.trusted():
                yield
        except NeedsFork:
            where = f"{self.stack[-1].site}: " if self.stack else ""
            raise Unsupported(where + comprehensions.ONLY_EXPRESSIONS) from None
        finally:
            self.quantifier_depth -= 1
            self.path = outer

    # ------------------------------------------------------------ what is executed

    def expression(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression."""
        match node:
            case ast.Constant(value=bool(value)):
                return value
            case ast.Constant(value=int(value)):
                return Int(value)
            case ast.Name():
                return access.variable(self, node, frame)
            case ast.Attribute():
                return access.attribute(self, node, frame)
            case ast.Subscript():
                return access.subscript(self, node, frame)
            case ast.Call():
                return calls.call(self, node, frame)
            case ast.Compare():
                return choices.compare(self, node, frame)
            case ast.BoolOp():
                return choices.bool_op(self, node, frame)
            case ast.IfExp():
                return choices.if_expression(self, node, frame)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                truth = conditions.truth(self.expression(operand, frame), frame.site(node))
                return maps.opposite(truth)
            case ast.UnaryOp() | ast.BinOp():
                return arithmetic.operation(self, node, frame)
            case ast.Tuple(elts=elements):
                return tuple(self.expression(element, frame) for element in elements)
            case ast.Dict() | ast.DictComp():
                return comprehensions.dictionary(self, node, frame)
            case ast.ListComp() if frame.is_ghost:
                return ghosts.listed(self, node, frame)
        raise Unsupported(f"{frame.site(node)}: `{text_of(node)}` is outside the subset")

    def number(self, node: ast.expr, frame: Frame) -> Int:
        """The value of an expression that must be an integer."""
        value = self.expression(node, frame)
        if isinstance(value, Int):
            return value
        raise Unsupported(f"{frame.site(node)}: `{text_of(node)}` must be an integer here")

    def index_term(self, term: Int) -> None:
        """Note an integer that views are asked about, unless it is that of a quantifier."""
        if not self.quantifier_depth:
            self.path.index_term(term)

    def block(self, body: list[ast.stmt], frame: Frame) -> None:
        """Execute statements."""
        for statement in body:
            statements.execute(self, statement, frame)
