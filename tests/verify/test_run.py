"""`pyvigor run`: what goes through, what is said of it, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

import verify.run
from libvig.io.capture import read_capture
from libvig.io.pcap import Layout, encode_pcap
from libvig.io.pcapng import encode_pcapng
from tests.libvig.io.captures import Frame, frames_of, pcap_file, records_of
from verify.cli import main
from verify.progress import Advance

ROOT = Path(__file__).parents[2]
SECOND = 10**9

INSIDE, SERVER, NAT = "192.168.1.5", "8.8.8.8", "192.0.2.1"
SETTINGS = ["--set", "max-flows=8", "--set", "first-port=5000", "--set", "last-port=5007"]


def frame(seconds: float, packet: Any, interface: int = 0, captured: int = 10_000) -> Frame:
    data = bytes(packet)
    return Frame(int(seconds * SECOND), data[:captured], len(data), interface)


def udp(source: str, sport: int, destination: str, dport: int) -> Any:
    return Ether() / IP(src=source, dst=destination) / UDP(sport=sport, dport=dport) / b"payload"


REQUEST = udp(INSIDE, 1111, SERVER, 53)
REPLY = udp(SERVER, 53, NAT, 5000)
SPOOFED = udp("6.6.6.6", 53, NAT, 5000)
UNSOLICITED = udp(SERVER, 53, NAT, 5003)

CONVERSATION = [
    frame(10, REQUEST),
    frame(10.5, REPLY, interface=1),
    frame(10.6, SPOOFED, interface=1),
    frame(10.7, UNSOLICITED, interface=1),
    frame(10.2, Ether() / ARP(), interface=0),
    frame(11, REQUEST, captured=44),
    frame(12, Ether() / IP(src=INSIDE, dst=SERVER, proto=47), interface=0),
]
VERDICTS = [1, 0, None, None, None, 1, None]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A pcapng capture of the conversation, with two interfaces."""
    return write_pcapng(tmp_path / "in.pcapng", CONVERSATION)


def write_pcapng(file: Path, frames: list[Frame]) -> Path:
    interfaces = 1 + max(frame.interface for frame in frames)
    file.write_bytes(
        b"".join(encode_pcapng(records_of(frames), [f"eth{i}" for i in range(interfaces)]))
    )
    return file


def write_pcap(file: Path, frames: list[Frame], layout: Layout | None = None) -> Path:
    file.write_bytes(b"".join(encode_pcap(records_of(frames), layout or Layout())))
    return file


def run(*arguments: object) -> int:
    return main(["run", *map(str, arguments)])


def frames_in(file: Path) -> list[Frame]:
    return frames_of(read_capture(str(file), interpreted=True).records)


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


NOP = (ROOT / "nfs" / "nop.py").read_text()
MINE = NOP.replace("class Nop(", "class Mine(").replace("-> Nop", "-> Mine")
MINE = MINE.replace("return Nop(", "return Mine(").replace("new_nop", "new_mine")


def nf_file(folder: Path, text: str) -> Path:
    file = folder / "mine.py"
    file.write_text(text)
    return file


@pytest.mark.parametrize("mode", [[], ["--interpreted"]])
def test_a_network_function_of_ones_own_is_run_by_its_path(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: list[str]
) -> None:
    assert run(nf_file(tmp_path, MINE), "-r", capture, *mode) == 0
    assert capsys.readouterr().out.startswith("mine: 7 packets, ")


