"""A power of two may be beyond any bound, and so may its quotients."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.proof.notation import decreases, loop


@require(lambda exponent: exponent >= 0)
@ensure(lambda result: result)
# at power
def quotient_is_not_negative(exponent: int) -> bool:
    power = 1
    while exponent > 0:
        power = 2 * power
        exponent = exponent - 1
    far = 2**60 * 2**60 * 2**60 * 2**60
    quotient = power // far // far // far // far
    # unknown at power: return quotient <= 2**60
    return quotient >= 0


@loop(quotient_is_not_negative)
def is_a_power(power: int, exponent: int) -> bool:
    return power > 0 and exponent >= 0


@decreases(quotient_is_not_negative)
def way_to_go(exponent: int) -> int:
    return exponent
