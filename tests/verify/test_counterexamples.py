"""Counterexamples as people read them: addresses, ICMP, and what was seen on the real code."""

from __future__ import annotations

from pathlib import Path

import pytest

from libvig.types import DROP_STATION
from tests.edits import edited_text
from verify import show
from verify.arguments import plain
from verify.cli import main
from verify.counterexample import Concrete, ConcreteArray, ConcreteObject, ConcreteStructure
from verify.prepare import prepare
from verify.program import HOME, Program
from verify.prover import Prover
from verify.replay import one_line
from verify.result import Result, Verdict

SPEC = """
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from nfs.nop import Nop

@spec
def frames_go_on(nop: Nop, packet: Packet, now: Time) -> None:
    assert nop.process(packet, now) >= 0

@spec
def so_do_later_ones(nop: Nop, packet: Packet, now: Time, reply: Packet, later: Time) -> None:
    nop.process(packet, now)
    assert nop.process(reply, later) >= -1

@spec
def a_whole_frame_helps_the_next_one(
    nop: Nop, packet: Packet, now: Time, other: Packet, later: Time
) -> None:
    assume(nop.process(packet, now) >= 0 and other.device == packet.device and now <= later)
    assert nop.process(other, later) >= 0
"""
ADDRESSES = "020000000001020000000002"
ICMP_ERROR = (
    ADDRESSES + "0800"  # Ethernet
    "4500003800000000400100000a0000010a000002"  # IPv4
    "0301abcd00000000"  # destination unreachable
    "4500001c00000000401100000a0000020a000001"  # the packet that it is about
    "0035123400080000"
)


def lines_of(value: Concrete) -> list[str]:
    return list(show.describe("it", plain(value)))


def instance(module: str, name: str, **fields: Concrete) -> ConcreteObject:
    return ConcreteObject(Program([HOME]).load(module).classes[name], dict(fields))


def packet(data: str) -> ConcreteObject:
    elements = tuple(bytes.fromhex(data))
    return instance(
        "libvig.packet.packet",
        "Packet",
        data=ConcreteArray(elements, (0, 255)),
        wire_length=len(elements),
        device=0,
    )


def test_stations_have_ethernet_addresses() -> None:
    cls = Program([HOME]).load("libvig.station_list").classes["StationList"]
    stations: dict[int, Concrete] = {
        0: instance("libvig.station", "Station", address=0x6AFEFFFE, device=DROP_STATION),
        1: instance("libvig.station", "Station", address=0x20000000001, device=1),
    }
    assert lines_of(ConcreteStructure(cls, {"capacity": 2}, stations))[1:] == [
        "  0: address 00:00:6a:fe:ff:fe, drop",
        "  1: address 02:00:00:00:00:01, device 1",
    ]
    (empty,) = lines_of(ConcreteStructure(cls, {"capacity": 2}, {}))
    assert empty == "it: capacity 2; empty, as far as it matters"


@pytest.mark.parametrize(
    ("nf", "changes", "words"),
    [
        ("bridge", [], "address 02:00:00:00:00:07, time 5"),
        ("policer", [], "address 10.0.0.7, time 5"),
        ("bridge", [("Key(source, 0)", "Key(source, 1)")], "address 02:00:00:00:00:07, time 5"),
        ("bridge", [("source: Mac", "source: int")], "first {0}, second 0, time 5"),
        ("bridge", [("Key(source, 0)", "Key(device, source)")], "first {0}, second 0, time 5"),
    ],
)
def test_a_key_that_is_an_address_is_written_as_one(
    tmp_path: Path, nf: str, changes: list[tuple[str, str]], words: str
) -> None:
    """Where the network function makes it of what it calls one, and of nothing else."""
    file = tmp_path / f"{nf}.py"
    file.write_text(edited_text(f"nfs.{nf}", *changes))
    program = Program([HOME], {f"nfs.{nf}": file})
    number = 0x020000000007 if nf == "bridge" else 0x0A000007
    key = instance("libvig.hash_map", "Key", first=number, second=0)
    entries: dict[int, Concrete] = {0: instance("libvig.key_table", "Entry", key=key, time=5)}
    table = program.load("libvig.key_table").classes["KeyTable"]
    cls = program.load(f"nfs.{nf}").classes[nf.capitalize()]
    field = "learned" if nf == "bridge" else "destinations"
    state = ConcreteObject(cls, {field: ConcreteStructure(table, {"capacity": 2}, entries)})
    assert lines_of(state)[1:] == [f"  0: {words.format(number)}"]


