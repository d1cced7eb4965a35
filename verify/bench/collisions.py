"""Flows that an adversary would choose: under a hash without a secret, their keys collide.

They are found as he would find them, by trying many. The hash is that of the same network functions
in C; its lowest bits say from which slot on a key is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from libvig import flow_key
from libvig.compile import native
from libvig.flow_key import FlowKey
from libvig.types import I64
from verify.bench.frames import FiveTuples

SHARE = 1 << 10
"""One flow out of so many is chosen: all are looked for from as small a share of the slots."""
CHUNK = 1 << 20


def colliding(five_tuples: Callable[[I64], FiveTuples], count: int) -> I64:
    """The numbers of so many flows, of device 0, whose keys collide."""
    found = [np.zeros(0, np.int64)]
    for flow in _chunks():
        if sum(map(len, found)) >= count:
            break
        hashes = np.zeros(len(flow), np.int64)
        native(write_hashes, sources=[flow_key])(five_tuples(flow), hashes)
        found.append(flow[hashes % SHARE == 0])
    return np.concatenate(found)[:count]


def write_hashes(flows: FiveTuples, hashes: I64) -> None:
    """The hashes without a secret of flows that come in by device 0; compiled."""
    for i in range(len(hashes)):
        source = int(flows.source[i]), int(flows.source_port[i])
        destination = int(flows.destination[i]), int(flows.destination_port[i])
        hashes[i] = FlowKey(0, int(flows.protocol[i]), *source, *destination).pack().hash()


def _chunks() -> Iterator[I64]:
    start = 0
    while True:
        yield np.arange(start, start + CHUNK, dtype=np.int64)
        start += CHUNK
