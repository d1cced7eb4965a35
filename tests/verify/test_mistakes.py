"""What the text alone shows to be a mistake is told at once, in one line, where it is."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from tests.edits import edited_text
from verify.cli import main
from verify.errors import UsageError
from verify.prepare import prepare
from verify.program import HOME, Program
from verify.subset import check_network_function, check_spec
from verify.subset_types import mistakes

START = """\
from libvig.packet.ethernet import Ethernet
from libvig.packet.packet import Packet
from libvig.spec import assume, snapshot, spec
from libvig.types import Time
from nfs.bridge import Bridge, Drop

@spec
def s(bridge: Bridge, packet: Packet, now: Time) -> None:
"""
LINE = START.count("\n") + 1


def said_of(body: str, folder: Path, start: str = START) -> str:
    """What is said of a spec of this body."""
    file = folder / "mine.py"
    file.write_text(start + indent(body, "    ") + "\n", encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        check_spec(Program([HOME], {"specs.mine": file}).load("specs.mine"))
    said = str(raised.value)
    assert said.startswith(f"{file}:"), said
    assert said.count("mine.py") == 1
    return said.removeprefix(f"{file}:")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "assert bridge.proces(packet, now) >= 0",
            "`bridge.proces(packet, now)`: Bridge has no `proces`; did you mean `process`?",
        ),
        ("assert bridge.config.device >= 0", "BridgeConfig has no `device`; did you mean"),
        ("assert Ethernet(packet).sorce() >= 0", "Ethernet has no `sorce`; did you mean `source`?"),
        ("assert bridge.process(packet, now) == Drop.TRUNCATD", "write `Drop.TRUNCATED`"),
        (
            "assert bridge.process(now, packet) >= 0",
            "`now` is an integer, and `packet` is to be a Packet; "
            "write `bridge.process(packet, now)`",
        ),
        (
            "assert bridge.process(packet) >= 0",
            "`bridge.process(packet)`: 1 given for 2 arguments; "
            "write `bridge.process(packet, now)`",
        ),
        ("assert Ethernet(packet, 3).source() >= 0", "2 given for 1 argument; write `Ethernet("),
        (
            "v = bridge.process(packet, now)\nassert v",
            "`v` is an integer, not a truth value; write a comparison, such as `v > 0`",
        ),
        (
            "assume(packet.device)  # here\nassert bridge.process(packet, now) > 0",
            "not a truth value",
        ),
        (
            "v = bridge.process(packet, now)\nassert v in (0, -1)",
            "`in` asks for a key of a view; write `v == 0 or v == -1`",
        ),
        ("assert bridge.process(packet, now) in (0, 1)", "write `v == 0 or v == 1`"),
        ("assert bridge.process(packet, now) == packet", "an integer never equals a Packet"),
        ("assert packet < bridge.process(packet, now)", "only integers have an order"),
        ("assert bridge.process(packet, now).code > 0", "is an integer, without `code`"),
        ("assert packet[0] == bridge.process(packet, now)", "a Packet cannot be indexed"),
        ("assert bridge.process(packet, now) == packet.length", "write `packet.length()`"),
        ("assert bridge.process(packet, now) > 0 | (now > 3)", "a truth value is none; write `or`"),
        (
            "a, b = bridge.process(packet, now)  # here\nassert a > b",
            "`(a, b)` cannot be an integer, which is not taken apart here; give it one name",
        ),
        (
            "old = snapshot(now)  # here\nassert bridge.process(packet, now) > 0",
            "a snapshot is of a packet",
        ),
        (
            "bridge.process(packet, now)\n"
            "assert all(e.tim < now for e in bridge.learned.entries.values())",
            "has no `tim`; did you mean `time`?",
        ),
        ("assert bridge.process(pakcet, now) > 0", "may have no value here; write `packet`"),
    ],
)
def test_a_mistake_is_told_at_its_line(code: str, said: str, tmp_path: Path) -> None:
    told = said_of(code, tmp_path)
    line, _, text = told.partition(": ")
    assert said in text
    blamed = [at for at, text in enumerate(code.split("\n")) if "# here" in text]
    assert int(line) == LINE + (blamed or [code.count("\n")])[0], told


def test_a_helper_gives_what_it_says(tmp_path: Path) -> None:
    helper = "def source(packet: Packet) -> bool:\n    return Ethernet(packet).source()\n\n"
    start = START.replace("@spec\ndef", helper + "@spec\ndef")
    told = said_of("assert bridge.process(packet, now) > 0", tmp_path, start)
    assert "`Ethernet(packet).source()` is an integer; this function gives a truth value" in told


def test_a_module_that_is_not_there_is_named_with_the_one_that_is(tmp_path: Path) -> None:
    start = START.replace("nfs.bridge", "nfs.brigde")
    told = said_of("assert bridge.process(packet, now) > 0", tmp_path, start)
    assert told.startswith("5: ")
    assert "from nfs.brigde, which does not exist; write `nfs.bridge`" in told


def test_what_is_only_known_on_the_way_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    body = """
    if now > 3:
        one = packet
    else:
        one = snapshot(packet)
    two = bridge.process(one, now) if now > 5 else now
    for at in range(4):
        two += at
    assert all(k >= 0 and e.time <= now for k, e in bridge.learned.entries.items()) or two > 3
