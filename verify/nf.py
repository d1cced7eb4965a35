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

import z3

from verify.calls import (
    Hooks,
    assume_invariants,
    inline,
    is_of_type,
    named,
    require,
    require_invariants,
)
from verify.counterexample import FIRST_TIME, Counterexample, Target, concretise
from verify.errors import UsageError
from verify.explore import Exploration, explore
from verify.frame import WRITING_CONTRACT, Frame, Return, contract_frame
from verify.machine import Machine
from verify.path import Path, PathEnds, Step
from verify.source import Class, Contract, Function, Module, Site
from verify.symbolic import symbolic_value
from verify.values import (
    Array,
    Int,
    Object,
    Quantified,
    Structure,
    Unsupported,
    Value,
    View,
    freeze,
    mutable_parts,
    objects_in,
    share_parts,
)

WITNESSES = 2  # cases of each spec that are run on the real code


@dataclass(frozen=True)
class NetworkFunction:
    """The parts of an NF's module that the verifier works on."""

    module: Module
    cls: Class
    constructor: Function

    @property
    def process(self) -> Function:
        return self.cls.methods["process"]

    @property
    def name(self) -> str:
        return self.module.name.rsplit(".", 1)[-1]


def find_network_function(module: Module) -> NetworkFunction:
    classes = [cls for cls in module.classes.values() if "process" in cls.methods]
    if len(classes) != 1:
        raise UsageError(
            f"{module.path}: {len(classes)} classes have a method `process`; write exactly one"
        )
    (cls,) = classes
    if not cls.invariants:
        raise UsageError(
            f"{cls.site}: {cls.name} has no invariant; write @invariant(lambda self: …) above it, "
            "saying what holds of its state between packets"
        )
    parameters = [name for name, _ in cls.methods["process"].parameters]
    if parameters != ["self", "packet", "now"]:
        raise UsageError(
            f"{cls.methods['process'].site}: write "
            "`def process(self, packet: Packet, now: Time) -> int`"
        )
    constructors = [
        function
        for function in module.functions.values()
        if isinstance(function.node.returns, ast.Name) and function.node.returns.id == cls.name
    ]
    if len(constructors) != 1:
        raise UsageError(
            f"{module.path}: write one function that builds it: "
            f"`def new_{cls.name.lower()}(config: {cls.name}Config) -> {cls.name}`"
        )
    return NetworkFunction(module, cls, constructors[0])


# ---------------------------------------------------------------- where executions start


@dataclass
class Start:
    """The arguments of what is executed, and the objects inside of them."""

    arguments: dict[str, Value]
    made: list[Object | Structure]
    pristine: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pristine = {name: freeze(value) for name, value in self.arguments.items()}


def begin(
    machine: Machine, function: Function, roles: dict[str, str], *, is_spec: bool = False
) -> Start:
    """Arbitrary arguments that satisfy their invariants; `roles` renames parameters.

    A spec's own parameters take the values that their aliases speak of, such as `Time`.
    """
    made: list[Object | Structure] = []
    arguments: dict[str, Value] = {}
    for name, written in sorted(function.parameters, key=lambda p: p[0] not in roles):
        role = roles.get(name, f"argument.{name}")
        annotation = written
        if written is None and function.owner is not None:
            annotation = ast.Name(function.owner.name, ast.Load())
        limits = function.module.quantity(annotation) if is_spec and name not in roles else None
        if limits is not None and function.module.alias_name(annotation) == "int":
            arguments[name] = machine.path.fresh_named(role, *limits)
        else:
            arguments[name] = symbolic_value(machine.path, annotation, function.module, role, made)
    start = Start(arguments, made)
    for instance in made:
        assume_invariants(machine, instance)
    return start


@dataclass(frozen=True)
class Summary:
    """One path of `process`: what is known on it, and what it leaves behind."""

    facts: list[z3.BoolRef]
    quantified: list[Quantified]
    index_terms: list[Int]
    array_terms: list[Int]
    steps: list[Step]
    verdict: Value
    views: list[View]
    writes: list[tuple[tuple[Int, Int], ...]]


