"""What is said of captures and network functions, and which settings they get."""

from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether

from libvig.io.capture import read_capture
from libvig.io.writer import encode_pcapng
from tests.libvig.io.captures import Frame, records_of
from tests.traces.__main__ import lines, main
from tests.traces.check import Tally, beginning, check, tally
from tests.traces.settings import SETTINGS, Endpoint, options, scenes_of
from verify.shipped import shipped

ROOT = Path(__file__).parents[2]
CLIENT, SERVER, ROUTER = "10.0.0.2", "203.0.113.5", "203.0.113.1"
SECOND = 10**9


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A request, the reply, and an error about a second request, a second apart."""
    request = IP(src=CLIENT, dst=SERVER) / UDP(sport=5000, dport=53) / b"request"
    reply = IP(src=SERVER, dst=CLIENT) / UDP(sport=53, dport=5000) / b"reply"
    error = IP(src=ROUTER, dst=CLIENT) / ICMP(type=3, code=1) / request
    data = [bytes(Ether() / packet) for packet in (request, reply, request, error)]
    frames = [Frame(i * SECOND, frame, len(frame), 0) for i, frame in enumerate(data)]
    file = tmp_path / "in.pcapng"
    file.write_bytes(b"".join(encode_pcapng(records_of(frames), ["lan"])))
    return file


def test_there_are_settings_for_each_network_function() -> None:
    assert sorted(SETTINGS) == shipped()


def test_an_error_is_seen_from_both_ends_of_its_subject(capture: Path) -> None:
    scene, *others = scenes_of(read_capture(str(capture)))
    assert scene.client == Endpoint(CLIENT, 5000) and scene.service == Endpoint(SERVER, 53)
    assert scene.lifetime == 2 * SECOND
    assert [other.client for other in others] == [Endpoint(CLIENT, 5000), Endpoint(SERVER, 53)]
    assert all(other.lifetime > 4 * SECOND for other in others)


@pytest.mark.parametrize("nf", shipped())
def test_what_is_right_is_counted(nf: str, capture: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.pcap"
    text.write_text("no capture")
    total = tally(nf, [capture, text])
    runs = len(options(nf, capture, read_capture(str(capture))))
    assert (total.captures, total.refused, total.runs) == (1, 1, runs)
    assert total.packets == total.compared == runs * (8 if nf == "maglev" else 4)
    assert total.wrong == [] and len(total.applied) > len(total.never_applied)
    told = "\n".join(lines(total))
    assert f"{nf}: 1 captures (1 refused), {runs} runs, {total.packets} packets" in told
    assert "0 runs wrong" in told


def test_replies_and_errors_come_back_through_the_nat(capture: Path) -> None:
    applied = tally("nat", [capture]).applied
    assert applied["reply_is_translated_back"] > 0
    assert applied["error_from_outside_reaches_the_sender"] > 0


def test_a_broken_spec_is_told(capture: Path, tmp_path: Path) -> None:
    text = (ROOT / "nfs" / "nop.py").read_text("utf-8")
    (tmp_path / "nop.py").write_text(text.replace("1 if packet.device == 0 else 0", "0"), "utf-8")
    total = Tally(f"nop={tmp_path / 'nop.py'}")
    check(total, capture, ["-r", str(capture)])
    assert len(total.wrong) == 1
    assert "in.pcapng: status 1: broken: [('frames_leave_by_the_other_device'" in total.wrong[0]


def test_a_run_that_ends_early_is_told(capture: Path) -> None:
    total = Tally("nat")
    check(total, capture, ["-r", str(capture), "--set", "max-flows=none"])
    assert len(total.wrong) == 1 and "status 2: pyvigor: --set: max-flows" in total.wrong[0]
    assert total.packets == total.compared == 0


def test_the_beginning_of_a_capture(capture: Path, tmp_path: Path) -> None:
    copy = beginning(capture, 2, tmp_path / "folder")
    whole, part = read_capture(str(capture)).records, read_capture(str(copy)).records
    assert part.time.tolist() == whole.time[:2].tolist()
    assert part.length.tolist() == whole.length[:2].tolist()
    assert beginning(capture, 4, tmp_path) == capture


def test_without_captures_the_command_says_where_to_put_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.traces.__main__.traces", list)
    assert main(["nop"]) == 2
    assert "PYVIGOR_TRACES" in capsys.readouterr().err
