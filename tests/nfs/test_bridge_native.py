"""The bridge does the same in CPython, with every contract, and as native code."""

from __future__ import annotations

from collections import Counter
from random import Random

from libvig.packet.packet import FLOOD
from nfs import bridge as bridge_module
from nfs.bridge import Drop
from tests.nfs.bridges import AGEING_TIME, BLUE, GREEN, RED, new, random_frame
from tests.nfs.worlds import assert_same_in_both_worlds

PAUSES = [0, 1, 7, AGEING_TIME // 2, AGEING_TIME, AGEING_TIME + 1]


def test_random_traffic() -> None:
    verdicts: Counter[int] = Counter()
    for number in range(40):
        random = Random(number)
        now, packets = 0, []
        for _ in range(25):
            now += random.choice(PAUSES)
            packets.append((random_frame(random), now))
        verdicts.update(assert_same_in_both_worlds(bridge_module, new, packets))
    often = {verdict for verdict, times in verdicts.items() if times >= 5}
    assert often == {RED, GREEN, BLUE, FLOOD, *Drop}