@dataclass
class Verification:
    """Verifies one NF. Functions relied on are collected on the way."""

    nf: NetworkFunction
    loop_invariants: Callable[[Function], list[Function]]
    relied: set[str] = field(default_factory=set)
    summaries: list[Summary] = field(default_factory=list)

    def rely_on(self, function: Function) -> None:
        self.relied.add(f"{function.module.name}.{function.qualified_name}")

    def hooks(self, target: Target, state: dict[str, Start]) -> Hooks:
        return Hooks(
            self.rely_on,
            lambda path: concretise(path, target, state["start"].pristine),
            loop_invariants=self.loop_invariants,
        )

    # ------------------------------------------------------------ process

    def process(self) -> Exploration:
        """Execute `process` once: its safety, and that it keeps the invariant."""
        self.summaries = []
        function = self.nf.process
        roles = {"self": "nf", "packet": "packet", "now": "now"}
        state: dict[str, Start] = {}

        def action(machine: Machine) -> None:
            path = machine.path
            state["start"] = start = begin(machine, function, roles)
            arguments = [start.arguments[name] for name in ("self", "packet", "now")]
            assume_requirements(machine, function, arguments)
            base = (len(path.facts), len(path.quantified), len(path.index_terms))
            path.name_prefix = "process."
            verdict = inline(machine, function, arguments)
            if not isinstance(verdict, Int):  # anything else has no device to go to
                raise Unsupported(f"{function.site}: process returns a device or a reason to drop")
            if not path.may_hold():
                raise PathEnds
            summary = Summary(
                path.facts[base[0] :],
                path.quantified[base[1] :],
                path.index_terms[base[2] :],
                list(path.array_terms),
                list(path.steps),
                verdict,
                [p.entries for p in mutable_parts(arguments[0]) if isinstance(p, Structure)],
                [p.writes for a in arguments for p in mutable_parts(a) if isinstance(p, Array)],
            )
            self.prove_kept(machine, arguments)
            self.summaries.append(summary)
            machine.ends()

        return explore(action, self.hooks(Target("process", function), state))

    def prove_kept(self, machine: Machine, arguments: list[Value]) -> None:
        """The invariants hold again, and a later packet may come."""
        nf, packet, now = arguments
        site = self.nf.process.site
        for instance in objects_in(nf):
            for invariant in instance.cls.invariants:
                label = f"invariant of {instance.cls.name} kept"
                machine.contract_holds(invariant, {"self": instance}, label, site)
        assert isinstance(now, Int)
        later = machine.path.fresh("later", -(2**63), 2**63 - 1)
        machine.path.assume(machine.path.less_equal(now, later))
        self.prove_callable(machine, nf, packet, later, site)

    def prove_callable(
        self, machine: Machine, nf: Value, packet: Value, now: Int, site: Site
    ) -> None:
        """What `process` asks of the state holds; what it asks of the packet is the caller's."""
        names = {"self": nf, "packet": packet, "now": now}
        for contract in self.nf.process.requires:
            if {"self", "packet"} <= contract.names:
                check_fixed(contract)
            elif "self" in contract.names:
                label = "precondition of the next call of process"
                machine.contract_holds(contract, names, label, site)

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
            start.pristine[FIRST_TIME] = now = machine.path.fresh("now", -(2**63), 2**63 - 1)
            self.prove_callable(machine, nf, None, now, function.site)
            prove_ensures(machine, function, arguments, nf)
            machine.ends()

        return explore(action, self.hooks(Target("constructor", function), state))

    # ------------------------------------------------------------ specs

    def spec(self, function: Function) -> tuple[Exploration, list[Counterexample]]:
        """Prove a spec; also gives some cases that it speaks of, to be run for real."""
        roles = spec_roles(function, self.nf)
        state: dict[str, Start] = {}
        witnesses: list[Counterexample] = []
        target = Target("spec", function)
        covered: set[Site] = set()
        helpers: set[Function] = set()

        def action(machine: Machine) -> None:
            state["start"] = start = begin(machine, function, roles, is_spec=True)
            by_role = {role: start.arguments[name] for name, role in roles.items()}
            arguments = [by_role["nf"], by_role["packet"], by_role["now"]]
            assume_requirements(machine, self.nf.process, arguments)
            left: list[list[object]] = []  # what each call of process left of the NF

            def process(
                machine: Machine, called: Function, given: list[Value], site: Site
            ) -> Value:
                if called is not self.nf.process:
                    raise Unsupported(f"{site}: this is not the `process` of {self.nf.cls.name}")
                machine.may_write()
                if not left and is_untouched(given, arguments, start.pristine.values()):
                    verdict = self.use_summary(machine, arguments)
                else:
                    require(machine, called, given, site)
                    if contents(given[0]) not in left:
                        require_invariants(machine, given[:1], site)
                    require_invariants(machine, given[1:], site)
                    with machine.trusted():
                        verdict = inline(machine, called, given)
                left.append(contents(given[0]))
                return verdict

            machine.hooks.process = process
            frame = Frame(function.module, dict(start.arguments), function, is_spec=True)
            with contextlib.suppress(Return):
                machine.block(function.body, frame)
            machine.ends()
            helpers.update(machine.helpers)
            reached = machine.asserts - covered
            if (reached or len(witnesses) < WITNESSES) and machine.path.check() == z3.sat:
                covered.update(reached)
                if machine.asserts and len(witnesses) < WITNESSES:
                    witnesses.append(concretise(machine.path, target, start.pristine))

        exploration = explore(action, self.hooks(target, state))
        written = {
            Site(part.module.path, node.lineno)
            for part in (function, *helpers)
            for node in ast.walk(part.node)
            if isinstance(node, ast.Assert)
        }
        if not exploration.failures:
            exploration.unreached = sorted(written - covered, key=lambda site: site.line)
        return exploration, witnesses

    def use_summary(self, machine: Machine, arguments: list[Value]) -> Value:
        """Go on behind one of the paths of `process`."""
        path = machine.path
        possible = list(range(len(self.summaries)))
        if not path.is_replaying:
            possible = [k for k in possible if is_possible(path, self.summaries[k])]
            if not possible:
                raise PathEnds
        summary = self.summaries[path.choose(possible)]
        structures = [p for p in mutable_parts(arguments[0]) if isinstance(p, Structure)]
        arrays = [p for a in arguments for p in mutable_parts(a) if isinstance(p, Array)]
        for structure, view in zip(structures, summary.views, strict=True):
            structure.is_changed = structure.is_changed or structure.entries is not view
            structure.entries = view
        for array, writes in zip(arrays, summary.writes, strict=True):
            array.writes = writes
        for fact in summary.facts:
            path.assume(fact)
        path.steps += summary.steps
        for quantified in summary.quantified:
            path.assume(quantified)
        for term in summary.index_terms:
            path.index_term(term)
        for term in summary.array_terms:
            path.array_term(term)
        return summary.verdict

    # ------------------------------------------------------------ what is relied on

    def function(self, function: Function) -> Exploration:
        """Prove the body of a function safe, and right by its contract."""
        state: dict[str, Start] = {}

        def action(machine: Machine) -> None:
            state["start"] = start = begin(machine, function, {})
            arguments = [start.arguments[name] for name, _ in function.parameters]
            assume_requirements(machine, function, arguments)
            if not function.ensures:
                inline(machine, function, arguments)
                machine.ends()
                return
            reason = (
                f"{function.site}: a function with an `ensure` may not write; drop the `ensure`"
            )
            with machine.read_only(reason):
                result = inline(machine, function, arguments)
            if not is_of_type(result, function.node.returns, function):
                raise Unsupported(f"{function.site}: it does not return what its annotation says")
            prove_ensures(machine, function, arguments, result)
            machine.ends()

        return explore(action, self.hooks(Target("function", function), state))


