"""TokenBuckets against fractions of bytes and seconds."""

import runpy
from fractions import Fraction
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, NamedTuple

import icontract
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from numba import njit

from libvig import token_bucket
from libvig.compile import compiled_class
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.proof.token_bucket import (
    at_least_one_packet_has_come,
    bytes_passed,
    passed_and_left_are_bounded,
    time_is_not_negative,
)
from libvig.token_bucket import (
    BYTE,
    MAX_BURST,
    MAX_RATE,
    TokenBuckets,
    filled,
    level_at,
    new_token_buckets,
)
from libvig.types import I64, MAX_TIME
from tests.libvig.native_code import assert_same_in_both_worlds, calls_in, compiled_version

SECOND = 10**9
LATEST = 2**63 - 1  # later than any time of an NF's

RATES = st.one_of(st.integers(1, 9), st.integers(1, MAX_RATE), st.just(MAX_RATE))
BURSTS = st.one_of(st.integers(1, 9), st.integers(1, MAX_BURST), st.just(MAX_BURST))
SIZES = st.one_of(st.integers(0, 9), st.integers(0, MAX_BURST))
DELAYS = st.one_of(st.integers(0, 9), st.integers(0, 20 * SECOND), st.integers(0, MAX_TIME // 50))

# Rate and burst: the ordinary, where a nanosecond brings more than a byte, and the extremes.
PROFILES = [
    (125_000, 1500),
    (3 * 10**9 + 7, 9000),
    (1, 1),
    (MAX_RATE, 1),
    (1, MAX_BURST),
    (MAX_RATE, MAX_BURST),
]


class Passed(NamedTuple):
    """A packet that passed."""

    time: int
    size: int


class BucketsAndModel(RuleBasedStateMachine):
    """Random operations: the buckets do what the fractions do, with every contract on."""

    @initialize(capacity=st.integers(1, 3), rate=RATES, burst=BURSTS)
    def begin(self, capacity: int, rate: int, burst: int) -> None:
        self.buckets = new_token_buckets(capacity, rate, burst)
        self.model = [(Fraction(burst), 0)] * capacity
        self.passed: list[list[Passed]] = [[] for _ in range(capacity)]
        self.now = 0

    def draw_index(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.model) - 1))

    def level(self, index: int) -> Fraction:
        """Bytes that a bucket holds now."""
        level, time = self.model[index]
        seconds = Fraction(self.now - time, SECOND)
        return min(Fraction(self.buckets.burst), level + self.buckets.rate * seconds)

    @rule(later=DELAYS)
    def wait(self, later: int) -> None:
        self.now = min(self.now + later, LATEST)

    @rule(data=st.data())
    def wait_for_a_full_bucket(self, data: st.DataObject) -> None:
        near = data.draw(st.integers(-2, 2))
        self.now = min(self.now + max(self.buckets.fill_time + near, 0), LATEST)

    @rule(data=st.data(), size=SIZES)
    def take(self, data: st.DataObject, size: int) -> None:
        self.packet(self.draw_index(data), size)

    @rule(data=st.data(), more=st.integers(-1, 1))
    def take_all(self, data: st.DataObject, more: int) -> None:
        index = self.draw_index(data)
        self.packet(index, min(max(int(self.level(index)) + more, 0), MAX_BURST))

    def packet(self, index: int, size: int) -> None:
        level = self.level(index)
        conforms = size <= level
        elapsed = self.now - self.model[index][1]
        assert self.buckets.take(index, size, elapsed) == conforms
        self.model[index] = (level - size if conforms else level), self.now
        if conforms:
            self.passed[index].append(Passed(self.now, size))

    @rule(data=st.data())
    def reset(self, data: st.DataObject) -> None:
        index = self.draw_index(data)
        self.buckets.reset(index)
        self.model[index] = Fraction(self.buckets.burst), self.now
        self.passed[index] = []

    @invariant()
    def same_entries(self) -> None:
        if hasattr(self, "buckets"):
            entries = self.buckets.entries.items()
            levels = [level for level, _ in self.model]
            assert {i: Fraction(level, BYTE) for i, level in entries} == dict(enumerate(levels))

    def teardown(self) -> None:
        """In no interval did more pass than a burst and rate × time."""
        for passed in self.passed if hasattr(self, "passed") else []:
            for first, last in combinations_with_replacement(range(len(passed)), 2):
                seconds = Fraction(passed[last].time - passed[first].time, SECOND)
                total = sum(packet.size for packet in passed[first : last + 1])
                assert total <= self.buckets.burst + self.buckets.rate * seconds


TestBucketsAndModel = BucketsAndModel.TestCase
TestBucketsAndModel.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


@settings(max_examples=60, deadline=None)
@given(
    rate=RATES,
    burst=BURSTS,
    packets=st.lists(st.tuples(SIZES, DELAYS), min_size=1, max_size=9),
    taken=SIZES,
    idle=DELAYS,
)
def test_no_interval_lets_more_pass(
    rate: int, burst: int, packets: list[tuple[int, int]], taken: int, idle: int
) -> None:
    """The theorem of the proof file on examples, and what it says of each turn of its loop."""
    sizes, delays = np.array(packets, np.int64).T
    times = delays.cumsum()
    for at in range(1, len(times) + 1):
        buckets = new_token_buckets(2, rate, burst)
        buckets.take(1, taken, 0)
        passed = bytes_passed(buckets, 1, idle, sizes[:at], times[:at])
        assert at_least_one_packet_has_come(times, at)
        assert time_is_not_negative(times, at)
        assert passed_and_left_are_bounded(buckets, 1, times, at, passed)


