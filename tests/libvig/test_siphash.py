"""SipHash is the published one, in both worlds; and the key is secret unless it is given."""

from __future__ import annotations

import os
import struct
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from libvig.errors import InputError
from libvig.hash_key import KEY_VARIABLE, _key, secret_word
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.primitives import digest, siphash

WORDS = st.integers(-(2**63), 2**63 - 1)
KEY = struct.unpack("<2Q", bytes(range(16)))
MESSAGE = struct.unpack("<3Q", bytes(range(24)))

# Of the first 0, 8 and 16 bytes 00 01 02 ...: `vectors` in the program that comes with the paper.
PUBLISHED = [0x726FDB47DD0E0E31, 0x93F5F5799A932462, 0x3F2ACC7F57C29BDB]


@njit(**NATIVE_OPTIONS)  # type: ignore[untyped-decorator]
def native(first: int, second: int, key0: int, key1: int) -> int:
    return siphash(first, second, key0, key1)


@pytest.fixture(autouse=True)
def _no_key_is_kept() -> None:
    _key.cache_clear()


@pytest.mark.parametrize(("words", "expected"), [*enumerate(PUBLISHED)])
def test_with_the_rounds_of_the_paper_it_gives_the_published_values(
    words: int, expected: int
) -> None:
    assert digest(MESSAGE[:words], KEY, rounds=2, end_rounds=4) == expected


@pytest.mark.skipif(sys.hash_info.algorithm != "siphash13", reason="CPython hashes otherwise here")
def test_with_fewer_rounds_it_is_what_cpython_hashes_bytes_with() -> None:
    words = [(0, 0), (5, 2**62 + 7), (2**63 - 1, -(2**63)), (-1, 1)]
    program = f"import struct; print([hash(struct.pack('<2q', *w)) % 2**63 for w in {words}])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "0"},  # a key of zeros
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{[siphash(*word, 0, 0) for word in words]}\n"


@settings(deadline=None)  # the first call compiles
@given(WORDS, WORDS, WORDS, WORDS)
def test_it_is_the_same_in_both_worlds(first: int, second: int, key0: int, key1: int) -> None:
    assert native(first, second, key0, key1) == siphash(first, second, key0, key1)


def test_the_key_is_drawn_anew_for_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    drawn = set()
    for _ in range(3):
        _key.cache_clear()
        drawn |= {secret_word(0), secret_word(1)}
        assert (secret_word(0), secret_word(1)) == _key()
    assert len(drawn) == 6
    assert all(-(2**63) <= word < 2**63 for word in drawn)


def test_a_key_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, bytes(range(16)).hex())
    assert (secret_word(0), secret_word(1)) == KEY


@pytest.mark.parametrize("given", ["", "0", "00" * 15, "00" * 17, "zz" * 16, " " + "0" * 31])
def test_what_is_no_key_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, given)
    with pytest.raises(InputError, match=f"{KEY_VARIABLE}: is no key: .*; give 32 hexadecimal"):
        secret_word(0)
