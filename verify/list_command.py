"""`pyvigor list`: the network functions there are."""

import argparse

from verify.shipped import shipped, summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`pyvigor list` has no arguments."""


def execute(arguments: argparse.Namespace) -> int:
    """Print each network function with a line about it."""
    names = shipped()
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}}  {summary(name)}")
    return 0
