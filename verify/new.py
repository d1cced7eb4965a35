"""`pyvigor new`: a network function to begin with, proved as it is, in the user's own folder."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import keyword
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeGuard

from verify.errors import UsageError
from verify.gate_hint import gate_hint
from verify.locate import dotted_name
from verify.program import HOME, PRODUCT
from verify.subset_words import HOME_OF

TEMPLATE = Path(__file__).parent / "template"
NAME, CLASS = "my_nf", "MyNf"
"""What the network function of the template is called, and its class."""

TOOL_OF = {"conftest": "pytest", "setup": "pip"}
"""Names of files that tools run without being asked."""
TEST = re.compile("^test_|_test$")
"""Names of files that pytest takes for tests."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `pyvigor new`."""
    parser.add_argument("name", metavar="NAME", help="of the network function, such as my_nf")
    parser.add_argument(
        "--folder",
        metavar="DIR",
        default=".",
        help="where to write it (default: here), with folders specs and tests; if DIR is called "
        "nfs, these are beside it",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Write the files, and say what to do next."""
    check_name(arguments.name)
    files = texts(arguments.name, Path(arguments.folder).resolve())
    write(files)
    nf, specs, tests = (Path(os.path.relpath(path)) for path in files)
    print(f"wrote {nf}, {specs} and {tests}")
    print(f"next: pyvigor verify {nf}")
    print(f"      pytest {specs} {tests}    # pip install 'pyvigor[pytest]'")
    for line in gate_hint(next(iter(files))):
        print(line)
    return 0


# ---------------------------------------------------------------- names


def class_name(name: str) -> str:
    """The name of the class, by Python's custom: that of my_nf is MyNf."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def check_name(name: str) -> None:
    """Raise UsageError where a network function cannot be called so."""
    cls = class_name(name)
    if not name.isidentifier() or not cls.isidentifier() or name.startswith("_"):
        raise UsageError(f"{name}: is no name for a network function; write one such as my_nf")
    other = f"my_{name.removeprefix('test_').removesuffix('_test')}"
    for word in (name, cls):
        if keyword.iskeyword(word):
            raise UsageError(f"{name}: {word} is a word of Python; write {other}")
    if name in ("specs", "tests"):
        raise UsageError(f"{name}: is the folder that its {name} go into; write {other}")
    tool = TOOL_OF.get(name, "pytest" if TEST.search(name) else "")
    if tool:
        raise UsageError(f"{name}: to {tool}, {name}.py means something else; write {other}")
    if (HOME / "nfs" / f"{name}.py").is_file():
        raise UsageError(f"{name}: is shipped with pyvigor; write {other}")
    if {cls, f"{cls}Config"} & {*HOME_OF, *_names_in_template()}:
        raise UsageError(f"{name}: its class would be {cls}, which it needs too; write {other}")
    if name in {*PRODUCT, *sys.stdlib_module_names} or _is_installed(name):
        raise UsageError(f"{name}: would hide the Python module {name}; write {other}")


def _names_in_template() -> set[str]:
    """The names that the template imports, or defines and does not replace."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((TEMPLATE / f"{NAME}.py").read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith(CLASS):
            found |= {node.name, *(word.id for word in ast.walk(node) if is_defined(word))}
    return found


def is_defined(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_installed(name: str) -> bool:
    """Whether there is a module of this name other than in the folder where this was started."""
    found = importlib.util.find_spec(name)
    where = found.origin if found is not None else None
    return where is not None and not Path(where).resolve().is_relative_to(Path.cwd())


# ---------------------------------------------------------------- files


def texts(name: str, folder: Path) -> dict[Path, str]:
    """The text of each file: the network function, its specs, its tests."""
    in_nfs = folder.name == "nfs"
    base = folder.parent if in_nfs else folder
    nf = folder / f"{name}.py"
    words = {
        f"verify.template.{NAME}": f"nfs.{name}" if in_nfs else dotted_name(nf),
        f'/ "{NAME}.py"': f'/ "nfs" / "{name}.py"' if in_nfs else f'/ "{name}.py"',
        NAME: name,
        CLASS: class_name(name),
    }
    sources = (f"{NAME}.py", f"specs/{NAME}.py", f"tests/test_{NAME}.py")
    targets = (nf, base / "specs" / f"{name}.py", base / "tests" / f"test_{name}.py")
    return {
        target: _replaced((TEMPLATE / source).read_text("utf-8"), words)
        for source, target in zip(sources, targets, strict=True)
    }


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)


def write(files: Mapping[Path, str]) -> None:
    """Write new files, all or none. Raises UsageError if one is there, or cannot be written."""
    for path in files:
        if os.path.lexists(path):
            raise UsageError(f"{os.path.relpath(path)}: is there already, and stays as it is")
    done: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                done.append(path)
                file.write(text)
    except BaseException as error:
        for path in done:
            path.unlink()
        for path in files:
            with suppress(OSError):  # of others, or with others' files in it
                path.parent.rmdir()
        if isinstance(error, OSError):
            why = error.strerror or error
            raise UsageError(f"{error.filename or path}: cannot be written: {why}") from None
        raise
