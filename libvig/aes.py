"""AES-128 of single blocks: a keyed hash of 16 bytes, on processors that are quick at it.

FIPS 197, Advanced Encryption Standard. A block, and a key, is its 16 bytes read as one number, the
first byte lowest: byte 4 c + r is the element in row r and column c of the standard's state.
"""

import functools
from operator import itemgetter

ROUNDS = 10
_BLOCK = 16  # bytes
_EACH = int.from_bytes(bytes([1] * _BLOCK), "little")  # 1 in each byte
_EACH_COLUMN = int.from_bytes(bytes([1, 0, 0, 0] * 4), "little")
_SHIFT_ROWS = itemgetter(*(5 * i % _BLOCK for i in range(_BLOCK)))  # row r, by r columns


def xtime(elements: int) -> int:
    """Each byte times x, in the field of polynomials modulo x^8 + x^4 + x^3 + x + 1."""
    return (elements & 0x7F * _EACH) << 1 ^ (elements >> 7 & _EACH) * 0x1B


def _rotated_columns(columns: int, by: int) -> int:
    """Each column's elements, so many rows up."""
    low = _EACH_COLUMN * ((1 << 32 - 8 * by) - 1)
    return columns >> 8 * by & low | columns << 32 - 8 * by & ~low & 2**128 - 1


def _s_box() -> bytes:
    """For each byte, its inverse in the field, put through the affine map of the standard."""
    powers = [1]  # of x + 1, which all but 0 are one of
    for _ in range(254):
        powers.append(powers[-1] ^ xtime(powers[-1]))
    inverse = {power: powers[-i % 255] for i, power in enumerate(powers)} | {0: 0}
    spread = [inverse[byte] * 0x101 for byte in range(256)]  # so that a shift turns it
    return bytes(
        (s ^ s >> 4 ^ s >> 5 ^ s >> 6 ^ s >> 7) & 0xFF ^ 0x63  # each bit, and the four above
        for s in spread
    )


_S_BOX = _s_box()


@functools.lru_cache(maxsize=16)
def key_expansion(key: int) -> tuple[int, ...]:
    """Return the key of each round, and before them that which is added at the beginning."""
    keys, rcon = [key], 1
    for _ in range(ROUNDS):
        last = (keys[-1] >> 96).to_bytes(4, "little").translate(_S_BOX)
        first = int.from_bytes(last[1:] + last[:1], "little") ^ rcon
        round_key = keys[-1] ^ first
        for _ in range(3):  # each column is added to those behind it
            round_key = keys[-1] ^ first ^ round_key << 32 & 2**128 - 1
        keys.append(round_key)
        rcon = xtime(rcon)
    return tuple(keys)


def cipher(block: int, key: int) -> int:
    """Return what AES-128 makes of a block under a key."""
    first, *middle, last = key_expansion(key)
    state = block ^ first
    for round_key in middle:
        state = _sub_bytes_shift_rows(state)
        # MixColumns: each element is 2 times itself, 3 times the next, and the two behind that.
        sums = state ^ _rotated_columns(state, 1)
        mixed = xtime(sums) ^ _rotated_columns(state, 1) ^ _rotated_columns(sums, 2)
        state = mixed ^ round_key
    return _sub_bytes_shift_rows(state) ^ last


def _sub_bytes_shift_rows(state: int) -> int:
    """Return each element's substitute, and the rows shifted."""
    substitutes = state.to_bytes(_BLOCK, "little").translate(_S_BOX)
    return int.from_bytes(bytes(_SHIFT_ROWS(substitutes)), "little")
