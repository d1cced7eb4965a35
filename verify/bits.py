"""Bits that are no slices: masks of any length, exclusive or, powers of two.

To the solver these are functions of which a few laws are known. The laws themselves are proved by
bit-vectors of 64 bits: see `proofs`.
"""

from __future__ import annotations

import z3

_INT = z3.IntSort()
AND = z3.Function("bits.and", _INT, _INT, _INT)
XOR = z3.Function("bits.xor", _INT, _INT, _INT)
FOLD = z3.Function("multiply_fold", _INT, _INT, _INT)
KEYED_HASH = z3.Function("keyed_hash", _INT, _INT, _INT, _INT, _INT)
SECRET = z3.Function("secret_word", _INT, _INT)
IS_POWER = z3.Function("is_power_of_two", _INT, z3.BoolSort())

LARGEST = 2**63 - 1
TAGS = 2**31 - 1  # the bits of a slot that is in use


def laws() -> list[z3.BoolRef]:
    """What a path may use of them."""
    a, b, c, d = z3.Ints("a b c d")
    smaller = z3.And(
        z3.Implies(b >= 0, z3.And(AND(a, b) >= 0, AND(a, b) <= b)),
        z3.Implies(a >= 0, z3.And(AND(a, b) >= 0, AND(a, b) <= a)),
    )
    words = z3.And(a >= 0, a <= LARGEST, b >= 0, b <= LARGEST)
    doubled = z3.Implies(z3.And(IS_POWER(a), b == 2 * a), IS_POWER(b))
    # (c & d) + i, where d and the mask b share no bit and i is within the mask.
    below = a - AND(c, d)
    apart = z3.And(IS_POWER(b + 1), b >= 0, b + d == TAGS, d >= 0, c >= 0, below >= 0, below <= b)
    return [
        z3.ForAll([a, b], smaller, patterns=[AND(a, b)]),
        z3.ForAll(
            [a, b],
            z3.Implies(words, z3.And(XOR(a, b) >= 0, XOR(a, b) <= LARGEST)),
            patterns=[XOR(a, b)],
        ),
        IS_POWER(1),
        z3.ForAll([a], z3.Implies(IS_POWER(a), a >= 1), patterns=[IS_POWER(a)]),
        z3.ForAll([a, b], doubled, patterns=[z3.MultiPattern(IS_POWER(a), IS_POWER(b))]),
        z3.ForAll(
            [a, b, c, d],
            z3.Implies(apart, AND(a, b) == below),
            patterns=[z3.MultiPattern(AND(a, b), AND(c, d))],
        ),
    ]


def proofs() -> dict[str, z3.BoolRef]:
    """The same laws of bit-vectors: each is valid if its negation has no model."""
    a, b, c, d = z3.BitVecs("a b c d", 64)

    def is_power(n: z3.BitVecRef) -> z3.BoolRef:
        return z3.And(n > 0, n & (n - 1) == 0)

    top, tags = z3.BitVecVal(LARGEST, 64), z3.BitVecVal(TAGS, 64)
    below = a - (c & d)
    apart = z3.And(is_power(b + 1), b >= 0, b <= tags, d == tags - b, c >= 0, below >= 0)
    return {
        "a mask gives no more than it": z3.Implies(b >= 0, z3.And(a & b >= 0, a & b <= b)),
        "a mask gives no more than what it masks": z3.Implies(
            a >= 0, z3.And(a & b >= 0, a & b <= a)
        ),
        "exclusive or of words is a word": z3.Implies(
            z3.And(a >= 0, b >= 0), z3.And(a ^ b >= 0, a ^ b <= top)
        ),
        "one is a power of two": is_power(z3.BitVecVal(1, 64)),
        "a power of two is positive": z3.Implies(is_power(a), a >= 1),
        "twice a power of two is one": z3.Implies(
            z3.And(is_power(a), a <= z3.BitVecVal(2**61, 64)), is_power(a + a)
        ),
        "what lies within a mask is found under bits above it": z3.Implies(
            z3.And(apart, below <= b), a & b == below
        ),
    }
