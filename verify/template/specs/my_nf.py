"""What MyNf must do. Each spec reads like a test, and is proved for all packets, states and times.

`assume` narrows the case that a spec speaks of, `assert` says what must hold then, and `snapshot`
keeps a packet as it was before `process`. A function that is not marked `@spec` is a word that the
specs use. The best properties name no state: they only say what goes in and what comes out.
"""

from __future__ import annotations

from libvig.packet.ethernet import Ethernet, is_group
from libvig.packet.packet import Packet
from libvig.spec import assume, snapshot, spec
from libvig.types import Time

from verify.template.my_nf import Drop, MyNf


def is_broadcast(packet: Packet) -> bool:
    """To several stations. Before `and` is what makes it safe to look at the address."""
    return Ethernet(packet).is_complete() and is_group(Ethernet(packet).destination())


def is_one_too_many(nf: MyNf, device: int, now: Time) -> bool:
    """Whether a broadcast is, by this device: it depends on what passed, and since when."""
    began, passed = nf.began.entries[device], nf.passed.entries[device]
    return passed == nf.config.limit and now < began + nf.config.interval


@spec
def a_storm_is_stopped(nf: MyNf, packet: Packet, now: Time) -> None:
    """The safety property. It names state, by a word of its own."""
    assume(is_broadcast(packet))
    is_too_much = is_one_too_many(nf, packet.device, now)
    assert (nf.process(packet, now) == Drop.STORM) == is_too_much


@spec
def other_frames_pass_as_they_came(nf: MyNf, packet: Packet, now: Time) -> None:
    sent = snapshot(packet)
    assume(Ethernet(packet).is_complete() and not is_broadcast(packet))
    assert nf.process(packet, now) == 1 - sent.device
    assert all(packet.u8(at) == sent.u8(at) for at in range(packet.length()))


@spec
def a_storm_passes_over(
    nf: MyNf, broadcast: Packet, now: Time, another: Packet, later: Time
) -> None:
    """A scenario of two packets: whatever came before, an interval later one gets through."""
    assume(is_broadcast(broadcast) and is_broadcast(another))
    assume(another.device == broadcast.device and later >= now + nf.config.interval)
    nf.process(broadcast, now)
    assert nf.process(another, later) == 1 - another.device


@spec
def a_storm_on_one_side_costs_the_other_nothing(
    nf: MyNf, packet: Packet, now: Time, other: Packet, later: Time
) -> None:
    """Whatever comes from one side: what passes from the other is what would have passed."""
    assume(is_broadcast(other) and other.device == 1 - packet.device and now <= later)
    is_too_much = is_one_too_many(nf, other.device, later)
    nf.process(packet, now)
    assert (nf.process(other, later) == Drop.STORM) == is_too_much
