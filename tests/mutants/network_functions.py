"""Mutants of network functions: each must be noticed by the proof of the network function.

That is what `pyvigor verify NAME` proves: that `process` is safe and keeps the invariant, that the
constructor establishes it, the specs, and contracts within its file. libVig is unchanged, and
counts as proved.

Rules for the operator's settings, and what `process` requires of the time, are changed only where
that asks for less. Of fewer settings all is proved as before; which there may be is for
tests/nfs/test_*_config.py to tell.
"""

from __future__ import annotations

import ast
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from tests.edits import path_of
from tests.mutants.generate import mutants
from tests.mutants.kill import Verdict
from tests.mutants.limits import prover_limits, time_limit
from tests.mutants.mutant import Mutant
from tests.mutants.prove import RIGHT_ANSWERS
from verify.errors import UsageError
from verify.parallel import in_parallel
from verify.prepare import prepare
from verify.result import Result
from verify.result import Verdict as Answer
from verify.values import Unsupported

KILL = f"{__name__}:kill"
LISTED = Path(__file__).with_name("nf_survivors.toml")
UNITS = 10_000_000
"""Z3's for an obligation: a third of what `pyvigor verify` gives. What cannot be proved is found
out sooner; all that can be must be so with these, or else no mutant is judged."""
SECONDS = 1800  # for the proof of a mutant; one of the NAT takes 400
NOT_AN_NF = ("has no invariant",)
"""More refusals that are right: what they say is missing is part of every network function."""
LESS, MORE = (ast.Lt, ast.LtE), (ast.Gt, ast.GtE)
STRICTER = {(ast.LtE, ast.Lt), (ast.GtE, ast.Gt)}

Ranks = Mapping[str, tuple[int, float]]
"""Of each spec: minus how many mutants it has killed so far, and the seconds that it takes."""

killers: Counter[str] = Counter()
"""How many mutants each result has killed so far, as what killed many is tried first."""


# ---------------------------------------------------------------- which there are


def mutants_of(name: str) -> list[Mutant]:
    """Return the mutants of a network function, but for those that only ask for more."""
    module = f"nfs.{name}"
    before = comparisons(path_of(module).read_text("utf-8"))
    return [m for m in mutants(module) if not (is_asked(m) and is_stricter(before, m.source))]


def is_asked(mutant: Mutant) -> bool:
    """Whether the change is in a rule for settings, or in what `process` requires of the time."""
    is_rule = mutant.function.endswith("Config")
    return mutant.part == "contract" and (is_rule or "lambda now:" in mutant.line)


def is_stricter(before: list[ast.Compare], text: str) -> bool:
    """Whether a comparison holds of less than it did before."""
    after = comparisons(text)
    return len(after) == len(before) and any(
        holds_of_less(old, new) for old, new in zip(before, after, strict=True)
    )


def comparisons(text: str) -> list[ast.Compare]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Compare)]


def holds_of_less(before: ast.Compare, after: ast.Compare) -> bool:
    """Whether equality is no longer enough, or a number is a narrower limit."""
    if any((type(o), type(n)) in STRICTER for o, n in zip(before.ops, after.ops, strict=True)):
        return True
    old, new = [before.left, *before.comparators], [after.left, *after.comparators]
    return any(
        (
            isinstance(operator, LESS)
            and (rises(old[at], new[at]) or rises(new[at + 1], old[at + 1]))
        )
        or (
            isinstance(operator, MORE)
            and (rises(new[at], old[at]) or rises(old[at + 1], new[at + 1]))
        )
        for at, operator in enumerate(after.ops)
    )


def rises(before: ast.expr, after: ast.expr) -> bool:
    """Whether a number is greater than before."""
    try:
        return bool(eval(ast.unparse(before), {}) < eval(ast.unparse(after), {}))
    except NameError:  # it is no number, but of the settings
        return False


# ---------------------------------------------------------------- what judges


def kill(mutant: Mutant) -> Verdict:
    """Tell whether the proof of a network function notices that its file was changed."""
    name = mutant.module.rpartition(".")[2]
    ranks = {result.name: (-killers[result.name], result.seconds) for result in unchanged(name)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.py"
        file.write_text(mutant.source, "utf-8")
        results = proved_apart(f"{name}={file}", ranks)
    last = results[-1]
    if last.verdict is Answer.PROVED:
        return Verdict("survived")
    if last.paths == 0:  # the verifier does not understand what is written
        is_right = any(answer in last.reason for answer in (*RIGHT_ANSWERS, *NOT_AN_NF))
        return Verdict(
            "killed" if is_right else "refused", last.reason, "subset" if is_right else ""
        )
    killers[last.name] += 1
    return Verdict("killed", f"{last.name}: {last.reason}", last.verdict.value)


def unsound(names: Iterable[str]) -> list[str]:
    """Return what is not proved of these network functions even where nothing is changed."""
    last = [unchanged(name)[-1] for name in names]
    return [f"{one.name}: {one.reason}" for one in last if one.verdict is not Answer.PROVED]


@cache
def unchanged(name: str) -> list[Result]:
    """Prove what nobody has changed."""
    return proved_apart(name, {})


def proved_apart(target: str, ranks: Ranks) -> list[Result]:
    """Prove a network function in a process of its own, as solvers keep what they were asked."""
    (results,) = in_parallel([lambda: list(up_to_first_failure(target, ranks))], jobs=1)
    return results


def up_to_first_failure(target: str, ranks: Ranks) -> Iterator[Result]:
    """Yield the results of a network function until one is not proved."""
    with prover_limits(UNITS), time_limit(SECONDS, "the proof"):
        for result in parts(target, ranks):
            yield result
            if result.verdict is not Answer.PROVED:
                return


def parts(target: str, ranks: Ranks) -> Iterator[Result]:
    """Yield what is proved of a network function; specs of lower rank come first."""
    try:
        prover = prepare(target)
    except (UsageError, Unsupported) as error:
        yield Result("the verified subset", Answer.UNKNOWN, reason=str(error))
        return
    relied: set[str] = set()
    specs = sorted(prover.specs, key=lambda spec: ranks.get(spec.name, (0, 0.0)))
    tasks: list[Callable[[], Result]] = [prover.process, prover.constructor]
    tasks += [partial(prover.spec, spec) for spec in specs]
    for task in tasks:
        result = task()
        yield result
        own = {name for name in result.relied if not name.startswith("libvig.")}
        for name in sorted(own - relied):
            yield prover.subject(name)
        relied |= own
