"""The page of `pyvigor report`: what is on it, and that it needs nothing but itself."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import html5lib
import pytest

from tests.verify.html.pages import REFUTED, Parsed, page, text_of
from tests.verify.test_verify_command import OTHER, changed_nop
from verify.html import subjects
from verify.html.page import Page, html
from verify.prepare import library_prover
from verify.result import Result, Verdict

LOADS = ("link", "script", "img", "iframe", "object", "embed", "source", "audio", "video", "base")


@pytest.fixture(scope="module")
def parsed(text: str) -> Parsed:
    return Parsed(text)


# ---------------------------------------------------------------- the page itself


def test_it_is_well_formed(text: str) -> None:
    Parsed(text)
    with pytest.raises(html5lib.html5parser.ParseError):
        Parsed(text.replace("</main>", ""))


def test_it_loads_nothing(text: str, parsed: Parsed) -> None:
    assert [tag for tag in LOADS if parsed.all(tag)] == []
    assert [e for e in parsed.root.iter() if e.get("src") or e.get("style")] == []
    (style,) = parsed.all("style")
    assert "@import" not in style.text and "url(" not in style.text
    outside = {link.get("href") for link in parsed.all("a")} - {f"#{i}" for i in parsed.ids}
    assert all(link.startswith(("#", "https://www.rfc-editor.org/")) for link in outside)
    assert "default-src 'none'" in text


def test_every_id_is_there_once_and_every_link_leads_to_one(parsed: Parsed) -> None:
    assert len(set(parsed.ids)) == len(parsed.ids)
    assert len(parsed.internal_links) > 50
    assert set(parsed.internal_links) <= set(parsed.ids)


def test_it_can_be_read_without_looking_at_it(parsed: Parsed) -> None:
    """Landmarks, headings in order, and a name for what can be scrolled."""
    assert [len(parsed.all(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    assert parsed.root.get("lang") == "en"
    levels = [
        int(e.tag[-1]) for e in parsed.root.iter() if e.tag[-2:-1] == "h" and e.tag[-1] in "123456"
    ]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert all(
        e.get("aria-label") and e.get("tabindex") for e in parsed.all("div", class_="scroll")
    )


def test_a_verdict_is_a_word_beside_its_colour(parsed: Parsed) -> None:
    chips = parsed.all("span", class_="chip")
    assert {text_of(chip) for chip in chips} == {"✓ proved", "✗ refuted"}
    assert all(text_of(chip).split()[1] in chip.get("class").split() for chip in chips)


# ---------------------------------------------------------------- what is on it


def test_the_summary_counts(parsed: Parsed) -> None:
    tiles = {t.get("class").split()[1]: text_of(t) for t in parsed.all("div", class_="tile")}
    assert "refuted 1 by" in tiles["refuted"] and "unknown 0 the" in tiles["unknown"]
    total = len(parsed.all("details", class_="property"))
    assert f"✓ proved {total - 1} for all" in tiles["proved"]
    assert f"1 of {total} properties is refuted" in text_of(parsed.at("summary"))
    (failed,) = parsed.all("ul", class_="failed")
    assert "New outbound flow is allocated and translated" in text_of(failed)


def test_a_property_with_its_source_and_its_standard(parsed: Parsed) -> None:
    body = parsed.at(f"nf/nat.{REFUTED}")
    lines = Path("specs/nat.py").read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"def {REFUTED}("))
    assert f"{start + 1} {lines[start]}" in "".join(body.itertext())
    assert " obligations · " in text_of(body)
    (relied,) = (p for p in body.iter() if p.get("class") == "relied")
    assert "#libvig.port_allocator.PortAllocator.holder_of" in {a.get("href") for a in relied}


def test_the_standard_is_quoted_and_can_be_read(tmp_path: Path) -> None:
    parsed = Parsed(page("policer::rfc2697"))
    quotes = parsed.all("blockquote", class_="standard")
    assert text_of(quotes[0]) == (
        'RFC 2697 §3 "The token buckets C and E are initially (at time 0) full"'
    )
    links = {link.get("href") for link in parsed.all("a", class_="ref")}
    assert links == {"https://www.rfc-editor.org/rfc/rfc2697#section-3"}
    assert "How this reads what the RFC leaves open" in text_of(parsed.at("nf/policer"))


def test_the_paths_of_process(parsed: Parsed) -> None:
    leaves = [text_of(parsed.at(f"nf/nop/path{number}")) for number in (1, 2, 3)]
    assert [leaf.partition(" ✓")[0] for leaf in leaves] == [
        "yes 1 dropped: TRUNCATED", "yes 2 leaves by device 1", "no 3 leaves by device 0",
    ]  # fmt: skip
    assert "nf/nop/path4" not in parsed.ids


def test_why_packets_are_dropped(parsed: Parsed) -> None:
    assert text_of(parsed.at("nf/nop/drop/TRUNCATED")) == (
        "TRUNCATED -1 Truncated: no whole Ethernet header was captured path 1"
    )
    fault = text_of(parsed.at("nf/nat/drop/LATER_FRAGMENT"))
    assert "Later fragment: not the first of its datagram" in fault
    assert "by flow_fault: " in fault and "error_fault" not in fault
    filtered = text_of(parsed.at("nf/bridge/drop/FILTERED"))
    assert "is for a station that is listed as one to drop for" in filtered
    assert "by filtered: " in filtered


def test_what_is_proved_of_a_structure(parsed: Parsed) -> None:
    module = text_of(parsed.at("libvig.flow_table"))
    assert "Only words that a key was packed into are ever stored" in module
    method = text_of(parsed.at("libvig.flow_table.FlowTable.find"))
    assert "@ensure(" in method and "def find(self, key: FlowKey) -> int:" in method
    assert "self.keys.find" not in method  # its code is its own affair


# ---------------------------------------------------------------- counterexamples


def test_a_counterexample_has_packets_and_rows(parsed: Parsed) -> None:
    body = parsed.at(f"nf/nat.{REFUTED}")
    assert "Counterexample replayed on the real code" in text_of(body)
    tables = {text_of(t[0]): t for t in parsed.all("table", class_="state")}
    config, flows, ports = (
        next(t for name, t in tables.items() if wanted in name)
        for wanted in ("nat.config", "nat.flows", "nat.ports")
    )
    assert "external_address" in text_of(config) and "timeout" in text_of(config)
    heads = [text_of(head) for head in flows.iter() if head.get("scope") == "col"]
    assert heads == [
        "index", "device", "protocol", "source address", "source port", "destination address",
        "destination port", "time",
    ]  # fmt: skip
    assert "PortAllocator" in text_of(ports)
    (packet,) = parsed.all("article", class_="packet")
    assert text_of(packet).startswith("packet comes in by device ")
    names = [text_of(h).partition(" bytes ")[0] for h in packet.iter() if h.tag.endswith("}h6")]
    assert names[:2] == ["Ethernet", "IPv4"]
    cells = {text_of(c[0]): text_of(c[1]) for c in parsed.all("div", class_="cell")}
    assert cells["Type"] == "0x0800 IPv4" and cells["Version"] == "4"
    assert "0000" in text_of(parsed.all("div", class_="dump")[0])


def test_the_line_that_fails_is_marked(parsed: Parsed) -> None:
    (marked,) = parsed.all("span", class_="marked")
    assert "assert index not in live and nat.flows.entries == live" in text_of(marked)
    assert text_of(marked).endswith("here")


def test_the_way_to_a_failure(parsed: Parsed) -> None:
    (steps,) = parsed.all("ol", class_="steps")
    assert "no is_icmp_error(packet)" in text_of(steps)


def test_what_fails_in_process_is_shown_where_it_is(tmp_path: Path) -> None:
    file = changed_nop(tmp_path, "self.config.mac[device]", "self.config.mac[2]")
    parsed = Parsed(page(str(file)))
    body = text_of(parsed.at("nf/my_nf/process"))
    assert "Refuted at" in body and "Counterexample" in body
    (marked,) = parsed.all("span", class_="marked")
    assert "ethernet.set_addresses(int(self.config.mac[2])" in text_of(marked)


def test_what_cannot_be_followed_is_unknown(tmp_path: Path) -> None:
    file = changed_nop(tmp_path, "return Drop.TRUNCATED", "return 1 << packet.device")
    parsed = Parsed(page(str(file)))
    assert "is unknown" in text_of(parsed.at("summary"))
    assert "Unknown at" in text_of(parsed.at("nf/my_nf/process"))


# ---------------------------------------------------------------- hostile names

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&amp;"


def test_nothing_that_is_read_becomes_markup(tmp_path: Path) -> None:
    folder = tmp_path / "<img src>"
    folder.mkdir()
    file = changed_nop(folder, OTHER, "packet.device")
    text = (
        file.read_text()
        .replace('"""No-op: ', f"'''{HOSTILE} ")
        .replace('for benchmarks."""', "for benchmarks.'''")
    )
    text = text.replace("# no whole Ethernet header", f"# {HOSTILE}")
    text = text.replace("ethernet = Ethernet(packet)", f"ethernet = Ethernet(packet)  # {HOSTILE}")
    file.write_text(text)
    specs = folder / "specs"
    specs.mkdir()
    spec = Path("specs/nop.py").read_text().replace("from nfs.nop", "from my_nf")
    spec = spec.replace('"""What a no-op does', f"'''RFC 1: [x](javascript:alert(4)) {HOSTILE} ", 1)
    spec = spec.replace('addresses."""', "addresses.'''", 1)
    spec = spec.replace("    assume(Ethernet", f"    # §1: {HOSTILE}\n    assume(Ethernet", 1)
    (specs / "my_nf.py").write_text(spec)
    parsed = Parsed(page(str(file)))
    assert parsed.all("script") == [] and parsed.all("img") == []
    assert not any(link.get("href").startswith("javascript") for link in parsed.all("a"))
    assert not any(name.startswith("on") for e in parsed.root.iter() for name in e.attrib)
    shown = text_of(parsed.root)
    assert shown.count(HOSTILE) >= 6
    assert "<img src>/my_nf.py" in shown