def test_a_burst_and_then_the_rate_is_what_passes_at_most() -> None:
    buckets = new_token_buckets(1, 100, 1000)
    sizes = np.array([1000, 1, 150, 50, 100])
    times = np.array([7, 7, 7 + SECOND, 7 + SECOND, 7 + 2 * SECOND])
    assert bytes_passed(buckets, 0, 0, sizes, times) == 1000 + 50 + 100
    assert buckets.entries[0] == 50 * BYTE


def run(buckets: TokenBuckets, operations: I64, results: I64) -> None:
    """Perform rows of (what, index, size, elapsed)."""
    for row in range(len(operations)):
        what, index = operations[row, 0], operations[row, 1]
        size, elapsed = int(operations[row, 2]), int(operations[row, 3])
        if what == 0:
            buckets.reset(index)
        else:
            results[row] = buckets.take(index, size, elapsed)


def some_operations(capacity: int, rate: int, burst: int) -> I64:
    """Packets that come at once, or about as fast as buckets fill, or very late."""
    random = np.random.default_rng(capacity)
    fill_time = new_token_buckets(1, rate, burst).fill_time
    operations = random.integers([0, 0, 0, 0], [9, capacity, burst + 1, 1], (200, 4))
    delays = [min(delay, LATEST) for delay in (0, 1, fill_time // 3, 2 * fill_time)]
    operations[:, 3] = random.choice(delays, 200)
    operations[-2:, 3] = MAX_TIME, LATEST
    return operations


@pytest.mark.parametrize(("rate", "burst"), PROFILES)
def test_native_code_does_the_same(rate: int, burst: int) -> None:
    operations = some_operations(3, rate, burst)
    assert_same_in_both_worlds(run, lambda: new_token_buckets(3, rate, burst), operations)


@compiled_class
class Policer(NamedTuple):
    """A structure among the fields of an NF."""

    buckets: TokenBuckets

    def process(self, destination: int, size: int, elapsed: int) -> int:
        return 1 if self.buckets.take(destination, size, elapsed) else -1


def police(policer: Policer, destination: int, size: int, elapsed: int) -> int:
    return policer.process(destination, size, elapsed)


def test_a_network_function_keeps_buckets() -> None:
    native = njit(**NATIVE_OPTIONS)(police)
    for version in (police, native):
        policer = Policer(new_token_buckets(4, 1000, 1500))
        verdicts = [version(policer, 2, 900, elapsed) for elapsed in (0, 1, SECOND - 1)]
        assert verdicts == [1, -1, 1]
    assert calls_in(native) == set()


def test_native_code_is_one_piece() -> None:
    native = compiled_version(run)
    native(new_token_buckets(1, 1, 1), np.zeros((1, 4), np.int64), np.zeros(1, np.int64))
    assert calls_in(native) == set()


def test_buckets_are_full_at_first() -> None:
    buckets = new_token_buckets(2, 10, 100)
    assert buckets.entries == {0: 100 * BYTE, 1: 100 * BYTE}
    assert (buckets.rate, buckets.burst, buckets.capacity) == (10, 100, 2)


def test_a_byte_comes_at_its_nanosecond() -> None:
    buckets = new_token_buckets(1, 10, 100)
    assert buckets.take(0, 100, 5)
    assert not buckets.take(0, 1, SECOND // 10 - 1)
    assert buckets.take(0, 1, 1)


def test_parts_of_bytes_add_up_however_often_they_are_asked_for() -> None:
    buckets = new_token_buckets(1, 3, 2)
    assert buckets.take(0, 2, 0)
    asked = [SECOND // 999] * 333
    assert not any(buckets.take(0, 1, elapsed) for elapsed in asked)
    assert buckets.take(0, 1, SECOND // 3 + 1 - sum(asked))
    assert buckets.entries[0] == 2  # 2/3 ns more than it takes, at 3 bytes a second


def test_a_packet_in_excess_takes_nothing() -> None:
    buckets = new_token_buckets(1, 1, 100)
    assert not buckets.take(0, 101, 0)
    assert buckets.take(0, 100, 0)


def test_each_index_has_a_bucket_of_its_own() -> None:
    buckets = new_token_buckets(3, 1, 100)
    assert buckets.take(1, 100, 9)
    assert buckets.entries == {0: 100 * BYTE, 1: 0, 2: 100 * BYTE}


def test_a_bucket_is_full_after_a_reset() -> None:
    buckets = new_token_buckets(2, 1, 100)
    assert buckets.take(1, 100, 9)
    buckets.reset(1)
    assert buckets.entries == {0: 100 * BYTE, 1: 100 * BYTE}


@pytest.mark.parametrize(("rate", "burst"), PROFILES)
def test_a_bucket_is_full_after_its_fill_time_and_not_before(rate: int, burst: int) -> None:
    buckets = new_token_buckets(1, rate, burst)
    assert buckets.take(0, burst, 0)
    assert not buckets.take(0, burst, buckets.fill_time - 1)
    assert buckets.take(0, burst, 1)
    assert buckets.take(0, burst, buckets.fill_time)


@pytest.mark.parametrize(("rate", "burst"), PROFILES)
def test_no_time_is_too_long(rate: int, burst: int) -> None:
    buckets = new_token_buckets(1, rate, burst)
    assert buckets.take(0, burst, 0)
    assert buckets.take(0, burst, LATEST) == (LATEST * rate >= burst * BYTE)
    assert not buckets.take(0, burst, 0)


def test_nothing_always_passes() -> None:
    buckets = new_token_buckets(1, 1, 1)
    assert buckets.take(0, 1, 0)
    assert buckets.take(0, 0, 0)
    assert not buckets.take(0, 1, 0)


@pytest.mark.parametrize(("rate", "burst"), PROFILES)
def test_no_intermediate_value_is_too_large(rate: int, burst: int) -> None:
    """What native code computes just before a bucket is full, and the largest sum of all."""
    full, fill_time = burst * BYTE, new_token_buckets(1, rate, burst).fill_time
    assert 0 <= (fill_time - 1) * rate < full < 2**63 - full
    for level in (0, 1, full - 1, full):
        for elapsed in (0, fill_time - 1, fill_time, LATEST):
            expected = level_at(level, elapsed, rate, burst)
            assert filled(level, elapsed, rate, full, fill_time) == expected


@pytest.mark.parametrize(
    "misuse",
    [
        lambda buckets: buckets.take(-1, 1, 10),
        lambda buckets: buckets.take(2, 1, 10),
        lambda buckets: buckets.take(0, -1, 10),
        lambda buckets: buckets.take(0, MAX_BURST + 1, 10),
        lambda buckets: buckets.take(1, 1, -1),
        lambda buckets: buckets.reset(-1),
        lambda buckets: buckets.reset(2),
        lambda _: new_token_buckets(0, 1, 1),
        lambda _: new_token_buckets(2**30 + 1, 1, 1),
        lambda _: new_token_buckets(1, 0, 1),
        lambda _: new_token_buckets(1, MAX_RATE + 1, 1),
        lambda _: new_token_buckets(1, 1, 0),
        lambda _: new_token_buckets(1, 1, MAX_BURST + 1),
    ],
)
def test_misuse_is_refused(misuse: Any) -> None:
    buckets = new_token_buckets(2, 5, 100)
    buckets.take(0, 30, 10)
    with pytest.raises(icontract.ViolationError):
        misuse(buckets)
    assert buckets.entries == {0: 70 * BYTE, 1: 100 * BYTE}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("return min(full, level + elapsed * rate)", "return level + elapsed * rate"),
        ("return min(full, level + elapsed * rate)", "return min(full, elapsed * rate)"),
        ("if elapsed >= fill_time:", "if elapsed >= fill_time - 1:"),
        ("if elapsed >= fill_time:", "if level > 0:"),
        ("conforms = size * BYTE <= level", "conforms = size * BYTE < level"),
        ("conforms = size * BYTE <= level", "conforms = True"),
        ("level - size * BYTE if conforms else level", "level"),
        ("level - size * BYTE if conforms else level", "level - size * BYTE"),
        ("level - size * BYTE if conforms else level", "max(level - size * BYTE, 0)"),
        ("self.level[index] = level - size", "self.level[0] = level - size"),
        ("self.level[index] = self.burst * BYTE", "pass"),
        ("self.level[index] = self.burst * BYTE", "self.level[index] = self.burst"),
        ("self.level[index] = self.burst * BYTE", "self.level[:] = self.burst * BYTE"),
        ("(full - 1) // rate + 1", "full // rate"),
        ("(full - 1) // rate + 1", "full // rate + 1"),
        ("np.full(capacity, full,", "np.full(capacity, burst,"),
        ("np.full(capacity, full,", "np.full(capacity - 1, full,"),
    ],
)
def test_contracts_refuse_wrong_buckets(tmp_path: Path, right: str, wrong: str) -> None:
    text = Path(token_bucket.__file__).read_text()
    assert text.count(right) == 1
    (tmp_path / "wrong.py").write_text(text.replace(right, wrong))
    names = runpy.run_path(str(tmp_path / "wrong.py"))
    with pytest.raises(icontract.ViolationError):
        for rate in (3, 10):
            use(names["new_token_buckets"](2, rate, 100))


def use(buckets: TokenBuckets) -> None:
    """Take what there is, what is not there, and what comes; then reset."""
    fill_time = buckets.fill_time
    for size, elapsed in ((90, 5), (20, 1), (10, 0), (1, 1), (100, fill_time - 2), (9, 1)):
        buckets.take(1, size, elapsed)
    for size, elapsed in ((100, 5), (0, fill_time - 1), (100, fill_time)):
        buckets.take(0, size, elapsed)
    buckets.reset(1)
