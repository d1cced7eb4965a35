"""What is proved of a network function: safety, its invariant, its specs, and what it relies on.

`process` is executed once, from an arbitrary state that satisfies the invariants, for an arbitrary
packet and time. Its paths are kept as summaries, and every spec is checked against these; only a
second call in the same spec is executed anew.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from verify import conditions, ghosts, verdicts
from verify.annotations import is_of_type
from verify.calls import Hooks, inline
from verify.counterexample import FIRST_TIME, Counterexample, Target, countermodels
from verify.explore import Exploration, Tree, explore
from verify.frame import WRITING_CONTRACT, body_frame, contract_frame, named
from verify.integers import Int
from verify.laws import LawfulPath
from verify.machine import Machine
from verify.network_function import NetworkFunction, is_looking
from verify.path import Path, PathEnds
from verify.path_summary import Known, PathSummary, known, summarise
from verify.path_tree import Ending
from verify.proofs import Proofs
from verify.replay import Outcome
from verify.sharing import Shared
from verify.source import Class, Contract, Function, Site
from verify.spec_execution import SpecExecution
from verify.start import Start, assume_requirements, begin
from verify.subset_words import MAX_INT, MIN_INT
from verify.symbolic import structure_of
from verify.values import (
    Array,
    Object,
    Structure,
    Unsupported,
    Value,
    mutable_parts,
    numbers_in,
    objects_in,
    share_parts,
)
from verify.writes import contents_of, written


@dataclass
class FunctionVerification:
    """Verifies functions one by one. What they rely on is collected on the way."""

    proofs: Proofs
    relied: set[str] = field(default_factory=set)

    def rely_on(self, function: Function) -> None:
        self.relied.add(f"{function.module.name}.{function.qualified_name}")
        structure = structure_of(function)
        if structure is not None:
            self.relied.add(f"{structure.module.name}.{structure.name}")

    def rely_on_structure(self, cls: Class) -> None:
        """Count on the invariants of a structure that anyone may have built and changed."""
        methods = [m for m in cls.methods.values() if m.ensures or m.requires]
        builders = [f for f in cls.module.functions.values() if structure_of(f) is cls]
        for function in (*methods, *builders):
            self.rely_on(function)

    def hooks(self, target: Target, state: dict[str, Start]) -> Hooks:
        return Hooks(
            self.rely_on,
            lambda path: countermodels(path, target, state["start"].pristine),
            proofs=self.proofs,
        )

    def function(self, function: Function) -> Exploration:
        """Prove the body of a function safe, and right by its contract."""
        state: dict[str, Start] = {}

        def action(machine: Machine) -> None:
            state["start"] = start = begin(machine, function, {})
            arguments = [start.arguments[name] for name, _ in function.parameters]
            for argument in arguments:
                if isinstance(argument, Object) and argument.cls.view is not None:
                    ghosts.give(machine, argument)
                    ghosts.assume_always(machine, argument)
            for argument in arguments:
                for cls in structures_in(argument):
                    self.rely_on_structure(cls)
            for contract in function.requires:
                define(machine, contract, named(function, arguments))
            before = contents_of(arguments)
            changeable = written(machine, function.body, body_frame(function, arguments))
            result = inline(machine, function, arguments)
            is_changed = contents_of(arguments) != before
            if function.ensures and not changeable and is_changed:
                raise Unsupported(f"{function.site}: it changes what it is not seen to change")
            if is_changed and is_looking(function):
                raise Unsupported(f"{function.site}: it writes; {function.name} may look only")
            check_result(machine, function, arguments, result)
            prove_ensures(machine, function, arguments, result)
            machine.ends()

        has_laws = self.proofs.module_of(function.module) is not None
        path_type = LawfulPath if has_laws else Path
        return explore(action, self.hooks(Target("function", function), state), path_type)


@dataclass(kw_only=True)
class Verification(FunctionVerification):
    """Verifies one NF."""

    nf: NetworkFunction
    summaries: list[PathSummary] = field(default_factory=list)
    shared: Shared = field(default_factory=Shared)

    # ------------------------------------------------------------ process

    def process(self) -> Exploration:
        """Execute `process` once: its safety, and that it keeps the invariant."""
        self.summaries = []
        function = self.nf.process
        for looking in self.nf.looking:
            self.rely_on(looking)
        roles = {"self": "nf", "packet": "packet", "now": "now"}
        state: dict[str, Start] = {}

        tree = Tree(self.hooks(Target("process", function), state), self.shared)
        machine, path = tree.machine, tree.path
        for _ in tree.branches([]):
            with contextlib.suppress(PathEnds):
                path.name_prefix = "process."  # specs know these names for those of its paths
                before = known(path)
                state["start"] = start = begin(machine, function, roles)
                arguments = [start.arguments[name] for name in ("self", "packet", "now")]
                assume_requirements(machine, function, arguments)
                if not path.taken:  # every spec begins like this, too
                    before = known(path)
                for _ in tree.branches(arguments):
                    try:
                        verdict = self._one_way(machine, arguments, before)
                        tree.path_ends(Ending.PROVED, verdicts.in_words(self.nf, verdict))
                    except PathEnds:
                        tree.path_ends(Ending.IMPOSSIBLE)
        return tree.result()

    def _one_way(self, machine: Machine, arguments: list[Value], before: Known) -> Int:
        """One path of `process`, which is kept if some input takes it; gives the verdict."""
        function = self.nf.process
        verdict = inline(machine, function, arguments)
        if not isinstance(verdict, Int):  # anything else has no device to go to
            raise Unsupported(f"{function.site}: process returns a device or a reason to drop")
        if not machine.path.may_hold():
            raise PathEnds
        summary = summarise(machine.path, before, arguments, verdict)
        verdicts.prove_verdict(machine, self.nf, arguments[0], arguments[1], verdict)
        self.prove_kept(machine, arguments)
        self.summaries.append(summary)
        machine.ends()
        return verdict

    def prove_kept(self, machine: Machine, arguments: list[Value]) -> None:
        """The invariants hold again, and a later packet may come."""
        nf, packet, now = arguments
        site = self.nf.process.site
        for instance in objects_in(nf):
            if not any(part.is_changed for part in mutable_parts(instance)):
                continue  # what held of it holds
            for invariant in instance.cls.invariants:
                label = f"invariant of {instance.cls.name} kept"
                conditions.prove_contract(machine, invariant, {"self": instance}, label, site)
        assert isinstance(now, Int)
        later = machine.path.fresh("later", MIN_INT, MAX_INT)
        machine.path.assume(machine.path.less_equal(now, later))
        self.prove_callable(machine, nf, packet, later, site)

    def prove_callable(
        self, machine: Machine, nf: Value, packet: Value, now: Int, site: Site
    ) -> None:
        """What `process` asks of the state holds; what it asks of the packet is the caller's."""
        names = {"self": nf, "packet": packet, "now": now}
        for contract in self.nf.process.requires:
            if contract.names == {"now"}:
                conditions.assume_contract(machine, contract, names)  # the caller's, too
        for contract in self.nf.process.requires:
            if {"self", "packet"} <= contract.names:
                check_fixed(contract)
            elif "self" in contract.names:
                label = "precondition of the next call of process"
                conditions.prove_contract(machine, contract, names, label, site)

    # ------------------------------------------------------------ constructor

    def constructor(self) -> Exploration:
        """The invariant holds at start-up, and the first packet may come at any time."""
        function = self.nf.constructor
        state: dict[str, Start] = {}

        def action(machine: Machine) -> None:
            state["start"] = start = begin(machine, function, {})
            arguments = [start.arguments[name] for name, _ in function.parameters]
            assume_requirements(machine, function, arguments)
            nf = inline(machine, function, arguments)
            if share_parts([nf]):
                raise Unsupported(
                    f"{function.site}: the same array is in {self.nf.cls.name} twice; "
                    "give each field an array of its own"
                )
            start.pristine[FIRST_TIME] = now = machine.path.fresh("now", MIN_INT, MAX_INT)
            self.prove_callable(machine, nf, None, now, function.site)
            prove_ensures(machine, function, arguments, nf)
            machine.ends()

        return explore(action, self.hooks(Target("constructor", function), state))

    # ------------------------------------------------------------ specs

    def spec(
        self, function: Function, replay: Callable[[Counterexample], Outcome]
    ) -> tuple[Exploration, list[Outcome]]:
        """Prove a spec; also replays some cases that it speaks of, and gives what came of them."""
        execution = SpecExecution(function, self.nf, self.summaries, self.shared, replay)
        target = Target("spec", function)
        hooks = Hooks(
            self.rely_on,
            lambda path: countermodels(path, target, execution.pristine),
            proofs=self.proofs,
        )
        return execution.run(hooks), execution.witnesses


