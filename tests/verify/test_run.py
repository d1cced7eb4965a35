"""`pyvigor run`: what goes through, and what is said of it."""

import json
from pathlib import Path

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from libvig.io.capture import read_capture
from libvig.io.pcap import Layout
from tests.libvig.io.captures import pcap_file
from tests.verify.runs import (
    CONVERSATION,
    INSIDE,
    NAT,
    REPLY,
    REQUEST,
    SECOND,
    SERVER,
    frame,
    frames_in,
    run,
    write_pcap,
    write_pcapng,
)

SETTINGS = ["--set", "max-flows=8", "--set", "first-port=5000", "--set", "last-port=5007"]
VERDICTS = [1, 0, None, None, None, 1, None]  # of the conversation's packets


def addresses(data: bytes) -> tuple[str, int, str, int]:
    packet = Ether(data)
    return packet[IP].src, packet[UDP].sport, packet[IP].dst, packet[UDP].dport


def test_each_interface_of_a_capture_is_a_device(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert run("nat", "-r", capture, "-w", out, *SETTINGS) == 0
    sent = frames_in(out)
    assert [packet.interface for packet in sent] == [1, 0, 1]
    assert addresses(sent[0].data) == (NAT, 5000, SERVER, 53)
    assert addresses(sent[1].data) == (SERVER, 53, INSIDE, 1111)
    kept = [
        frame for frame, verdict in zip(CONVERSATION, VERDICTS, strict=True) if verdict is not None
    ]
    assert [(f.time, len(f.data), f.wire_length) for f in sent] == [
        (f.time, len(f.data), f.wire_length) for f in kept
    ]


def test_interpreted_and_native_write_the_same_bytes(capture: Path, tmp_path: Path) -> None:
    native, interpreted = tmp_path / "native.pcapng", tmp_path / "interpreted.pcapng"
    assert run("nat", "-r", capture, "-w", native, *SETTINGS) == 0
    assert run("nat", "-r", capture, "-w", interpreted, "--interpreted", *SETTINGS) == 0
    assert native.read_bytes() == interpreted.read_bytes()


def test_the_summary_says_what_went_through(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("nat", "-r", capture, *SETTINGS) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("nat: 7 packets, ")
    assert lines[0].endswith(" packets/s (native)")
    size = len(bytes(REQUEST))
    arp, gre = len(bytes(Ether() / ARP())), len(bytes(Ether() / IP()))
    assert lines[1:] == [
        f"lan in 4 packets {2 * size + arp + gre} bytes out 1 packets {size} bytes",
        f"wan in 3 packets {3 * size} bytes out 2 packets {2 * size} bytes",
        "forwarded 3",
        "dropped 4",
        "not IPv4 1",
        "other protocol 1",
        "unsolicited 1",
        "wrong remote 1",
        "flows 1 of 8",
        "cut short 1 by the snap length",
        "clock held 1 times, as the capture went back",
    ]


def test_the_summary_in_json(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nat", "-r", capture, "--output-format", "json", "--interpreted", *SETTINGS) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["packets_per_second"] > 0
    assert (summary["nf"], summary["mode"], summary["packets"]) == ("nat", "interpreted", 7)
    assert (summary["forwarded"], summary["dropped"], summary["cut_short"]) == (3, 4, 1)
    assert summary["drops"]["wrong remote"] == 1
    assert summary["flows"] == {"live": 1, "capacity": 8}
    assert summary["clock_held"] == 1
    assert summary["devices"][1]["packets_out"] == 2
    assert summary["damage"] == []


def test_the_clock_of_the_capture_ends_flows(tmp_path: Path) -> None:
    late = [frame(10, REQUEST), frame(13.1, REPLY, interface=1)]
    capture, out = write_pcapng(tmp_path / "in.pcapng", late), tmp_path / "out.pcapng"
    assert run("nat", "-r", capture, "-w", out, *SETTINGS, "--set", "timeout=3s") == 0
    assert len(frames_in(out)) == 1
    assert run("nat", "-r", capture, "-w", out, *SETTINGS, "--set", "timeout=3200ms") == 0
    assert len(frames_in(out)) == 2


@pytest.mark.parametrize("way", [[], ["--interpreted"], ["--no-look-ahead"]])
def test_the_clock_may_go_forward_in_ticks(way: list[str], tmp_path: Path) -> None:
    late = [frame(10.4, REQUEST), frame(13.6, REPLY, interface=1)]  # 10 and 13 on such a clock
    capture, out = write_pcapng(tmp_path / "in.pcapng", late), tmp_path / "out.pcapng"
    given = ["nat", "-r", capture, "-w", out, *SETTINGS, "--set", "timeout=3s", *way]
    assert run(*given) == 0
    assert len(frames_in(out)) == 1
    assert run(*given, "--set", "clock-tick=1s") == 0
    assert [packet.time for packet in frames_in(out)] == [packet.time for packet in late]


def test_ticks_may_end_a_flow_early(tmp_path: Path) -> None:
    late = [frame(10.9, REQUEST), frame(13.1, REPLY, interface=1)]
    capture, out = write_pcapng(tmp_path / "in.pcapng", late), tmp_path / "out.pcapng"
    given = ["nat", "-r", capture, "-w", out, *SETTINGS, "--set", "timeout=2300ms"]
    assert run(*given) == 0
    assert len(frames_in(out)) == 2
    config = tmp_path / "nat.toml"
    config.write_text('clock-tick = "1 s"\n')
    for settings in (
        ["--set", "clock-tick=1s"],
        ["--config", config],
        ["--check", "--config", config],
    ):
        assert run(*given, *settings) == 0
        assert len(frames_in(out)) == 1


def test_one_file_a_device_is_merged_by_time(tmp_path: Path) -> None:
    lan = write_pcap(tmp_path / "a.pcap", [frame(1, REQUEST), frame(3, REQUEST)])
    wan = write_pcap(tmp_path / "b.pcap", [frame(2, REPLY)])
    both, to_lan, to_wan = (tmp_path / name for name in ("both.pcap", "lan.pcap", "wan.pcapng"))
    for files in ([lan, wan], [f"wan={wan}", f"lan={lan}"]):
        reading = [argument for file in files for argument in ("-r", file)]
        assert run("nat", *reading, "-w", both, *SETTINGS) == 0
        assert [frame.time for frame in frames_in(both)] == [SECOND, 2 * SECOND, 3 * SECOND]
        writing = ["-w", f"lan={to_lan}", "-w", f"wan={to_wan}"]
        assert run("nat", *reading, *writing, *SETTINGS) == 0
        assert [frame.time for frame in frames_in(to_lan)] == [2 * SECOND]
        assert [frame.time for frame in frames_in(to_wan)] == [SECOND, 3 * SECOND]


def test_further_devices_are_named_by_their_numbers(tmp_path: Path) -> None:
    frames = [frame(i, REQUEST, interface=i) for i in range(4)]
    interfaces = write_pcapng(tmp_path / "in.pcapng", frames)
    files = [write_pcap(tmp_path / f"{i}.pcap", [frames[i]]) for i in range(4)]
    out = tmp_path / "out.pcap"
    for given in ([interfaces], files):
        reading = [argument for file in given for argument in ("-r", file)]
        assert run("nop", *reading, "-w", f"device3={out}", "--set", "mac.device2=02::") == 2
        assert run("nop", *reading, "-w", f"wan={out}") == 0
        assert [frame.time for frame in frames_in(out)] == [0]
        assert run("nop", *reading, "-w", f"lan={out}") == 0
        assert [frame.time for frame in frames_in(out)] == [SECOND, 2 * SECOND, 3 * SECOND]


def test_one_interface_is_split_by_the_internal_prefix(tmp_path: Path) -> None:
    everything = [f._replace(interface=0) for f in CONVERSATION]
    capture, out = write_pcap(tmp_path / "in.pcap", everything), tmp_path / "out.pcapng"
    assert run("nat", "-r", capture, "-w", out, "--split", "192.168.0.0/16", *SETTINGS) == 0
    assert [frame.interface for frame in frames_in(out)] == [1, 0, 1]


def test_the_external_device_gets_what_comes_from_outside_a_split(tmp_path: Path) -> None:
    capture = write_pcap(tmp_path / "in.pcap", [frame(1, REQUEST), frame(2, REPLY)])
    out = tmp_path / "out.pcapng"
    outside = ["--set", "devices=lan,dmz,wan", "--set", "external-device=wan"]
    assert (
        run("nat", "-r", capture, "-w", out, "--split", "192.168.0.0/16", *outside, *SETTINGS) == 0
    )
    assert [frame.interface for frame in frames_in(out)] == [2, 0]


@pytest.mark.parametrize("little", [True, False])
@pytest.mark.parametrize("unit", [1, 1000])
def test_a_pcap_is_written_as_it_was_read(tmp_path: Path, little: bool, unit: int) -> None:
    layout = Layout(little, unit)
    capture = write_pcap(tmp_path / "in.pcap", [frame(1.5, REQUEST)], layout)
    out = tmp_path / "out.pcap"
    assert run("nop", "-r", capture, "-w", out) == 0
    assert read_capture(str(out)).layout == layout
    assert out.read_bytes()[:40] == capture.read_bytes()[:40]


def test_pcapng_is_written_as_pcap_in_nanoseconds(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    assert run("nop", "-r", capture, "-w", out) == 0
    assert read_capture(str(out)).layout == Layout(little=True, unit=1)


def test_settings_come_from_a_file_and_are_overridden(capture: Path, tmp_path: Path) -> None:
    config, out = tmp_path / "nat.toml", tmp_path / "out.pcapng"
    config.write_text('external-address = "203.0.113.7"\nfirst-port = 7\nlast-port = 12\n')
    changes = ["--set", "first-port=9", "--set", "max-flows=4"]
    assert run("nat", "-r", capture, "-w", out, "--config", config, *changes) == 0
    assert addresses(frames_in(out)[0].data)[:2] == ("203.0.113.7", 9)


@pytest.mark.parametrize("mode", [[], ["--interpreted"]])
def test_a_cut_capture_is_processed_up_to_the_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: list[str]
) -> None:
    capture, out = tmp_path / "in.pcap", tmp_path / "out.pcap"
    whole = pcap_file([frame(1, REQUEST), frame(2, REQUEST)])
    capture.write_bytes(whole[:-1])
    assert run("nop", "-r", capture, "-w", out, *mode) == 2
    assert [frame.time for frame in frames_in(out)] == [SECOND]
    output = capsys.readouterr()
    assert output.out.startswith("nop: 1 packet, ")
    end = len(whole) - len(bytes(REQUEST)) - 16
    assert output.err == (
        f"pyvigor: {capture}: ends in the middle of a record, at byte {end} of {len(whole) - 1}; "
        "1 packet came before\n"
    )
