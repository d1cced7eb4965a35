"""Where a network function is not as it has to be, one line says so, and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.projects import edit
from verify.errors import UsageError
from verify.locate import locate
from verify.network_function import NetworkFunction, find_network_function

AHEAD = Path(__file__).parent / "rules" / "ahead.py"
FRAME = '''
class Packet(NamedTuple):
    """It has more bytes than one that comes."""

    data: I64
    wire_length: int
    device: int


@invariant(lambda self: 2 <= len'''


@pytest.fixture
def nf(tmp_path: Path) -> Path:
    """One that looks ahead."""
    file = tmp_path / "mine.py"
    file.write_text(AHEAD.read_text("utf-8"), "utf-8")
    return file


def found(nf: Path) -> NetworkFunction:
    program, name, _ = locate(str(nf), None)
    return find_network_function(program.load(name))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "closer(self, hint: int",
            "closer(self, hint: bool",
            "write `def look_closer(self, hint: int) -> int`",
        ),
        ("hint: int) -> int", "hint: int) -> None", "write `def look_closer(self, hint: int) -> "),
        ("hint: int) -> None", "hint: int) -> int", "write `def look_closest(self, hint: int) ->"),
        (
            "closer(self, hint: int",
            "closer(self, hint: Key",
            "write `def look_closer(self, hint: int) -> int`",
        ),
        (
            "look_ahead(self, packet: Packet)",
            "look_ahead(self, packet: Key)",
            "write `def look_ahe",
        ),
        (
            "packet: Packet) -> int",
            "packet: Packet) -> Key",
            "write `def look_ahead(self, packet: P",
        ),
        (
            "look_ahead(self, packet",
            "look_ahead(self, frame",
            "write `def look_ahead(self, packet: P",
        ),
        (
            "def look_closer",
            "def look_nearer",
            "Nf has look_ahead, and no look_closer; write `def lo",
        ),
        (
            "def look_closest",
            "def look_nearest",
            "Nf has look_ahead, and no look_closest; write `def lo",
        ),
        (
            "packet: Packet, now",
            "packet: Key, now",
            "write `def process(self, packet: Packet, now: ",
        ),
        ("now: Time", "now: bool", "write `def process(self, packet: Packet, now: Time) -> int`"),
        ("now: Time) -> int", "now: Time) -> bool", "write `def process(self, packet: Packet, now"),
        (
            "from libvig.packet.packet import Packet\n",
            "",
            "write `def process(self, packet: Packet, ",
        ),
    ],
)
def test_what_the_loop_could_not_call_is_refused(nf: Path, old: str, new: str, said: str) -> None:
    edit(nf, old, new)
    if "import Packet" in old:  # but a class of the same name
        edit(nf, "\n@invariant(lambda self: 2 <= len", FRAME)
    with pytest.raises(UsageError, match=r"mine\.py:\d+: ") as error:
        found(nf)
    assert said in str(error.value)


def test_what_nothing_makes_true_may_not_be_required_to_look_ahead(nf: Path) -> None:
    edit(nf, "    def look_closer", "    @require(lambda hint: hint > 0)\n    def look_closer")
    with pytest.raises(UsageError, match="nothing makes `hint > 0` true; check it in look_closer"):
        found(nf)


def test_what_is_so_wherever_it_runs_is_no_assumption(nf: Path) -> None:
    assert found(nf).assumptions == []


@pytest.mark.parametrize(
    ("old", "new", "assumed"),
    [
        ("I64, MAX_TIME, Time\n", "I64, Time\n\nMAX_TIME = 5\n", "0 <= now <= MAX_TIME"),
        ("Nf(config, new", "Nf(other(config), new", "packet.device < len(self.config.mac)"),
    ],
    ids=["another clock", "other settings"],
)
def test_words_that_mean_something_else_are_an_assumption(
    nf: Path, old: str, new: str, assumed: str
) -> None:
    text = nf.read_text("utf-8")
    begin = text.rindex("    @require(lambda self, packet: packet.device")
    looking = text[begin : text.index("\n\ndef new_nf")]
    nf.write_text(text.replace(looking, "").replace(old, new), "utf-8")
    assert [contract.text for contract in found(nf).assumptions] == [assumed]