def define(machine: Machine, contract: Contract, names: dict[str, Value]) -> None:
    """Prove that a condition can be evaluated, and take it for granted."""
    with machine.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
        conditions.assume(machine, contract.condition.body, contract_frame(contract, names))


def check_result(
    machine: Machine, function: Function, arguments: list[Value], result: Value
) -> None:
    """It is what callers rely on: of its type, within 64 bits, and with arrays of its own."""
    if not is_of_type(result, function.node.returns, function):
        raise Unsupported(f"{function.site}: it does not return what its annotation says")
    if any(part is given for part in parts_of([result]) for given in parts_of(arguments)):
        raise Unsupported(f"{function.site}: it returns an array or structure that it was given")
    if not function.module.is_spec:
        for number in numbers_in(result):
            machine.check_range(number, MIN_INT, MAX_INT, "result fits 64 bits", function.site)


def structures_in(value: Value) -> list[Class]:
    """Classes of the structures in a value, whether known by contract or by their fields."""
    parts = [part.cls for part in mutable_parts(value) if isinstance(part, Structure)]
    return parts + [part.cls for part in objects_in(value) if part.cls.view is not None]


def parts_of(values: Iterable[Value]) -> list[Structure | Array]:
    return [part for value in values for part in mutable_parts(value)]


def prove_ensures(
    machine: Machine, function: Function, arguments: list[Value], result: Value
) -> None:
    """Prove the postconditions of a function that was executed."""
    names = {**named(function, arguments), "result": result}
    for contract in function.ensures:
        label = f"postcondition of {function.qualified_name}"
        conditions.prove_contract(machine, contract, names, label, function.site)


def check_fixed(contract: Contract) -> None:
    """A condition on packet and state may look at what never changes only: numbers and lengths."""
    classes = [c for m in contract.module.program.modules.values() for c in m.classes.values()]
    computed = {name for cls in classes if cls.view is None for name in cls.methods}
    for node in ast.walk(contract.condition.body):
        is_length = isinstance(node, ast.Call) and ast.unparse(node.func) == "len"
        is_view = isinstance(node, ast.Attribute) and node.attr in {"entries", *computed}
        if (
            isinstance(node, ast.Subscript)
            or is_view
            or (isinstance(node, ast.Call) and not is_length)
        ):
            raise Unsupported(
                f"{contract.site}: `{contract.text}` speaks of packet and state; compare the "
                "packet with numbers of the configuration and lengths of arrays only"
            )
