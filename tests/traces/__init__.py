"""Where the captures lie that others made; they are not part of this project."""

import os
from pathlib import Path

FOLDER = Path(os.environ.get("PYVIGOR_TRACES") or Path(__file__).parents[2] / "shared" / "traces")

REASON = f"no captures in {FOLDER}; name a folder of captures in PYVIGOR_TRACES"


def traces() -> list[Path]:
    """All captures in the folder and those under it; none if there is no such folder."""
    return sorted(file for file in FOLDER.rglob("*.pcap*") if file.is_file())