"""
    file.write_text(START + body, encoding="utf-8")
    module = Program([HOME], {"specs.mine": file}).load("specs.mine")
    assert mistakes(module) == []


def test_a_mistake_in_a_network_function_is_told(tmp_path: Path) -> None:
    text = (HOME / "nfs" / "nop.py").read_text(encoding="utf-8")
    file = tmp_path / "mine.py"
    file.write_text(text.replace("ethernet.is_complete()", "ethernet.is_complet()"), "utf-8")
    with pytest.raises(UsageError, match=r"mine\.py:46: .*did you mean `is_complete`\?"):
        check_network_function(Program([HOME], {"mine": file}).load("mine"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("select(external, inner, 1)", "`external` is an integer, not a truth value"),
        ("select(is_inbound, packet, 1)", "`packet` is a Packet, not an integer"),
    ],
)
def test_select_takes_a_condition_and_two_numbers(call: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    text = edited_text("nfs.firewall", ("select(is_inbound, inner, external)", call))
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said):
        check_network_function(Program([HOME], {"mine": file}).load("mine"))


def test_a_select_of_ones_own_is_another(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    text = edited_text("nfs.nop", ("1 if packet.device == 0 else 0", "select(packet)"))
    text = text.replace("import compiled_class", "import compiled, compiled_class")
    own = (
        "\n\n@compiled\ndef select(packet: Packet) -> int:\n    return 1 - min(packet.device, 1)\n"
    )
    file.write_text(text + own, "utf-8")
    check_network_function(Program([HOME], {"mine": file}).load("mine"))
    assert main(["verify", f"nop={file}"]) == 0


def test_a_class_called_select_is_none(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    text = edited_text(
        "nfs.nop", ("1 if packet.device == 0 else 0", "select(packet.device).other()")
    )
    own = """class select(NamedTuple):
    device: int

    def other(self) -> int:
        return 1 if self.device == 0 else 0


"""
    at = text.index("@compiled_class")
    file.write_text(text[:at] + "@compiled_class\n" + own + text[at:], "utf-8")
    check_network_function(Program([HOME], {"mine": file}).load("mine"))
    assert main(["verify", f"nop={file}"]) == 0


def test_a_spec_without_the_network_function_is_refused_before_anything_is_proved(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.py"
    body = "    assert bridge.process(packet, now) > 0\n"
    file.write_text(START.replace("now: Time", "now: int") + body, encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine\.py:8: the spec s lacks a parameter of type Time"):
        prepare("bridge", "", str(file))
