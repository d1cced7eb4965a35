"""Where the captures lie that others made; they are not part of this project."""

import os
from pathlib import Path

from libvig.errors import InputError
from libvig.io.capture import Capture, read_capture

FOLDER = Path(os.environ.get("PYVIGOR_TRACES") or Path(__file__).parents[3] / "shared" / "traces")

REASON = f"no captures in {FOLDER}; name a folder of captures in PYVIGOR_TRACES"


def traces() -> list[Path]:
    """All captures in the folder and those under it; none if there is no such folder."""
    return sorted(file for file in FOLDER.rglob("*.pcap*") if file.is_file())


def read(file: Path) -> Capture | str:
    """The capture, or why it is refused."""
    try:
        return read_capture(str(file))
    except InputError as refusal:
        return str(refusal)
