"""Files of network functions: how they are named, and what they find."""

from __future__ import annotations

from pathlib import Path


def is_file_name(name: str) -> bool:
    """Whether a network function is named by its file."""
    return "/" in name or name.endswith(".py")


def import_folders(path: Path) -> list[Path]:
    """Where a file finds what it imports: its neighbours, and packages that it is in."""
    return list(dict.fromkeys([path.parent, package_root(path)]))


def package_root(path: Path) -> Path:
    """The folder from which a file is imported by its full name."""
    return next(folder for folder in path.parents if not (folder / "__init__.py").is_file())
