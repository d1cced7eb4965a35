"""Arrays in rows are the arrays that they were, and native code finds their elements."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pytest

from libvig.compile import compiled, compiled_class, native
from libvig.errors import InputError
from libvig.key_table import KeyTable, new_key_table
from libvig.primitives import load8
from libvig.rows import LINE, in_rows
from libvig.types import I32, I64, Bytes
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


@pytest.mark.parametrize("build", [pair, in_rows_pair], ids=["apart", "in rows"])
def test_native_code_finds_the_elements(build: object) -> None:
    run = native(turned)
    plain, structure = pair(6), build(6)  # type: ignore[operator]
    for at in (0, 3, 5):
        assert run(structure, at) == turned(plain, at) == at
    for one, other in zip(arrays_of(plain), arrays_of(structure), strict=True):
        assert one.tolist() == other.tolist()


def test_code_for_one_layout_is_not_run_on_another() -> None:
    run = native(turned)
    for build in (pair, in_rows_pair, in_rows("links", "part.words", "more")(pair)):
        assert run(build(4), 2) == 2
    assert run.variants == 3


def test_native_code_finds_what_is_in_a_row_from_one_address() -> None:
    from numba import njit

    from libvig import numba_glue
    from libvig.numba_column import type_of

    bases = []
    for build in (pair, in_rows_pair):
        loop = njit(**numba_glue.NATIVE_OPTIONS)(turned)
        loop.compile((type_of(build(3), 0), type_of(1, 1)))
        (text,) = loop.inspect_llvm().values()
        body = text[text.index("define") :].split("\n}")[0]
        places = re.findall(r"getelementptr (?:inbounds )?(?:nuw )?i8, ptr (%\S*arg\S*),", body)
        bases.append(len(set(places)))
    assert bases == [3, 2]  # of words, links and more; links are found from words


def test_rows_that_look_alike_are_told_apart() -> None:
    """Two arguments, each with rows of its own; or the same rows twice."""
    swap = native(swapped)
    one, other = in_rows_pair(4), in_rows_pair(4)
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


def test_structures_of_different_rows_may_meet_in_one_variable() -> None:
    one, other = in_rows_pair(4), in_rows_pair(4)
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
