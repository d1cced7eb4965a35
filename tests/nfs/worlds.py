"""One NF in CPython, with every contract, and as native code."""

import functools
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from libvig.compile import native
from libvig.io.loop import process_all
from libvig.io.trace import UNDECIDED, Trace, undecided
from libvig.packet.packet import Packet
from tests.libvig.native_code import arrays_of


@functools.cache
def native_loop(module: ModuleType) -> Any:
    """The native loop for the NF of a module, loaded or compiled once."""
    return native(process_all, sources=[module])


def trace_of(packets: Sequence[tuple[Packet, int]]) -> Trace:
    """A trace of packets and their times; it holds a copy of their bytes."""
    lengths = np.array([len(packet.data) for packet, _ in packets], np.int64)
    return undecided(
        np.concatenate([np.zeros(0, np.uint8), *(packet.data for packet, _ in packets)]),
        np.cumsum(lengths) - lengths,
        lengths,
        np.array([packet.wire_length for packet, _ in packets], np.int64),
        np.array([now for _, now in packets], np.int64),
        np.array([packet.device for packet, _ in packets], np.int64),
    )


def assert_same_in_both_worlds(
    module: ModuleType, new: Callable[[], Any], packets: Sequence[tuple[Packet, int]]
) -> list[int]:
    """Expect of a new NF in each world the same verdicts, bytes and final state.

    Return the verdicts.
    """
    python, compiled = new(), new()
    interpreted, natively = trace_of(packets), trace_of(packets)
    process_all(python, interpreted, 0, len(packets))
    native_loop(module)(compiled, natively, 0, len(packets))
    assert interpreted.verdict.tolist() == natively.verdict.tolist()
    assert UNDECIDED not in interpreted.verdict
    assert interpreted.data.tobytes() == natively.data.tobytes()
    for one, other in zip(arrays_of(python), arrays_of(compiled), strict=True):
        assert one.tolist() == other.tolist()
    verdicts: list[int] = interpreted.verdict.tolist()
    return verdicts
