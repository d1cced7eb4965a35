"""What the operator may set, and what he is told when it makes no sense."""

import re
from typing import Any

import icontract
import pytest
from scapy.layers.inet import UDP

from libvig.types import MAX_TIME
from tests.nfs.nats import BAD_DEVICES, MACS, PEERS, config, new, numbers, outbound

BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    *BAD_DEVICES,
    ({"external_address": 2**32}, "external-address: an IPv4 address"),
    ({"external_address": -1}, "external-address: an IPv4 address"),
    ({"first_port": 5005, "last_port": 5004}, "first-port and last-port: 1 <= first-port"),
    ({"first_port": 0}, "first-port and last-port: 1 <= first-port <= last-port <= 65535"),
    ({"last_port": 65536}, "first-port and last-port: 1 <= first-port <= last-port <= 65535"),
    ({"max_flows": 0}, "max-flows: from 1 to the number of ports, as each flow holds one"),
    ({"max_flows": 6}, "max-flows: from 1 to the number of ports, as each flow holds one"),
    ({"timeout": 0}, "timeout: at least 1 ns"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_a_bad_setting_is_refused_in_plain_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(icontract.ViolationError, match=re.escape(message)):
        config(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"mac": numbers(MACS[:2]), "peer": numbers(PEERS[:2])},
        {"external_device": 2, "external_address": 2**32 - 1},
        {"external_device": 0, "external_address": 0},
        {"first_port": 1, "last_port": 65535},
        {"first_port": 5004, "max_flows": 1},
        {"max_flows": 5, "timeout": MAX_TIME},
    ],
)
def test_the_extremes_of_good_settings_work(settings: dict[str, Any]) -> None:
    nat = new(**settings)
    device = 1 if nat.config.external_device == 0 else 0
    packet = outbound(UDP(sport=1111, dport=53), device)
    assert nat.process(packet, 0) == nat.config.external_device


def test_settings_have_defaults() -> None:
    defaults = type(config())(numbers(MACS), numbers(PEERS))
    assert (defaults.external_device, defaults.external_address) == (1, 0xC0000201)
    assert (defaults.first_port, defaults.last_port, defaults.max_flows) == (1024, 65535, 16384)
    assert defaults.timeout == 120 * 10**9


@pytest.mark.parametrize(("device", "now"), [(3, 0), (0, -1), (0, MAX_TIME + 1)])
def test_a_packet_that_cannot_be_is_refused(device: int, now: int) -> None:
    with pytest.raises(icontract.ViolationError):
        new().process(outbound(UDP(), device=0)._replace(device=device), now)


def test_time_does_not_go_back() -> None:
    nat = new()
    nat.process(outbound(UDP()), 10)
    nat.process(outbound(UDP()), 10)
    with pytest.raises(icontract.ViolationError, match=r"flow\.time <= now"):
        nat.process(outbound(UDP()), 9)
