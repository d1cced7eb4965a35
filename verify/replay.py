"""Counterexamples on the real code: under CPython, contracts on, indices and integers strict."""

from __future__ import annotations

import ast
import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType, TracebackType
from typing import Any

import icontract
import numpy as np

from libvig.packet.packet import Packet
from libvig.proof.rehearsal.account import violation
from libvig.proof.rehearsal.arrays import StrictArray
from libvig.proof.rehearsal.words import NAMES as CHECKS
from libvig.proof.rehearsal.words import Words
from libvig.spec import AssumptionFalse
from verify import rebuild, verdicts
from verify.check_report import in_short, seen
from verify.counterexample import (
    FIRST_TIME,
    Concrete,
    ConcreteArray,
    ConcreteObject,
    ConcreteStructure,
    Counterexample,
    dtype_of,
)
from verify.errors import UsageError
from verify.network_function import find_network_function
from verify.path import Failure
from verify.program import PRODUCT, Program
from verify.sight import Sight, watched
from verify.source import Class, Contract, Module, Site
from verify.time_limit import TakesTooLong, limited

BREACHES = (
    AssertionError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,  # icontract's, where it cannot tell the values that break a contract
    ValueError,
    ZeroDivisionError,
    icontract.ViolationError,
)


@dataclass(frozen=True)
class Outcome:
    """Whether the failure showed on the real code, and what was seen."""

    reproduced: bool
    seen: str
    values: tuple[str, ...] = ()
    """What `process` returned, and what the failed assert compared."""


class Replay:
    """The real code of an NF and its specs, with checks that CPython leaves out."""

    def __init__(self, program: Program, modules: list[Module]) -> None:
        self.program = program
        self.modules = modules
        self.sight = Sight()
        self._checked_modules: dict[str, ModuleType] = {}

    def load(self) -> None:
        """Load what is under test, once for all that are forked from this process."""
        with self.world():
            pass

    def failure(self, failure: Failure, counterexample: Counterexample) -> Outcome:
        """Whether the counterexample makes the real code fail where it should."""
        self.sight.forget()
        try:
            with self.world(), limited():
                arguments = self._arguments(counterexample)
                try:
                    is_next_call = "next call" in failure.label
                    verdict = self._call(counterexample, arguments, is_next_call=is_next_call)
                    if failure.label == verdicts.LABEL:
                        return self._judge_verdict(arguments, verdict)
                    if is_next_call and counterexample.target.kind == "process":
                        self._call(counterexample, arguments)
                except BREACHES as error:
                    return self._told(judge(failure, error), error)
        except AssumptionFalse:
            return Outcome(False, "the real code does not get there: an assumption is false")
        except (rebuild.CannotRebuild, *BREACHES) as error:
            return Outcome(False, f"the state cannot be built: {one_line(error)}")
        except TakesTooLong as error:
            return Outcome(False, f"on the real code, {error}")
        return Outcome(False, "on the real code these values break nothing that is checked there")

    def witness(self, case: Counterexample) -> Outcome:
        """Whether the real code goes through a case that a proved spec speaks of, and holds."""
        try:
            with self.world(), limited():
                self._call(case, self._arguments(case))
        except AssumptionFalse:
            return Outcome(False, "an assumption is false on the real code")
        except (rebuild.CannotRebuild, *BREACHES) as error:
            return Outcome(False, f"the real code fails: {type(error).__name__}: {one_line(error)}")
        except TakesTooLong as error:
            return Outcome(False, f"on the real code, {error}")
        return Outcome(True, "")

    def _told(self, outcome: Outcome, error: Exception) -> Outcome:
        """The outcome with the values that were seen on the way to it."""
        values = []
        if self.sight.verdicts:
            values.append(
                "process returned "
                + ", then ".join(in_short("", verdict) for verdict in self.sight.verdicts)
            )
        if type(error) is AssertionError:
            values += seen(self.sight.values)
        return replace(outcome, values=tuple(values))

    # ------------------------------------------------------------ calling

    def _arguments(self, case: Counterexample) -> dict[str, Any]:
        return {name: self.build(value) for name, value in case.arguments.items()}

    def _call(
        self, case: Counterexample, arguments: dict[str, Any], *, is_next_call: bool = False
    ) -> Any:
        function = case.target.function
        if function.owner is not None:
            given = {name: value for name, value in arguments.items() if name != "self"}
            return getattr(arguments["self"], function.name)(**given)
        given = {name: value for name, value in arguments.items() if name != FIRST_TIME}
        result = getattr(self._real(function.module), function.name)(**given)
        if case.target.kind == "constructor" and is_next_call:
            result.process(Packet(np.zeros(0, np.uint8), 0, 0), arguments[FIRST_TIME])
        return result

    def _judge_verdict(self, arguments: dict[str, Any], verdict: int) -> Outcome:
        nf = find_network_function(self.modules[0])
        state, packet = arguments["self"], arguments["packet"]
        known = verdicts.is_known(nf, self._real(nf.module), state, packet, verdict)
        return Outcome(not known, f"process returned {int(verdict)}")

    def build(self, value: Concrete) -> Any:
        """The real object that a concrete value describes. Raises CannotRebuild."""
        if isinstance(value, ConcreteArray):
            return np.array(value.elements, dtype_of(value)).view(StrictArray)
        if isinstance(value, ConcreteObject):
            fields = {name: self.build(part) for name, part in value.fields.items()}
            return self._real_class(value.cls)(**fields)
        if isinstance(value, ConcreteStructure):
            entries = {key: self.build(entry) for key, entry in value.entries.items()}
            return rebuild.structure(value.cls.name, value.numbers, entries)
        return value

    def _real_class(self, cls: Class) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self._real(cls.module), cls.name)
        return found

    def _real(self, module: Module) -> ModuleType:
        return importlib.import_module(module.name)

    # ------------------------------------------------------------ the checked modules

    @contextmanager
    def world(self) -> Iterator[None]:
        """Inside, the modules under test are the verified texts, with checks.

        What they import of the user's is read anew: another program may have the same names.
        """
        read = self.program.modules
        neighbours = {name for name in read if name.partition(".")[0] not in PRODUCT}
        names = neighbours.union(module.name for module in self.modules)
        hidden = {name: sys.modules.pop(name, None) for name in names}
        kept = self._checked_modules
        sys.modules.update({name: kept[name] for name in neighbours & kept.keys()})
        search_path = list(sys.path)
        sys.path += [str(root) for root in self.program.roots]
        try:
            for module in self.modules:
                if module.name not in kept:
                    kept[module.name] = checked_module(module, self.sight)
                sys.modules[module.name] = kept[module.name]
            yield
        finally:
            sys.path[:] = search_path
            kept.update({name: sys.modules[name] for name in neighbours & sys.modules.keys()})
            for name, original in hidden.items():
                if original is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = original


