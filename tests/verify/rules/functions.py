"""Functions with contracts are proved apart, and for arguments that share nothing."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant, require
from libvig.packet.ethernet import Ethernet
from libvig.packet.packet import Packet
from libvig.types import MAX_TIME, Macs, Port, Time


@invariant(lambda self: 2 <= len(self.mac) <= 100)
@invariant(lambda self: 0 <= self.mac[0] < 256)
class Config(NamedTuple):
    mac: Macs

    def first(self) -> int:
        return int(self.mac[0])


@compiled
@require(lambda x: x >= 0)
@require(lambda x: x < 2**40)
@ensure(lambda x, result: result == 2 * x)
def twice(x: int) -> int:
    # fails anywhere: return x + x + 1
    # unknown anywhere: return twice(x)
    return x + x


@compiled
@require(lambda packet: packet.length() >= 2)
@require(lambda value: 0 <= value <= 65535)
def put(packet: Packet, value: Port) -> None:
    packet.set_u16(0, value)


@compiled
@require(lambda ethernet, packet: ethernet.packet.length() >= 2 and packet.length() >= 2)
def change(ethernet: Ethernet, packet: Packet, mac: Macs) -> int:
    if packet.u8(0) > 1:
        return -1
    # fails at change: ethernet.packet.set_u8(0, 200)
    ethernet.packet.set_u8(1, 200)
    # at change
    return int(mac[packet.u8(0)])


@compiled_class
@invariant(lambda self: len(self.config.mac) >= 2)
class Nf(NamedTuple):
    config: Config

    @require(lambda now: 0 <= now <= MAX_TIME)
    def process(self, packet: Packet, now: Time) -> int:
        # fails: value = twice(packet.device - 1)
        value = twice(packet.device)
        if value > 65534:
            return int(self.config.mac[200])
        if packet.length() < 2:
            return -1
        # fails: put(packet, value * 2)
        put(packet, value & 0xFFFF)
        # fails at show: self.config.mac[0] = 256
        self.config.mac[0] = 1
        # at show
        self.show(packet)
        header, other = Ethernet(packet), packet
        return change(header, other, self.config.mac)

    @require(lambda packet: packet.length() >= 1)
    def show(self, packet: Packet) -> None:
        packet.set_u8(0, self.config.first())


def new_nf(config: Config) -> Nf:
    return Nf(config)
