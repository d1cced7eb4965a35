"""The network functions that come with the project, by name."""

import ast
import difflib
from pathlib import Path

import nfs
from verify.errors import UsageError

FOLDER = Path(nfs.__file__).parent


def shipped() -> list[str]:
    """The names of the network functions that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def summary(name: str) -> str:
    """The first line of the shipped network function's docstring."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    return (ast.get_docstring(tree) or "").split("\n")[0]


def check_shipped(name: str) -> None:
    """Raise UsageError if no network function of this name comes with the project."""
    if name not in shipped():
        close = difflib.get_close_matches(name, shipped(), 1)
        guess = f"did you mean {close[0]}" if close else f"there are {', '.join(shipped())}"
        raise UsageError(
            f"no network function is called {name}; {guess}, or give a file: {Path(name).stem}.py"
        )


def is_file_name(name: str) -> bool:
    """Whether a network function is named by its file."""
    return "/" in name or name.endswith(".py")
