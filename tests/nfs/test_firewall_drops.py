"""The firewall drops what is not TCP, UDP or an ICMP error about them, whole and consistent."""

import pytest

from libvig.packet.validity import is_icmp_error
from nfs.firewall import Drop
from tests.libvig.packet.test_validity import GOOD, NO_FLOW, NO_IPV4, NO_PORTS
from tests.nfs.firewalls import new
from tests.nfs.nats import LAN, WAN
from tests.nfs.test_firewall import check_dropped
from tests.packets import packet_of

BAD_ERRORS = {name: case for name, case in NO_FLOW.items() if is_icmp_error(packet_of(case[0]))}
MALFORMED = {
    name: (frame, Drop(fault)) for name, (frame, fault) in (NO_IPV4 | NO_PORTS | BAD_ERRORS).items()
}


@pytest.mark.parametrize("device", [LAN, WAN])
@pytest.mark.parametrize(("frame", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_packets(frame: bytes, reason: Drop, device: int) -> None:
    check_dropped(new(), packet_of(frame, device), 0, reason)


@pytest.mark.parametrize("frame", GOOD.values(), ids=GOOD)
def test_their_neighbours_pass(frame: bytes) -> None:
    assert new().process(packet_of(frame, LAN), 0) == WAN
