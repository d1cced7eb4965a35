"""Arrays in rows and blocks are the arrays they were, and native code finds their elements."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from libvig.compile import compiled, compiled_class, native
from libvig.double_chain import new_double_chain
from libvig.errors import InputError
from libvig.flow_table import new_flow_table
from libvig.hash_map import new_hash_map
from libvig.key_table import KeyTable, new_key_table
from libvig.port_allocator import new_port_allocator
from libvig.primitives import load8
from libvig.rows import HUGE_PAGE, LINE, Block, in_one_block, in_rows
from libvig.token_bucket import new_token_buckets
from libvig.types import I32, I64, Bytes
from libvig.vector import new_vector
from tests.benchmarks.test_look_ahead import config_of
from tests.libvig.native_code import arrays_of
from verify.native_loop import bytes_of
from verify.registry import find, new_nf


@compiled_class
class Part(NamedTuple):
    words: I64


@compiled_class
class Pair(NamedTuple):
    part: Part
    links: I32
    more: I64


def pair(count: int) -> Pair:
    """The links are two more than the words."""
    words, links = np.arange(count) * 3, np.arange(count + 2, dtype=np.int32) + 7
    return Pair(Part(words), links, np.arange(count))


@compiled_class
class Mixed(NamedTuple):
    data: Bytes
    more: I64


@compiled
def first_byte(mixed: Mixed) -> int:
    return load8(mixed.data, 0)


I0 = np.zeros(0, np.int64)
in_rows_pair = in_rows("part.words", "links")(pair)


@compiled
def turned(structure: Pair, at: int) -> int:
    """Swap an element's two parts, for one more each; return what is beside them."""
    word, link = int(structure.part.words[at]), int(structure.links[at])
    structure.part.words[at] = link + 1
    structure.links[at] = word + 1
    return int(structure.more[at])


@compiled
def swapped(one: Pair, other: Pair, at: int) -> int:
    mine, theirs = int(one.links[at]), int(other.links[at])
    one.links[at] = theirs
    other.links[at] = mine
    return int(one.links[at]) + 0 * int(one.more[0])


def test_they_have_the_same_elements() -> None:
    plain, rows = pair(5), in_rows_pair(5)
    assert type(rows) is Pair and type(rows.part) is Part
    for one, other in zip(arrays_of(plain), arrays_of(rows), strict=True):
        assert one.dtype == other.dtype and one.tolist() == other.tolist()


def test_what_is_of_one_index_lies_together() -> None:
    rows = in_rows_pair(5)
    assert rows.part.words.strides == rows.links.strides == (16,)
    assert rows.links.ctypes.data == rows.part.words.ctypes.data + 8
    assert rows.part.words.ctypes.data % LINE == 0
    assert rows.more.strides == (8,)


def test_no_two_share_an_element() -> None:
    rows = in_rows_pair(5)
    rows.part.words[:] = -1
    assert rows.links.tolist() == [7, 8, 9, 10, 11, 12, 13]
    rows.links[:] = 0
    assert rows.part.words.tolist() == [-1] * 5


