"""What several tests of the command line begin with."""

from pathlib import Path

import pytest

from tests.verify.runs import CONVERSATION, write_pcapng


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A pcapng capture of the conversation, with two interfaces."""
    return write_pcapng(tmp_path / "in.pcapng", CONVERSATION)
