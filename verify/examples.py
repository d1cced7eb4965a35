"""Specs as ordinary tests: Hypothesis makes traffic and looks for packets that break a spec.

    @pytest.mark.parametrize("spec", specs_of("my_nf.py"))
    def test_spec(spec):
        assert cases_that_hold(spec) > 0

An example is an NF with small tables and some packets, of which many repeat or answer earlier
ones. The spec is run before each packet, as by `pyvigor run --check`, with contracts on.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libvig.spec import AssumptionFalse, snapshot
from verify.cases import Parameters, Spec, State, cases
from verify.errors import UsageError
from verify.example_config import configs
from verify.example_traffic import Arrival, arrivals, neighbourhoods
from verify.locate import locate
from verify.registry import LoadedNetworkFunction, find, found_in
from verify.replay import execute

MORE = 4
"""How many times as many examples are tried again for a spec that spoke of none."""


class Example(NamedTuple):
    """The settings of an NF, and packets for it with their times."""

    config: Any
    arrivals: list[Arrival]


def specs_of(nf: str, spec_file: str | None = None) -> list[Spec]:
    """The specs of an NF, given by its name or file, where `pyvigor verify` finds them."""
    found = find(nf)
    program, nf_name, spec_name = locate(nf, spec_file)
    if spec_name is None:
        raise UsageError(f"{nf}: has no specs")
    specs = program.load(spec_name)
    hidden, search_path = dict(sys.modules), list(sys.path)
    sys.modules[nf_name] = found.module
    sys.path += [str(root) for root in program.roots]
    try:
        module = execute(specs, ast.parse(specs.text, str(specs.path)))
    finally:
        sys.path[:] = search_path
        for name in (nf_name, spec_name):
            if name in hidden:
                sys.modules[name] = hidden[name]
            else:
                del sys.modules[name]
    return [getattr(module, f.name) for f in specs.functions.values() if f.is_marked("spec")]


def cases_that_hold(spec: Spec, *, examples: int = 100) -> int:
    """In how many cases the spec held; where it spoke of none, more examples are tried.

    Raises AssertionError, with the traffic, if one breaks it.
    """
    refusal = Parameters(spec).refusal
    if refusal:
        raise UsageError(f"{spec.__name__} is no test of packets: it {refusal}")
    applied = 0
    for number in (examples, MORE * examples):
        applied = applied or run_examples([spec], settings(max_examples=number))[spec]
    return applied


def run_examples(specs: Sequence[Spec], how: settings) -> dict[Spec, int]:
    """Run specs of one NF on the same examples; return in how many cases each one applied."""
    found = network_function_of(specs[0])
    applied = dict.fromkeys(specs, 0)

    @settings(how, deadline=None, suppress_health_check=list(HealthCheck))
    @given(traffic(found))
    def hold(example: Example) -> None:
        for spec in specs:
            applied[spec] += cases_of(spec, found.new(example.config), example.arrivals)

    hold()
    return applied


def cases_of(spec: Spec, nf: Any, arrivals: Sequence[Arrival]) -> int:
    """Run a spec before each packet that a new NF gets; return how often its assumptions held."""
    parameters, state, applied = Parameters(spec), State(nf), 0
    nf = state.nf
    for first, (packet, now) in enumerate(arrivals):
        for case in cases(first, parameters.packets, len(arrivals)):
            chosen = [(snapshot(arrivals[i][0]), arrivals[i][1]) for i in case]
            with suppress(AssumptionFalse):
                spec(nf, *parameters.arguments(chosen))
                applied += 1
            state.restore()
        nf.process(snapshot(packet), now)
        state.save()
    return applied


@st.composite
def traffic(draw: st.DrawFn, found: LoadedNetworkFunction, most: int = 10) -> Example:
    """An NF, and up to so many packets."""
    config = draw(configs(found.config_class))
    nf = found.new(config)
    return Example(config, draw(arrivals(nf, draw(neighbourhoods(config)), most)))


def network_function_of(spec: Spec) -> LoadedNetworkFunction:
    """The NF that a spec speaks of, by the annotation of its first parameter."""
    hints = get_type_hints(spec)
    module = sys.modules[hints[next(iter(inspect.signature(spec).parameters))].__module__]
    return found_in(module, Path(module.__file__ or "").stem)