def test_an_edited_network_function_is_compiled_again(capture: Path, tmp_path: Path) -> None:
    # In processes of their own, as both are called user_mine.
    out = tmp_path / "out.pcapng"
    for text, device in ((MINE, 1), (MINE.replace("device = 1 if", "device = 0 if"), 0)):
        file = nf_file(tmp_path, text)
        command = ["run", str(file), "-r", str(capture), "-w", str(out)]
        assert pyvigor(*command).returncode == 0
        assert frames_in(out)[0].interface == device


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def x(:\n", "mine.py:1: syntax error: "),
        ("\nimport nothing_of_that_name\n", "mine.py:2: ModuleNotFoundError: No module named 'not"),
        ("1 / 0\n", "mine.py:1: ZeroDivisionError: division by zero"),
        ("X = 1\n", "mine.py: no class with a method process(self, packet, now); write one"),
        (MINE + "\n\nclass B:\n    def process(self): ...\n", "mine.py: 2 classes with a method"),
        (MINE.replace("def new_mine", "def make"), "mine.py: no function new_mine(config); write"),
        (
            MINE.replace("config: NopConfig) ->", "config) ->"),
            "new_mine must have one parameter, a",
        ),
        (MINE.replace("class Drop(IntEnum)", "class No(IntEnum)"), "no enumeration Drop(IntEnum)"),
        (MINE.replace("TRUNCATED = -1", "TRUNCATED = 1"), "Drop has a reason that is not negative"),
        (
            MINE.replace("ethernet = E", "x = str(packet.device)\n        ethernet = E"),
            "mine.py:45: found `str`, which is not known here; write what",
        ),
    ],
)
def test_a_file_that_is_no_network_function_is_refused(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    out = tmp_path / "out.pcap"
    assert run(nf_file(tmp_path, text), "-r", capture, "-w", out) == 2
    check_one_line(capsys, message)
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        (
            "return 7",
            [],
            "packet 1: the verdict 7 is neither a device (0 to 1) nor a reason in Drop",
        ),
        ("return -9", [], "packet 1: the verdict -9 is neither a device"),
        ("return packet.u8(99999)", ["--interpreted"], "packet 1: IndexError: "),
    ],
)
def test_a_network_function_that_misbehaves_ends_the_run(
    capture: Path, capsys: pytest.CaptureFixture[str], text: str, mode: list[str], message: str
) -> None:
    file = nf_file(capture.parent, MINE.replace("return device", text))
    out = capture.parent / "out.pcap"
    assert run(file, "-r", capture, "-w", out, *mode) == 1
    check_one_line(capsys, message)
    assert not out.exists()


FLOODING = MINE.replace("import MAX_DEVICES,", "import FLOOD, MAX_DEVICES,").replace(
    "        device = 1",
    "        if ethernet.destination() >> 40 & 1:\n            return FLOOD\n        device = 1",
)


