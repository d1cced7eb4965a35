"""What the documents point to is there, and docs/trusted.md leaves nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.edits import ROOT
from verify import errors
from verify.report import TRUSTED
from verify.result import Verdict

DOCS = ROOT / "docs"
DOCUMENTS = sorted(DOCS.glob("*.md"))
TRUSTED_PAGE = (DOCS / "trusted.md").read_text()


def links(document: Path) -> Iterator[str]:
    for token in MarkdownIt("commonmark").enable("table").parse(document.read_text()):
        for child in token.children or []:
            if child.type == "link_open" and not str(child.attrs["href"]).startswith("http"):
                yield str(child.attrs["href"])


def anchors(document: Path) -> set[str]:
    """The headings, as GitHub names them in addresses."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_what_is_pointed_to_is_there(document: Path) -> None:
    found = list(links(document))
    assert found, "a document that points to no other is a dead end"
    for link in found:
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_document_is_in_the_index() -> None:
    others = {document.name for document in DOCUMENTS} - {"README.md"}
    assert {link for link in links(DOCS / "README.md") if "/" not in link} == others


def test_all_words_are_explained_with_their_exit_status() -> None:
    rows = re.findall(r"^\| \*\*(\w+)\*\* \|.* \| (\d) \|$", TRUSTED_PAGE, re.MULTILINE)
    assert dict(rows) == {
        Verdict.PROVED.value: str(errors.EXIT_PROVED),
        Verdict.REFUTED.value: str(errors.EXIT_REFUTED),
        Verdict.UNKNOWN.value: str(errors.EXIT_INCONCLUSIVE),
        Verdict.ASSUMED.value: str(errors.EXIT_INCONCLUSIVE),
    }
    assert f"**{Verdict.BOUNDED.value}**" in TRUSTED_PAGE


def test_all_that_is_trusted_is_listed() -> None:
    """In the order in which reports print it."""
    listed = re.findall(r"^\| (.+?) \|", TRUSTED_PAGE.partition("why believe it")[2], re.MULTILINE)
    assert ", ".join(listed[1:]).replace("`", "") == TRUSTED
