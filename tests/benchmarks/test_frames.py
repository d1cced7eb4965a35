"""Frames that are built many at a time are those that are built one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import frames as plain
from tests.benchmarks.workload import flow_number
from verify.bench.frames import FiveTuples, build
from verify.bench.scenarios import from_inside

FLOWS = 5000


def test_frames_are_those_that_plain_python_builds() -> None:
    number = np.arange(FLOWS, dtype=np.int64) * 12_345
    made = build(64, from_inside(number), 0x020000000001 + number, 0x0200AA000000 + number)
    for i, row in enumerate(made):
        macs = (
            (base + int(number[i])).to_bytes(6, "big") for base in (0x020000000001, 0x0200AA000000)
        )
        assert row.tobytes() == plain.build(flow_number(int(number[i])), *macs)


def test_a_udp_checksum_of_zero_is_sent_as_all_ones() -> None:
    port = np.arange(1 << 16, dtype=np.int64)
    flows = FiveTuples(port * 0 + 17, port * 0, port, port * 0, port * 0)
    checksums = build(64, flows, port * 0, port * 0)[:, 40:42]
    assert (checksums == 0xFF).all(axis=1).sum() == 1
    assert not (checksums == 0).all(axis=1).any()


@pytest.mark.parametrize("size", [64, 91, 1518])
def test_a_frame_has_the_size_that_is_asked_for_and_says_so(size: int) -> None:
    (row,) = build(size, from_inside(np.array([1])), np.array([1]), np.array([2]))
    assert len(row) == size - 4
    assert int.from_bytes(row[16:18].tobytes(), "big") == size - 4 - 14
    assert int.from_bytes(row[38:40].tobytes(), "big") == size - 4 - 34  # of UDP