def judge(failure: Failure, error: Exception) -> Outcome:
    """Whether the real code failed as it should: by that contract, or at that statement."""
    seen = f"{type(error).__name__}: {one_line(error)}".rstrip(": ")
    contract = failure.contract
    violated = violation(error)
    if violated is not None:
        if contract is None or not is_at(contract, violated[1], violated[2]):
            return Outcome(False, f"the real code breaks another contract: {seen}")
        return Outcome(True, seen)
    if passes_through(error.__traceback__, failure.site):
        return Outcome(True, seen)
    return Outcome(False, f"the real code fails elsewhere: {seen}")


def is_at(contract: Contract, file: str, line: str) -> bool:
    """Whether a place that icontract names is that of the contract."""
    return file == str(contract.module.path) and int(line) in contract.lines


def one_line(error: BaseException) -> str:
    """What an error says in one line of at most 200 characters."""
    return textwrap.shorten(str(error), 200, placeholder=" …")


def passes_through(traceback: TracebackType | None, site: Site) -> bool:
    """Whether the statement at the site was being executed."""
    if not site.path.is_file():
        return False
    statement = statement_at(ast.parse(site.path.read_text(encoding="utf-8")), site.line)
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename == str(site.path) and traceback.tb_lineno in statement:
            return True
        traceback = traceback.tb_next
    return False


def statement_at(tree: ast.Module, line: int) -> range:
    """The lines of the innermost statement around a line."""
    lines = range(line, line + 1)
    for node in ast.walk(tree):  # breadth first: inner statements come later
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            if isinstance(node, ast.If | ast.For | ast.FunctionDef | ast.ClassDef):
                continue
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return lines


def checked_module(module: Module, sight: Sight | None = None) -> ModuleType:
    """A module from its source, in which integers must fit 64 bits and indices be in range.

    Specs, which are exempt from that, tell what they see.
    """
    if module.name.startswith("specs."):
        return execute(module, watched(module), **(sight or Sight()).names)
    tree = ast.fix_missing_locations(Checks().visit(ast.parse(module.text, str(module.path))))
    return execute(module, tree, **CHECKS, __index_of__=index_of)


def execute(module: Module, tree: ast.Module, **names: Any) -> ModuleType:
    """The module that a tree makes, which may use these names besides its own."""
    created = ModuleType(module.name)
    created.__file__ = str(module.path)
    created.__dict__.update(names)
    sys.modules[module.name] = created  # decorators look their module up
    try:
        exec(compile(tree, str(module.path), "exec", optimize=0), created.__dict__)
    except (Exception, SystemExit) as error:
        why = f"{type(error).__name__}: {one_line(error)}"
        raise UsageError(f"{module.path}: cannot be imported: {why}") from None
    return created


class Checks(ast.NodeTransformer):
    """Wraps arithmetic and subscripts inside functions; contracts stay as they are."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = [CheckedCode().visit(statement) for statement in node.body]
        return node


class CheckedCode(Words):
    """Looks at every index too, as arrays that are made on the way are not strict."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        name = ast.Name("__index_of__", ast.Load())
        owner = ast.parse(ast.unparse(node.value), mode="eval").body
        node.slice = ast.copy_location(ast.Call(name, [owner, node.slice], []), node)
        return node


def index_of(owner: Any, index: Any) -> Any:
    """The index; raises IndexError where compiled code would read beside the array."""
    is_element = isinstance(owner, np.ndarray) and not isinstance(index, slice)
    if is_element and not 0 <= index < len(owner):
        raise IndexError(f"index {index} of {len(owner)}")
    return index
