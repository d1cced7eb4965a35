"""What is proved of a structure: its code keeps its invariants and does what its contract says.

A method is executed once from an arbitrary state in which the invariants hold, in which the parts
are known by their contracts alone. So what is proved holds for every capacity, and after any
sequence of calls.
"""

from __future__ import annotations

import ast
from contextlib import suppress

from verify import access, conditions, functions, ghosts, maps
from verify.annotations import is_value_of
from verify.calls import inline
from verify.conditions import assume_invariants
from verify.counterexample import Target
from verify.explore import Exploration, Tree, explore
from verify.frame import WRITING_CONTRACT, Frame, named
from verify.laws import LawfulPath
from verify.machine import Machine
from verify.path import PathEnds
from verify.path_tree import Ending
from verify.sharing import Shared
from verify.source import Class, Function
from verify.start import Start, begin
from verify.symbolic import Arbitrary, structure_of
from verify.values import Object, Old, Unsupported, Value, View, freeze, numbers_in
from verify.verification import FunctionVerification, check_result, define
from verify.writes import contents_of, guesses, only_looks


class StructureVerification(FunctionVerification):
    """Verifies structures: their definitions, methods and constructors."""

    def run(self, function: Function) -> Exploration:
        """Prove a method of a structure, or a function that builds one."""
        cls = structure_of(function)
        assert cls is not None
        self.relied.add(f"{cls.module.name}.{cls.name}")
        if function.owner is not None:
            return self.method(function, cls)
        return self.builder(function, cls)

    def definitions(self, cls: Class) -> Exploration:
        """Its invariants and its view can be evaluated whenever it may be looked at."""
        state: dict[str, Start] = {}

        def action(machine: Machine) -> None:
            machine.hooks.subject = cls
            subject = self._arbitrary(machine, cls)
            state["start"] = Start({"self": subject})
            for predicate in ghosts.always(machine, subject):
                self._defined(machine, ghosts.said(predicate), ghosts.words(predicate, subject))
            names: dict[str, Value] = {"self": subject}
            assert cls.view is not None
            entries = access.attribute_of(machine, subject, cls.view.name, cls.view.site)
            self._check_view(machine, cls.view, entries)
            for name in cls.numbers:
                access.attribute_of(machine, subject, name, cls.site)
            for invariant in cls.invariants:
                define(machine, invariant, names)
            machine.ends()

        assert cls.view is not None
        return explore(action, self.hooks(Target("structure", cls.view), state), LawfulPath)

    # ------------------------------------------------------------ methods

    def method(self, function: Function, cls: Class) -> Exploration:
        """Prove a public method by its contract."""
        state: dict[str, Start] = {}
        tree = Tree(self.hooks(Target("method", function), state), Shared(), LawfulPath)
        machine = tree.machine
        machine.hooks.subject = cls
        for _ in tree.branches([]):
            with suppress(PathEnds):
                start = begin(machine, function, {"self": "self"})
                subject = start.arguments["self"]
                assert isinstance(subject, Object)
                ghosts.give(machine, subject)
                state["start"] = Start(start.arguments)
                ghosts.assume_always(machine, subject)
                arguments = [start.arguments[name] for name, _ in function.parameters]
                for contract in function.requires:
                    define(machine, contract, named(function, arguments))
                machine.old = Old(self._entries(machine, freeze(subject)))
                numbers = self._numbers(machine, subject)
                for _ in tree.branches(arguments):
                    try:
                        self._one_way(machine, function, arguments, numbers)
                        tree.path_ends(Ending.PROVED)
                    except PathEnds:
                        tree.path_ends(Ending.IMPOSSIBLE)
        return tree.result()

    def _one_way(
        self,
        machine: Machine,
        function: Function,
        arguments: list[Value],
        numbers: dict[str, Value],
    ) -> None:
        """One path of a method."""
        subject = arguments[0]
        assert isinstance(subject, Object)
        before, others = contents_of([subject]), contents_of(arguments[1:])
        result = inline(machine, function, arguments)
        check_result(machine, function, arguments, result)
        if contents_of(arguments[1:]) != others:
            raise Unsupported(
                f"{function.site}: `{function.name}` changes what it is given; a structure's "
                "method may change its own fields only"
            )
        names: dict[str, Value] = {
            **named(function, arguments),
            "result": result,
            "OLD": machine.old,
        }
        if contents_of([subject]) != before:  # else all holds that held before
            if only_looks(function):  # callers count on it
                raise Unsupported(f"{function.site}: it changes what it is not seen to change")
            self._prove_kept(machine, function, subject, numbers)
        self._prove_ensures(machine, function, names)
        if only_looks(function) and guesses(function) and result is not None:
            self._prove_determined(machine, function, names)
        machine.ends()

    def _prove_kept(
        self, machine: Machine, function: Function, subject: Object, numbers: dict[str, Value]
    ) -> None:
        """The invariants hold again, and what callers take for fixed has not changed."""
        site = function.site
        self._prove_invariants(machine, subject, "kept")
        for name, value in self._numbers(machine, subject).items():
            same = maps.equal(machine.path, value, numbers[name], site)
            machine.oblige(f"`{name}` never changes", site, same)
        if not any("OLD" in contract.names for contract in function.ensures):
            assert machine.old is not None
            now = self._entries(machine, subject)
            unchanged = maps.same_views(now, machine.old.entries, site)
            name = function.qualified_name
            label = (
                f"view left by {name}: name OLD in an `@ensure`, as this method changes the view"
            )
            machine.oblige(label, site, unchanged)

    def _prove_ensures(self, machine: Machine, function: Function, names: dict[str, Value]) -> None:
        for contract in function.ensures:
            label = f"postcondition of {function.qualified_name}"
            conditions.prove_contract(machine, contract, names, label, contract.site)

    def _prove_determined(
        self, machine: Machine, function: Function, names: dict[str, Value]
    ) -> None:
        """Whatever was expected, the result is the same, as callers take for granted.

        So it is if the postconditions are true of one result only.
        """
        name = machine.path.fresh_name("another result")
        other = functions.application(machine.path, function, name, [])
        for contract in function.ensures:
            define(machine, contract, {**names, "result": other})
        site = function.site
        same = maps.equal(machine.path, names["result"], other, site)
        machine.oblige(f"one result of {function.qualified_name}", site, same)

    # ------------------------------------------------------------ constructors

    def builder(self, function: Function, cls: Class) -> Exploration:
        """Prove a function that builds a structure: its invariants hold from the start."""
        state: dict[str, Start] = {}

        def action(machine: Machine) -> None:
            machine.hooks.subject = cls
            state["start"] = start = begin(machine, function, {})
            arguments = [start.arguments[name] for name, _ in function.parameters]
            names = named(function, arguments)
            for contract in function.requires:
                define(machine, contract, names)
            given = contents_of(arguments)
            result = inline(machine, function, arguments)
            if contents_of(arguments) != given:
                raise Unsupported(f"{function.site}: it changes what it is given")
            if not isinstance(result, Object) or result.cls is not cls:
                raise Unsupported(f"{function.site}: it does not return a new {cls.name}")
            if machine.built != [result]:
                raise Unsupported(
                    f"{function.site}: it builds a {cls.name} besides the one that it returns"
                )
            check_result(machine, function, arguments, result)
            for name, number in self._numbers(machine, result).items():
                for part in numbers_in(number):
                    machine.check_word(part, name, function.site)
            self._begin_ghost(machine, function, names, result)
            self._prove_invariants(machine, result, "at first")
            names["result"] = result
            for contract in function.ensures:
                label = f"postcondition of {function.name}"
                conditions.prove_contract(machine, contract, names, label, contract.site)
            machine.ends()

        return explore(action, self.hooks(Target("builder", function), state), LawfulPath)

    def _begin_ghost(
        self, machine: Machine, function: Function, names: dict[str, Value], built: Object
    ) -> None:
        proof = self.proofs.of_class(built.cls)
        if proof is None or not proof.ghost:
            return
        steps = proof.steps("initially", function)
        ghosts.give(machine, built)
        unset = dict(built.ghost)
        ghosts.run_steps(machine, steps, names, built)
        for name, value in unset.items():
            if built.ghost[name] is value:
                raise Unsupported(
                    f"{proof.cls.site}: {function.name} leaves the ghost field `{name}` without a "
                    f"value; give it one in a step `@initially({function.name})`"
                )

    # ------------------------------------------------------------ the parts

    def _arbitrary(self, machine: Machine, cls: Class) -> Object:
        arbitrary = Arbitrary(machine.path, machine.shared, cls)
        subject = arbitrary.object(cls, "self")
        for part in arbitrary.made:
            assume_invariants(machine, part)
        ghosts.give(machine, subject)
        return subject

    def _defined(self, machine: Machine, node: ast.expr, frame: Frame) -> None:
        """Prove that a condition can be evaluated, and take it for granted."""
        with machine.read_only(f"{frame.site(node)}: {WRITING_CONTRACT}"):
            conditions.assume(machine, node, frame)

    def _check_view(self, machine: Machine, view: Function, entries: Value) -> None:
        """What callers take for the type of its values is their type."""
        match view.node.returns:
            case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, kind])):
                if isinstance(entries, View):
                    key = machine.path.fresh_key()
                    value = entries.get(machine.path, key)
                    if is_value_of(value, kind, view.module):
                        with machine.guarded(entries.has(machine.path, key)):
                            for number in numbers_in(value):
                                machine.check_word(number, "values of the view", view.site)
                        return
        raise Unsupported(f"{view.site}: its values are not of the type that its annotation says")

    def _entries(self, machine: Machine, subject: Value) -> View:
        assert isinstance(subject, Object) and subject.cls.view is not None
        with machine.trusted():
            entries = access.attribute_of(
                machine, subject, subject.cls.view.name, subject.cls.view.site
            )
        if not isinstance(entries, View):
            raise Unsupported(f"{subject.cls.view.site}: a view returns a dict")
        return entries

    def _numbers(self, machine: Machine, subject: Object) -> dict[str, Value]:
        with machine.trusted():
            return {
                name: access.attribute_of(machine, subject, name, subject.cls.site)
                for name in subject.cls.numbers
            }

    def _prove_invariants(self, machine: Machine, subject: Object, when: str) -> None:
        """What always holds of the subject holds; that it can be evaluated, `definitions` shows.

        Where all of it holds, each condition has a value, as it has in every state in which the
        fields have their limits and the conditions before it hold.
        """
        for predicate in ghosts.always(machine, subject):
            frame = ghosts.words(predicate, subject)
            with machine.read_only(ghosts.ONLY_LOOKS):
                label = f"{predicate.name} {when}"
                said = ghosts.said(predicate)
                conditions.prove(machine, said, frame, label, predicate.site, is_defined=True)
        for invariant in subject.cls.invariants:
            label = f"invariant of {subject.cls.name} {when}"
            names: dict[str, Value] = {"self": subject}
            conditions.prove_contract(
                machine, invariant, names, label, invariant.site, is_defined=True
            )
