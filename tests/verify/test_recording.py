"""What was evaluated once is known again only where an evaluation would see the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path as File

import pytest

from verify.integers import Int
from verify.machine import Machine
from verify.path import Path
from verify.prepare import prepare
from verify.recording import Outcomes
from verify.source import Site
from verify.values import Bool, Quantified


def is_small(path: Path, number: Int) -> Bool:
    return path.less(number, Int(10))


class Counted:
    """An evaluation on a path, and how often it was made."""

    def __init__(self) -> None:
        self.path = Path()
        self.number = self.path.fresh_named("number", 0, 100)
        self.outcomes: Outcomes[Bool] = Outcomes()
        self.made = 0

    def evaluate(self, path: Path) -> Bool:
        def made() -> Bool:
            self.made += 1
            return is_small(path, self.number)

        return path.recall(self.outcomes, made)


def test_it_is_made_once_where_the_same_is_known() -> None:
    counted = Counted()
    first = counted.evaluate(counted.path)
    assert counted.evaluate(counted.path) is first
    assert counted.evaluate(Path()) is first
    assert counted.made == 1


def test_it_is_made_again_where_more_is_known() -> None:
    counted = Counted()
    path = counted.path
    assert not isinstance(counted.evaluate(path), bool)
    with path.scope():
        path.assume(path.less(counted.number, Int(5)))
        assert counted.evaluate(path) is True
    assert not isinstance(counted.evaluate(path), bool)
    assert counted.made == 2


def test_it_is_made_again_where_a_truth_is_known() -> None:
    path, outcomes = Path(), Outcomes[str]()
    a, b = (path.fresh_named(name, 0, 100) for name in "ab")
    fact = path.less(a.times(2), b)
    assert not isinstance(fact, bool)

    def evaluate() -> str:
        return str(path.known_truth(fact))

    assert path.recall(outcomes, evaluate) == "None"
    path.assume(fact)
    assert path.recall(outcomes, evaluate) == "True"


def test_what_it_looked_at_is_noted_on_the_other_path_too() -> None:
    outcomes: Outcomes[Bool] = Outcomes()
    relied: list[object] = []
    function = prepare("nop").verification.nf.process

    def evaluate(path: Path) -> Bool:
        element = path.element("cells", Int(3), 0, 9)
        path.index_term(element)
        path.array_term(Int(3))
        path.rely_on(function)
        return path.less(element, Int(5))

    for path in (Path(), Path()):
        path.note_reliance = relied.append
        path.recall(outcomes, partial(evaluate, path))
        assert [term.key for term in path.index_terms] == [path.element("cells", Int(3), 0, 9).key]
        assert [term.constant for term in path.array_terms] == [3]
        assert len(path.facts) == 1  # the range of the element
    assert relied == [function, function]
    assert len(outcomes.known) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda path, number: path.assume(path.less(number, Int(50))),
        lambda path, number: path.fresh("other", 0, 1),
        lambda path, number: path.choose(),
        lambda path, number: path.may_hold(),
        lambda path, number: path.branch(path.less(number, Int(50)), Site(File("none"), 1), ""),
    ],
)
def test_what_changes_the_path_is_not_left_out(change: Callable[[Path, Int], object]) -> None:
    counted = Counted()
    path = counted.path
    path.recall(counted.outcomes, lambda: bool(change(path, counted.number)))
    assert counted.outcomes.known == []


def test_a_change_in_a_part_is_a_change_of_the_whole() -> None:
    path, inner, outer = Path(), Outcomes[int](), Outcomes[int]()

    def part() -> int:
        path.fresh("other", 0, 1)
        return 1

    path.recall(outer, lambda: path.recall(inner, part))
    assert outer.known == []


def test_what_a_part_looked_up_counts_for_the_whole_even_if_it_was_known_before() -> None:
    counted, whole = Counted(), Outcomes[Bool]()
    path = counted.path
    counted.evaluate(path)
    path.recall(whole, lambda: counted.evaluate(path))
    path.assume(path.less(counted.number, Int(5)))
    assert path.recall(whole, lambda: counted.evaluate(path)) is True


def test_a_statement_gives_on_each_path_what_is_known_there() -> None:
    path = Path()
    statement = Quantified(1, lambda at, terms: is_small(at, terms[0]), lambda at, terms: True)
    number = path.fresh_named("number", 0, 100)
    with path.scope():
        path.assume(path.less(Int(20), number))
        assert path.instance(statement, [number]) is False
    assert path.instance(statement, [number]) not in (True, False)


def test_all_is_found_that_is_found_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[object]:
        prover = prepare("bridge", "known_sources_are_refreshed")
        results = [prover.process(), *map(prover.spec, prover.specs)]
        return [(r.name, r.verdict, r.paths, r.obligations, r.relied) for r in results]

    with_it = found()
    monkeypatch.setattr(Outcomes, "keep", lambda *_: None)
    assert found() == with_it
    monkeypatch.setattr(Machine, "recalled", lambda machine, function, arguments, make: make())
    assert found() == with_it