def test_a_frame_has_its_addresses_and_an_icmp_error_what_it_is_about() -> None:
    said = lines_of(packet(ICMP_ERROR))
    assert said[1] == "  Ethernet type 0x0800, 02:00:00:00:00:02 -> 02:00:00:00:00:01"
    assert "protocol" not in said[2] and ", ICMP, 10.0.0.1 -> 10.0.0.2" in said[2]
    assert said[3] == "  ICMP type 3 code 1, checksum 0xabcd"
    assert said[4] == "  about UDP 10.0.0.2 -> 10.0.0.1, ports 53 -> 4660"


def test_a_query_has_an_identifier_and_a_cut_message_nothing() -> None:
    query = ICMP_ERROR.replace("0301abcd00000000", "0800abcd00070001")
    assert "  identifier 7" in lines_of(packet(query))
    cut = lines_of(packet(ICMP_ERROR[: 2 * (14 + 20 + 4)]))
    assert not any("type 3" in line for line in cut)


def refuted(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    def library_is_proved(prover: Prover, names: list[str]) -> None:
        prover.relied.update({name: Result(name, Verdict.PROVED) for name in names})

    monkeypatch.setattr(Prover, "settle", library_is_proved)
    file = folder / "mine.py"
    file.write_text(SPEC, encoding="utf-8")
    prover = prepare("nop", name, str(file))
    (result,) = (r for r in prover.results(1, lambda result: None) if r.name == name)
    assert result.verdict is Verdict.REFUTED
    return result


def test_what_was_seen_is_told_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = refuted("frames_go_on", tmp_path, monkeypatch)
    assert result.details[-3:] == [
        "process returned TRUNCATED (-1)",
        "nop.process(packet, now): TRUNCATED (-1)",
        "replayed: AssertionError",
    ]
    assert "# nop.process(packet, now): TRUNCATED (-1)\n" in result.test


def test_it_is_told_in_which_call_of_process_a_fork_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = refuted("a_whole_frame_helps_the_next_one", tmp_path, monkeypatch)
    forks = [line.rpartition("  ")[2] for line in result.details if "is_complete()" in line]
    assert forks == ["no, in call 1", "yes, in call 2"]
    assert [step.call for step in result.steps if "is_complete()" in step.text] == [1, 2]
    single = refuted("frames_go_on", tmp_path, monkeypatch)
    assert [line.rpartition("  ")[2] for line in single.details[:1]] == ["yes"]


def test_what_a_later_packet_lacks_is_to_be_assumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = refuted("so_do_later_ones", tmp_path, monkeypatch)
    assert "precondition of Nop.process" in result.reason
    assert any(
        "assume(…) it of later ones: packet.device < len(self.config.mac)" in line
        for line in result.details
    )


def test_what_is_long_is_cut_between_words() -> None:
    assert one_line(ValueError("word " * 90)).endswith(" word …")
    assert one_line(ValueError("two\n words")) == "two words"


def test_a_misspelt_property_is_guessed_and_all_are_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["verify", "nop::only_ethernet_addresses_change"]) == 2
    said = capsys.readouterr().err
    assert "did you mean only_the_ethernet_addresses_change? pyvigor list nop names them" in said
    assert main(["list", "nop"]) == 0
    assert "only_the_ethernet_addresses_change" in capsys.readouterr().out.splitlines()
