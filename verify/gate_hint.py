"""What to add to pyproject.toml so that `pyvigor gate` proves a new network function, too."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path


def gate_hint(nf: Path) -> list[str]:
    """Lines that say it; none if no pyproject.toml is near, or it names the file already."""
    project = next((p for p in (f / "pyproject.toml" for f in nf.parents) if p.is_file()), None)
    if project is None:
        return []
    named = _named(project)
    for pattern in named:
        with suppress(ValueError, NotImplementedError):  # what no pattern looks like
            if nf in project.parent.glob(pattern):
                return []
    names = ", ".join(f'"{name}"' for name in [*named, nf.relative_to(project.parent).as_posix()])
    return [
        f"      in {project.name}, for pyvigor gate:",
        "        [tool.pyvigor]",
        f"        nfs = [{names}]",
    ]


def _named(project: Path) -> list[str]:
    """The network functions that [tool.pyvigor] names so far."""
    try:
        tool = tomllib.loads(project.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError):  # not for us to complain about
        return []
    section = tool.get("pyvigor", {}) if isinstance(tool, dict) else {}
    nfs = section.get("nfs", []) if isinstance(section, dict) else []
    return [name for name in nfs if isinstance(name, str)] if isinstance(nfs, list) else []
