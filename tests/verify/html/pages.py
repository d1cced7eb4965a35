"""Pages of `pyvigor report` to look at; libVig is taken as proved, which takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import html5lib
import pytest

from tests.verify.nfs import HERE, write_nf, wrong_nf
from verify.html.page import html
from verify.prover import FunctionProver
from verify.report_command import page_of
from verify.result import Result, Verdict

XHTML = "{http://www.w3.org/1999/xhtml}"
REFUTED = "new_outbound_flow_is_allocated_and_translated"


@contextmanager
def library_taken_as_proved() -> Iterator[None]:
    prove = FunctionProver.subject

    def subject(self: FunctionProver, name: str) -> Result:
        is_library = name.startswith("libvig.")
        return Result(name, Verdict.PROVED) if is_library else prove(self, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FunctionProver, "subject", subject)
        yield


def page(*targets: str) -> str:
    """The page about these targets."""
    with library_taken_as_proved():
        return html(page_of(dict.fromkeys(targets), 1))


def wrong_nat(folder: Path) -> str:
    """A NAT that confuses the ports of a flow, and one property that this breaks."""
    file = write_nf(folder, wrong_nf(HERE / "wrong_nats" / "swapped_ports.toml"))
    return f"nat={file}::{REFUTED}"


class Parsed:
    """A page as an HTML parser reads it that forgives nothing."""

    def __init__(self, text: str) -> None:
        self.root: Any = html5lib.HTMLParser(strict=True).parse(text)

    def all(self, tag: str, **attributes: str) -> list[Any]:
        """The elements of a tag with these attributes; a class is one of several."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            element
            for element in self.root.iter(XHTML + tag)
            if all(value in element.get(name, "").split() for name, value in wanted.items())
        ]

    @property
    def ids(self) -> list[str]:
        return [element.get("id") for element in self.root.iter() if element.get("id")]

    def at(self, identifier: str) -> Any:
        """The element with this id."""
        (found,) = (e for e in self.root.iter() if e.get("id") == identifier)
        return found

    @property
    def internal_links(self) -> list[str]:
        """The ids that links lead to."""
        links = (link.get("href") for link in self.all("a"))
        return [unquote(link[1:]) for link in links if link.startswith("#")]


def text_of(element: Any) -> str:
    """What an element says, its spaces as one."""
    return " ".join("".join(element.itertext()).split())
