"""The key of a flow: its five-tuple and the device it comes in by."""

from __future__ import annotations

from typing import NamedTuple

from libvig.compile import compiled, compiled_class
from libvig.contracts import ensure, invariant
from libvig.hash_map import Key


@compiled_class
@invariant(lambda self: 0 <= self.device < 2**15 and 0 <= self.protocol < 2**8)
@invariant(lambda self: 0 <= self.source_address < 2**32 and 0 <= self.source_port < 2**16)
@invariant(
    lambda self: 0 <= self.destination_address < 2**32 and 0 <= self.destination_port < 2**16
)
class FlowKey(NamedTuple):
    """Five-tuple (RFC 3022 calls it a session) and device of a flow's first packet."""

    device: int
    protocol: int  # of the IPv4 header: 6 for TCP, 17 for UDP
    source_address: int
    source_port: int
    destination_address: int
    destination_port: int

    @ensure(lambda self, result: unpack(result) == self)
    def pack(self) -> Key:
        """Return the key as two words; different keys give different words."""
        return Key(
            self.device << 48 | self.source_address << 16 | self.source_port,
            self.protocol << 48 | self.destination_address << 16 | self.destination_port,
        )


@compiled
def unpack(words: Key) -> FlowKey:
    """Return the key that `pack` made these words of."""
    return FlowKey(
        words.first >> 48,
        words.second >> 48 & 0xFF,
        words.first >> 16 & 0xFFFFFFFF,
        words.first & 0xFFFF,
        words.second >> 16 & 0xFFFFFFFF,
        words.second & 0xFFFF,
    )
