"""The results of targets: what is known is not proved again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from verify.formats.document import Target
from verify.known import LIBRARY, Known, Part, is_helper, is_of_library, relied
from verify.library import library_names
from verify.parallel import Mapper
from verify.program import HOME, Program
from verify.result import Result, reachable
from verify.sources import Sources
from verify.uncollected import uncollected

ByName = dict[str, Result]


def prove(
    targets: Sequence[Sources],
    executor: Mapper,
    *,
    whole_library: bool = False,
    known: Known | None = None,
) -> Iterator[Target]:
    """The results of libvig, all of it or what the others rely on; then of each network function.

    Raises UsageError where sources are not in the verified subset.
    """
    with uncollected():
        program = Program([HOME])
        names = library_names(program, LIBRARY) if whole_library else []
        state = Found(targets, names, program, known or Known())
    if state.is_all_there:
        yield from state.results()
        return
    from verify.batch import Batch  # with Z3, which takes longer to start than all of the above

    yield from Batch(state, executor).prove()


@dataclass
class Found:
    """The results so far, before it is settled what they rest on."""

    targets: Sequence[Sources]
    library_names: Sequence[str]  # that are wanted, relied on or not
    program: Program  # in which these are
    known: Known
    parts: dict[str, list[Part]] = field(default_factory=dict)  # by target, and so the next
    of_target: dict[str, ByName] = field(default_factory=dict)
    of_library: ByName = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sources in self.targets:
            self.parts[sources.target] = parts = self.known.parts(sources)
            found = self.known.recall(parts)
            helpers = relied(found.values())
            found |= self.known.recall_functions(helpers, sources.program, is_helper)
            self.of_target[sources.target] = found
        self.recall_library()

    def recall_library(self) -> None:
        """Look up what is missing of libvig."""
        names = self.missing_of_library()
        self.of_library |= self.known.recall_functions(names, self.program, is_of_library)

    def missing_of_library(self) -> list[str]:
        """What is wanted of libvig, or relied on, and not there."""
        found = [self.of_library, *self.of_target.values()]
        names = relied(result for results in found for result in results.values())
        wanted = dict.fromkeys([*self.library_names, *filter(is_of_library, names)])
        return [name for name in wanted if name not in self.of_library]

    def missing_of(self, sources: Sources) -> list[str]:
        """What is not there of a network function: parts, and helpers that these rely on."""
        found = self.of_target[sources.target]
        parts = [part.name for part in self.parts[sources.target]]
        helpers = filter(is_helper, relied(found.values()))
        return [name for name in (*parts, *helpers) if name not in found]

    @property
    def is_all_there(self) -> bool:
        """Whether all is known: each by itself is proved, and nothing rests on itself."""
        if self.missing_of_library() or any(map(self.missing_of, self.targets)):
            return False
        of_targets = (self.of_library | found for found in self.of_target.values())
        return not any(map(rests_on_itself, [self.of_library, *of_targets]))

    def results(self) -> Iterator[Target]:
        """All of them, when all are there."""
        if self.of_library:
            yield library_target(list(self.of_library.values()))
        for sources in self.targets:
            yield target_of(sources, list(self.of_target[sources.target].values()))


def rests_on_itself(found: ByName) -> bool:
    """Whether a function relies on its own contract. Names are those of one target and libvig."""
    uses = {name: result.relied for name, result in found.items()}
    return any(name in reachable(name, uses) for name in uses)


def library_target(results: list[Result]) -> Target:
    """What was found of libvig."""
    return Target(LIBRARY, f"{LIBRARY} ({HOME / LIBRARY})", results)


def target_of(sources: Sources, results: list[Result]) -> Target:
    """What was found of a network function."""
    nf = sources.nf
    given = [contract.text for contract in nf.process.requires]
    file = str(nf.module.path)
    return Target(sources.target, f"{nf.name} ({file})", results, file, given)
