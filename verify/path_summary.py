"""Summaries of the paths of `process`: a spec goes on behind them instead of executing it anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from verify.formulas import Formula
from verify.integers import Int
from verify.path import Path, PathEnds, Step
from verify.values import Array, Quantified, Structure, Value, View, mutable_parts


@dataclass(frozen=True)
class PathSummary:
    """One path of `process`: what is known on it, and what it leaves behind."""

    facts: list[Formula]
    quantified: list[Quantified]
    index_terms: list[Int]
    array_terms: list[Int]
    steps: list[Step]
    verdict: Value
    views: list[View]  # of the NF's structures
    writes: list[tuple[tuple[Int, Int], ...]]  # to the arrays of all arguments


@dataclass(frozen=True)
class Known:
    """How much was known on a path at some point."""

    facts: int
    quantified: int
    index_terms: int


def known(path: Path) -> Known:
    """How much is known on the path now."""
    return Known(len(path.facts), len(path.quantified), len(path.index_terms))


def summarise(path: Path, before: Known, arguments: Sequence[Value], verdict: Value) -> PathSummary:
    """What was learned since `before`; the NF is the first of the arguments."""
    return PathSummary(
        path.facts[before.facts :],
        path.quantified[before.quantified :],
        path.index_terms[before.index_terms :],
        list(path.array_terms),
        list(path.steps),
        verdict,
        [structure.entries for structure in structures_in(arguments[0])],
        [array.writes for array in arrays_in(arguments)],
    )


def go_on_behind_one(
    path: Path, summaries: Sequence[PathSummary], arguments: Sequence[Value]
) -> Value:
    """Fork over the summaries that are possible here; gives the verdict of the one taken."""
    possible = list(range(len(summaries)))
    if possible and not path.is_replaying:
        possible = sorted(possible_ones(path, summaries, possible, 0))
    if not possible:
        raise PathEnds
    summary = summaries[path.choose(possible)]
    for structure, view in zip(structures_in(arguments[0]), summary.views, strict=True):
        structure.is_changed = structure.is_changed or structure.entries is not view
        structure.entries = view
    for array, writes in zip(arrays_in(arguments), summary.writes, strict=True):
        array.writes = writes
    for fact in summary.facts:
        path.assume(fact)
    path.steps += [replace(step, call=path.call) for step in summary.steps]
    for quantified in summary.quantified:
        path.assume(quantified)
    for term in summary.index_terms:
        path.index_term(term)
    for term in summary.array_terms:
        path.array_term(term)
    return summary.verdict


def possible_ones(
    path: Path, summaries: Sequence[PathSummary], group: list[int], known: int
) -> list[int]:
    """Those of a group of summaries that some input of this path takes.

    The first facts of all of them are the same, and so many of these are known already. What paths
    of `process` have in common is found out once.
    """
    facts = [summaries[k].facts[known:] for k in group]
    common = 0
    for step in zip(*facts, strict=False):
        if any(fact is not step[0] for fact in step):
            break
        common += 1
    with path.scope():
        try:
            for fact in facts[0][:common]:
                path.assume(fact)
        except PathEnds:
            return []
        if not path.may_hold():
            return []
        if len(group) == 1:
            return group
        ways: dict[Formula | None, list[int]] = {}
        for k, left in zip(group, facts, strict=True):
            ways.setdefault(left[common] if len(left) > common else None, []).append(k)
        if len(ways) == 1:
            return group
        return [
            k for way in ways.values() for k in possible_ones(path, summaries, way, known + common)
        ]


def structures_in(nf: Value) -> list[Structure]:
    return [part for part in mutable_parts(nf) if isinstance(part, Structure)]


def arrays_in(arguments: Sequence[Value]) -> list[Array]:
    parts = [part for argument in arguments for part in mutable_parts(argument)]
    return [part for part in parts if isinstance(part, Array)]
