"""Specs as ordinary tests: those of every network function hold of generated traffic."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from libvig.packet.packet import Packet
from libvig.spec import assume
from libvig.types import Time
from nfs.nop import Nop
from specs import nop as nop_specs
from tests.specs.running import UNTIL_A_FAILURE
from verify.cases import Parameters, Spec
from verify.errors import UsageError
from verify.examples import cases_that_hold, run_examples, specs_of
from verify.shipped import FOLDER, shipped

WITH_SPECS = [nf for nf in shipped() if (FOLDER.parent / "specs" / f"{nf}.py").is_file()]


@pytest.mark.slow
@pytest.mark.parametrize("nf", WITH_SPECS)
def test_the_specs_hold_of_generated_traffic(nf: str) -> None:
    specs = specs_of(nf)
    applied = run_examples(specs, settings(max_examples=10, derandomize=True))
    spoken_of = [spec.__name__ for spec in specs if applied[spec] > 0]
    assert len(spoken_of) >= len(specs) / 3


def test_a_spec_of_a_right_nf_passes() -> None:
    assert cases_that_hold(nop_specs.frames_leave_by_the_other_device, examples=20) > 20


def test_a_spec_of_a_wrong_nf_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Nop.process

    def wrong(self: Nop, packet: Packet, now: Time) -> int:
        verdict = process(self, packet, now)
        return 0 if now % 2 and verdict >= 0 else verdict

    monkeypatch.setattr(Nop, "process", wrong)
    with pytest.raises(AssertionError):
        run_examples([nop_specs.frames_leave_by_the_other_device], UNTIL_A_FAILURE)


def test_specs_in_any_folder(tmp_path: Path) -> None:
    file, specs = tmp_path / "other.py", tmp_path / "specs" / "other.py"
    specs.parent.mkdir()
    file.write_text((FOLDER / "nop.py").read_text("utf-8").replace("new_nop", "new_other"))
    text = (FOLDER.parent / "specs" / "nop.py").read_text("utf-8")
    specs.write_text(text.replace("from nfs.nop", "from other"))
    found = specs_of(str(file))
    assert [spec.__code__.co_filename for spec in found] == [str(specs)] * 4
    assert min(run_examples(found, settings(max_examples=30, derandomize=True)).values()) > 0


def test_an_nf_without_specs_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.py"
    file.write_text((FOLDER / "nop.py").read_text("utf-8").replace("new_nop", "new_other"))
    with pytest.raises(UsageError, match="has no specs"):
        specs_of(str(file))


def never_applies(nop: Nop, packet: Packet, now: Time) -> None:
    assume(packet.length() < 0)


def test_a_spec_that_speaks_of_no_example_holds_in_no_case() -> None:
    assert cases_that_hold(never_applies, examples=5) == 0


def yields(nop: Nop, packet: Packet, now: Time) -> Iterator[int]:
    yield packet.length()
    raise AssertionError


def takes_a_number(nop: Nop, packet: Packet, now: Time, number: int) -> None:
    assert number >= 0


@pytest.mark.parametrize(
    ("spec", "why"),
    [(yields, "it yields"), (takes_a_number, "it takes number, neither a packet nor a time")],
)
def test_a_spec_that_no_traffic_can_run_is_refused(spec: Spec, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        cases_that_hold(spec)


def with_times(nop: Nop, first: Packet, second: Packet, later: Time, last: Time) -> None:
    assume(first.length() == second.length() and later <= last)


def test_a_time_is_that_of_the_packet_before_it_or_of_a_further_one() -> None:
    parameters = Parameters(with_times)
    assert parameters.packets == 3
    assert parameters.arguments([("a", 10), ("b", 20), ("c", 30)]) == ["a", "b", 20, 30]