@pytest.mark.parametrize("mode", [[], ["--interpreted"]])
def test_a_flooded_packet_leaves_by_every_other_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: list[str]
) -> None:
    broadcast = Ether(dst="ff:ff:ff:ff:ff:ff", type=0x88B5) / b"to all"
    station = Ether(dst="02:00:00:00:00:07", type=0x88B5) / b"to one station"
    cut = bytes(broadcast)[:13]
    frames = [
        frame(1, broadcast, interface=1),
        frame(2, station, interface=1),
        frame(3, broadcast, interface=0),
        frame(4, cut, interface=2),
        frame(5, broadcast, interface=2),
    ]
    file = nf_file(tmp_path, FLOODING)
    capture, out = write_pcapng(tmp_path / "in.pcapng", frames), tmp_path / "out.pcapng"
    assert run(file, "-r", capture, "-w", out, "--output-format", "json", *mode) == 0
    sent = [(frame.time // SECOND, frame.interface) for frame in frames_in(out)]
    assert sent == [(1, 0), (1, 2), (2, 0), (3, 1), (3, 2), (5, 0), (5, 1)]
    summary = json.loads(capsys.readouterr().out)
    assert (summary["forwarded"], summary["flooded"], summary["dropped"]) == (4, 3, 1)
    traffic = [[row[f"{what}_out"] for what in ("packets", "bytes")] for row in summary["devices"]]
    flood, one = len(broadcast), len(station)
    assert traffic == [[3, 2 * flood + one], [2, 2 * flood], [2, 2 * flood]]

    each = [tmp_path / f"{name}.pcapng" for name in ("lan", "wan", "device2")]
    writing = [part for path in each for part in ("-w", f"{path.stem}={path}")]
    assert run(file, "-r", capture, *writing, *mode) == 0
    for device, path in enumerate(each):
        wanted = [f for f in frames_in(out) if f.interface == device]
        assert [f.data for f in frames_in(path)] == [f.data for f in wanted]
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[-4:] == ["forwarded 4", "flooded 3", "dropped 1", "truncated 1"]


def test_native_code_does_not_count_on_what_nobody_checks(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `process` requires of a packet is assumed by its proof, and not looked at natively."""
    demand = "    @require(lambda packet: packet.length() >= 1000)\n    def process("
    file = nf_file(capture.parent, MINE.replace("    def process(", demand))
    assert run(file, "-r", capture) == 2
    check_one_line(capsys, "native code cannot count on `packet.length() >= 1000`")


def test_native_code_counts_on_the_number_of_devices(capture: Path, tmp_path: Path) -> None:
    text = MINE.replace(
        "packet.device < len(self.config.mac)", "packet.device < self.config.devices"
    )
    text = text.replace("    mac: Macs\n", "    devices: Devices\n    mac: Macs\n")
    text = text.replace("import MAX_TIME, Macs", "import MAX_TIME, Devices, Macs")
    assert run(nf_file(tmp_path, text), "-r", capture) == 0


def check_one_line(capsys: pytest.CaptureFixture[str], message: str) -> None:
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("pyvigor: ")
    assert output.err.count("\n") == 1
    assert message in output.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["natt", "-r", "IN"], "no network function is called natt; did you mean nat, or give a f"),
        (["xyzzy", "-r", "IN"], "no network function is called xyzzy; there are "),
        (["none.py", "-r", "IN"], "none.py: does not exist; give a file, or a name that pyvigor l"),
        (["./", "-r", "IN"], ".: is not a file; give a file, or a name that pyvigor list prints"),
        (["nat", "-r", "none"], "none: cannot be read: No such file or directory"),
        (["nat", "-r", "FOLDER"], "FOLDER: cannot be read: Is a directory"),
        (["nat", "-r", "IN", "-w", "none/out"], "none/out: cannot be written: No such file or dir"),
        (["nat", "-r", "IN", "-w", "FOLDER"], "FOLDER: cannot be written: Is a directory"),
        (["nat", "-r", "IN", "-w", "IN"], "-w IN: is also given with -r; write to another file"),
        (["nat", "-r", "IN", "-w", "LINK"], "-w LINK: is also given with -r; write to another fi"),
        (["nat", "-r", "IN", "-w", "lan=x", "-w", "wan=./x"], "-w ./x: is also given with another"),
        (["nat", "-r", "IN", "-w", "x", "-w", "y"], "-w: several files; say which device each is"),
        (["nat", "-r", "IN", "-w", "x", "-w", "wan=y"], "-w x: names no device, but another -w do"),
        (["nat", "-r", "IN", "-w", "dmz=x"], "-w dmz=x: no device is called dmz; there are lan, w"),
        (["nat", "-r", "dmz=IN"], "-r dmz=IN: no device is called dmz; there are lan, wan"),
        (["nat", "-r", "IN", "-r", "lan=IN"], "-r IN: names no device, but another -r does; write"),
        (["nat", "-r", "-", "-r", "-"], "-r -: standard input can be read once only"),
        (["nat", "-r", "IN", "--split", "10.0.0.0/8"], "IN: has 2 interfaces, and each is a devic"),
        (["nat", "-r", "lan=ONE", "--split", "10.0.0.0/8"], "--split is for one -r FILE without a"),
        (["nat", "-r", "ONE", "--split", "10.0.0.1/8"], "--split 10.0.0.1/8: 10.0.0.1/8 has host"),
        (["nat", "-r", "ONE", "--split", "ten"], "--split ten: "),
        (
            ["nat", "-r", "ONE", "--split", "10.0.0.0/8", "--set", "external-device=lan"],
            "--split: outside addresses are the external device's, which cannot be lan",
        ),
        (["nat", "-r", "IN", "--set", "max-flow=3"], "no setting is called max-flow; did you mea"),
        (["nop", "-r", "IN", "--set", "timeout=3s"], "no setting is called timeout; there are dev"),
        (
            ["nat", "-r", "IN", "--set", "max-flows=70000"],
            "max-flows: from 1 to the number of port",
        ),
        (["nat", "-r", "IN", "--set", "devices=lan"], "devices: 1 names, but the capture has 2"),
        (["nat", "-r", "IN", "--config", "none"], "none: cannot be read: No such file or director"),
        (
            ["nat", "-r", "RAW"],
            "RAW: the packets are raw IP, link type 101; only Ethernet is suppo",
        ),
        (["nat", "-r", "EMPTY"], "EMPTY: is empty; give a pcap or pcapng capture"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    capture: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(capture.parent)
    capture.rename("IN")
    Path("LINK").symlink_to("IN")
    Path("FOLDER").mkdir()
    Path("EMPTY").touch()
    Path("RAW").write_bytes(pcap_file([], link_type=101))
    write_pcap(Path("ONE"), [frame(1, REQUEST)])
    before = {name: Path(name).stat().st_mtime_ns for name in os.listdir()}
    assert run(*arguments) == 2
    check_one_line(capsys, message)
    assert {name: Path(name).stat().st_mtime_ns for name in os.listdir()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run"],
        ["run", "nat"],
        ["run", "nat", "-r", "in", "--fast"],
        ["run", "nat", "-r", "in", "--interp"],
        ["run", "nat", "-r", "in", "--output-format", "xml"],
        ["list", "more"],
    ],
)
def test_wrong_arguments_are_said_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    check_one_line(capsys, "--help")


def test_list_names_the_network_functions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    files = (ROOT / "nfs").glob("[a-z]*.py")
    assert [line.split()[0] for line in lines] == sorted(file.stem for file in files)
    assert all(len(line) > 20 for line in lines)


def pyvigor(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "verify.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=environment, capture_output=True, timeout=120, check=False, **options
    )


def test_pipes_carry_captures(tmp_path: Path) -> None:
    whole = pcap_file([frame(1, REQUEST)])
    ended = pyvigor("run", "nop", "-r", "-", "-w", "-", input=whole)
    assert ended.returncode == 0
    assert ended.stderr.startswith(b"nop: 1 packet, ")
    out = tmp_path / "out.pcap"
    out.write_bytes(ended.stdout)
    assert [(f.time, f.wire_length) for f in frames_in(out)] == [(SECOND, len(bytes(REQUEST)))]


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    capture = write_pcap(tmp_path / "in.pcap", [frame(1, REQUEST / bytes(1000))] * 1000)
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "verify.cli", "run", "nop", "-r", str(capture), "-w", "-"]
    ended = subprocess.run(
        command, cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, timeout=120, check=False
    )
    os.close(write_end)
    assert ended.returncode == 2
    assert ended.stderr == b"pyvigor: -: cannot be written: Broken pipe\n"


def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path) -> None:
    capture = write_pcap(tmp_path / "in.pcap", [frame(1, REQUEST)] * 60_000)
    out = tmp_path / "out" / "out.pcap"
    out.parent.mkdir()
    # Children of a shell's job in the background ignore it otherwise.
    heeding = ["env", "--default-signal=INT", sys.executable]
    command = [*heeding, "-m", "verify.cli", "run", "nat", "--interpreted"]
    process = subprocess.Popen(
        [*command, "-r", str(capture), "-w", str(out)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while not os.listdir(out.parent) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert os.listdir(out.parent) != []
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors == b"pyvigor: interrupted\n"
    assert os.listdir(out.parent) == []


@pytest.mark.parametrize("mode", [[], ["--interpreted"], ["--check"]])
def test_to_show_progress_takes_no_time(
    mode: list[str], capture: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Of the rate that is told: on a terminal, it is the same as elsewhere."""

    @contextmanager
    def slow(title: str, total: int) -> Iterator[Advance]:
        time.sleep(1)
        yield lambda number: time.sleep(1)

    monkeypatch.setattr(verify.run, "progress", slow)
    command = ["run", "nop", "-r", str(capture), *mode, "--output-format", "json"]
    assert main(command) == 0
    summary = json.loads(capsys.readouterr().out)
    assert 0 < summary["seconds"] < 0.9
    if mode == ["--check"]:
        assert 0 < summary["check"]["seconds"] < 0.9