# ---------------------------------------------------------------- what comes of other provers


def told(verdict: Verdict, **more: Any) -> Parsed:
    """The page about a function of libVig of which this is the result."""
    result = Result("libvig.vector.Vector.set", verdict, "libvig/vector.py:46", **more)
    modules = subjects.library(library_prover().program, [result])
    return Parsed(html(Page([], modules, 0.0)))


def test_what_is_assumed_is_listed_with_its_reason() -> None:
    parsed = told(Verdict.ASSUMED, reason="the paper says so")
    (failed,) = parsed.all("ul", class_="failed")
    assert text_of(failed) == "≈ assumed Vector.set Vector the paper says so"
    assert "1 of 1 property is assumed" in text_of(parsed.at("summary"))
    assert "listed above" in text_of(parsed.at("trusted"))


def test_calls_that_go_wrong_are_told_as_they_are() -> None:
    parsed = told(Verdict.REFUTED, details=["calls that show it:", "  v.set(0, <word>)"])
    (details,) = parsed.all("pre", class_="details")
    assert details.text == "calls that show it:\n  v.set(0, <word>)"
    (marked,) = parsed.all("span", class_="marked")
    assert "46" in text_of(marked)


def test_a_countermodel_that_was_not_seen_to_go_wrong_says_so() -> None:
    parsed = told(Verdict.UNKNOWN, arguments={"index": 3})
    assert "it was not seen to go wrong on the real code" in text_of(parsed.at("libvig"))


def test_specs_come_in_the_order_in_which_they_are_written(parsed: Parsed) -> None:
    names = [i for i in parsed.ids if i.startswith("nf/nop.")]
    assert names[0] == "nf/nop.frames_leave_by_the_other_device"
    assert names[-1] == "nf/nop.frames_carry_the_addresses_of_the_next_hop"
