"""What looks ahead makes no other difference than one of speed, and finds what will be needed."""

from __future__ import annotations

import inspect
from random import Random

import numpy as np
import pytest

from libvig.hash_map import Key
from libvig.io.loop import CLOSE, FAR, HINTS, NEAR, process_ahead
from libvig.key_table import HALF, NO_HINT, KeyTable, new_key_table
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.primitives import expect, expected
from libvig.rows import Block
from libvig.settings import device_names, make_config, read_settings
from tests.benchmarks.hostile import Hostile
from tests.benchmarks.test_c_baseline import SETTINGS
from tests.libvig.native_code import arrays_of
from verify.bench.baseline import check_same
from verify.bench.scenarios import SCENARIOS
from verify.bench.subjects import Ours
from verify.check import copy_of
from verify.native_loop import can_look_ahead, is_to_look_ahead
from verify.registry import find, new_nf

FLOWS = 40
TIMEOUT = 1_000_000
LOOKING = sorted(set(SCENARIOS) - {"nop"})


def config_of(name: str, flows: int = FLOWS) -> object:
    scenario = SCENARIOS[name]()
    scenario.fixed = ()
    given = [*scenario.assignments(flows, TIMEOUT), *SETTINGS[name], "devices=lan,wan,guests"]
    settings = read_settings(None, given)
    return make_config(find(name).config_class, settings, device_names(settings, 0))


@pytest.mark.parametrize("name", LOOKING)
@pytest.mark.parametrize("count", [1, 5, 3000])
def test_packets_verdicts_and_tables_are_the_same(name: str, count: int) -> None:
    ahead, plain = (Ours(find(name), config_of(name), ahead=ahead) for ahead in (True, False))
    hostile = Hostile(SCENARIOS[name](), 2 * FLOWS, TIMEOUT, Random(name))
    for _ in range(6):
        one = hostile.trace(count)
        other = copy_of(one)
        ahead.run(one)
        plain.run(other)
        check_same(name, one, other, "plain")
        hostile.learn(one)
    pairs = zip(arrays_of(ahead.nf), arrays_of(plain.nf), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("name", LOOKING)
def test_in_one_block_they_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    apart = Ours(find(name), config_of(name), ahead=True)
    monkeypatch.setattr("verify.registry.CACHED", 0)
    blocks = [Ours(find(name), config_of(name), ahead=ahead) for ahead in (True, False)]
    hostile = Hostile(SCENARIOS[name](), 2 * FLOWS, TIMEOUT, Random(name))
    for _ in range(6):
        one = hostile.trace(3000)
        copies = [copy_of(one) for _ in blocks]
        apart.run(one)
        for block, copy in zip(blocks, copies, strict=True):
            block.run(copy)
            check_same(name, one, copy, "plain")
        hostile.learn(one)
    for block in blocks:
        assert any(isinstance(array.base, Block) for array in arrays_of(block.nf))
        pairs = zip(arrays_of(apart.nf), arrays_of(block.nf), strict=True)
        assert all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("name", LOOKING)
def test_each_packet_is_looked_at_once_ahead_and_then_closer_and_closest(name: str) -> None:
    nf = new_nf(find(name), config_of(name))
    trace = Hostile(SCENARIOS[name](), 2 * FLOWS, TIMEOUT, Random(name)).trace(30)
    seen: list[tuple[str, int]] = []

    class Seen:
        def look_ahead(self, packet: object) -> int:
            seen.append(("ahead", len(seen)))
            return nf.look_ahead(packet) if len(seen) % 2 else NO_HINT

        def look_closer(self, hint: int) -> int:
            seen.append(("closer", hint))
            nf.look_closer(hint)
            return len(seen)

        def look_closest(self, hint: int) -> None:
            seen.append(("closest", hint))
            nf.look_closest(hint)

        def process(self, packet: object, now: int) -> int:
            seen.append(("process", now))
            told.append(expected())
            return 7

    told: list[int] = []
    process_ahead(Seen(), trace, 4, 26, np.zeros(HINTS, np.int64))
    expect(NO_HINT)
    words = [word for word, _ in seen]
    assert [words.count(word) for word in ("ahead", "process")] == [22] * 2
    # Before the first packet's turn, there are hints of none.
    assert told == [hint for word, hint in seen if word == "closest"][FAR - CLOSE :][:22]
    assert told == [n for n, word in enumerate(words, 1) if word == "closer"][FAR - NEAR :][:22]
    assert [now for word, now in seen if word == "process"] == trace.time[4:26].tolist()
    assert words.index("process") > words.index("closer") > words.index("ahead")
    assert (trace.verdict[4:26] == 7).all() and (trace.verdict[26:] != 7).all()


def test_the_hint_leads_to_the_key() -> None:
    table = new_key_table(64)
    keys = [Key(number, 5) for number in range(58)]
    for key in keys:
        table.add(key, 0)
    right = [table.look_closer(table.look_ahead(key)) == table.find(key) for key in keys]
    assert sum(right) > len(keys) * 9 // 10  # another key may have the same tag


def test_what_is_expected_is_found_only_if_it_is_right() -> None:
    table = new_key_table(4)
    keys = [Key(number, 5) for number in range(3)]
    for key in keys:
        table.add(key, 0)
    try:
        for hint in (NO_HINT, 0, 1, 2, 3, HALF * 2 + 1, HALF - 1, -(2**63), 2**63 - 1):
            expect(hint)
            assert [table.find(key) for key in keys] == [0, 1, 2]
            assert table.find(Key(9, 9)) == -1
    finally:
        expect(NO_HINT)


def test_what_is_expected_is_not_looked_for() -> None:
    table = new_key_table(4)
    for number in range(2):
        table.add(Key(number, 5), 0)
    blind = table._replace(keys=table.keys._replace(slot=np.full(8, -1, np.int32)))
    try:
        for hint, found in ((1, (0, 1)), (HALF + HALF - 1, (1,)), (HALF - 1, (0,))):
            expect(hint)
            for number in found:
                assert inspect.unwrap(KeyTable.find)(blind, Key(number, 5)) == number
    finally:
        expect(NO_HINT)


def test_hints_of_nothing_and_of_anything_are_harmless() -> None:
    table = new_key_table(4)
    for hint in (NO_HINT, -(2**63), 2**63 - 1, 8, 0):
        assert table.look_closer(hint) == -1
        table.look_closest(hint)


def test_native_code_prefetches() -> None:
    from numba import njit

    nf = new_nf(find("firewall"), config_of("firewall"))
    loop = njit(**NATIVE_OPTIONS)(process_ahead)
    trace = Hostile(SCENARIOS["firewall"](), 2, TIMEOUT, Random(1)).trace(3)
    loop(nf, trace, 0, 3, np.zeros(HINTS, np.int64))
    (text,) = loop.inspect_llvm().values()
    # The packet, the row about it; a slot; a row of the table; its links; two neighbours.
    assert text.count("call void @llvm.prefetch") >= 7


def test_it_is_of_use_for_large_tables_only() -> None:
    small, large = (new_nf(find("firewall"), config_of("firewall", n)) for n in (100, 100_000))
    assert can_look_ahead(small) and not is_to_look_ahead(small)
    assert is_to_look_ahead(large)
    nop = new_nf(find("nop"), config_of("nop"))
    assert not can_look_ahead(nop) and not is_to_look_ahead(nop)
