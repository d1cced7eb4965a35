"""`pyvigor run`, where what it is asked cannot be done."""

import os
from pathlib import Path

import pytest

from tests.libvig.io.captures import pcap_file
from tests.verify.runs import REQUEST, ROOT, check_one_line, frame, run, write_pcap
from verify.cli import main


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
            ["nop", "-r", "IN", "--set", "clock-tick=0s"],
            "clock-tick: '0s' is not a time of 1 ns or more with a unit (ns, us, ms, s, min, h)",
        ),
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
        ["list", "nop", "more"],
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
