"""Proof files hold under random calls; each wrong line in one, or in a structure, is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from libvig import hash_key
from libvig.proof.rehearsal import Failure, Outcome, rehearse
from libvig.proof.rehearsal.arrays import StrictArray
from libvig.proof.rehearsal.copies import source_file
from tests.edits import edited_text

CHAIN = "libvig.double_chain"
CHECKSUM = "libvig.packet.checksum"


def source(module: str) -> str:
    file = source_file(module)
    assert file is not None
    return file.read_text()


def rehearse_edited(tmp_path: Path, module: str, edited: str, old: str, new: str) -> Outcome:
    """Rehearse with one text in place of another in the file `edited`."""
    file = tmp_path / "edited.py"
    file.write_text(edited_text(edited, (old, new)))
    return rehearse(module, steps=2000, sources={edited: file})


def failure(outcome: Outcome) -> Failure:
    assert outcome.failure is not None, "nothing was found"
    return outcome.failure


def line_of(found: Failure) -> str:
    """The line that a failure points at; for a predicate, its `def`."""
    lines = Path(found.file).read_text().splitlines()[found.line - 1 :]
    return next(line for line in lines if not line.strip().startswith("@")).strip()


@pytest.mark.parametrize(
    "module",
    [
        CHAIN,
        CHECKSUM,
        "libvig.flow_table",
        "libvig.hash_map",
        "libvig.key_table",
        "libvig.port_allocator",
    ],
)
def test_proof_files_hold(module: str) -> None:
    outcome = rehearse(module, steps=2000)
    assert outcome.failure is None, str(outcome.failure)
    assert outcome.untried == ()
    assert outcome.calls > 900
    assert outcome.checks > 900


@pytest.mark.parametrize("module", ["libvig.flow_table", "libvig.hash_map"])
def test_a_seed_decides_everything(module: str) -> None:
    assert rehearse(module, steps=40, seed=3) == rehearse(module, steps=40, seed=3)


def test_the_key_of_hashes_is_not_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether keys collide, and so what a few calls get to see, would depend on it."""
    monkeypatch.setattr(hash_key, "_key", lambda: (1, 2))
    before = rehearse("libvig.hash_map", steps=40)
    monkeypatch.setattr(hash_key, "_key", lambda: (3, 4))
    assert rehearse("libvig.hash_map", steps=40) == before


