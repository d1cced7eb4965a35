"""Files of specs: which files are such, and which network function each one is about.

Sources are read here and nothing is imported, so that whoever only looks is not held up.
"""

from __future__ import annotations

import ast
from pathlib import Path

from verify.errors import UsageError
from verify.locate import specs_beside
from verify.network_function import check_convention
from verify.program import Program
from verify.shipped import shipped
from verify.sources import Sources
from verify.sources import read as sources_of
from verify.subset import check_network_function, check_spec

FOLDER = "specs"


def is_spec_file(path: Path) -> bool:
    """Whether functions in a file are marked as specs, and it is in a folder `specs`."""
    if path.parent.name != FOLDER or path.suffix != ".py":
        return False
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    if "libvig.spec" not in text:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return True  # as far as can be told; to read it says what is wrong
    return any(is_marked(node) for node in tree.body)


def is_marked(node: ast.stmt) -> bool:
    """Whether `@spec` stands above a function."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(mark, ast.Name) and mark.id == "spec" for mark in node.decorator_list
    )


def read(path: Path, *, to_prove: bool = True) -> Sources:
    """The specs in a file, and their network function. Raises UsageError, as `prepare` does.

    What is not to be proved need not be in the verified subset.
    """
    sources = sources_of(network_function_of(path), spec_file=str(path))
    check_convention(sources.nf)
    if to_prove:
        check_network_function(sources.nf.module)
        assert sources.spec_module is not None
        check_spec(sources.spec_module)
    return sources


def network_function_of(path: Path) -> str:
    """The network function that a file of specs is about: the one of the same name, near to it.

    Raises UsageError if there is none, or more than one that may be meant.
    """
    above = path.parent.parent
    found = [f for f in (above / path.name, above / "nfs" / path.name) if _is_of(path, f)][:1]
    found = found or [f for f in sorted(above.glob(f"*/{path.name}")) if _is_of(path, f)]
    if len(found) > 1:
        several = " and ".join(str(file) for file in found)
        raise UsageError(f"{path}: specs of which one, {several}? keep one of them in {above}")
    if found:
        return str(found[0])
    if path.stem in shipped():
        return path.stem  # further specs of one that is shipped
    raise UsageError(
        f"{path}: no network function for these specs; put it into {above / path.name}"
    )


def _is_of(specs: Path, path: Path) -> bool:
    """Whether a file is a network function that has these specs."""
    if path == specs or not path.is_file() or specs_beside(path)[:1] != [specs]:
        return False
    classes = Program([], {path.stem: path}).load(path.stem).classes.values()
    return any("process" in cls.methods for cls in classes)
