"""Documents that are run: their blocks write files and run commands, whose outputs they show.

A block says after its language what it is for; a reader sees that in the text above it:

- ```` ```python FILE ```` or `toml`: the file, whole; with `append`, what comes behind it.
- ```` ```diff FILE ````: a change of the file, as git shows it.
- ```` ```console ````: commands after `$ `, and what each one prints. `…` stands for anything in a
  line, and alone for any lines.
- ```` ```sh ````: what only somebody who installs something would run. It is not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?( append)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 300


class Block(NamedTuple):
    """Something between fences."""

    line: int
    language: str
    file: str
    appends: bool
    text: str


class Command(NamedTuple):
    """A command, and what the document says it prints."""

    line: int
    text: str
    output: str


def blocks(document: str) -> list[Block]:
    """The blocks of a document, in order."""
    found = []
    for match in BLOCK.finditer(document):
        line = document.count("\n", 0, match.start()) + 2
        language, file, appends, text = match.groups()
        found.append(Block(line, language, file or "", bool(appends), text))
    return found


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block."""
    lines = block.text.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    if starts[:1] != [0]:
        raise ValueError(f"line {block.line}: a console block begins with `$ ` and a command")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        output = "\n".join(lines[start + 1 : end])
        yield Command(block.line + start, lines[start].removeprefix("$ "), output)


class Reader:
    """Does what a document says, in a folder that is empty at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self.programs = folder / "bin"
        self.programs.mkdir()
        is_installed = any(point.name == "pyvigor" for point in entry_points(group="pytest11"))
        plugin = "" if is_installed else " -p verify.pytest_plugin"
        self._program("pyvigor", " -P -m verify.cli")
        self._program("pytest", f" -P -m pytest{plugin}")
        self._program("python", "")

    def _program(self, name: str, arguments: str) -> None:
        path = self.programs / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n')
        path.chmod(0o755)

    def follow(self, block: Block) -> None:
        """Do what one block says; raises AssertionError where an output is another one."""
        if block.language == "console":
            for command in commands(block):
                output = self.run(command.text)
                place = f"line {command.line}: $ {command.text}"
                assert agrees(output, command.output), f"{place}\n{output}"
        elif block.language == "diff":
            path = self.folder / block.file
            path.write_text(changed(path.read_text(), block))
        elif block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            before = f"{path.read_text()}\n\n" if block.appends else ""
            path.write_text(before + block.text)

    def run(self, command: str) -> str:
        """What a command prints."""
        environment = {k: v for k, v in os.environ.items() if k not in ("CI", "BUILD_NUMBER")}
        environment |= {"PATH": f"{self.programs}:{os.environ['PATH']}", "COLUMNS": "100"}
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.stdout


def changed(text: str, block: Block) -> str:
    """The text of a file after a change, of which the lines before it occur once."""
    lines = block.text.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    found = text.count(before)
    assert found == 1, f"line {block.line}: found {found} times in {block.file}:\n{before}"
    return text.replace(before, after)


def agrees(output: str, shown: str) -> bool:
    """Whether a command printed what the document shows."""
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.rstrip().split("…"))) + "\n"
    printed = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    return re.fullmatch(pattern, printed) is not None
