"""Settings: every form is read, and whatever is wrong is named in one line with its remedy."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from libvig.errors import InputError
from libvig.settings import device_names, make_config, read_settings
from libvig.station import Station, unpack_station
from libvig.types import (
    DROP_STATION,
    Address,
    Count,
    Device,
    Devices,
    Duration,
    Mac,
    Macs,
    Port,
    Rate,
    Size,
    StaticStations,
    Stations,
)
from nfs.nat import NatConfig

DEVICES = ("lan", "wan")


class Config(NamedTuple):
    mac: Macs
    peer: Macs
    gateway: Device = 1
    address: Address = 0x0A000001
    first_port: Port = 1024
    flows: Count = 16
    idle: Duration = 10**9
    level: int = -1
    rate: Rate = 10**6
    burst: Size = 1500
    station: Mac = 0x020000000001


class Needy(NamedTuple):
    flows: Count


class Listing(NamedTuple):
    devices: Devices
    static: StaticStations
    backend: Stations


class Unreadable(NamedTuple):
    ratio: float = 0.5


def config_of(*assignments: str, file: Path | None = None) -> Config:
    settings = read_settings(None if file is None else str(file), assignments)
    config: Config = make_config(Config, settings, device_names(settings, 1))
    return config


def toml(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "nf.toml"
    file.write_text(text)
    return file


def test_without_settings_everything_has_its_default() -> None:
    config = config_of()
    assert config.mac.tolist() == [0x020000000000, 0x020000000001]
    assert config.peer.tolist() == [0x020000000100, 0x020000000101]
    assert config[2:] == (1, 0x0A000001, 1024, 16, 10**9, -1, 10**6, 1500, 0x020000000001)


@pytest.mark.parametrize(
    ("assignment", "field", "value"),
    [
        ("gateway=lan", "gateway", 0),
        ("gateway=1", "gateway", 1),
        ("address=192.0.2.1", "address", 0xC0000201),
        ("first-port=0", "first_port", 0),
        ("first-port=65535", "first_port", 65535),
        (" flows = 7 ", "flows", 7),
        ("idle=120 s", "idle", 120 * 10**9),
        ("idle=0.5ms", "idle", 500_000),
        ("idle=2min", "idle", 120 * 10**9),
        ("idle=3us", "idle", 3000),
        ("idle=1h", "idle", 3600 * 10**9),
        ("idle=9 ns", "idle", 9),
        ("level=-3", "level", -3),
        ("rate=1 B/s", "rate", 1),
        ("rate=2.5MB/s", "rate", 2_500_000),
        ("rate=1 kbit/s", "rate", 125),
        ("rate=0.1 Gbit/s", "rate", 12_500_000),
        ("burst=3 kB", "burst", 3000),
        ("burst=0.0015 MB", "burst", 1500),
        ("burst=4.294967295 GB", "burst", 2**32 - 1),
        ("station=02:00:0a:0B:00:ff", "station", 0x02000A0B00FF),
    ],
)
def test_assignments_are_read(assignment: str, field: str, value: int) -> None:
    assert getattr(config_of(assignment), field) == value


def test_a_file_is_read_and_assignments_override_it(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        """
        gateway = "lan"
        address = "10.0.0.9"
        flows = 5
        idle = "1.5 s"
        [mac]
        wan = "0A:0b:0c:0d:0e:0f"
        """,
    )
    config = config_of("flows=6", "peer.lan=ff:ff:ff:ff:ff:ff", file=file)
    assert config.mac.tolist() == [0x020000000000, 0x0A0B0C0D0E0F]
    assert config.peer.tolist() == [0xFFFFFFFFFFFF, 0x020000000101]
    assert config[2:10] == (0, 0x0A000009, 1024, 6, 1_500_000_000, -1, 10**6, 1500)


def test_devices_are_named(tmp_path: Path) -> None:
    file = toml(tmp_path, 'devices = ["inside", "outside", "dmz"]')
    assert device_names(read_settings(str(file), []), 2) == ("inside", "outside", "dmz")
    assert device_names(read_settings(None, ["devices=a, b"]), 1) == ("a", "b")
    assert device_names({}, 1) == ("lan", "wan")
    assert device_names({}, 4) == ("lan", "wan", "device2", "device3")


def stations_of(*assignments: str, file: Path | None = None) -> Listing:
    settings = read_settings(None if file is None else str(file), assignments)
    listing: Listing = make_config(Listing, settings, device_names(settings, 1))
    return listing


def test_devices_are_counted_and_stations_are_listed_by_address(tmp_path: Path) -> None:
    assert stations_of("devices=a,b,c").devices == 3
    assert stations_of().static.dtype == np.int64
    assert stations_of().static.tolist() == []
    file = toml(
        tmp_path,
        """
        [static]
        "FE:dc:ba:98:76:54" = "wan"
        "02:00:00:00:00:02" = 0
        "02:00:00:00:00:01" = "drop"
        [backend]
        "00:00:00:00:00:00" = "lan"
        """,
    )
    overridden = "static.02:00:00:00:00:02=wan"
    listing = stations_of(overridden, "backend.ff:ff:ff:ff:ff:ff=1", file=file)
    assert [unpack_station(int(word)) for word in listing.static] == [
        Station(0x020000000001, DROP_STATION),
        Station(0x020000000002, 1),
        Station(0xFEDCBA987654, 1),
    ]
    assert [unpack_station(int(word)) for word in listing.backend] == [
        Station(0, 0),
        Station(2**48 - 1, 1),
    ]
    for words in (listing.static, listing.backend):
        assert words.tolist() == sorted(words.tolist())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("static.02:00:00:00:00:01=3", "'3' is not a device (lan, wan) or drop; write static.02:"),
        ("backend.02:00:00:00:00:01=drop", "'drop' is not a device (lan, wan); write backend.02:"),
        (
            "static.02:00:00:00:01=lan",
            "static.02:00:00:00:01: 02:00:00:00:01 is not a MAC address; write static.02:00:00:00:",
        ),
        ("static=lan", "no setting is called static; did you mean static.ADDRESS?"),
        ("statics.02:00:00:00:00:01=lan", "no setting is called statics.02:00:00:00:00:01; "),
        ("static.0A:00:00:00:00:01=lan", "static.0A:00:00:00:00:01: is listed twice; leave one"),
    ],
)
def test_what_is_wrong_with_a_station_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        stations_of("static.0a:00:00:00:00:01=lan", text)
    assert str(refusal.value).startswith("--set: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_station_in_a_file_is_written_in_quotes(tmp_path: Path) -> None:
    file = toml(tmp_path, 'static."02:00:00:00:00:01" = "dmz"')
    with pytest.raises(InputError, match=r'write static\."02:00:00:00:00:01" = "wan"'):
        stations_of(file=file)


def test_default_addresses_differ_between_any_number_of_devices() -> None:
    many = [f"device{i}" for i in range(600)]
    config: Config = make_config(Config, {}, many)
    assert len(np.unique(np.concatenate([config.mac, config.peer]))) == 1200


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("flow=3", "--set: no setting is called flow; did you mean flows?"),
        (
            "mac.dmz=02:00:00:00:00:00",
            "--set: mac.dmz: no device is called dmz; there are lan, wan",
        ),
        ("mac.=02:00:00:00:00:00", "--set: mac.: no device is called ; there are lan, wan"),
        ("mac=02:00:00:00:00:00", "--set: no setting is called mac; "),
        (
            "xyzzy=3",
            "no setting is called xyzzy; there are devices, clock-tick, mac.lan, mac.wan",
        ),
        ("flows", "--set flows: not an assignment; write --set key=value"),
        ("=3", "--set =3: not an assignment; write --set key=value"),
        ("flows=many", "'many' is not a whole number from 1 to 1073741824; write flows=1024"),
        ("flows=0", "'0' is not a whole number from 1 to"),
        ("flows=", "'' is not a whole number from 1 to"),
        ("flows=1e3", "'1e3' is not a whole number"),
        ("first-port=65536", "'65536' is not a whole number from 0 to 65535; write first-port="),
        ("address=1.2.3", "'1.2.3' is not an IPv4 address; write address=192.0.2.1"),
        ("address=::1", "'::1' is not an IPv4 address"),
        ("idle=5", "'5' is not a number with a unit (ns, us, ms, s, min, h); write idle=120s"),
        ("idle=5 days", "'5 days' is not a number with a unit"),
        ("idle=-1 s", "'-1 s' is not a number with a unit"),
        ("idle=99999999 h", "'99999999 h' is not a number with a unit"),
        ("idle=5 kB", "'5 kB' is not a number with a unit"),
        (
            "rate=5",
            "'5' is not a number with a unit (B/s, kB/s, MB/s, GB/s, kbit/s, Mbit/s, Gbit/s); "
            "write rate=1MB/s",
        ),
        ("rate=7 MB", "'7 MB' is not a number with a unit"),
        ("rate=0.9 B/s", "'0.9 B/s' is not a number with a unit"),
        ("burst=1500", "'1500' is not a number with a unit (B, kB, MB, GB); write burst=100kB"),
        ("burst=1 MB/s", "'1 MB/s' is not a number with a unit"),
        ("burst=4.294967296 GB", "'4.294967296 GB' is not a number with a unit"),
        (f"burst={'9' * 5000} B", "is not a number with a unit"),
        ("gateway=dmz", "'dmz' is not a device (lan, wan); write gateway=wan"),
        ("gateway=2", "'2' is not a device (lan, wan); write gateway=wan"),
        ("station=2", "'2' is not a MAC address; write station=02:00:00:00:00:01"),
        ("mac.lan=2", "'2' is not a MAC address; write mac.lan=02:00:00:00:00:01"),
        (
            "devices=lan,lan",
            "is not different names that start with a letter; write devices=lan,wan",
        ),
        ("devices=", "is not different names that start with a letter"),
        ("devices=1,2", "is not different names that start with a letter"),
    ],
)
def test_what_is_wrong_is_named(assignment: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        config_of(assignment)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flows = = 3", "nf.toml: is not TOML: Invalid value (at line 1, column 9)"),
        ("flows = true", "nf.toml: flows: True is not a whole number from 1"),
        ("flows = 1.5", "nf.toml: flows: 1.5 is not a whole number from 1"),
        ("idle = 5", "nf.toml: idle: 5 is not a number with a unit (ns, us, ms, s, min, h); write"),
        ("idle = 5", 'write idle = "120 s"'),
        ("burst = 1500", 'write burst = "100 kB"'),
        ("address = 3221225985", 'is not an IPv4 address; write address = "192.0.2.1"'),
        ("devices = [1]", "nf.toml: devices: [1] is not different names"),
        ("devices = [1]", 'write devices = ["lan", "wan"]'),
        ("[flows]\nx = 1", "nf.toml: no setting is called flows.x; did you mean flows?"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        config_of(file=toml(tmp_path, text))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none: cannot be read: No such file or directory"):
        config_of(file=tmp_path / "none")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        config_of(file=tmp_path)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="binary: is not text in UTF-8; write a TOML file"):
        config_of(file=binary)


def test_a_capture_with_more_interfaces_than_names_is_refused() -> None:
    settings = read_settings(None, ["devices=a,b"])
    with pytest.raises(InputError, match="devices: 2 names, but the capture has 3 interfaces"):
        device_names(settings, 3)
    with pytest.raises(InputError, match="there can be 32768 devices at most"):
        device_names({}, 32769)


def test_a_value_that_must_be_given_is_asked_for() -> None:
    with pytest.raises(InputError, match="flows: has no value; give one with --set flows=VALUE"):
        make_config(Needy, {}, DEVICES)
    assert make_config(Needy, read_settings(None, ["flows=2"]), DEVICES) == Needy(2)


def test_a_field_that_cannot_be_set_is_refused() -> None:
    with pytest.raises(InputError, match=r"Unreadable.ratio: cannot be read from settings; annot"):
        make_config(Unreadable, {}, DEVICES)


def test_what_every_network_function_has_is_no_field() -> None:
    class Config(NamedTuple):
        clock_tick: Duration = 1

    with pytest.raises(InputError, match=r"Config\.clock_tick: clock-tick is a setting of every"):
        make_config(Config, {}, ("lan", "wan"))


def test_a_rule_of_the_configuration_is_told_in_the_words_of_its_author() -> None:
    settings = read_settings(None, ["first-port=5000", "last-port=4000"])
    with pytest.raises(InputError) as refusal:
        make_config(NatConfig, settings, DEVICES)
    rule = "first-port and last-port: 1 <= first-port <= last-port <= 65535"
    found = "(found --set: first-port = 5000, --set: last-port = 4000)"
    assert str(refusal.value) == f"the settings are not valid: {rule} {found}"
