"""Projects of a user's own: a no-op, its specs and a pyproject.toml, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.edits import edited_text

TABLE = """
[tool.pyvigor]
nfs = ["my_nf.py"]
"""

SPECS = '''"""What my_nf does."""

from libvig.packet.ethernet import Ethernet
from libvig.packet.packet import Packet
from libvig.spec import assume, spec
from libvig.types import Time
from my_nf import Nop


def is_whole(packet: Packet) -> bool:
    return Ethernet(packet).is_complete()


@spec
def frames_go_on(nop: Nop, packet: Packet, now: Time) -> None:
    """Whatever is in them."""
    assume(is_whole(packet))
    assert nop.process(packet, now) >= 0


@spec
def frames_leave_by_another_device(nop: Nop, packet: Packet, now: Time) -> None:
    assert nop.process(packet, now) != packet.device
'''


def write_project(folder: Path, table: str = TABLE) -> Path:
    """Write the project, and give its folder."""
    (folder / "specs").mkdir()
    (folder / "my_nf.py").write_text(edited_text("nfs.nop", ("new_nop", "new_my_nf")), "utf-8")
    (folder / "specs" / "my_nf.py").write_text(SPECS, "utf-8")
    (folder / "pyproject.toml").write_text(table, "utf-8")
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Change what is there exactly once."""
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


def pyvigor(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a user gets who runs this in the folder; the key of the cache is kept beside it."""
    home = {"XDG_CONFIG_HOME": str(folder.parent / "config")}
    return subprocess.run(
        [sys.executable, "-m", "verify.cli", *arguments],
        cwd=folder,
        env=os.environ | home | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
