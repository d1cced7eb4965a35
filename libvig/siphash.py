"""SipHash, a keyed hash of words, where AES is not at hand.

By Aumasson and Bernstein (INDOCRYPT 2012); here with one round a word and three at the end, as the
dictionaries of CPython and Rust have it.
"""

from collections.abc import Sequence

BEGIN = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
LENGTH = 16 << 56  # the last word of a message of two words: how many bytes they have
END = 0xFF
END_ROUNDS = 3
_WORD = 2**64 - 1


def digest(
    words: Sequence[int], key: Sequence[int], rounds: int = 1, end_rounds: int = END_ROUNDS
) -> int:
    """Return the 64 bits of SipHash of whole words, with so many rounds a word and at the end."""
    state = [begin ^ word for begin, word in zip(BEGIN, (*key, *key), strict=True)]
    for word in (*words, (8 * len(words) & 0xFF) << 56):
        state[3] ^= word
        for _ in range(rounds):
            _round(state)
        state[0] ^= word
    state[2] ^= END
    for _ in range(end_rounds):
        _round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


# What a round does: v[a] += v[b]; v[b] = (v[b] <<< by) ^ v[a]; and v[a] <<< 32 where it is so.
STEPS = ((0, 1, 13, True), (2, 3, 16, False), (0, 3, 21, False), (2, 1, 17, True))


def _round(v: list[int]) -> None:
    for a, b, by, turns in STEPS:
        v[a] = v[a] + v[b] & _WORD
        v[b] = _rotated(v[b], by) ^ v[a]
        if turns:
            v[a] = _rotated(v[a], 32)


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 64 - by) & _WORD