def test_a_row_of_a_key_table_is_in_one_line() -> None:
    table = new_key_table(10)
    for size, *arrays in (
        (LINE // 2, table.keys.first, table.keys.second, table.chain.stamp),
        (LINE // 8, table.chain.prev, table.chain.next),
    ):
        assert {array.strides for array in arrays} == {(size,)}
        begin = min(array.ctypes.data for array in arrays)
        assert begin % LINE == 0
        offsets = [array.ctypes.data - begin for array in arrays]
        assert offsets == [i * arrays[0].itemsize for i in range(len(arrays))]


def test_rows_that_would_be_longer_than_a_line_are_as_long_as_they_must_be() -> None:
    def wide(count: int) -> Any:
        fields = [(f"c{i}", I64) for i in range(9)]
        made: Any = NamedTuple("Nine", fields)  # type: ignore[misc]
        return made(*(np.full(count, i) for i in range(9)))

    found = in_rows(*(f"c{i}" for i in range(9)))(wide)(3)
    assert {column.strides for column in found} == {(72,)}
    assert [column.tolist() for column in found] == [[i] * 3 for i in range(9)]


def named_arrays(part: Any, path: str = "") -> dict[str, Any]:
    """Every array in a structure, by its path."""
    if isinstance(part, np.ndarray):
        return {path: part}
    fields = [(name, getattr(part, name)) for name in getattr(part, "_fields", ())]
    return {
        place: array
        for name, inner in fields
        for place, array in named_arrays(inner, f"{path}.{name}".lstrip(".")).items()
    }


class Whole(NamedTuple):
    part: Any


PARTS = {
    "key table": (new_key_table(3), {"keys.first", "keys.second", "chain.stamp"}),
    "flow table": (
        new_flow_table(3),
        {"table.keys.first", "table.keys.second", "table.chain.stamp"},
    ),
    "hash map": (new_hash_map(3), {"first", "second"}),
    "token buckets": (new_token_buckets(3, 2, 5), {"level"}),
    "port allocator": (new_port_allocator(1, 9, 3), {"port"}),
    "double chain": (new_double_chain(3), {"stamp"}),
    "vector": (new_vector(3), {"words"}),
    "words": (Part(np.arange(3)), {"words"}),
}


@pytest.mark.parametrize(("part", "expected"), PARTS.values(), ids=PARTS)
def test_a_part_stands_for_its_arrays_of_the_widest_rows(part: Any, expected: set[str]) -> None:
    """Its other arrays stay where they are."""
    before, after = (
        named_arrays(whole.part) for whole in (Whole(part), in_rows("part")(Whole)(part))
    )
    assert before.keys() == after.keys()
    assert {path for path in before if after[path] is not before[path]} == expected


@pytest.mark.parametrize(
    ("name", "size", "paths"),
    [
        ("nat", LINE // 2, ["flows.table", "ports.port"]),
        ("bridge", LINE // 2, ["learned", "behind.words"]),
        ("firewall", LINE // 2, ["flows.table", "behind.words"]),
        ("maglev", LINE, ["flows.table", "chosen.words", "names.words"]),
        ("policer", LINE // 2, ["destinations", "buckets.level"]),
    ],
)
def test_what_is_stored_beside_a_key_is_in_the_row_of_the_key(
    name: str, size: int, paths: list[str]
) -> None:
    arrays = named_arrays(new_nf(find(name), config_of(name)))
    table, *others = paths
    columns = ["keys.first", "keys.second", "chain.stamp"]
    row = [arrays[f"{table}.{column}"] for column in columns]
    row += [arrays[other] for other in others]
    places = sorted(array.ctypes.data for array in row)
    assert places == [places[0] + 8 * i for i in range(len(row))]
    assert places[0] % LINE == 0
    assert {array.strides for array in row} == {(size,)}


def test_rows_of_several_structures_become_one() -> None:
    nf = new_nf(find("policer"), config_of("policer"))
    arrays: list[Any] = [
        *nf.destinations.keys[1:3],
        nf.destinations.chain.stamp,
        nf.buckets.level,
    ]
    begin = min(array.ctypes.data for array in arrays)
    assert {array.strides for array in arrays} == {(LINE // 2,)}
    assert begin % LINE == 0 and max(a.ctypes.data for a in arrays) < begin + LINE // 2
    assert nf.destinations.keys.slot.strides == (4,)
    assert nf.destinations.chain.next.strides == (LINE // 8,)  # of narrower rows


def test_all_of_the_rows_counts_as_memory() -> None:
    nf = new_nf(find("policer"), config_of("policer", 1024))
    slots, rows = nf.destinations.keys.slot.nbytes, 1024 * LINE // 2 + LINE
    links = (1024 + 2) * 8 + LINE
    assert slots + rows + links < bytes_of(nf) < slots + rows + links + 100


def test_rows_may_be_none_at_all() -> None:
    found = in_rows("part.words", "links", "more")(
        lambda: Pair(Part(I0), I0.astype(np.int32), I0)
    )()
    assert [len(column) for column in arrays_of(found)] == [0, 0, 0]


def test_bytes_in_rows_are_not_loaded_natively() -> None:
    """Loads take the bytes that follow each other."""
    rows = in_rows("data", "more")(lambda: Mixed(np.zeros(4, np.uint8), np.arange(4)))()
    with pytest.raises(Exception, match="bytes in rows cannot be loaded"):
        native(first_byte)(rows)
    assert native(first_byte)(Mixed(np.full(4, 7, np.uint8), np.arange(4))) == 7


def test_one_that_is_not_there_is_noticed() -> None:
    with pytest.raises(InputError, match=r'Pair: has no link, as @in_rows\("link"\) says'):
        in_rows("part.words", "link")(pair)(3)


def blocked(count: int) -> Pair:
    return in_one_block(in_rows_pair(count))


def test_in_a_block_they_have_the_same_elements_and_rows() -> None:
    plain, block = pair(5), blocked(5)
    assert type(block) is Pair and type(block.part) is Part
    for one, other in zip(arrays_of(plain), arrays_of(block), strict=True):
        assert one.dtype == other.dtype and one.tolist() == other.tolist()
    assert block.part.words.strides == block.links.strides == (16,)
    assert block.links.ctypes.data == block.part.words.ctypes.data + 8
    (memory,) = {id(array.base) for array in arrays_of(block)}
    assert isinstance(block.more.base, Block) and id(block.more.base) == memory


def test_in_a_block_no_two_share_an_element() -> None:
    for i, name in enumerate(["part.words", "links", "more"]):
        block = blocked(5)
        named_arrays(block)[name][:] = -1
        others = [array for j, array in enumerate(arrays_of(block)) if j != i]
        assert all(-1 not in array for array in others)


def test_each_memory_of_a_block_begins_with_a_line() -> None:
    block = blocked(5)
    begins = [block.part.words.ctypes.data, block.more.ctypes.data]
    assert [begin % LINE for begin in begins] == [0, 0]


def test_places_in_a_block_depend_on_the_lengths_alone() -> None:
    def places(count: int) -> list[int]:
        begin, *others = [array.ctypes.data for array in arrays_of(blocked(count))]
        return [other - begin for other in others]

    assert places(5) == places(5) != places(50)


def test_what_is_given_stays_out_of_the_block() -> None:
    given = Part(np.arange(3))
    block = in_one_block(Pair(given, np.zeros(2, np.int32), np.arange(3)), given=given)
    assert block.part.words is given.words
    assert isinstance(block.links.base, Block) and block.links.base is block.more.base


@pytest.mark.parametrize(
    ("count", "alignment"), [(2 * HUGE_PAGE // 16, HUGE_PAGE), (1000, LINE)], ids=["large", "small"]
)
def test_a_large_block_begins_with_a_huge_page(count: int, alignment: int) -> None:
    block = blocked(count)
    begin = block.part.words.ctypes.data
    assert begin % alignment == 0
    memory: Any = block.part.words.base
    assert memory.nbytes <= 24 * (count + 2) + 2 * LINE + alignment


def test_a_block_may_be_empty() -> None:
    block = in_one_block(Pair(Part(I0), I0.astype(np.int32), I0))
    assert [len(array) for array in arrays_of(block)] == [0, 0, 0]


@pytest.mark.parametrize(("flows", "expected"), [(100, False), (65536, True)])
def test_a_large_network_function_is_one_block(flows: int, expected: bool) -> None:
    """But for its settings, whose sizes native code does not depend on."""
    nf = new_nf(find("policer"), config_of("policer", flows))
    is_in_block = {path: isinstance(a.base, Block) for path, a in named_arrays(nf).items()}
    assert is_in_block.pop("config.mac") is is_in_block.pop("config.peer") is False
    assert set(is_in_block.values()) == {expected}


@compiled
def count_all(structure: Pair) -> int:
    return len(structure.part.words) + 1000 * len(structure.links)


def test_code_for_a_block_is_not_run_on_a_block_of_other_lengths() -> None:
    run = native(count_all)
    for count in (4, 40, 4):
        assert run(blocked(count)) == count + 1000 * (count + 2)
    assert run.variants == 2
    run = native(count_all)
    for count in (4, 40):
        assert run(in_rows_pair(count)) == count + 1000 * (count + 2)
    assert run.variants == 1


@pytest.mark.parametrize(
    "build", [pair, in_rows_pair, blocked], ids=["apart", "in rows", "in a block"]
)
def test_native_code_finds_the_elements(build: object) -> None:
    run = native(turned)
    plain, structure = pair(6), build(6)  # type: ignore[operator]
    for at in (0, 3, 5):
        assert run(structure, at) == turned(plain, at) == at
    for one, other in zip(arrays_of(plain), arrays_of(structure), strict=True):
        assert one.tolist() == other.tolist()


def test_code_for_one_layout_is_not_run_on_another() -> None:
    run = native(turned)
    for build in (pair, in_rows_pair, in_rows("links", "part.words", "more")(pair), blocked):
        assert run(build(4), 2) == 2
    assert run.variants == 4


def test_native_code_finds_what_is_in_a_row_or_block_from_one_address() -> None:
    from numba import njit

    from libvig import numba_glue
    from libvig.numba_column import type_of

    bases = []
    for build in (pair, in_rows_pair, blocked):
        loop = njit(**numba_glue.NATIVE_OPTIONS)(turned)
        loop.compile((type_of(build(3), 0), type_of(1, 1)))
        (text,) = loop.inspect_llvm().values()
        body = text[text.index("define") :].split("\n}")[0]
        places = re.findall(r"getelementptr (?:inbounds )?(?:nuw )?i8, ptr (%\S*arg\S*),", body)
        bases.append(len(set(places)))
    # Of words, links and more. In rows, links are found from words; in a block, more is as well.
    assert bases == [3, 2, 1]


@pytest.mark.parametrize("build", [in_rows_pair, blocked], ids=["rows", "blocks"])
def test_memories_that_look_alike_are_told_apart(build: Callable[[int], Pair]) -> None:
    """Two arguments, each with rows, or a block, of its own; or the same twice."""
    swap = native(swapped)
    one, other = build(4), build(4)
    one.links[:], other.links[:] = range(6), range(10, 16)
    assert swap(one, other, 2) == 12
    assert one.links.tolist() == [0, 1, 12, 3, 4, 5]
    assert other.links.tolist() == [10, 11, 2, 13, 14, 15]
    assert swap(one, one, 2) == 12 and one.links[2] == 12


@compiled
def either_one(one: Pair, other: Pair, at: int) -> int:
    pair = one if at > 1 else other
    pair.links[at] = 99
    return int(pair.more[at])


@pytest.mark.parametrize("build", [in_rows_pair, blocked], ids=["rows", "blocks"])
def test_structures_of_different_memories_may_meet_in_one_variable(
    build: Callable[[int], Pair],
) -> None:
    one, other = build(4), build(4)
    assert native(either_one)(one, other, 2) == 2
    assert native(either_one)(one, other, 1) == 1
    assert one.links[2] == 99 and other.links[1] == 99
    assert [int(one.links[1]), int(other.links[2])] == [8, 9]


def test_native_code_has_no_negative_indices() -> None:
    """So it does not look for them: the verifier proves that there are none."""
    from numba import njit

    from libvig import numba_glue
    from libvig.numba_column import type_of

    loop = njit(**numba_glue.NATIVE_OPTIONS)(turned)
    loop.compile((type_of(pair(3)), type_of(1)))
    (text,) = loop.inspect_llvm().values()
    body = text[text.index("define") :].split("\n}")[0]
    assert "getelementptr" in body and "icmp" not in body and "select" not in body


def test_the_table_is_still_one() -> None:
    assert type(new_key_table(1)) is KeyTable