def test_a_wrong_predicate_is_found_with_a_counterexample(tmp_path: Path) -> None:
    found = failure(
        rehearse_edited(
            tmp_path,
            CHAIN,
            "libvig.proof.double_chain",
            "self.rank[cell] < self.rank[self.next[cell]]",
            "self.rank[self.next[cell]] < self.rank[cell]",
        )
    )
    assert found.reason == "`ranks_rise` does not hold after allocate"
    assert line_of(found) == "def ranks_rise(self) -> bool:"
    assert {*found.values} == {"cell"}
    assert found.calls[0].startswith("chain = new_double_chain(capacity=")
    assert found.calls[-1].startswith("chain.allocate(now=")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("self.rank[index] = self.latest", "self.rank[index] = 0", "`ranks_rise` does not"),
        ("self.rank = [-cell if cell < capacity else 0", "self.rank = [0", "`free_ranks_fall` doe"),
        ("self.pushed = 0", "pass", "no attribute 'pushed'"),
        ("self.latest += 1", "self.stamp[index] = 1", "changes nothing but its ghosts"),
        ("self.latest += 1", "self.latest += 1; self.stamp = 1", "`stamp` is none"),
        ("self.latest += 1", "self.touch(index, 99)", "this writes to an array"),
        ("self.latest += 1", "self.rank.append(0)", "keeps its length"),
        ("self.latest += 1", "self.rank[-1] = 0", "index -1 of"),
        ("self.latest += 1", "self.latest = True", "declared `int`, and set to True"),
        ("return len(self.stamp) + 1", "self.latest = 0; return 1", "in ghost steps only"),
        ("return range(len(self.stamp))", "return range(-1, len(self.stamp))", "index -1 of"),
    ],
)
def test_a_wrong_ghost_step_is_found(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found = failure(rehearse_edited(tmp_path, CHAIN, "libvig.proof.double_chain", old, new))
    assert reason in found.reason


@pytest.mark.parametrize(
    ("old", "new", "predicate"),
    [
        ("<= total <= 0xFFFF", "<= total < 0xFFFF", "sum_is_one_word"),
        ("return at <= stop", "return at < stop", "within_the_region"),  # but not when it is over
    ],
)
def test_a_wrong_predicate_of_a_loop_is_found(
    tmp_path: Path, old: str, new: str, predicate: str
) -> None:
    found = failure(rehearse_edited(tmp_path, CHECKSUM, "libvig.proof.checksum", old, new))
    assert found.reason == f"`{predicate}` does not hold at a loop of internet_checksum"
    assert found.calls[-1].startswith("internet_checksum(data=[")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("self.next[last] = index", "self.next[last] = head", "next_then_prev"),
        ("self.prev[after] = before", "self.prev[before] = after", "next_then_prev"),
        ("self.next[index] = self.next[free]", "self.next[index] = free", "none_between_free"),
        ("self.stamp[index] >= limit", "self.stamp[index] > limit", "contract: "),
        ("index = int(self.next[free])", "index = int(self.prev[free])", "index -1 of"),
        ("next[capacity + 1] = 0", "next[capacity + 1] = 1", "free_stays_free"),
        ("next[capacity + 1] = 0", "next[capacity + 1] = None", "TypeError: "),
    ],
)
def test_a_wrong_structure_is_found(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found = failure(rehearse_edited(tmp_path, CHAIN, CHAIN, old, new))
    assert reason in found.reason


def test_a_time_that_may_fall_is_found(tmp_path: Path) -> None:
    required = """    @require(lambda self, now: all(time <= now for time in self.entries.values()))
    @ensure(lambda self, index, now, OLD"""
    may_fall = "    @ensure(lambda self, index, now, OLD"
    found = failure(rehearse_edited(tmp_path, CHAIN, CHAIN, required, may_fall))
    assert found.reason == "`times_rise` does not hold after touch"


def test_what_is_too_long_to_try_is_no_simpler_call(tmp_path: Path) -> None:
    edit = ("1 <= capacity <= MAX_CAPACITY", "1 <= capacity < MAX_CAPACITY")
    found = failure(rehearse_edited(tmp_path, "libvig.vector", "libvig.vector", *edit))
    assert found.reason == "contract: 1 <= capacity < MAX_CAPACITY"


def test_strict_arrays_have_no_elements_beside_them() -> None:
    array = np.arange(4).view(StrictArray)
    array[:2] = np.arange(2, 4)
    array[4:] = 9
    assert (array.tolist(), array[3], array[1:3].tolist()) == ([2, 3, 2, 3], 3, [3, 2])
    for beside in (-1, 4, slice(5), slice(-1, None), slice(0, -1)):
        with pytest.raises(IndexError):
            array[beside]
        with pytest.raises(IndexError):
            array[beside] = 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (">= self._distance(gap, at)", "> self._distance(gap, at)", "searches_behind_meet_no_gap"),
        ("                gap = at", "                pass", "slots_refer_to_others"),
        ("self._tag(hash) + index, index, key)", "index, index, key)", "keys_have_slots"),
        ("hash & (0x7FFFFFFF - self._index_mask())", "hash & 0x7FFFFFFF", "slots_refer_to_keys"),
        ("np.full(2 * half", "np.full(half", "slots_are_a_power_of_two"),
    ],
)
def test_a_wrong_hash_map_is_found(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found = failure(rehearse_edited(tmp_path, "libvig.hash_map", "libvig.hash_map", old, new))
    assert f"`{reason}` does not hold" in found.reason


COUNTER = '''
from typing import NamedTuple
import numpy as np
from libvig.contracts import ensure, require, view
from libvig.types import I64

class Counter(NamedTuple):
    counts: I64

    @view
    def entries(self) -> dict[int, int]:
        """How often each index was counted."""
        return {i: int(self.counts[i]) for i in range(len(self.counts))}

    @require(lambda self, index: index in self.entries)
    @ensure(lambda self, index, OLD: self.entries == OLD.entries | {index: OLD.entries[index] + 1})
    def count(self, index: int) -> None:
        self.counts[index] += 1

    @ensure(lambda self, result: result == sum(self.entries.values()))
    def total(self) -> int:
        total = 0
        at = len(self.counts)
        while at > 0:
            at = at - 1
            total += int(self.counts[at])
        return total

@require(lambda size: size > 0)
def new_counter(size: int) -> Counter:
    return Counter(np.zeros(size, np.int64))
'''

COUNTER_PROOF = """
from counter import Counter, new_counter
from libvig.contracts import ensure, require
from libvig.proof.notation import about, after, always, decreases, initially, loop

@about
class Known(Counter):
    calls: int

    @initially(new_counter)
    def none_yet(self, size: int) -> None:
        self.calls = 0

    @after(Counter.count)
    def one_more(self) -> None:
        self.calls += 1

    @always
    @loop(Counter.total)
    def at_most_all(self) -> bool:
        return all(self.counts[i] <= self.calls for i in range(len(self.counts)))

    @loop(Counter.total)
    def sum_so_far(self, at: int, total: int, OLD: Counter) -> bool:
        return 0 <= at <= len(self.counts) and 0 <= total and self.entries == OLD.entries

    @decreases(Counter.total)
    def to_go(self, at: int) -> int:
        return at

@require(lambda counter, index: index in counter.entries)
@ensure(lambda counter, result: result < counter.calls)
def a_count_was_not_counted_before(counter: Known, index: int) -> int:
    before = counter.total()
    counter.count(index)
    return before
"""


def rehearse_counter(tmp_path: Path, code: str = COUNTER, proof: str = COUNTER_PROOF) -> Outcome:
    sources = {"counter": tmp_path / "counter.py", "libvig.proof.counter": tmp_path / "proof.py"}
    sources["counter"].write_text(code)
    sources["libvig.proof.counter"].write_text(proof)
    return rehearse("counter", steps=60, sources=sources)


def test_a_structure_with_a_loop_holds(tmp_path: Path) -> None:
    outcome = rehearse_counter(tmp_path)
    assert outcome.failure is None, str(outcome.failure)
    assert outcome.untried == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("return at\n", "return 1\n", "`to_go` does not fall at a loop of Counter.total: 1, then"),
        ("return at\n", "return at - 1 - at\n", "`to_go` is -1 at a loop of Counter.total"),
        (
            "0 <= at <= len",
            "0 < at <= len",
            "`sum_so_far` does not hold at a loop of Counter.total",
        ),
        ("total: int, OLD", "sum: int, OLD", "`sum` is not known there"),
        ("= OLD.entries", "= OLD.total()", "`sum_so_far` does not hold"),
        (
            "result < counter.calls",
            "result < counter.calls - 1",
            "contract: result < counter.calls",
        ),
        ("= counter.total()", "= counter.counts[index + 1]", "IndexError: index "),
        ("calls += 1", "calls += 0", "`at_most_all` does not hold after count"),
    ],
)
def test_a_wrong_proof_of_a_loop_is_found(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert COUNTER_PROOF.count(old) == 1
    found = failure(rehearse_counter(tmp_path, proof=COUNTER_PROOF.replace(old, new)))
    assert reason in found.reason
    assert found.file == str(tmp_path / "proof.py") or "is not known" in reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("at = at - 1", "pass", "elements, in `total += int("),
        ("+= int(self.counts[at])", "+= 0 * at; at += 1", "does not fall"),
        ("at = at - 1", "at = at - 1 - len(self.counts)", "IndexError: index -1 of"),
        ("at = len(self.counts)", "at = len(self.counts) - 1", "contract: result == sum("),
        ("self.counts[index] += 1", "self.counts[index] += 2", "contract: self.entries == OLD"),
    ],
)
def test_a_wrong_structure_with_a_loop_is_found(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    found = failure(rehearse_counter(tmp_path, code=COUNTER.replace(old, new)))
    assert reason in found.reason


def test_without_a_proof_file_contracts_are_tried(tmp_path: Path) -> None:
    file = tmp_path / "plain.py"
    file.write_text(COUNTER)
    assert rehearse("plain", sources={"plain": file}).failure is None
    file.write_text(COUNTER.replace("+= 1", "+= 2"))
    found = failure(rehearse("plain", sources={"plain": file}))
    assert found.reason.startswith("contract: self.entries == OLD")
    assert line_of(found).startswith("@ensure") or "count" in str(found)
    assert "counter.count(index=" in str(found)


def test_a_loop_that_does_not_end_is_found(tmp_path: Path) -> None:
    file = tmp_path / "plain.py"
    file.write_text(COUNTER.replace("while at > 0", "while at >= 0 * total").replace("- 1", "* 0"))
    found = failure(rehearse("plain", sources={"plain": file}))
    assert "it does not end" in found.reason


def test_what_uses_an_edited_module_uses_the_edited_one(tmp_path: Path) -> None:
    found = failure(
        rehearse_edited(tmp_path, "libvig.flow_table", CHAIN, "self.prev[after] = before", "pass")
    )
    assert "edited.py" in found.file
