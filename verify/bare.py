"""A network function and its specs imported once more, to be run beside a capture.

Contracts are left out: they are proved, and would take most of the time. Instead, the NF's
integers must fit 64 bits and its indices be in range; and asserts note what they compare.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from verify.cases import Spec
from verify.network_function import find_network_function
from verify.program import Program
from verify.replay import checked_module, execute
from verify.sight import Sight, watched
from verify.source import Module
from verify.subset_words import NATIVE

KEPT = (*NATIVE, "libvig.compile", "libvig.compile_cache", "libvig.types")
"""Modules without contracts; two of them tell Numba something, which is to be done only once."""


@dataclass(frozen=True)
class Bare:
    """What is run of an NF and its specs."""

    new: Callable[[Any], Any]
    packet: Callable[[Any, int, int], Any]
    """The class Packet that the specs know."""
    assumption_false: type[Exception]
    specs: list[Spec]
    spec_module: Module
    sight: Sight


def load(program: Program, nf_name: str, spec_name: str) -> Bare:
    """Import an NF and its specs, which the program knows by these names."""
    nf, specs, sight = program.load(nf_name), program.load(spec_name), Sight()
    with afresh(program):
        contracts: Any = importlib.import_module("libvig.contracts")
        contracts.enabled = False
        real_nf = checked_module(nf)
        real_specs = witnessed_module(specs, sight)
        packet = importlib.import_module("libvig.packet.packet").Packet
        assumption_false = importlib.import_module("libvig.spec").AssumptionFalse
    return Bare(
        new=getattr(real_nf, find_network_function(nf).constructor.name),
        packet=packet,
        assumption_false=assumption_false,
        specs=[
            getattr(real_specs, f.name) for f in specs.functions.values() if f.is_marked("spec")
        ],
        spec_module=specs,
        sight=sight,
    )


@contextmanager
def afresh(program: Program) -> Iterator[None]:
    """Inside, what is imported of the product is imported anew, and given up in the end."""

    def ours() -> dict[str, ModuleType]:
        return {
            name: module
            for name, module in sys.modules.items()
            if name.partition(".")[0] in ("libvig", "nfs", "specs") or name in program.overlay
        }

    hidden, search_path = ours(), list(sys.path)
    for name in hidden:
        if name not in KEPT:
            del sys.modules[name]
    sys.path += [str(root) for root in program.roots]
    try:
        yield
    finally:
        sys.path[:] = search_path
        for name in ours():
            del sys.modules[name]
        sys.modules.update(hidden)


def witnessed_module(module: Module, sight: Sight) -> ModuleType:
    """A module of specs whose asserts note what they compare."""
    return execute(module, watched(module), **sight.names)
