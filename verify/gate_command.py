"""`pyvigor gate`: what a project names is proved, all of it, and as it was recorded."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from verify import incremental, lock
from verify.cache import FOLDER, Cache, NoCache, sealing_key, write_whole
from verify.errors import EXIT_NOTHING, UsageError
from verify.known import Known
from verify.lock import Finding, Lock
from verify.project import FILE, Project, find_project
from verify.result import Result, Verdict
from verify.solver_options import SolverOptions
from verify.sources import Sources, read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--update", action="store_true", help=f"write {lock.FILE}, if everything is proved"
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="prove everything anew, and keep nothing"
    )


def findings(project: Project, targets: Sequence[Sources], results: ...) -> Iterator[Finding]:
    """Rules of the gate"""
