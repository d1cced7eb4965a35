"""`pyvigor run` with a network function of one's own: a file in any folder."""

import json
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether

from tests.verify.runs import (
    MINE,
    SECOND,
    check_one_line,
    frame,
    frames_in,
    nf_file,
    pyvigor,
    run,
    write_pcapng,
)


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
