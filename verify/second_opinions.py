"""What a second solver says of all results together, for reports."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from verify.errors import UsageError
from verify.result import Result, SecondOpinion, Tally


def cvc5() -> Any:
    try:
        return importlib.import_module("cvc5")
    except ImportError:
        raise UsageError(
            "--second-solver: cvc5 is not installed; pip install 'pyvigor[second-solver]' does it"
        ) from None


def version() -> str:
    return f"cvc5 {cvc5().__version__}"


def total(results: Sequence[Result]) -> SecondOpinion | None:
    """All opinions together; None where none was asked for."""
    opinions = [(r.name, r.second_opinion) for r in results if r.second_opinion is not None]
    if not opinions:
        return None
    whole = SecondOpinion(unasked=sum(opinion.unasked for _, opinion in opinions))
    for _, opinion in opinions:
        for all_of_them, tally in zip(whole.tallies, opinion.tallies, strict=True):
            all_of_them.asked += tally.asked
            all_of_them.disagree += tally.disagree
            all_of_them.undecided += tally.undecided
    return whole


def as_json(results: Sequence[Result]) -> dict[str, object]:
    """The counts, under the name `second_solver`; nothing where it was not asked."""
    whole = total(results)
    if whole is None:
        return {}
    counts = [
        {
            "asked": tally.asked,
            "agree": tally.agree,
            "disagree": len(tally.disagree),
            "undecided": len(tally.undecided),
        }
        for tally in whole.tallies
    ]
    return {
        "second_solver": {
            "solver": version(),
            "obligations": counts[0],
            "dead_ends": counts[1],
            "unasked": whole.unasked,
        }
    }


def lines(results: Sequence[Result]) -> Iterator[str]:
    """What the end of a report says: the counts, and all that is not agreed, by property."""
    whole = total(results)
    if whole is None:
        return
    obligations, dead_ends = whole.tallies
    yield f"second solver ({version()}): {said_of(obligations, 'obligations')}"
    yield f"  {said_of(dead_ends, 'dead ends of paths')}"
    yield f"  {whole.unasked} obligations needed no solver, and were not asked"
    for result in results:
        opinion = result.second_opinion
        for word in ("disagree", "undecided"):
            names = (
                [n for tally in opinion.tallies for n in getattr(tally, word)] if opinion else []
            )
            if names:
                yield f"  {word} in {result.name}:"
            for name, times in Counter(names).items():
                yield f"    {name}" + (f", {times} times" if times > 1 else "")


def said_of(tally: Tally, things: str) -> str:
    disagree = len(tally.disagree)
    return (
        f"{tally.agree} of {tally.asked} {things} agree, "
        f"{f'{disagree} DISAGREE' if disagree else '0 disagree'}, {len(tally.undecided)} undecided"
    )
