"""The command `pyvigor`."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, TextIO

from verify.errors import EXIT_INTERRUPTED, EXIT_REFUTED, EXIT_USAGE, FaultyNfError, InputError
from verify.uncollected import uncollected

EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE, as shells have it

COMMANDS = {
    "bench": ("measure how fast network functions are", "verify.bench.command"),
    "gate": ("prove what a project names, and see that none of it is lost", "verify.gate_command"),
    "list": ("name the network functions", "verify.list_command"),
    "new": ("write a network function to begin with, its specs and tests", "verify.new"),
    "report": ("verify, and write what was found as a page of HTML", "verify.report_command"),
    "run": ("run a network function over the packets of capture files", "verify.run"),
    "verify": ("prove a network function correct", "verify.verify_command"),
}
"""What each command does, and the module that does it."""


class Parser(argparse.ArgumentParser):
    """Reports what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit."""
        self.exit(EXIT_USAGE, f"pyvigor: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    # Where they are closed, as in some services, what is said goes nowhere.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    sys.set_int_max_str_digits(0)  # a source may have any number, and is to be told of by its text
    try:
        parsed = _parser(given).parse_args(given)
        status: int = parsed.execute(parsed)
        sys.stdout.flush()
        return status
    except InputError as error:
        return _ended(str(error), EXIT_USAGE)
    except FaultyNfError as error:
        return _ended(str(error), EXIT_REFUTED)
    except KeyboardInterrupt:
        return _ended("interrupted", EXIT_INTERRUPTED)
    except OSError as error:  # what concerns a file of the user's is an InputError
        # Python flushes standard output once more as it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return EXIT_BROKEN_PIPE
        return _ended(f"the output cannot be written: {error.strerror or error}", EXIT_USAGE)


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _ended(message: str, status: int) -> int:
    print(f"pyvigor: {message}", file=sys.stderr)
    return status


def _parser(given: Sequence[str]) -> Parser:
    parser = Parser(
        prog="pyvigor",
        description="Network functions in Python, proved correct and compiled to native code.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show it, and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (purpose, module) in COMMANDS.items():
        command = commands.add_parser(
            name, help=purpose, description=purpose.capitalize() + ".", allow_abbrev=False
        )
        if name in given:  # the others need not be imported, which takes a while
            with uncollected():
                implementation = import_module(module)
            implementation.add_arguments(command)
            command.set_defaults(execute=implementation.execute)
    return parser


class _Version(argparse.Action):
    """Looks the version up only when it is asked for, as that takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"pyvigor {version()}")
        parser.exit()


def version() -> str:
    """Of this product, as it is installed."""
    from importlib import metadata

    try:
        return metadata.version("pyvigor")
    except metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
