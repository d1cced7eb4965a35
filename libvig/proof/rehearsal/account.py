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


@dataclass(frozen=True)
class Failure:
    """Why a structure or its proof is wrong, on a concrete case."""

    reason: str
    file: str  # of the predicate, contract or line that failed
    line: int
    calls: tuple[str, ...]  # from the constructor on, the last one being where it failed
    values: Mapping[str, object] = field(default_factory=dict)  # of a counterexample

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

    def __init__(
        self, function: Callable[..., Any], reason: str, values: Mapping[str, object]
    ) -> None:
        super().__init__(reason)
        self.function = function
        self.values = values


def failure(error: Exception, calls: tuple[str, ...], known: set[str]) -> Failure:
    """Tell what went wrong; `known` are the files among which to look for the place."""
    if isinstance(error, Broken):
        code = inspect.unwrap(error.function).__code__
        return Failure(str(error), code.co_filename, code.co_firstlineno, calls, error.values)
    if isinstance(error, icontract.ViolationError):
        place = re.match(r"File (.+), line (\d+)", str(error))
        if place:
            reason = str(error)[place.end() :].partition("\n")[2] or str(error)
            return Failure(f"contract: {reason}", place[1], int(place[2]), calls)
    frames = list(traceback.extract_tb(error.__traceback__))
    frame = next((frame for frame in reversed(frames) if frame.filename in known), frames[-1])
    reason = f"{type(error).__name__}: {error}, in `{frame.line}`"
    return Failure(reason, frame.filename, frame.lineno or 0, calls)


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
