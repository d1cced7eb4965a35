"""Markdown, read back by a reader of CommonMark with tables."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.verify.documents import NASTY, every_verdict, wrong_policer
from verify.formats import markdown
from verify.formats.document import Document
from verify.result import Verdict

ONE_LINE = " ".join(NASTY.splitlines())


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tokens(document: Document) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(markdown.rendered(document))


def tables(document: Document) -> list[list[list[str]]]:
    """The cells of each table's rows, without the mark-up of what is code."""
    found: list[list[list[str]]] = []
    for token in tokens(document):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and token.level > 3 and found:
            found[-1][-1].append("".join(child.content for child in token.children or []))
    return found


def lines_of_text(document: Document) -> list[str]:
    found = tokens(document)
    texts = [token for token in found if token.type == "inline"]
    return ["".join(child.content for child in text.children or []) for text in texts]


def test_the_headline_counts_all_verdicts_and_what_the_gate_refuses(repository: Path) -> None:
    first = lines_of_text(every_verdict(repository))[0]
    assert first == "pyvigor: 1 proved, 1 refuted, 1 unknown, 1 assumed, 1 bounded, 1 refused"


def test_every_target_has_a_row_of_counts(repository: Path) -> None:
    overview, *_ = tables(every_verdict(repository))
    assert overview == [
        ["", "proved", "refuted", "unknown", "assumed", "bounded", "seconds"],
        ["my_nf", "1", "1", "1", "1", "1", "1.5"],
    ]


def test_every_property_has_a_row_whatever_its_name_is(repository: Path) -> None:
    document = every_verdict(repository)
    document.targets[0].results[0].name = "a|b `c|d`"
    _, properties = tables(document)
    assert [row[:2] for row in properties[1:]] == [
        ["a|b `c|d`", "proved"],
        [ONE_LINE, "refuted"],
        ["not_known", "unknown"],
        ["given", "assumed"],
        ["looked_at", "bounded"],
    ]
    assert {len(row) for row in properties} == {5}


def test_what_is_not_proved_is_told_with_its_place_seen_from_the_root(repository: Path) -> None:
    said = lines_of_text(every_verdict(repository))
    assert f"refuted: my_nf::{ONE_LINE}" in said
    assert f"At über,specs: .py:2: {ONE_LINE}" in said
    assert f"refused: gate::gone: {ONE_LINE}" in said
    assert not any(text.startswith("proved: ") for text in said)


def test_nothing_of_the_users_is_markup(repository: Path) -> None:
    document = every_verdict(repository)
    target = document.targets[0]
    document.targets = [dataclasses.replace(target, name="<b>nf</b>")]
    html = MarkdownIt("commonmark").enable("table").render(markdown.rendered(document))
    assert "<b>" not in html and "<c>" not in html and "<a href" not in html
    assert "<summary>&lt;b&gt;nf&lt;/b&gt;: 5 results</summary>" in html


def test_a_counterexample_is_shown_line_by_line(repository: Path) -> None:
    target, result = wrong_policer(repository)
    (shown,) = [t for t in tokens(Document([target])) if t.type == "fence"]
    assert result.verdict is Verdict.REFUTED and "packet: by device" in shown.content
    assert shown.content.splitlines() == "\n".join(result.details).splitlines()
