"""What the operator of a policer may set, and what he is told when it makes no sense."""

import re
from typing import Any

import icontract
import pytest

from libvig.errors import InputError
from libvig.settings import make_config, read_settings
from libvig.types import MAX_TIME
from nfs.policer import PolicerConfig
from tests.nfs.nats import BAD_DEVICES, LAN, MACS, PEERS, WAN, numbers
from tests.nfs.policers import SECOND, config, inbound, new

BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    *BAD_DEVICES,
    ({"internal_device": 3}, "internal-device: one of the devices"),
    ({"internal_device": -1}, "internal-device: one of the devices"),
    ({"internal_device": WAN}, "internal-device and external-device: two different devices"),
    ({"rate": 0}, "rate: from 1 B/s to 2**63 - 1 B/s"),
    ({"rate": 2**63}, "rate: from 1 B/s to 2**63 - 1 B/s"),
    ({"burst": 0}, "burst: from 1 B to 2**32 - 1 B"),
    ({"burst": 2**32}, "burst: from 1 B to 2**32 - 1 B"),
    ({"max_destinations": 0}, "max-destinations: from 1 to 2**30"),
    ({"max_destinations": 2**30 + 1}, "max-destinations: from 1 to 2**30"),
    ({"timeout": 0}, "timeout: at least 1 ns"),
    ({"timeout": MAX_TIME + 1}, "timeout: at least 1 ns"),
    ({"timeout": 3 * SECOND - 1}, "timeout: at least burst / rate, the time in which an empty"),
    ({"burst": 501}, "timeout: at least burst / rate, the time in which an empty bucket fills"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_a_bad_setting_is_refused_in_plain_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(icontract.ViolationError, match=re.escape(message)):
        config(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"timeout": 3 * SECOND},
        {"timeout": MAX_TIME, "max_destinations": 1},
        {"rate": 1, "burst": 2**32 - 1, "timeout": (2**32 - 1) * SECOND},
        {"rate": 2**63 - 1, "burst": 2**32 - 1, "timeout": 1},
        {"rate": 2**63 - 1, "burst": 28, "timeout": 1},
    ],
)
def test_the_extremes_of_good_settings_work(settings: dict[str, Any]) -> None:
    assert new(**settings).process(inbound(28), MAX_TIME) == LAN


def test_settings_have_defaults() -> None:
    defaults = PolicerConfig(numbers(MACS), numbers(PEERS))
    assert (defaults.external_device, defaults.internal_device) == (1, 0)
    assert (defaults.rate, defaults.burst) == (10**6, 10**5)
    assert (defaults.max_destinations, defaults.timeout) == (65536, 60 * SECOND)


def test_rates_and_sizes_have_units() -> None:
    settings = read_settings(None, ["rate=8 Mbit/s", "burst=64 kB", "timeout=1 s"])
    made = make_config(PolicerConfig, settings, ["lan", "wan"])
    assert (made.rate, made.burst, made.timeout) == (10**6, 64_000, SECOND)


def test_a_timeout_that_is_too_short_is_told_with_what_was_set() -> None:
    settings = read_settings(None, ["rate=1 kB/s", "timeout=99 s"])
    with pytest.raises(InputError) as refusal:
        make_config(PolicerConfig, settings, ["lan", "wan"])
    assert str(refusal.value) == (
        "the settings are not valid: timeout: at least burst / rate, the time in which an empty "
        "bucket fills (found --set: rate = 1 kB/s, --set: timeout = 99 s)"
    )


@pytest.mark.parametrize(("device", "now"), [(3, 0), (0, -1), (0, MAX_TIME + 1)])
def test_a_packet_that_cannot_be_is_refused(device: int, now: int) -> None:
    with pytest.raises(icontract.ViolationError):
        new().process(inbound(100)._replace(device=device), now)


def test_time_does_not_go_back() -> None:
    policer = new()
    policer.process(inbound(100), 10)
    policer.process(inbound(100), 10)
    with pytest.raises(icontract.ViolationError, match=r"time <= now"):
        policer.process(inbound(100), 9)
