"""What a rehearsal comes to: what was tried, and what failed how."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import icontract

from libvig.proof.rehearsal.arrays import Endless, NotAllowed
from libvig.proof.rehearsal.calls import READABLE


@dataclass(frozen=True)
class Failure:
    """Why a structure or its proof is wrong, on a concrete case."""

    reason: str
    file: str  # of the predicate, contract or line that failed
    line: int
    function: str = ""  # that was called when it failed, after its class if it is a method
    calls: tuple[str, ...] = ()  # from the constructor on, the last one being where it failed
    values: Mapping[str, str] = field(default_factory=dict)  # for which it fails
    test: tuple[str, ...] = ()  # the calls once more, as `stage` takes them
    caller: tuple[str, int] | None = None  # file and line of the call that breaks a contract
    is_raised: bool = False  # by code, and not what a check found
    is_mistake: bool = False  # of whoever wrote the proof file: it makes no sense

    def __str__(self) -> str:
        values = "".join(f"\n    {name} = {value}" for name, value in self.values.items())
        calls = "".join(f"\n    {call}" for call in self.calls)
        return f"{self.file}:{self.line}: {self.reason}{values}\n  after{calls}"


@dataclass(frozen=True)
class Outcome:
    """What was rehearsed, and the first failure if there was one."""

    failure: Failure | None
    calls: int  # of public methods and functions
    checks: int  # of predicates
    untried: tuple[str, ...]  # predicates and ghost steps that no call came to


class Broken(Exception):
    """A predicate that does not hold, or a measure that does not fall."""

    is_mistake = False

    def __init__(
        self, function: Callable[..., Any], reason: str, values: Mapping[str, object]
    ) -> None:
        super().__init__(reason)
        self.function = function
        self.values = values


class Mistake(Broken):
    """A function of a proof that cannot be called."""

    is_mistake = True


BREACHES = (
    AssertionError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    NotAllowed,
    Endless,
)
"""What checks raise, and what code does that breaks a rule of Python's."""


MISTAKES = (NotAllowed, NameError, AttributeError, TypeError)
"""What a proof file raises that says something else than that something is so."""


def failure(error: Exception, known: set[str], proof: str) -> Failure:
    """Tell what went wrong; `known` are the files that are tried, and `proof` is one of them.

    Raises an error that is of none of them again: it says nothing of what they hold.
    """
    if isinstance(error, Broken):
        code = inspect.unwrap(error.function).__code__
        values = {name: READABLE.value(value) for name, value in error.values.items()}
        return Failure(
            str(error),
            code.co_filename,
            code.co_firstlineno,
            values=values,
            is_mistake=error.is_mistake,
        )
    frames = list(traceback.extract_tb(error.__traceback__))
    at = max((n for n, frame in enumerate(frames) if frame.filename in known), default=None)
    violated = violation(error)
    if violated is not None:
        condition, values = _condition_and_values(violated[3])
        caller = (frames[at].filename, frames[at].lineno or 0) if at is not None else None
        place = violated[1], int(violated[2])
        return Failure(f"contract: {condition}", *place, values=values, caller=caller)
    if at is None or not (at == len(frames) - 1 or isinstance(error, BREACHES)):
        raise error
    frame = frames[at]
    reason = f"{type(error).__name__}: {error}, in `{frame.line}`"
    is_mistake = frame.filename == proof and isinstance(error, MISTAKES)
    return Failure(reason, frame.filename, frame.lineno or 0, is_raised=True, is_mistake=is_mistake)


_PLACE = re.compile(r"File (.+), line (\d+) in .+:\n((?:.|\n)*)")


def violation(error: Exception) -> re.Match[str] | None:
    """Return the file, the line and the text of a contract that was violated, if one was.

    icontract tells with which values, and where it cannot raises another error instead.
    """
    is_one = isinstance(error, icontract.ViolationError)
    return _PLACE.search(str(error)) if is_one or "Failed to recompute" in str(error) else None


_VALUE = re.compile(r"^(\S.*?) was ", re.MULTILINE)


def _condition_and_values(text: str) -> tuple[str, dict[str, str]]:
    """Take apart what icontract says: the condition, and values in it, each on lines of its own."""
    condition, *rest = _VALUE.split(text)
    values = dict(zip(rest[::2], rest[1::2], strict=True))
    return (
        " ".join(condition.split()).removesuffix(":"),
        {name: " ".join(value.split()) for name, value in values.items()},
    )


def counterexample(function: Callable[..., Any], arguments: Mapping[str, object]) -> dict[str, Any]:
    """Return for which values an `all(...)` of a predicate does not hold, where it is easy."""
    plain: Any = inspect.unwrap(function)
    linecache.checkcache(plain.__code__.co_filename)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
    except (OSError, SyntaxError):
        return {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "all":
            if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
                search = _first_exception(node.args[0])
                try:
                    found = eval(compile(search, "<search>", "eval"), _names(plain, arguments))
                except Exception:  # the conditions before this one may be what makes sense of it
                    continue
                if found is not None:
                    return dict(found)
    return {}


def _first_exception(every: ast.GeneratorExp) -> ast.Expression:
    """Return `next(({name: value} for … if … if not (…)), None)`."""
    names = [
        name.id
        for source in every.generators
        for name in ast.walk(source.target)
        if isinstance(name, ast.Name)
    ]
    found = ast.parse("{" + ", ".join(f"{name!r}: {name}" for name in names) + "}", mode="eval")
    every.generators[-1].ifs.append(ast.UnaryOp(ast.Not(), every.elt))
    every.elt = found.body
    call = ast.Call(ast.Name("next", ast.Load()), [every, ast.Constant(None)], [])
    return ast.fix_missing_locations(ast.Expression(call))


def _names(function: Any, arguments: Mapping[str, object]) -> dict[str, Any]:
    return {**function.__globals__, **arguments}
