"""`pyvigor bench`: what is measured, of what, and what is said of it. No time is judged."""

from __future__ import annotations

import json
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from verify.bench import baseline, start_up
from verify.bench.baseline import Missing, library
from verify.bench.flows import parse_tables
from verify.bench.result import Table
from verify.cli import main

ROOT = Path(__file__).parents[2]
QUICK = ["--rounds", "1", "--skip", "start-up"]


@pytest.fixture(autouse=True)
def no_compiler(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Few tests are about C."""
    library.cache_clear()
    if "with_c" not in request.fixturenames:
        monkeypatch.setattr(baseline, "COMPILER", "no-such-compiler")
    request.addfinalizer(library.cache_clear)


@pytest.fixture
def with_c() -> None:
    if isinstance(found := library("nop"), Missing):
        pytest.skip(found.reason)


Bench = Callable[..., dict[str, Any]]


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str]) -> Bench:
    """Runs the command, and returns its JSON."""

    def run(*arguments: str) -> dict[str, Any]:
        assert main(["bench", *arguments, *QUICK, "--output-format", "json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def test_a_network_function_beside_the_same_in_c(bench: Bench, with_c: None) -> None:
    document = bench("policer", "--flows", "200")
    (result,) = document["results"]
    assert (result["nf"], result["flows"], result["capacity"]) == ("policer", 200, 256)
    assert result["ns_per_packet"] > 0
    assert result["packets_per_second"] == pytest.approx(1e9 / result["ns_per_packet"])
    ours, in_c = result["rounds"]["ours"], result["rounds"]["in_c"]
    assert len(ours) == len(in_c) == 1
    assert result["ratio_to_c"] == pytest.approx(ours[0] / in_c[0])
    assert 10 < result["bytes_per_flow"] < 200
    assert 10 < result["c_bytes_per_flow"] < 200
    assert set(result["latency"]) == set(result["expiry"]) == {"ours", "c"}
    assert result["expiry"]["ours"]["flows"] == 100
    assert len(result["expiry"]["c"]["longest"]) == 5
    for latency in (*result["latency"].values(), *result["expiry"].values()):
        assert 0 < latency["p50"] <= latency["p99"] <= latency["p99_9"] <= latency["max"]
    assert "-O3 -march=native" in document["machine"]["c"]


def test_without_a_compiler_it_says_so(capsys: pytest.CaptureFixture[str], bench: Bench) -> None:
    assert main(["bench", "nop", *QUICK, "--skip", "latency"]) == 0
    assert "C: no C compiler is called no-such-compiler\n" in capsys.readouterr().out
    (result,) = bench("nop", "--skip", "latency")["results"]
    assert result["ratio_to_c"] is result["c_ns_per_packet"] is None
    assert result["flows"] is None
    assert result["latency"] == {}


def test_without_the_sources_it_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(baseline, "FOLDER", tmp_path)
    document = bench("nop", "--skip", "latency")
    assert document["machine"]["c"].startswith("nop.c is not here: the baseline is in the reposi")


def test_c_that_cannot_be_compiled_is_left_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, with_c: None
) -> None:
    library.cache_clear()
    (tmp_path / "nop.c").write_text("int f(void) { return x; }\n")
    monkeypatch.setattr(baseline, "FOLDER", tmp_path)
    document = bench("nop", "--skip", "latency")
    assert document["machine"]["c"].startswith("cc cannot compile nop.c: ")


def test_options_of_the_compiler_are_taken_from_the_environment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, with_c: None
) -> None:
    library.cache_clear()
    monkeypatch.setenv("CFLAGS", "-DSLOTS_PER_ENTRY=4")
    (more,) = bench("bridge", "--flows", "64", "--skip", "latency")["results"]
    library.cache_clear()
    monkeypatch.delenv("CFLAGS")
    (less,) = bench("bridge", "--flows", "64", "--skip", "latency")["results"]
    assert more["c_bytes_per_flow"] > less["c_bytes_per_flow"] + 30


def test_a_file_with_the_traffic_of_another(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str], with_c: None
) -> None:
    text = (ROOT / "nfs" / "nop.py").read_text()
    changed = text.replace("device = 1 if packet.device == 0 else 0", "device = packet.device")
    assert changed != text
    (tmp_path / "same.py").write_text(text)
    (tmp_path / "wrong.py").write_text(changed)
    (result,) = bench(f"nop={tmp_path / 'same.py'}", "--skip", "latency")["results"]
    assert result["ratio_to_c"] > 0
    assert main(["bench", f"nop={tmp_path / 'wrong.py'}", *QUICK]) == 1
    assert re.fullmatch(
        r"pyvigor: nop: packet 1: the verdict is 0, and that of the same in C is 1\n",
        capsys.readouterr().err,
    )


def test_several_numbers_of_flows_are_a_sweep(bench: Bench, tmp_path: Path) -> None:
    svg = tmp_path / "sweep.svg"
    document = bench("firewall", "nop", "--flows", "64,1k", "--output-file", str(svg))
    found = [(result["nf"], result["flows"], result["capacity"]) for result in document["results"]]
    assert found == [("firewall", 64, 64), ("firewall", 921, 1024), ("nop", None, None)]
    latencies = [bool(result["latency"]) for result in document["results"]]
    assert latencies == [True, False, True]
    texts = {element.text for element in ElementTree.parse(svg).iter() if element.text}
    assert {"firewall", "nop", "64", "921", "pyvigor p99.9"} <= texts
    assert {text for text in texts if text.startswith(("Throughput", "Latency", "Time"))} == {
        "Throughput, million packets a second",
        "Latency of a packet, ns",
        "Latency after 32 flows have expired at once, ns",
        "Time of a packet by number of flows, ns",
    }


def test_what_a_network_function_cannot_hold_is_skipped(bench: Bench) -> None:
    document = bench("nat", "--flows", "64,1M", "--skip", "latency")
    assert [result["flows"] for result in document["results"]] == [64]
    (skipped,) = document["skipped"]
    assert skipped == {
        "nf": "nat",
        "flows": 943718,
        "reason": "each flow has an external port of its own",
    }


@pytest.mark.parametrize(
    "traffic", [["--churn", "0.1"], ["--zipf", "1.1"], ["--size", "1518"], ["--seed", "2"]]
)
def test_other_traffic(bench: Bench, with_c: None, traffic: list[str]) -> None:
    document = bench("nat", "--flows", "500", "--skip", "latency", *traffic)
    name, value = traffic[0].removeprefix("--"), float(traffic[1])
    assert document["traffic"][name] == value
    assert document["results"][0]["ratio_to_c"] > 0


def test_json_into_a_file_and_text_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], with_c: None
) -> None:
    file = tmp_path / "found.json"
    flows = ["--flows", "1000"]
    assert main(["bench", "maglev", *flows, *QUICK, "--output-file", str(file)]) == 0
    (result,) = json.loads(file.read_text())["results"]
    printed = capsys.readouterr().out
    assert f" {result['ns_per_packet']:.1f} " in printed
    assert f" {result['ratio_to_c']:.2f} " in printed
    assert "maglev, 1,000 of 1,024 flows" in printed
    assert "packets after 500 have expired at once" in printed


@pytest.mark.slow
def test_start_up_is_that_of_whole_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = start_up.start_up("nop", "nop")
    assert found.first.wall > found.later.wall > 0
    assert found.first.processor > found.later.processor > 0


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("59000", [Table(59000, 65536)]),
        ("64k", [Table(58982, 65536)]),
        ("64,1M", [Table(64, 64), Table(943718, 1 << 20)]),
        ("1, 65", [Table(1, 1), Table(65, 128)]),
        ("16M", [Table(15099494, 1 << 24)]),
    ],
)
def test_numbers_of_flows(text: str, tables: list[Table]) -> None:
    assert parse_tables(text) == tables


@pytest.mark.parametrize("text", ["", "0", "1,", "-5", "17M", "16777217", "1g", "64K"])
def test_what_is_no_number_of_flows(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is neither a number of flows"):
        parse_tables(text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["natt"], "no network function is called natt; did you mean nat"),
        (["FILE"], "FILE: there is no traffic for it; give it that of another: nat=FILE"),
        (["nop", "--output-file", "x.png"], "--output-file: x.png is neither JSON nor SVG; name i"),
        (["nop", "--output-file", "no/x.svg"], "no/x.svg: cannot be written: No such file or dire"),
        (["nop", "--rounds", "0"], "argument --rounds: '0' is not a number of rounds, 1 or more"),
        (["nop", "--size", "63"], "argument --size: '63' is not the size of an Ethernet frame, 6"),
        (["nop", "--churn", "2"], "argument --churn: '2' is not a share, 0 to 1"),
        (["nop", "--churn", "x"], "argument --churn: 'x' is not a share, 0 to 1"),
        (["nop", "--zipf", "-1"], "argument --zipf: '-1' is not an exponent, 0 or more"),
        (["nop", "--zipf", "nan"], "argument --zipf: 'nan' is not an exponent, 0 or more"),
        (["nop", "--flows", "x"], "argument --flows: 'x' is neither a number of flows, such as 5"),
    ],
)
def test_what_cannot_be_done(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.py"
    file.write_text((ROOT / "nfs" / "nop.py").read_text().replace("new_nop", "new_own"))
    try:
        status = main(["bench", *(text.replace("FILE", str(file)) for text in arguments)])
    except SystemExit as stopped:
        status = int(str(stopped.code))
    assert status == 2
    said = capsys.readouterr().err.replace(str(file), "FILE")
    assert said.startswith(f"pyvigor: {message}")
    assert said.count("\n") == 1
