"""docs/errors.md lists the messages that there are, as the sources have them, and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests import messages
from tests.edits import ROOT
from tests.messages import SOME, Message
from verify.formats.markdown import code

TEXT = (ROOT / "docs" / "errors.md").read_text()
RESULTS = ("What is refuted", "Why a result is unknown")


def listed() -> dict[str, list[str]]:
    """The messages by heading: what each point of a list begins with."""
    found: dict[str, list[str]] = {}
    tokens = MarkdownIt("commonmark").parse(TEXT)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = found.setdefault(tokens[at + 1].content, [])
        elif token.type == "list_item_open":
            first = (tokens[at + 2].children or [])[0]
            assert first.type == "code_inline", tokens[at + 2].content
            heading.append(first.content)
    return found


def errors() -> list[str]:
    return [text for name, texts in listed().items() if name not in RESULTS for text in texts]


def texts_of(folder: Path) -> Iterator[str]:
    """All texts in the sources of a folder, with `…` for what is put into them."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else SOME for p in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_message_is_listed() -> None:
    known = set(errors())
    missing = [message for message in messages.all_of_them() if not known & {*message.texts}]
    points = [f"- {code(message.texts[0])}  ({message.file}:{message.line})" for message in missing]
    assert points == [], "add it to docs/errors.md, with what to do where that is not plain"


def test_every_message_that_is_listed_exists() -> None:
    existing = {text for message in messages.all_of_them() for text in message.texts}
    assert [text for text in errors() if text not in existing] == []


def test_none_is_listed_twice() -> None:
    texts = errors()
    assert sorted(texts) == sorted(set(texts))


@pytest.mark.parametrize("heading", RESULTS)
def test_what_results_say_is_in_the_sources(heading: str) -> None:
    known = {text.strip(f"{SOME}: ") for text in texts_of(ROOT / "verify")}
    for text in listed()[heading]:
        assert text.strip(f"{SOME}: ") in known, text


def test_documents_it_points_to_are_there() -> None:
    for token in MarkdownIt("commonmark").parse(TEXT):
        for child in token.children or []:
            if child.type == "link_open":
                assert (ROOT / "docs" / str(child.attrs["href"])).is_file()


# ---------------------------------------------------------------- how messages are read

SOURCE = """
WORD = "a word"
LARGE = 2**40


def simple(file):
    raise UsageError(f"{file}: has {WORD} and {LARGE}; mend it")


def chosen(file, short):
    what = "this" if short else f"that of {file}"
    raise InputError(f"{file}:{1}: found {what}")


def several(way):
    what = "one"
    if way:
        what = "another"
    raise UsageError("it is " + what)


def elsewhere(error):
    raise UsageError(str(error))


class Walk:
    def look(self, node):
        self.note(node, f"`{node}`", "nothing")
        self.other.note(node, "no", "message")
"""


def test_messages_are_read_as_they_will_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "subset_example.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list(messages.of_file(tmp_path / "subset_example.py", tmp_path)) == [
        Message("subset_example.py", 7, ("has a word and …; mend it",)),
        Message("subset_example.py", 12, ("found this", "found that of …")),
        Message("subset_example.py", 19, ("it is …",)),
        Message("subset_example.py", 28, ("found `…`; write nothing",)),
    ]
