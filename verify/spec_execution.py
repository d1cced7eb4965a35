"""A spec, executed statement by statement: what its paths share is executed once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import z3

from verify.by_contract import require, require_invariants
from verify.calls import Hooks, inline
from verify.conditions import decide
from verify.counterexample import Counterexample, Target, concretise
from verify.explore import Exploration, Tree
from verify.frame import Frame, Return
from verify.machine import Machine
from verify.network_function import NetworkFunction, spec_roles
from verify.path import PathEnds
from verify.path_summary import PathSummary, go_on_behind_one
from verify.path_tree import Ending
from verify.replay import Outcome
from verify.sharing import Shared
from verify.source import Function, Site, text_of
from verify.start import assume_requirements, begin
from verify.values import Array, Structure, Unsupported, Value, mutable_parts
from verify.verdicts import in_words

WITNESSES = 3  # cases of a spec that are run on the real code, until one runs through


@dataclass
class SpecExecution:
    """One spec of an NF, of which the paths of `process` are known."""

    spec: Function
    nf: NetworkFunction
    summaries: list[PathSummary]
    shared: Shared
    replay: Callable[[Counterexample], Outcome]  # of a case that the spec speaks of
    witnesses: list[Outcome] = field(default_factory=list)
    covered: set[Site] = field(default_factory=set)  # asserts that some case gets to
    helpers: set[Function] = field(default_factory=set)  # functions of specs that were called
    left: tuple[list[object], ...] = ()  # what each call of process on the path left of the NF
    returned: tuple[Value, ...] = ()  # and what it returned

    def run(self, hooks: Hooks) -> Exploration:
        """Prove it on every path."""
        hooks.process = self.process
        self.tree = tree = Tree(hooks, self.shared)
        machine = tree.machine
        for _ in tree.branches([]):
            try:
                self.start = start = begin(machine, self.spec, self.roles, is_spec=True)
                by_role = {role: start.arguments[name] for name, role in self.roles.items()}
                self.arguments = [by_role["nf"], by_role["packet"], by_role["now"]]
                assume_requirements(machine, self.nf.process, self.arguments)
            except PathEnds:
                tree.path_ends(Ending.IMPOSSIBLE)
                continue
            frame = Frame(self.spec.module, dict(start.arguments), self.spec, is_spec=True)
            self._go_on(self.spec.body, frame)
        exploration = tree.result()
        if not exploration.failures:
            written = asserts_in([self.spec, *self.helpers])
            exploration.unreached = sorted(written - self.covered, key=lambda site: site.line)
        return exploration

    @property
    def roles(self) -> dict[str, str]:
        return spec_roles(self.spec, self.nf)

    @property
    def pristine(self) -> dict[str, Value]:
        """The arguments as they were at first."""
        return self.start.pristine

    def _go_on(self, statements: list[ast.stmt], frame: Frame) -> None:
        """Execute these statements on every path from here."""
        if not statements:
            self._end()
            return
        calls = self.left, self.returned
        values = [*self.start.arguments.values(), *frame.names.values()]
        for _ in self.tree.branches(values):
            (self.left, self.returned), here = calls, frame.with_names({})
            try:
                following = self._step(statements, here)
            except PathEnds:
                self._cut_off(statements[0], frame)
                continue
            self._go_on(following, here)

    def _step(self, statements: list[ast.stmt], frame: Frame) -> list[ast.stmt]:
        """Execute the first statement; gives those that come next."""
        first, *rest = statements
        if isinstance(first, ast.If):
            taken = decide(self.tree.machine, first.test, frame)
            return [*(first.body if taken else first.orelse), *rest]
        try:
            self.tree.machine.block([first], frame)
        except Return:
            return []
        return rest

    def _cut_off(self, statement: ast.stmt, frame: Frame) -> None:
        """Note that the path ends in this statement."""
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="assume"), args=[assumed])):
                said = Ending.EXCLUDED, self._returned, text_of(assumed), frame.site(statement)
                self.tree.path_ends(*said)
            case _:
                self.tree.path_ends(Ending.IMPOSSIBLE, self._returned)

    def _end(self) -> None:
        """Note what the path has shown."""
        machine, path = self.tree.machine, self.tree.path
        ending = Ending.PROVED if machine.asserts else Ending.SILENT
        self.tree.path_ends(ending, self._returned)
        machine.ends()
        self.helpers.update(machine.helpers)
        reached = machine.asserts - self.covered
        if (reached or self._wants_witness) and path.check() == z3.sat:
            self.covered.update(reached)
            if machine.asserts and self._wants_witness:
                case = concretise(path, Target("spec", self.spec), self.pristine)
                self.witnesses.append(self.replay(case))

    @property
    def _returned(self) -> str:
        """What `process` returned on the path, call by call."""
        return ", then ".join(in_words(self.nf, verdict) for verdict in self.returned)

    @property
    def _wants_witness(self) -> bool:
        """Whether no case has run through on the real code, and some more are worth a try."""
        found = self.witnesses
        return len(found) < WITNESSES and not any(outcome.reproduced for outcome in found)

    # ------------------------------------------------------------ calls of process

    def process(self, machine: Machine, called: Function, given: list[Value], site: Site) -> Value:
        """Call `process`: the first call goes on behind the known paths, others are executed.

        So is the first one, if the spec has written before, or calls it with other arguments.
        """
        if called is not self.nf.process:
            raise Unsupported(f"{site}: this is not the `process` of {self.nf.cls.name}")
        machine.may_write()
        machine.path.call = len(self.returned) + 1
        try:
            verdict = self._call(machine, called, given, site)
        finally:
            machine.path.call = 0
        self.left = (*self.left, contents(given[0]))
        self.returned = (*self.returned, verdict)
        return verdict

    def _call(self, machine: Machine, called: Function, given: list[Value], site: Site) -> Value:
        if not self.left and self._is_untouched(given):
            return go_on_behind_one(machine.path, self.summaries, self.arguments)
        require(machine, called, given, site)
        if contents(given[0]) not in self.left:
            require_invariants(machine, given[:1], site)
        require_invariants(machine, given[1:], site)
        with machine.trusted():
            return inline(machine, called, given)

    def _is_untouched(self, given: list[Value]) -> bool:
        """Whether `process` is called with what the spec was given, and nothing was written."""
        begun = [part for value in self.pristine.values() for part in mutable_parts(value)]
        views = {part.name: part.entries for part in begun if isinstance(part, Structure)}
        return all(a is b for a, b in zip(given, self.arguments, strict=True)) and all(
            not part.is_changed if isinstance(part, Array) else part.entries is views[part.name]
            for value in self.arguments
            for part in mutable_parts(value)
        )


def contents(value: Value) -> list[object]:
    """What is in the arrays and structures of a value, to tell whether it has changed."""
    parts: list[object] = [id(value)]
    for part in mutable_parts(value):
        parts.append((part.name, part.writes) if isinstance(part, Array) else part.entries)
    return parts


def asserts_in(functions: Iterable[Function]) -> set[Site]:
    """Where the functions have an `assert`."""
    return {
        Site(function.module.path, node.lineno)
        for function in functions
        for node in ast.walk(function.node)
        if isinstance(node, ast.Assert)
    }
