"""Specs of quantifiers.py."""

from __future__ import annotations

from libvig.contracts import require
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from tests.verify.rules.quantifiers import Nf


@spec
def every(nf: Nf, packet: Packet, now: Time) -> None:
    v = nf.process(packet, now)
    # fails: assert all(v == i for i in range(v, v + 2))
    assert all(v == i for i in range(v, v + 1))
    assert all(i == 70000 for i in range(v, v))
    # fails: assert not any(i >= 30 for i in range(v))
    assert not any(i >= v for i in range(v))


@spec
def every_pair(nf: Nf, packet: Packet, now: Time) -> None:
    v = nf.process(packet, now)
    # fails: assert all(i + j < 2 * v - 2 for i in range(v) for j in range(v))
    assert all(i + j < 2 * v - 2 for i in range(v) for j in range(v) if i != j)


@spec
def some(nf: Nf, packet: Packet, now: Time) -> None:
    v = nf.process(packet, now)
    assume(any(i >= 30 for i in range(v)))
    # fails: assert v > 31
    assert v > 30


@spec
def some_byte(nf: Nf, packet: Packet, now: Time) -> None:
    nf.process(packet, now)
    # fails at byte: assume(packet.length() == 3)
    assume(packet.length() == 2)
    assume(not all(packet.u8(i) == 0 for i in range(packet.length())))
    # at byte
    assert packet.u8(0) != 0 or packet.u8(1) != 0


@spec
def can_be_evaluated(nf: Nf, packet: Packet, now: Time) -> None:
    length = packet.length()
    nf.process(packet, now)
    # fails anywhere: assert all(packet.u8(i) < 256 for i in range(length + 1))
    assert all(packet.u8(i) < 256 for i in range(length))


@spec
def one_of_two(nf: Nf, packet: Packet, now: Time) -> None:
    v = nf.process(packet, now)
    assert v == 0 or all(i >= 0 for i in range(v))
    # fails: assert v > 0
    assert v > 0 or packet.device == 0


@spec
def under_a_condition(nf: Nf, packet: Packet, now: Time) -> None:
    nf.process(packet, now)
    # at seven
    assert all(seven(packet.u8(i)) == 7 for i in range(packet.length()))


@require(lambda x: x >= 0 if x < 100 else x >= 50)
def seven(x: int) -> int:
    # fails at seven: return 7 if x < 100 else 8
    return 7 if x < 256 else 8


def has_one(nf: Nf, at: int) -> bool:
    # at looked
    return 1 in {i: int(nf.config.mac[at]) for i in range(3)}


def number_of(nf: Nf, at: int) -> int:
    number = 3 if has_one(nf, at) else 0
    if at > 1:  # on the way to either side, the line above is executed once more
        number = number + 1
    return number


@spec
def what_was_seen_on_one_path_is_not_on_another(nf: Nf, packet: Packet, now: Time, at: int) -> None:
    nf.process(packet, now)
    if 0 <= at < len(nf.config.mac):
        # fails: assert number_of(nf, at) == 3
        assert number_of(nf, at) >= 3
    else:
        # fails at looked: assert has_one(nf, at)
        assert has_one(nf, 0)