def prove_ensures(
    machine: Machine, function: Function, arguments: list[Value], result: Value
) -> None:
    names = {**named(function, arguments), "result": result}
    for contract in function.ensures:
        label = f"postcondition of {function.qualified_name}"
        machine.contract_holds(contract, names, label, function.site)


def assume_requirements(machine: Machine, function: Function, arguments: list[Value]) -> None:
    names = named(function, arguments)
    for contract in function.requires:
        with machine.trusted(), machine.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
            machine.assume(contract.condition.body, contract_frame(contract, names))


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


def contents(value: Value) -> list[object]:
    """What is in the arrays and structures of a value, to tell whether it has changed."""
    parts: list[object] = [id(value)]
    for part in mutable_parts(value):
        parts.append(part.writes if isinstance(part, Array) else part.entries)
    return parts


def is_untouched(given: list[Value], arguments: list[Value], pristine: Iterable[Value]) -> bool:
    """Whether `process` is called with what the spec was given, and nothing was written before."""
    begun = [part for value in pristine for part in mutable_parts(value)]
    views = {part.name: part.entries for part in begun if isinstance(part, Structure)}
    return all(a is b for a, b in zip(given, arguments, strict=True)) and all(
        part.writes == () if isinstance(part, Array) else part.entries is views[part.name]
        for value in arguments
        for part in mutable_parts(value)
    )


def is_possible(path: Path, summary: Summary) -> bool:
    with path.scope():
        try:
            for fact in summary.facts:
                path.assume(fact)
        except PathEnds:
            return False
        return path.may_hold()


def spec_roles(function: Function, nf: NetworkFunction) -> dict[str, str]:
    """The spec's names for the NF, the first packet and the first time."""
    roles: dict[str, str] = {}
    wanted = {nf.cls.name: "nf", "Packet": "packet", "Time": "now"}
    for name, annotation in function.parameters:
        role = wanted.pop(ast.unparse(annotation) if annotation else "", None)
        if role is not None:
            roles[name] = role
    if wanted:
        raise UsageError(
            f"{function.site}: the spec {function.name} lacks a parameter of type "
            f"{next(iter(wanted))}; write `def {function.name}(nf: {nf.cls.name}, packet: Packet, "
            "now: Time) -> None`"
        )
    return roles
