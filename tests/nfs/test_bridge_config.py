"""What the operator may set, and what he is told when it makes no sense."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import icontract
import pytest

from libvig.errors import InputError
from libvig.packet.packet import FLOOD, MAX_DEVICES
from libvig.settings import device_names, make_config, read_settings
from libvig.station import Station, unpack_station
from libvig.types import DROP_STATION, MAX_TIME
from nfs.bridge import BridgeConfig
from tests.nfs.bridges import ANN, BOB, EVERYONE, RED, config, frame, listed, new, number

BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"devices": 1}, "devices: from 2 to 32768"),
    ({"devices": MAX_DEVICES + 1}, "devices: from 2 to 32768"),
    ({"static": listed(**{ANN: 3})}, "static: one of the devices, or drop"),
    ({"static": listed(**{ANN: 1, ANN.upper(): 2})}, "static: no address twice"),
    ({"max_stations": 0}, "max-stations: from 1 to 2^30"),
    ({"max_stations": 2**30 + 1}, "max-stations: from 1 to 2^30"),
    ({"ageing_time": 0}, "ageing-time: at least 1 ns"),
    ({"ageing_time": MAX_TIME + 1}, "ageing-time: at least 1 ns"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_a_bad_setting_is_refused_in_plain_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(icontract.ViolationError, match=re.escape(message)):
        config(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"devices": 2, "static": listed()},
        {"devices": MAX_DEVICES},
        {"static": listed(**{BOB: 2, EVERYONE: DROP_STATION})},
        {"max_stations": 1, "ageing_time": 1},
        {"ageing_time": MAX_TIME},
    ],
)
def test_the_extremes_of_good_settings_work(settings: dict[str, Any]) -> None:
    bridge = new(**settings)
    assert bridge.process(frame(BOB, ANN, RED), 0) == FLOOD


def config_of(file: Path, *assignments: str) -> BridgeConfig:
    settings = read_settings(str(file), assignments)
    made: BridgeConfig = make_config(BridgeConfig, settings, device_names(settings, 3))
    return made


def test_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text(f'ageing-time = "10 s"\n[static]\n"{ANN}" = "device2"\n"{BOB}" = "drop"\n')
    made = config_of(file, "max-stations=7")
    assert (made.devices, made.max_stations, made.ageing_time) == (3, 7, 10 * 10**9)
    assert [unpack_station(int(word)) for word in made.static] == [
        Station(number(ANN), 2),
        Station(number(BOB), DROP_STATION),
    ]
    assert new(static=made.static).process(frame(BOB, ANN, RED), 0) == 2


def test_settings_have_defaults(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text("")
    made = config_of(file)
    assert made.static.tolist() == []
    assert (made.max_stations, made.ageing_time) == (16384, 300 * 10**9)  # 8.8.3: 300 s


def test_a_bridge_with_one_device_is_refused() -> None:
    with pytest.raises(InputError, match="devices: from 2 to 32768"):
        make_config(BridgeConfig, {}, ("lan",))
