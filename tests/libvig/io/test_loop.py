"""The loop hands each packet to the NF, natively as in CPython."""

from typing import Any

import numpy as np
import pytest

from libvig.compile import native
from libvig.io.loop import process_all
from libvig.io.trace import UNDECIDED, new_trace
from nfs import nop
from tests.libvig.io.captures import Frame, records_of

MACS = np.array([0x020000000000, 0x020000000001])
PEERS = np.array([0x020000000100, 0x020000000101])

FRAMES = [
    Frame(1, bytes(14) + b"one", 17),
    Frame(2, b"too short", 9),
    Frame(3, bytes(14) + b"three", 5),  # claims less on the wire than was captured
]


@pytest.mark.parametrize(
    "run", [process_all, native(process_all, sources=[nop])], ids=["interpreted", "native"]
)
def test_verdicts_are_kept_and_packets_written_in_place(run: Any) -> None:
    nf = nop.new_nop(nop.NopConfig(MACS, PEERS))
    records = records_of(FRAMES)
    trace = new_trace(records, np.array([0, 0, 1]))
    run(nf, trace, 0, 2)
    assert trace.verdict.tolist() == [1, nop.Drop.TRUNCATED, UNDECIDED]
    run(nf, trace, 2, 3)
    assert trace.verdict.tolist() == [1, nop.Drop.TRUNCATED, 0]
    to_wan = bytes.fromhex("020000000101020000000001")
    to_lan = bytes.fromhex("020000000100020000000000")
    assert records.data.tobytes() == (
        to_wan + bytes(2) + b"one" + b"too short" + to_lan + bytes(2) + b"three"
    )
