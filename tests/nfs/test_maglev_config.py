"""What the operator of a load balancer may set, and what he is told when it makes no sense."""

import re
from typing import Any

import icontract
import numpy as np
import pytest

from libvig.settings import Setting, make_config
from libvig.station import Station
from libvig.types import MAX_TIME
from nfs.maglev import MaglevConfig
from tests.nfs.maglevs import BACKENDS, RACK, config, listed, new, number, query, word

GROUP = np.array([Station(number("01:00:5e:00:00:01"), RACK).pack()], np.int64)

BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"mac": np.zeros(0, np.int64)}, "mac: one address for each device"),
    ({"mac": np.array([0, -1], np.int64)}, "mac: addresses of 48 bits"),
    ({"backend": listed(1, 2, 1)}, "backend: none is listed twice"),
    ({"backend": np.array([word(1, 3)], np.int64)}, "backend: each the address of one station"),
    ({"backend": GROUP}, "backend: each the address of one station, behind one of the devices"),
    ({"client_device": 3}, "client-device: one of the devices"),
    ({"client_device": -1}, "client-device: one of the devices"),
    ({"virtual_address": 2**32}, "virtual-address: an IPv4 address"),
    ({"virtual_address": -1}, "virtual-address: an IPv4 address"),
    ({"heartbeat_port": 2**16}, "heartbeat-port: from 0 to 65535"),
    ({"heartbeat_port": -1}, "heartbeat-port: from 0 to 65535"),
    ({"slots": 1}, "slots: from 2 to 2^29, a prime at best"),
    ({"slots": 2**29 + 1}, "slots: from 2 to 2^29, a prime at best"),
    ({"max_backends": 0}, "max-backends: from 1 to the number of slots"),
    ({"max_backends": 14}, "max-backends: from 1 to the number of slots"),
    ({"backend": listed(0, 1, 2, 3)}, "backend: at most as many are listed as max-backends"),
    ({"max_flows": 0}, "max-flows: from 1 to 2^30"),
    ({"max_flows": 2**30 + 1}, "max-flows: from 1 to 2^30"),
    ({"flow_timeout": 0}, "flow-timeout: at least 1 ns"),
    ({"flow_timeout": MAX_TIME + 1}, "flow-timeout: at least 1 ns"),
    ({"backend_timeout": 0}, "backend-timeout: at least 1 ns"),
    ({"backend_timeout": MAX_TIME + 1}, "backend-timeout: at least 1 ns"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_a_bad_setting_is_refused_in_plain_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(icontract.ViolationError, match=re.escape(message)):
        config(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"mac": np.array([2**48 - 1], np.int64), "backend": np.array([word(1, 0)], np.int64)},
        {"slots": 2, "max_backends": 2, "max_flows": 1},
        {"max_backends": 13, "backend": listed(0, 1, 2, 3)},
        {"flow_timeout": MAX_TIME, "backend_timeout": MAX_TIME, "heartbeat_port": 0},
        {"flow_timeout": 1, "backend_timeout": 1, "heartbeat_port": 2**16 - 1},
    ],
)
def test_the_extremes_of_good_settings_work(settings: dict[str, Any]) -> None:
    maglev = new(**{"backend": listed(1)} | settings)
    assert maglev.process(query(7), MAX_TIME) >= 0


def test_settings_have_defaults() -> None:
    defaults = MaglevConfig(config().mac, listed())
    assert (defaults.client_device, defaults.virtual_address) == (1, 0xC0000201)
    assert (defaults.heartbeat_port, defaults.max_backends, defaults.slots) == (694, 100, 65537)
    assert (defaults.max_flows, defaults.flow_timeout) == (65536, 120 * 10**9)
    assert defaults.backend_timeout == 10 * 10**9


def test_backends_are_listed_by_address_and_device() -> None:
    settings = {f"backend.{BACKENDS[i]}": Setting("rack", "a.toml") for i in (2, 0)}
    made = make_config(MaglevConfig, settings, ["clients", "rack"])
    assert made.backend.tolist() == [word(0), word(2)]


@pytest.mark.parametrize(("device", "now"), [(3, 0), (0, -1), (0, MAX_TIME + 1)])
def test_a_packet_that_cannot_be_is_refused(device: int, now: int) -> None:
    with pytest.raises(icontract.ViolationError):
        new(0).process(query(7)._replace(device=device), now)


def test_time_does_not_go_back() -> None:
    maglev = new(0)
    maglev.process(query(7), 10)
    maglev.process(query(7), 10)
    with pytest.raises(icontract.ViolationError, match=r"flow\.time <= now"):
        maglev.process(query(7), 9)
