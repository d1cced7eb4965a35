"""What the page says of numbers, standards and reasons."""

from __future__ import annotations

import pytest

from verify.arguments import Elements, Instance, Table
from verify.html.counterexample import drawn, rows_of, time_words, worded
from verify.html.page import Page, number_of
from verify.html.sources import address_of, citations, prose
from verify.html.subjects import in_words
from verify.program import HOME, Program

PACKET = Instance("Packet", {"data": Elements((0,) * 14), "wire_length": 60, "device": 1}, {
    "data": "Bytes", "wire_length": "int", "device": "Device",
})  # fmt: skip


@pytest.mark.parametrize(
    ("nanoseconds", "words"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (29_226, "29.226 µs"),
        (1_000_000, "1 ms"),
        (120_000_000_000, "120 s"),
        (2**62 - 1, "4,611,686,018.427387903 s"),
        (-1, "-1 ns"),
        (-1_050_000, "-1.05 ms"),
    ],
)
def test_times(nanoseconds: int, words: str) -> None:
    assert time_words(nanoseconds) == words


def test_numbers_in_the_form_that_is_usual() -> None:
    assert worded("external_address", 0xC0000201, "Address") == "192.0.2.1"
    assert worded("key.source_address", 0xC0000201, "int") == "192.0.2.1"
    assert worded("peer", Elements((1, 2)), "Macs") == "00:00:00:00:00:01, 00:00:00:00:00:02"
    assert worded("timeout", 1500, "Duration") == "1.5 µs"
    assert worded("protocol", 17, "int") == "17 UDP"
    assert worded("protocol", 99, "int") == "99"
    assert worded("data", Elements(()), "Bytes") == "none"
    assert worded("flag", True, "") == "True"


def test_a_structure_has_a_row_for_each_entry() -> None:
    key = Instance("Key", {"first": 7, "second": 8}, {"first": "int", "second": "int"})
    entry = Instance("Entry", {"key": key, "time": 5}, {"key": "Key", "time": "int"})
    rows = rows_of("nf.table", Table("KeyTable", {"capacity": 4}, {2: entry, 3: 9}))
    assert rows.columns == ("first", "second", "time", "value")
    assert rows.rows == (("2", "7", "8", "5 ns", ""), ("3", "", "", "", "9"))


def test_a_packet_comes_in_at_the_time_that_follows_it() -> None:
    case = drawn({"packet": PACKET, "now": 7, "reply": PACKET, "later": 9, "others": 3})
    assert [(packet.name, packet.time) for packet in case.packets] == [
        ("packet", "now = 7 ns"), ("reply", "later = 9 ns"),
    ]  # fmt: skip
    assert case.settings == {"": [("others", "3")]}
    assert (case.packets[0].length, case.packets[0].wire_length) == (14, 60)


def test_parts_of_standards_are_found_where_they_are_named() -> None:
    program = Program([HOME])

    def of(module: str, spec: str) -> list[tuple[str, ...]]:
        function = program.load(f"specs.{module}").functions[spec]
        return [citation.references for citation in citations(function)]

    assert of("policer", "rfc2697") == [("RFC 2697 §3",)] * 2
    assert ("IEEE Std 802.1Q-2014 8.7",) in of("bridge", "ieee8021q")
    assert ("RFC 3022 §2.2",) in of("nat", "unsolicited_inbound_is_dropped")
    assert ("RFC 5508 REQ-6",) in of("nat", "errors_change_no_state")
    assert all("NSDI 2016 §3" in r for names in of("maglev", "nsdi16") for r in names)
    assert of("policer", "excess_is_dropped") == []


def test_a_comment_is_told_whole_and_without_its_number() -> None:
    function = Program([HOME]).load("specs.policer").functions["rfc2697"]
    assert citations(function)[1].text == (
        '"If Tc(t)-B >= 0, the packet is green and Tc is decremented by B down to the minimum '
        'value of 0, else […] the packet is red and neither Tc nor Te is decremented."'
    )


def test_where_a_standard_can_be_read() -> None:
    assert address_of("RFC 3022 §2.2") == "https://www.rfc-editor.org/rfc/rfc3022#section-2.2"
    assert address_of("RFC 5508 REQ-6") == "https://www.rfc-editor.org/rfc/rfc5508"
    assert address_of("IEEE Std 802.1Q-2014 8.7") == ""


def test_docstrings_are_text_with_lists_and_code() -> None:
    assert prose("A *b* [c](d) <e>:\n\n- `f`\n- g") == (
        "<p>A *b* [c](d) &lt;e&gt;:</p>\n<ul>\n<li><code>f</code></li>\n<li>g</li>\n</ul>\n"
    )


def test_names_of_specs_as_sentences() -> None:
    assert in_words("a_full_table_keeps_the_old_flows") == "A full table keeps the old flows"
    assert in_words("rfc3022") == "rfc3022"


def test_thousands_are_apart() -> None:
    assert number_of(20_473, "obligation") == "20,473 obligations"
    assert number_of(1, "property") == "1 property"


def test_a_page_about_nothing() -> None:
    page = Page([], [], 0.0)
    assert page.summary == "0 proved, 0 refuted, 0 unknown, 0 assumed in 0.0 s"
    assert page.failed == [] and page.cards == []
