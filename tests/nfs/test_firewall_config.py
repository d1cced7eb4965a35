"""What the operator of a firewall may set, and what he is told when it makes no sense."""

import re
from typing import Any

import icontract
import pytest
from scapy.layers.inet import UDP

from libvig.types import MAX_TIME
from nfs.firewall import FirewallConfig
from tests.nfs.firewalls import config, new
from tests.nfs.nats import BAD_DEVICES, MACS, PEERS, numbers, outbound

BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    *BAD_DEVICES,
    ({"max_flows": 0}, "max-flows: from 1 to 2^30"),
    ({"max_flows": 2**30 + 1}, "max-flows: from 1 to 2^30"),
    ({"timeout": 0}, "timeout: at least 1 ns"),
    ({"timeout": MAX_TIME + 1}, "timeout: at least 1 ns"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_a_bad_setting_is_refused_in_plain_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(icontract.ViolationError, match=re.escape(message)):
        config(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"mac": numbers(MACS[:2]), "peer": numbers(PEERS[:2])},
        {"external_device": 2, "max_flows": 1},
        {"external_device": 0, "timeout": 1},
        {"timeout": MAX_TIME},
    ],
)
def test_the_extremes_of_good_settings_work(settings: dict[str, Any]) -> None:
    firewall = new(**settings)
    device = 1 if firewall.config.external_device == 0 else 0
    packet = outbound(UDP(sport=1111, dport=53), device)
    assert firewall.process(packet, MAX_TIME) == firewall.config.external_device


def test_settings_have_defaults() -> None:
    defaults = FirewallConfig(numbers(MACS), numbers(PEERS))
    assert (defaults.external_device, defaults.max_flows) == (1, 65536)
    assert defaults.timeout == 300 * 10**9


@pytest.mark.parametrize(("device", "now"), [(3, 0), (0, -1), (0, MAX_TIME + 1)])
def test_a_packet_that_cannot_be_is_refused(device: int, now: int) -> None:
    with pytest.raises(icontract.ViolationError):
        new().process(outbound(UDP())._replace(device=device), now)


def test_time_does_not_go_back() -> None:
    firewall = new()
    firewall.process(outbound(UDP()), 10)
    with pytest.raises(icontract.ViolationError, match=r"flow\.time <= now"):
        firewall.process(outbound(UDP()), 9)
