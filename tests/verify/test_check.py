"""`pyvigor run --check`: specs beside the packets of a capture."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libvig.io.trace import Trace
from libvig.io.writer import encode_pcapng
from tests.edits import ROOT, edited_text
from tests.libvig.io.captures import Frame, records_of
from verify.cases import REACH
from verify.cli import main
from verify.process import Process

DEMO = ["-r", ROOT / "demo" / "clients.pcapng", "--config", ROOT / "demo" / "nat.toml"]

CheckSpecs = Callable[[str], tuple[int, str]]
Applied = Callable[[str], list[tuple[int, int]]]

HEADER = """\
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from nfs.nop import Drop, Nop


"""


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Frames of 20, 21, … bytes, one a second, all by the first device."""
    frames = [Frame(i * 10**9, bytes(range(20 + i)), 20 + i, 0) for i in range(12)]
    file = tmp_path / "in.pcapng"
    file.write_bytes(b"".join(encode_pcapng(records_of(frames), ["lan"])))
    return file


def check(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Run with --check; return the exit status, and what was printed with single spaces."""
    status = main(["run", *map(str, arguments), "--check"])
    output = capsys.readouterr()
    return status, " ".join((output.out + output.err).split())


def check_in_json(
    capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, dict[str, Any]]:
    status = main(["run", *map(str, arguments), "--check", "--output-format", "json"])
    return status, json.loads(capsys.readouterr().out)["check"]


@pytest.fixture
def check_specs(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CheckSpecs:
    """Check specs of the no-op, given by their text, on the capture."""
    return lambda specs: check(capsys, "nop", "-r", capture, "--spec", spec_file(tmp_path, specs))


@pytest.fixture
def applied(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Applied:
    """Check such specs, which must hold; return of each how many cases there are and applied."""

    def of(specs: str) -> list[tuple[int, int]]:
        file = spec_file(tmp_path, specs)
        status, checked = check_in_json(capsys, "nop", "-r", capture, "--spec", file)
        assert status == 0
        return [(spec["cases"], spec["applied"]) for spec in checked["specs"]]

    return of


def changed(nf: str, folder: Path, old: str, new: str) -> str:
    """A copy of an NF with something else in place of what occurs in it once."""
    file = folder / f"my_{nf}.py"
    file.write_text(edited_text(f"nfs.{nf}", (old, new)), "utf-8")
    return f"{nf}={file}"


def spec_file(folder: Path, text: str) -> Path:
    file = folder / "my_specs.py"
    file.write_text(HEADER + text, "utf-8")
    return file


# ---------------------------------------------------------------- what holds


def test_a_clean_run(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = check(capsys, "nat", *DEMO, "--interpreted")
    assert status == 0
    assert "held rfc3022 73 of 73 packets" in text
    assert "never applied a_full_table_keeps_the_old_flows 0 of 73 packets" in text
    assert "broken" not in text


def test_native_code_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = check(capsys, "nop", "-r", ROOT / "demo" / "clients.pcapng")
    assert status == 0
    assert text.endswith("check: interpreted and native, every verdict and every byte is the same")


def test_the_run_itself_is_not_changed(capture: Path, tmp_path: Path) -> None:
    with_check, without = tmp_path / "with.pcap", tmp_path / "without.pcap"
    assert main(["run", "nop", "-r", str(capture), "-w", str(with_check), "--check"]) == 0
    assert main(["run", "nop", "-r", str(capture), "-w", str(without)]) == 0
    assert with_check.read_bytes() == without.read_bytes()


def test_specs_change_neither_state_nor_packets(check_specs: CheckSpecs) -> None:
    specs = """
@spec
def spoils(nop: Nop, packet: Packet, now: Time) -> None:
    nop.process(packet, now)
    nop.config.mac[:] = 0
    packet.data[:] = 0


@spec
def finds_nothing_spoilt(nop: Nop, packet: Packet, now: Time) -> None:
    assert nop.config.mac[0] > 0 and packet.u8(19) == 19
"""
    status, text = check_specs(specs)
    assert status == 0
    assert "held finds_nothing_spoilt 12 of 12 packets" in text


def test_several_packets_are_taken_at_their_own_times(applied: Applied) -> None:
    specs = """
@spec
def follow(nop: Nop, packet: Packet, now: Time, other: Packet, later: Time) -> None:
    steps = other.length() - packet.length()
    assert 0 < steps and later - now == steps * 10**9


@spec
def come_in_order(
    nop: Nop, packet: Packet, now: Time, second: Packet, then: Time, third: Packet, later: Time
) -> None:
    assert packet.length() < second.length() < third.length() and now < then < later
"""
    following = [min(REACH, 11 - i) for i in range(12)]
    pairs, triples = sum(following), sum(n * (n - 1) // 2 for n in following)
    assert applied(specs) == [(pairs, pairs), (triples, triples)]


def test_a_spec_goes_on_where_another_packet_makes_an_assumption_true(applied: Applied) -> None:
    """Choices are left out only where no packet that they differ in was named before."""
    specs = """
@spec
def of_the_first(nop: Nop, packet: Packet, now: Time, other: Packet) -> None:
    assume(packet.length() == 21)
    assume(other.length() == 23)


@spec
def of_both(nop: Nop, packet: Packet, now: Time, other: Packet, later: Time) -> None:
    assume(
        packet.length() == 21
        and later == now + 2 * 10**9
    )


@spec
def of_the_last(nop: Nop, packet: Packet, second: Packet, third: Packet) -> None:
    for length in (third.length(), second.length()):
        assume(length == 25 or packet.length() == 20)
    assume(second.length() == 25)


@spec
def of_the_middle(nop: Nop, packet: Packet, second: Packet, third: Packet) -> None:
    assume(second.length() == packet.length() + 2)
"""
    first, both, last, middle = applied(specs)
    pairs = sum(min(REACH, 11 - i) for i in range(12))
    assert first == both == (pairs, 1)
    assert last[1] == 3  # the first packet with the sixth and one of three after that
    # The third of the first packet's eight followers … of the tenth's two, with those after it.
    assert middle[1] == sum(max(min(REACH, 11 - i) - 2, 0) for i in range(12))


def test_a_repeated_call_of_process_does_what_the_first_did(applied: Applied) -> None:
    """It is not run again, but for other bytes or another state."""
    specs = """
calls: set[tuple[int, bytes]] = set()


@spec
def first(nop: Nop, packet: Packet, now: Time) -> None:
    calls.add((nop.process(packet, now), packet.data.tobytes()))


@spec
def second(nop: Nop, packet: Packet, now: Time) -> None:
    assert (nop.process(packet, now), packet.data.tobytes()) in calls


@spec
def other_bytes(nop: Nop, packet: Packet, now: Time) -> None:
    packet.set_u8(14, 99)
    nop.process(packet, now)
    assert packet.u8(14) == 99


@spec
def other_state(nop: Nop, packet: Packet, now: Time) -> None:
    nop.config.mac[1] = 7
    nop.process(packet, now)
    assert packet.u48(6) == 7
"""
    assert applied(specs) == [(12, 12)] * 4


def test_a_spec_of_something_else_is_not_checked(check_specs: CheckSpecs) -> None:
    specs = """
@spec
def any_number(nop: Nop, packet: Packet, now: Time, number: int) -> None:
    assert number >= 0


@spec
def no_packet(nop: Nop) -> None:
    assert nop.config.mac[0] > 0


@spec
def by_name(nop: Nop, packet: Packet, now: Time, *, other: Packet) -> None:
    assert packet.length() == other.length()


@spec
def never_run(nop: Nop, packet: Packet, now: Time) -> object:
    yield packet.length()
    assert packet.length() == 0
"""
    status, text = check_specs(specs)
    assert status == 0
    assert "not checked any_number takes number, neither a packet nor a time" in text
    assert "not checked by_name takes other, neither a packet nor a time" in text
    assert "not checked never_run yields: a call of it runs nothing" in text
    assert "not checked no_packet takes no packet" in text


# ---------------------------------------------------------------- what is broken


def test_a_bug_is_reported_with_the_first_packet_that_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refresh = "        self.flows.touch(index, now)\n        translate_destination"
    nf = changed("nat", tmp_path, refresh, "        translate_destination")
    status, checked = check_in_json(capsys, nf, *DEMO, "--interpreted")
    assert status == 1
    results = {spec["name"]: spec for spec in checked["specs"]}
    broken = [name for name, spec in results.items() if spec["result"] == "broken"]
    assert broken == ["rfc3022", "known_inbound_flow_is_refreshed"]
    # The first two packets of the capture open a connection from inside; the third answers.
    breach = results["known_inbound_flow_is_refreshed"]["breach"]
    assert breach["packets"] == [3]
    assert breach["after"] == 13_704_807
    line = "assert nat.flows.entries == live | {index: Flow(live[index].key, now)}"
    assert breach["statement"] == line
    assert "source_address 10.0.2.2" in breach["seen"][0]


def test_a_breach_says_where_when_and_what(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bug = "        return device if packet.length() < 25 else 1 - device\n"
    nf = changed("nop", tmp_path, "        return device\n", bug)
    status, text = check(capsys, nf, "-r", capture)
    assert status == 1
    assert (
        "broken frames_leave_by_the_other_device 6 of 6 packets "
        "at packet 6; 5.000000 s after the capture's first packet "
    ) in text
    line = "assert nop.process(packet, now) == (1 if packet.device == 0 else 0)"
    assert f"{line} nop.process(packet, now): 0 1 if packet.device == 0 else 0: 1" in text
    assert "held only_the_ethernet_addresses_change 12 of 12 packets" in text


def test_a_pair_is_named_by_both_numbers(check_specs: CheckSpecs) -> None:
    specs = """
@spec
def second_is_short(nop: Nop, packet: Packet, now: Time, other: Packet, later: Time) -> None:
    assume(packet.length() == 22)
    assert other.length() < 25
"""
    status, text = check_specs(specs)
    assert status == 1
    assert "broken second_is_short 3 of 19 pairs at packet 3, with 6; 2.000000 s" in text
    assert "my_specs.py:11: assert other.length() < 25 other.length(): 25" in text


def test_a_spec_that_fails_otherwise_is_broken(check_specs: CheckSpecs) -> None:
    specs = """
@spec
def reads_far(nop: Nop, packet: Packet, now: Time) -> None:
    assert packet.u8(20) == 20
"""
    status, text = check_specs(specs)
    assert status == 1
    assert "at packet 1; 0.000000 s" in text
    assert "assert packet.u8(20) == 20 IndexError: bytes 20 to 20 of 20" in text


@pytest.mark.parametrize("end", ["sys.exit(0)", "raise GeneratorExit"])
def test_a_spec_that_would_end_the_program_is_broken(end: str, check_specs: CheckSpecs) -> None:
    specs = f"""
import sys


@spec
def ends(nop: Nop, packet: Packet, now: Time) -> None:
    if packet.length() == 22:
        {end}


@spec
def holds(nop: Nop, packet: Packet, now: Time) -> None:
    assert packet.length() >= 20
"""
    status, text = check_specs(specs)
    assert status == 1
    error = "SystemExit: 0" if "exit" in end else "GeneratorExit"
    assert "broken ends 3 of 3 packets at packet 3; 2.000000 s" in text
    assert f"{end} {error}" in text
    assert "held holds 12 of 12 packets" in text


def test_specs_that_end_the_program_when_imported_are_refused(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = spec_file(tmp_path, "import sys\n\nsys.exit(0)\n")
    assert main(["run", "nop", "-r", str(capture), "--check", "--spec", str(file)]) == 2
    assert f"{file}: cannot be imported: SystemExit: 0" in capsys.readouterr().err


def test_an_nf_that_fails_ends_the_run(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = "        return device if packet.u8(21) else device\n"
    nf = changed("nop", tmp_path, "        return device\n", far)
    assert main(["run", nf, "-r", str(capture), "--check"]) == 1
    output = capsys.readouterr()
    assert "my_nop.py: packet 1: IndexError: bytes 21 to 21 of 20" in output.err
    assert "broken" in output.out


def test_integers_must_fit_64_bits(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    big = "        return device if now * 2**61 > 0 else device\n"
    nf = changed("nop", tmp_path, "        return device\n", big)
    assert main(["run", nf, "-r", str(capture), "--check"]) == 1
    assert "packet 2: OverflowError" in capsys.readouterr().err


def test_what_native_code_does_differently_is_reported(
    capture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Process.run

    def differently(process: Process, trace: Trace) -> float:
        seconds = run(process, trace)
        trace.data[int(trace.start[7]) + 3] ^= 0xFF
        trace.verdict[9] = -1
        return seconds

    monkeypatch.setattr(Process, "run", differently)
    status, text = check(capsys, "nop", "-r", capture)
    assert status == 1
    assert "check: native code differs at packet 8 interpreted: verdict 1, bytes from 3 on:" in text


# ---------------------------------------------------------------- what cannot be asked


def test_spec_without_check_is_refused(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "nop", "-r", str(capture), "--spec", "specs/nop.py"]) == 2
    assert capsys.readouterr().err == (
        "pyvigor: --spec specs/nop.py: is of use with --check only; add --check\n"
    )


def test_an_nf_without_specs_is_refused(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.py"
    file.write_text((ROOT / "nfs" / "nop.py").read_text("utf-8").replace("new_nop", "new_other"))
    assert main(["run", str(file), "-r", str(capture), "--check"]) == 2
    assert f"{file}: has no specs to check; give some with --spec FILE" in capsys.readouterr().err


def test_specs_beside_a_file_are_found(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.py"
    file.write_text((ROOT / "nfs" / "nop.py").read_text("utf-8").replace("new_nop", "new_other"))
    specs = "@spec\ndef drops(nop: Nop, packet: Packet, now: Time) -> None:\n    assert now >= 0\n"
    (tmp_path / "specs").mkdir()
    header = HEADER.replace("from nfs.nop", "from other")
    (tmp_path / "specs" / "other.py").write_text(header + specs)
    status, text = check(capsys, file, "-r", capture)
    assert status == 0
    assert "held drops 12 of 12 packets" in text
