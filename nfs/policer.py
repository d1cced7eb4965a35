"""Policer: a token bucket for each destination address (RFC 2697, without excess burst).

What comes from outside passes as long as it conforms to the rate and the burst of its destination;
what is in excess is dropped. What comes from inside passes as it is.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from libvig.compile import compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.hash_map import Key
from libvig.key_table import NO_HINT, KeyTable, new_key_table
from libvig.packet.ethernet import ETHERNET_HEADER, Ethernet, are_mac_addresses
from libvig.packet.ipv4 import Ipv4
from libvig.packet.packet import MAX_DEVICES, Packet
from libvig.packet.validity import Fault, ipv4_fault
from libvig.rows import in_rows
from libvig.token_bucket import BYTE, MAX_BURST, MAX_RATE, TokenBuckets, new_token_buckets
from libvig.types import MAX_TIME, Address, Count, Device, Duration, Macs, Rate, Size, Time


class Drop(IntEnum):
    """Why a packet is dropped: verdicts below zero."""

    TRUNCATED = Fault.TRUNCATED
    NOT_IPV4 = Fault.NOT_IPV4
    BAD_IPV4_HEADER = Fault.BAD_IPV4_HEADER
    EXCESS = -4  # of more bytes than are in the bucket of its destination
    TABLE_FULL = -5  # to a new destination, of which there are as many as can be


# To forget an address must never grant it more: the next packet to it finds a full bucket, so
# that bucket must have filled by itself.
@invariant(
    lambda self: self.timeout * self.rate >= self.burst * BYTE,
    "timeout: at least burst / rate, the time in which an empty bucket fills",
)
@invariant(lambda self: 1 <= self.timeout <= MAX_TIME, "timeout: at least 1 ns")
@invariant(lambda self: 1 <= self.max_destinations <= 2**30, "max-destinations: from 1 to 2**30")
@invariant(lambda self: 1 <= self.burst <= MAX_BURST, "burst: from 1 B to 2**32 - 1 B")
@invariant(lambda self: 1 <= self.rate <= MAX_RATE, "rate: from 1 B/s to 2**63 - 1 B/s")
@invariant(
    lambda self: self.internal_device != self.external_device,
    "internal-device and external-device: two different devices",
)
@invariant(
    lambda self: 0 <= self.internal_device < len(self.mac), "internal-device: one of the devices"
)
@invariant(
    lambda self: 0 <= self.external_device < len(self.mac), "external-device: one of the devices"
)
@invariant(lambda self: are_mac_addresses(self.peer), "peer: addresses of 48 bits")
@invariant(lambda self: are_mac_addresses(self.mac), "mac: addresses of 48 bits")
@invariant(
    lambda self: 2 <= len(self.mac) <= MAX_DEVICES and len(self.peer) == len(self.mac),
    "mac and peer: one address for each of at least two devices",
)
class PolicerConfig(NamedTuple):
    """What the operator sets. Its rules are checked from the lowest up."""

    mac: Macs  # own Ethernet address on each device
    peer: Macs  # the neighbour's, to which frames leave
    external_device: Device = 1
    internal_device: Device = 0  # by which conforming packets leave
    rate: Rate = 1_000_000  # bytes of IP packets that a destination gets in a second
    burst: Size = 100_000  # and at once, after a rest
    max_destinations: Count = 65536
    timeout: Duration = 60_000_000_000  # idle time after which a destination is forgotten


@compiled_class
@invariant(
    lambda self: self.buckets.rate == self.config.rate and self.buckets.burst == self.config.burst
)
@invariant(
    lambda self: self.destinations.capacity == self.buckets.capacity == self.config.max_destinations
)
class Policer(NamedTuple):
    """Bucket i is that of the address which is key i of the table: its first word.

    It was changed last when that key was used last.
    """

    config: PolicerConfig
    destinations: KeyTable
    buckets: TokenBuckets

    @require(lambda self, packet: packet.device < len(self.config.mac))
    @require(lambda now: 0 <= now <= MAX_TIME)
    @require(
        lambda self, now: all(entry.time <= now for entry in self.destinations.entries.values())
    )
    def process(self, packet: Packet, now: Time) -> int:
        """The device that the packet leaves by, or why it is dropped."""
        self.destinations.expire(now - self.config.timeout)
        if packet.device == self.config.external_device:
            return self._inbound(packet, now)
        if not Ethernet(packet).is_complete():
            return Drop.TRUNCATED
        return self._send(packet, self.config.external_device)

    @require(lambda self, packet: packet.device < len(self.config.mac))
    def look_ahead(self, packet: Packet) -> int:
        """Prefetch where the destination is looked for; return a hint for `look_closer`."""
        ip = Ipv4(packet, ETHERNET_HEADER)
        if packet.device != self.config.external_device or not ip.is_complete():
            return NO_HINT
        return self.destinations.look_ahead(Key(ip.destination(), 0))

    def look_closer(self, hint: int) -> int:
        """Prefetch what is stored of the destination."""
        return self.destinations.look_closer(hint)

    def look_closest(self, hint: int) -> None:
        """Prefetch what changes beside it."""
        self.destinations.look_closest(hint)

    def _inbound(self, packet: Packet, now: Time) -> int:
        fault = ipv4_fault(packet)
        if fault != 0:
            return fault
        ip = Ipv4(packet, ETHERNET_HEADER)
        reason = self._police(ip.destination(), ip.total_length(), now)
        if reason != 0:
            return reason
        return self._send(packet, self.config.internal_device)

    def _police(self, address: Address, size: int, now: Time) -> int:
        """Take so many bytes out of the bucket of an address; 0, or why they may not pass."""
        key = Key(address, 0)
        index = self.destinations.find(key)
        if index < 0:
            index = self.destinations.add(key, now)
            if index < 0:
                return Drop.TABLE_FULL
            self.buckets.reset(index)
            elapsed = 0
        else:
            elapsed = now - self.destinations.time_of(index)
            self.destinations.touch(index, now)
        if not self.buckets.take(index, size, elapsed):
            return Drop.EXCESS
        return 0

    def _send(self, packet: Packet, device: int) -> int:
        Ethernet(packet).set_addresses(int(self.config.mac[device]), int(self.config.peer[device]))
        return device


@ensure(lambda config, result: result.config == config)
@in_rows("destinations", "buckets")
def new_policer(config: PolicerConfig) -> Policer:
    return Policer(
        config,
        new_key_table(config.max_destinations),
        new_token_buckets(config.max_destinations, config.rate, config.burst),
    )
