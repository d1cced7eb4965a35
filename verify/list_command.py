"""`pyvigor list`: the network functions there are, or the properties of one."""

import argparse

from verify.shipped import shipped, summary
from verify.sources import read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", nargs="?", metavar="NF", help="its properties; a name, or a file (default: NFs)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Print each network function, or each property of one, with a line about it."""
    if arguments.target is None:
        lines = {name: summary(name) for name in shipped()}
    else:
        specs = read(arguments.target).specs
        lines = {spec.name: spec.docstring.partition("\n")[0] for spec in specs}
    width = max(map(len, lines), default=0)
    for name, about in lines.items():
        print(f"{name:{width}}  {about}".rstrip())
    return 0
