"""Native code is called as Python calls a function: same arguments, same results, same errors."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libvig.compile import Native, compiled, native
from libvig.packet.checksum import words
from libvig.types import I32, I64, Bytes

ROOT = Path(__file__).parents[2]
INT64 = st.integers(-(2**63), 2**63 - 1)


class Inner(NamedTuple):
    number: int
    is_so: bool
    column: I32


class Outer(NamedTuple):
    is_so: bool
    inner: Inner
    bytes: Bytes
    number: int


class Small(NamedTuple):
    is_so: bool
    number: int


class Made(NamedTuple):
    number: int
    small: Small
    is_so: bool
    again: Small


class Sizes(NamedTuple):
    one: int
    other: int


def taken_apart(outer: Outer, into: I64, last: int) -> Made:
    into[0] = outer.number
    into[1] = outer.inner.number
    into[2] = len(outer.bytes)
    for i in range(len(outer.inner.column)):
        into[3] = into[3] * 3 + outer.inner.column[i]
    for i in range(len(outer.bytes)):
        into[4] = into[4] * 5 + outer.bytes[i]
    into[5] = last
    inner, number = outer.inner.is_so, outer.number
    return Made(last, Small(inner, number), outer.is_so, Small(outer.is_so, last))


def nothing(into: I64) -> None:
    into[0] += 1


def is_less(one: int, other: int) -> bool:
    return one < other


def sizes(rows: I64) -> Sizes:
    return Sizes(rows.shape[0], rows.shape[1])


def quotient(one: int, other: int) -> int:
    return one // other


@compiled
def given_up(one: int) -> int:
    if one > 3:
        raise ValueError("more than three")
    return one


def given_up_within(one: int) -> int:
    return given_up(one)


@compiled
def by_place(inner: Inner) -> int:
    return inner[0] ** 2 + int(inner[2][0])


def by_place_within(inner: Inner) -> int:
    return by_place(inner)


def first(column: I64) -> int:
    return int(column[0])


taken_apart_natively = native(taken_apart)


@settings(deadline=None)
@given(INT64, INT64, st.booleans(), st.booleans(), st.lists(st.integers(0, 255), max_size=5))
def test_every_part_arrives(
    one: int, other: int, is_so: bool, too: bool, content: list[int]
) -> None:
    column = np.array([len(content), -7], np.int32)
    outer = Outer(is_so, Inner(one, too, column), np.array(content, np.uint8), other)
    ours, theirs = np.zeros(6, np.int64), np.zeros(6, np.int64)
    result = taken_apart_natively(outer, ours, one)
    assert result == taken_apart(outer, theirs, one)
    assert isinstance(result, Made) and isinstance(result.small, Small)
    assert [type(part) for part in result.small] == [bool, int]
    assert ours.tolist() == theirs.tolist()


def test_results_of_all_kinds() -> None:
    cell = np.zeros(1, np.int64)
    assert native(nothing)(cell) is None
    assert cell[0] == 1
    assert native(is_less)(1, 2) is True
    assert native(is_less)(2, 2) is False
    assert native(sizes)(np.zeros((3, 5), np.int64)) == Sizes(3, 5)
    assert native(quotient)(-7, 2) == -4


def test_parts_of_arrays_have_code_of_their_own() -> None:
    """What is not contiguous, or may not be written, is of another type."""
    run = native(first)
    column = np.arange(10)
    assert [run(column), run(column[3:]), run(column[3::2])] == [0, 3, 3]
    fixed = column[5:]
    fixed.flags.writeable = False
    assert run(fixed) == 5
    assert run.variants == 3


def test_errors_are_those_of_python() -> None:
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        native(quotient)(1, 0)
    for run in (native(given_up), native(given_up_within)):
        assert run(3) == 3
        with pytest.raises(ValueError, match="more than three"):
            run(4)


def test_parts_of_a_tuple_are_found_by_their_place() -> None:
    for run in (native(by_place), native(by_place_within)):
        assert run(Inner(2**31 - 1, True, np.array([5], np.int32))) == (2**31 - 1) ** 2 + 5


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (1.5, "native code takes integers and arrays, not float"),
        ([1], "native code takes integers and arrays, not list"),
        (np.int32(1), "native code takes integers and arrays, not int32"),
        ((1, 2), "native code takes integers and arrays, not tuple"),
    ],
)
def test_what_native_code_does_not_take_is_refused(argument: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        native(given_up)(argument)


def test_an_integer_that_does_not_fit_is_refused() -> None:
    with pytest.raises(OverflowError, match="18446744073709551616 does not fit 64 bits"):
        native(given_up)(2**64)


# ---------------------------------------------------------------- kept on disk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYVIGOR_CACHE", str(tmp_path))
    return tmp_path


def kept_in(folder: Path) -> Path:
    [file] = (folder / "native").glob("*/words-*")
    return file


def anew() -> Native:
    run = native(inspect.unwrap(words))
    assert run(0x30004) == 7
    return run


def test_code_that_was_kept_is_not_compiled_again(folder: Path) -> None:
    assert anew().compilations == 1
    assert anew().compilations == 0
    [file] = (folder / "native").glob("*/*")  # and nothing else was left there
    assert file == kept_in(folder)


@pytest.mark.parametrize("at", [0, 5, 200, -1])
def test_code_that_was_damaged_is_compiled_again(folder: Path, at: int) -> None:
    anew()
    content = bytearray(kept_in(folder).read_bytes())
    content[at] ^= 1
    kept_in(folder).write_bytes(content)
    assert anew().compilations == 1
    assert anew().compilations == 0
    kept_in(folder).write_bytes(content[:300])
    assert anew().compilations == 1


def test_what_was_kept_is_run_without_the_compiler(folder: Path) -> None:
    """Which takes longer to import than all the rest."""
    program = (
        "import sys\n"
        "from verify.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print([name for name in ('numba', 'z3', 'hypothesis', 'rich') if name in sys.modules])\n"
    )
    command = [sys.executable, "-c", program, "run", "nat", "-r", "demo/clients.pcapng"]
    command += ["-w", str(folder / "out.pcapng"), "--config", "demo/nat.toml"]
    last = []
    for _ in range(2):
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        last.append(done.stdout.splitlines()[-1])
    assert last == ["['numba']", "[]"]
