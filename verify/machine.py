"""Symbolic execution of the verified subset: expressions and statements, on one path.

Code forks the path where it branches. Contracts and the bodies of `all` and `any` are evaluated
without forking (`pure`): `and`, `or` and `if … else` become formulas, and what is evaluated
behind a condition is guarded by it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import z3

from verify import arithmetic, arrays, calls, comprehensions, ghosts, loops, maps, second_solver
from verify.frame import WRITING_CONTRACT, Break, Continue, Frame, Old, Return, contract_frame
from verify.integers import Int
from verify.logic import conjunction, disjunction, negation
from verify.path import Failure, Path, PathEnds, Status
from verify.source import Class, Contract, Function, Module, Site
from verify.subset_words import MAX_INT, MIN_INT
from verify.values import (
    Array,
    Bool,
    NeedsFork,
    Object,
    Quantified,
    Structure,
    Unsupported,
    Value,
    View,
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
        if not self.path.is_replaying:
            self.obligations += 1
            if goal is not True:
                self._prove(label, site, goal)
        if not isinstance(goal, Quantified) and not self.guards:
            self.path.assume(goal)

    def _prove(self, label: str, site: Site, goal: Bool | Quantified) -> None:
        with self.path.scope():
            try:
                for guard in self.guards:
                    self.path.assume(guard)
                if isinstance(goal, Quantified):
                    if goal.negated:
                        raise Unsupported(f"{site}: `any` cannot be proved; name the witness")
                    goal = self.path.open(goal)
                answer = self._answer(goal)
                if answer == z3.unsat:
                    second_solver.conclude(label, site)
            except PathEnds:
                return
            if answer == z3.unsat:
                return
            status = Status.REFUTED if answer == z3.sat else Status.UNKNOWN
            example = self.hooks.read_model(self.path) if answer == z3.sat else None
            steps = tuple(self.path.steps)
            self.failures.append(Failure(label, site, status, steps, example, self.contract))
        raise PathEnds

    def _answer(self, goal: Bool) -> z3.CheckSatResult:
        """What the solver says of the goal's negation; of a conjunction, part by part."""
        for part in parts(goal) if self.path.splits_goals else [goal]:
            if part is not True:
                with self.path.scope(), suppress(PathEnds):
                    self.path.assume(negation(part))
                    if self.path.check() != z3.unsat:
                        break
                    second_solver.ask_part(self.path)
        else:
            return z3.unsat
        second_solver.drop()
        self.path.assume(negation(part))
        answer = self.path.check()  # once more, for the model; the parts behind are still open
        return z3.unknown if answer == z3.unsat else answer

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

    # ------------------------------------------------------------ conditions

    def truth(self, value: Value, site: Site) -> Bool | Quantified:
        """The value as a condition; Unsupported where it is no truth value."""
        if isinstance(value, bool | z3.BoolRef | Quantified):
            return value
        raise Unsupported(f"{site}: a condition must be a truth value; write a comparison")

    def decide(self, node: ast.expr, frame: Frame) -> bool:
        """Evaluate a condition, forking the path where it may be either."""
        if self.pure_depth:
            raise NeedsFork
        condition = self.truth(self.expression(node, frame), frame.site(node))
        return self.path.branch(condition, frame.site(node), ast.unparse(node))

    def assume(self, node: ast.expr, frame: Frame) -> None:
        """Take a condition for granted."""
        if self.pure_depth:
            raise NeedsFork
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                for value in values:
                    self.assume(value, frame)
            case ast.BoolOp(op=ast.Or(), values=[*firsts, last]):
                whole = self.merged(node, frame)
                if whole is not None:
                    self.path.assume(whole)
                elif not any(self.decide(first, frame) for first in firsts):
                    self.assume(last, frame)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.assume(body if self.decide(test, frame) else orelse, frame)
            case _:
                self.path.assume(self.truth(self.expression(node, frame), frame.site(node)))

    def prove(self, node: ast.expr, frame: Frame, label: str, site: Site) -> None:
        """Prove a condition; conjunctions part by part."""
        if self.trusted_depth:
            return
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                for value in values:
                    self.prove(value, frame, label, site)
            case ast.BoolOp(op=ast.Or(), values=[*firsts, last]):
                whole = self.merged(node, frame)
                if whole is not None:
                    self.oblige(label, site, whole)
                elif not any(self.decide(first, frame) for first in firsts):
                    self.prove(last, frame, label, site)
            case ast.IfExp(test=test, body=body, orelse=orelse) if self.pure_depth:
                condition = self.truth(self.expression(test, frame), site)
                if isinstance(condition, Quantified):
                    raise NeedsFork
                with self.guarded(condition):
                    self.prove(body, frame, label, site)
                with self.guarded(negation(condition)):
                    self.prove(orelse, frame, label, site)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.prove(body if self.decide(test, frame) else orelse, frame, label, site)
            case _:
                self.oblige(label, site, self.truth(self.expression(node, frame), site))

    def merged(self, node: ast.expr, frame: Frame) -> Bool | None:
        """The condition as one formula; None where that takes a fork."""
        try:
            with self.pure():
                value = self.expression(node, frame)
        except NeedsFork:
            return None
        return value if isinstance(value, bool | z3.BoolRef) else None

    def contract_holds(
        self, contract: Contract, names: dict[str, Value], label: str, site: Site
    ) -> None:
        """Prove a contract for these values; `site` is where the failure is shown."""
        frame = contract_frame(contract, names)
        outer, self.contract = self.contract, contract
        try:
            with self.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
                self.prove(contract.condition.body, frame, f"{label}: {contract.text}", site)
        finally:
            self.contract = outer

    # ------------------------------------------------------------ expressions

    def expression(self, node: ast.expr, frame: Frame) -> Value:
        match node:
            case ast.Constant(value=bool(value)):
                return value
            case ast.Constant(value=int(value)):
                return Int(value)
            case ast.Name():
                return self.name(node, frame)
            case ast.Attribute():
                return self.attribute(node, frame)
            case ast.Subscript():
                return self.subscript(node, frame)
            case ast.Call():
                return calls.call(self, node, frame)
            case ast.Compare():
                return self.compare(node, frame)
            case ast.BoolOp():
                return self.bool_op(node, frame)
            case ast.IfExp():
                return self.if_expression(node, frame)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return maps.opposite(self.truth(self.expression(operand, frame), frame.site(node)))
            case ast.UnaryOp() | ast.BinOp():
                return arithmetic.operation(self, node, frame)
            case ast.Tuple(elts=elements):
                return tuple(self.expression(element, frame) for element in elements)
            case ast.Dict() | ast.DictComp():
                return comprehensions.dictionary(self, node, frame)
            case ast.ListComp() if frame.is_ghost:
                return ghosts.listed(self, node, frame)
        raise Unsupported(f"{frame.site(node)}: `{ast.unparse(node)}` is outside the subset")

    def number(self, node: ast.expr, frame: Frame) -> Int:
        """The value of an expression that must be an integer."""
        value = self.expression(node, frame)
        if isinstance(value, Int):
            return value
        raise Unsupported(f"{frame.site(node)}: `{ast.unparse(node)}` must be an integer here")

    def name(self, node: ast.Name, frame: Frame) -> Value:
        if node.id in frame.names:
            return frame.names[node.id]
        found = frame.module.lookup(node.id)
        if isinstance(found, int):
            return Int(found)
        raise Unsupported(f"{frame.site(node)}: `{node.id}` has no value that can be followed here")

    def attribute(self, node: ast.Attribute, frame: Frame) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id not in frame.names:
            found = frame.module.lookup(node.value.id)
            if isinstance(found, Class) and node.attr in found.members:
                return Int(found.members[node.attr])
        owner = self.expression(node.value, frame)
        if isinstance(owner, Old) and node.attr == "entries":
            return owner.entries
        if frame.module.is_proof and isinstance(owner, Object) and node.attr in owner.ghost:
            return owner.ghost[node.attr]
        return self.attribute_of(owner, node.attr, frame.site(node))

    def attribute_of(self, owner: Value, name: str, site: Site) -> Value:
        if isinstance(owner, Structure):
            assert owner.cls.view is not None
            if name == owner.cls.view.name:
                return owner.entries
            if name in owner.numbers:
                return owner.numbers[name]
        if isinstance(owner, Object) and name in owner.fields:
            return owner.fields[name]
        if isinstance(owner, Structure | Object):
            method = owner.cls.methods.get(name)
            if method is not None and method.is_marked("property"):
                return calls.inline(self, method, [owner])
            if method is not None and method.is_marked("view") and isinstance(owner, Object):
                with self.pure():
                    return calls.inline(self, method, [owner])
            raise Unsupported(
                f"{site}: `{name}` of {owner.cls.name} is not for use outside of it; "
                "use its view or its methods"
            )
        raise Unsupported(f"{site}: no attribute `{name}` here")

    def subscript(self, node: ast.Subscript, frame: Frame) -> Value:
        owner = self.expression(node.value, frame)
        if isinstance(owner, tuple):
            index = self.number(node.slice, frame)
            if index.is_constant and 0 <= index.constant < len(owner):
                return owner[index.constant]
        key = self.number(node.slice, frame)
        text, site = ast.unparse(node), frame.site(node)
        if isinstance(owner, View):
            self.index_term(key)
            self.oblige(f"key present: {text}", site, owner.has(self.path, key))
            return owner.get(self.path, key)
        if isinstance(owner, Array):
            if not self.quantifier_depth:
                self.path.array_term(key)
            self.check_index(owner, key, 1, text, site)
            return self.read(owner, key)
        raise Unsupported(f"{site}: `{text}` cannot be indexed")

    def index_term(self, term: Int) -> None:
        """Note an integer that views are asked about, unless it is that of a quantifier."""
        if not self.quantifier_depth:
            self.path.index_term(term)

    def check_index(self, array: Array, at: Int, size: int, text: str, site: Site) -> None:
        """Prove that `size` elements from `at` on are in the array."""
        self.oblige(f"index not negative: {text}", site, self.path.less_equal(Int(0), at))
        end = at.plus(Int(size))
        self.oblige(f"index in range: {text}", site, self.path.less_equal(end, array.length))

    def read(self, array: Array, at: Int) -> Int:
        """The element at an index that is in range."""
        return arrays.read(self.path, array, at)

    def may_write(self, *, is_ghost: bool = False) -> None:
        """Refuse where what is written would be lost."""
        if self.pure_depth:
            raise NeedsFork
        if self.read_only_reasons:
            raise Unsupported(self.read_only_reasons[-1])
        if self.ghost_depth and not is_ghost:
            raise Unsupported("a ghost step may not change what it argues about")

    def write(self, array: Array, at: Int, value: Int) -> None:
        """Write to an array; index and value are in range."""
        self.may_write(is_ghost=array.is_ghost)
        kept = tuple(w for w in array.writes if self.path.equal(w[0], at) is not True)
        array.writes = (*kept, (at, value))

    def compare(self, node: ast.Compare, frame: Frame) -> Value:
        """`a < b < c` asks for c only where a < b holds."""
        if len(node.ops) == 1:
            left, right = (self.expression(n, frame) for n in (node.left, node.comparators[0]))
            return maps.comparison(self, node.ops[0], left, right, frame.site(node))
        if not self.pure_depth:
            merged = self.merged(node, frame)
            return merged if merged is not None else self.compare_step_by_step(node, frame)
        left = self.expression(node.left, frame)
        parts: list[Bool] = []
        with self.guarded():
            for operator, right_node in zip(node.ops, node.comparators, strict=True):
                right = self.expression(right_node, frame)
                part = maps.comparison(self, operator, left, right, frame.site(node))
                if isinstance(part, Quantified):
                    raise Unsupported(f"{frame.site(node)}: write this comparison apart")
                parts.append(part)
                self.guards.append(part)
                left = right
        return conjunction(parts)

    def compare_step_by_step(self, node: ast.Compare, frame: Frame) -> bool:
        site, text = frame.site(node), ast.unparse(node)
        left = self.expression(node.left, frame)
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.expression(right_node, frame)
            part = maps.comparison(self, operator, left, right, site)
            if not self.path.branch(part, site, text):
                return False
            left = right
        return True

    def bool_op(self, node: ast.BoolOp, frame: Frame) -> Value:
        is_and = isinstance(node.op, ast.And)
        if not self.pure_depth:
            merged = self.merged(node, frame)
            if merged is not None:
                return merged
            for value in node.values[:-1]:
                if self.decide(value, frame) != is_and:
                    return not is_and
            return self.expression(node.values[-1], frame)
        parts: list[Bool] = []
        with self.guarded():
            for value_node in node.values:
                part = self.truth(self.expression(value_node, frame), frame.site(value_node))
                if isinstance(part, Quantified):
                    raise NeedsFork
                parts.append(part)
                if part is (not is_and):
                    break
                self.guards.append(part if is_and else negation(part))
        return conjunction(parts) if is_and else disjunction(parts)

    def if_expression(self, node: ast.IfExp, frame: Frame) -> Value:
        if not self.pure_depth:
            if self.path.merges_choices:
                with suppress(NeedsFork), self.pure():
                    return self.path.named(self.if_expression(node, frame))
            return self.expression(
                node.body if self.decide(node.test, frame) else node.orelse, frame
            )
        test = self.truth(self.expression(node.test, frame), frame.site(node))
        if isinstance(test, Quantified):
            raise NeedsFork
        return self.merge(
            test,
            lambda: self.expression(node.body, frame),
            lambda: self.expression(node.orelse, frame),
            frame.site(node),
        )

    def merge(
        self, test: Bool, yes: Callable[[], Value], no: Callable[[], Value], site: Site
    ) -> Value:
        """`yes` or `no` as one value, each evaluated behind the test; or NeedsFork."""
        if isinstance(test, bool):
            return yes() if test else no()
        with self.guarded(test):
            a = yes()
        with self.guarded(negation(test)):
            b = no()
        return maps.pick(self.path, test, a, b, site)

    # ------------------------------------------------------------ statements

    def block(self, statements: list[ast.stmt], frame: Frame) -> None:
        for statement in statements:
            self.statement(statement, frame)

    def statement(self, node: ast.stmt, frame: Frame) -> None:
        match node:
            case ast.Pass():
                pass
            case ast.Expr(value=value):
                self.expression(value, frame)
            case ast.Return(value=value):
                raise Return(None if value is None else self.expression(value, frame))
            case ast.Assign(targets=[target], value=value):
                self.bind(target, self.expression(value, frame), frame)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.expression(value, frame), frame)
            case ast.AugAssign(target=target, value=value):
                current = self.expression(ast.copy_location(_loaded(target), node), frame)
                operand = self.expression(value, frame)
                result = arithmetic.binary(self, node, current, operand, frame)
                self.bind(target, result, frame)
            case ast.If(test=test, body=body, orelse=orelse):
                self.block(body if self.decide(test, frame) else orelse, frame)
            case ast.Assert(test=test):
                site = frame.site(node)
                self.asserts.add(site)
                self.prove(test, frame, f"assert {ast.unparse(test)}", site)
            case ast.For() | ast.While():
                loops.run_loop(self, node, frame)
            case ast.Break():
                raise Break
            case ast.Continue():
                raise Continue
            case _:
                raise Unsupported(f"{frame.site(node)}: this statement is outside the subset")

    def bind(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Assign a value to a name, to several, or to an element of an array."""
        match target:
            case _ if frame.is_ghost and not isinstance(target, ast.Name):
                ghosts.assign(self, target, value, frame)
            case ast.Name(id=name):
                frame.names[name] = value if self.pure_depth else self.path.named(value)
            case ast.Tuple(elts=targets) if isinstance(value, tuple) and len(value) == len(targets):
                for part, element in zip(targets, value, strict=True):
                    self.bind(part, element, frame)
            case ast.Subscript(value=owner, slice=ast.Slice()):
                arrays.assign_slice(self, target, value, self.expression(owner, frame), frame)
            case ast.Subscript(value=owner, slice=index):
                array = self.expression(owner, frame)
                at = self.number(index, frame)
                site = frame.site(target)
                if not isinstance(array, Array) or not isinstance(value, Int):
                    raise Unsupported(f"{site}: only elements of arrays can be assigned to")
                self.check_index(array, at, 1, ast.unparse(target), site)
                low, high = array.limits
                self.check_range(
                    value, low, high, f"value fits the array: {ast.unparse(target)}", site
                )
                self.write(array, at, value)
            case _:
                raise Unsupported(f"{frame.site(target)}: this cannot be assigned to")

    def check_word(self, value: Int, text: str, site: Site) -> None:
        """Prove that a number has 64 bits, where that does not go without saying."""
        low, high = value.range()
        if low < MIN_INT or high > MAX_INT:
            self.check_range(value, MIN_INT, MAX_INT, f"fits 64 bits: {text}", site)

    def check_range(self, value: Int, low: int, high: int, label: str, site: Site) -> None:
        """Prove low <= value <= high."""
        self.oblige(label, site, self.path.less_equal(Int(low), value))
        self.oblige(label, site, self.path.less_equal(value, Int(high)))


def parts(goal: Bool) -> list[Bool]:
    """A conjunction, part by part."""
    if isinstance(goal, z3.BoolRef) and z3.is_and(goal):
        return [part for child in goal.children() for part in parts(child)]
    return [goal]


def _loaded(target: ast.expr) -> ast.expr:
    """An assignment's target as an expression to read."""
    return ast.parse(ast.unparse(target), mode="eval").body
