"""`pyvigor verify` without a target: libvig, and every network function that is shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from verify.library import library_names, library_prover
from verify.locate import HOME
from verify.parallel import in_parallel
from verify.prepare import prepare
from verify.progress import progress
from verify.result import Result

LIBRARY = "libvig"

Target = tuple[str, list[Result]]


def prove(network_functions: Sequence[str], jobs: int) -> Iterator[Target]:
    """Prove all there is; yields the results of libvig, then of each network function.

    A network function is a task of its own, and so is each function of libvig: what is long
    begins first, and what is short fills up the other cores. Nothing is proved twice.
    """
    library = library_prover()
    library.jobs = jobs
    names = library_names(library.program, LIBRARY)
    longest_first = sorted(network_functions, key=_length_of_specs, reverse=True)
    tasks: list[Callable[[], list[Result]]] = [
        *(_proving(name) for name in longest_first),
        *(_one(library.task(name)) for name in names),
    ]
    found = []
    with progress("proving", len(tasks)) as advance:
        for results in in_parallel(tasks, jobs):
            found.append(results)
            advance(1)
    library.know(result for (result,) in found[len(longest_first) :])
    yield LIBRARY, list(library.found)
    by_name = dict(zip(longest_first, found, strict=False))
    for name in network_functions:
        library.take_all(iter(by_name[name]))
        yield name, by_name[name]


def _length_of_specs(name: str) -> int:
    """How much there is to prove, as far as can be told before."""
    file = HOME / "specs" / f"{name}.py"
    return file.stat().st_size if file.is_file() else 0


def _proving(name: str) -> Callable[[], list[Result]]:
    return lambda: list(prepare(name).parts(1))


def _one(task: Callable[[], Result]) -> Callable[[], list[Result]]:
    return lambda: [task()]
