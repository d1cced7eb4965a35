"""AES and SipHash are the published ones, in both worlds; and the key is secret unless given."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from libvig import aes
from libvig.errors import InputError
from libvig.hash_key import KEY_VARIABLE, _key, secret_word
from libvig.native_call import has_aes
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.primitives import keyed_hash
from libvig.siphash import digest

ROOT = Path(__file__).parents[2]
WORDS = st.integers(-(2**63), 2**63 - 1)

# A key, a block, and what becomes of it: FIPS 197, appendices C.1 and B; NIST SP 800-38A, F.1.1.
OF_AES = """
000102030405060708090a0b0c0d0e0f 00112233445566778899aabbccddeeff 69c4e0d86a7b0430d8cdb78070b4c55a
2b7e151628aed2a6abf7158809cf4f3c 3243f6a8885a308d313198a2e0370734 3925841d02dc09fbdc118597196a0b32
2b7e151628aed2a6abf7158809cf4f3c 6bc1bee22e409f96e93d7e117393172a 3ad77bb40d7a3660a89ecaf32466ef97
2b7e151628aed2a6abf7158809cf4f3c ae2d8a571e03ac9c9eb76fac45af8e51 f5d3d58503b9699de785895a96fdbaaf
2b7e151628aed2a6abf7158809cf4f3c 30c81c46a35ce411e5fbc1191a0a52ef 43b1cd7f598ece23881b00e3ed030688
2b7e151628aed2a6abf7158809cf4f3c f69f2445df4f9b17ad2b417be66c3710 7b0c785e27e8ad3f8223207104725dd4
"""

# Of the first 0, 8 and 16 bytes 00 01 02 ...: `vectors` in the program that comes with the paper.
OF_SIPHASH = [0x726FDB47DD0E0E31, 0x93F5F5799A932462, 0x3F2ACC7F57C29BDB]
KEY = struct.unpack("<2Q", bytes(range(16)))
MESSAGE = struct.unpack("<3Q", bytes(range(24)))


@njit(**NATIVE_OPTIONS)  # type: ignore[untyped-decorator]
def native(first: int, second: int, key0: int, key1: int) -> int:
    return keyed_hash(first, second, key0, key1)


def words_of(digits: str) -> tuple[int, int]:
    first, second = struct.unpack("<2q", bytes.fromhex(digits))
    return first, second


def siphash(first: int, second: int, key0: int = 0, key1: int = 0) -> int:
    words = [word % 2**64 for word in (first, second, key0, key1)]
    return digest(words[:2], words[2:]) % 2**63


@pytest.fixture(autouse=True)
def _no_key_is_kept() -> None:
    _key.cache_clear()


@pytest.mark.parametrize(
    ("key", "block", "becomes"), [line.split() for line in OF_AES.strip().split("\n")]
)
def test_aes_gives_the_published_values(key: str, block: str, becomes: str) -> None:
    numbers = (int.from_bytes(bytes.fromhex(digits), "little") for digits in (block, key))
    assert aes.cipher(*numbers).to_bytes(16, "little").hex() == becomes
    if has_aes():
        result = native(*words_of(block), *words_of(key))
        assert result == words_of(becomes)[0] & 2**63 - 1


@pytest.mark.parametrize(("words", "expected"), [*enumerate(OF_SIPHASH)])
def test_siphash_with_the_rounds_of_the_paper_gives_the_published_values(
    words: int, expected: int
) -> None:
    assert digest(MESSAGE[:words], KEY, rounds=2, end_rounds=4) == expected


@pytest.mark.skipif(sys.hash_info.algorithm != "siphash13", reason="CPython hashes otherwise here")
def test_siphash_with_fewer_rounds_is_what_cpython_hashes_bytes_with() -> None:
    words = [(0, 0), (5, 2**62 + 7), (2**63 - 1, -(2**63)), (-1, 1)]
    program = f"import struct; print([hash(struct.pack('<2q', *w)) % 2**63 for w in {words}])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "0"},  # a key of zeros
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{[siphash(*word) for word in words]}\n"


@settings(deadline=None)  # the first call compiles
@given(WORDS, WORDS, WORDS, WORDS)
def test_it_is_the_same_in_both_worlds(first: int, second: int, key0: int, key1: int) -> None:
    assert native(first, second, key0, key1) == keyed_hash(first, second, key0, key1)


WITHOUT_AES = """
from numba import njit
from libvig.native_call import has_aes
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.primitives import keyed_hash

native = njit(**NATIVE_OPTIONS)(lambda a, b, c, d: keyed_hash(a, b, c, d))
print([[f(*words) for words in {words}] for f in (keyed_hash, native)])
"""


def test_a_processor_without_instructions_for_aes_takes_siphash() -> None:
    words = [(0, 0, 0, 0), (5, 2**62 + 7, -3, 9), (2**63 - 1, -(2**63), 2, -(2**63)), (-1, 1, 1, 1)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_AES.format(words=words)],
        env=os.environ | {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [siphash(*four) for four in words]
    assert done.stdout == f"{[expected, expected]}\n"


def test_a_file_of_numbas_settings_may_ask_for_such_a_processor(tmp_path: Path) -> None:
    (tmp_path / ".numba_config.yaml").write_text("cpu_name: generic\n")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_AES.format(words=[(5, 6, 7, 8)])],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{[[siphash(5, 6, 7, 8)]] * 2}\n"


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
