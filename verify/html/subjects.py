"""What there is to tell of network functions and of libVig: results beside their sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from verify.html import sources
from verify.html.counterexample import Drawn, drawn
from verify.html.drops import Reason, reasons_of
from verify.html.sources import Citation, Excerpt
from verify.html.tree import Branch, Leaf, branches_of, leaves_of
from verify.program import Program
from verify.prover import Prover
from verify.result import Result, Verdict
from verify.source import Class, Contract, Module

LIBRARY = "libvig."

GRAVEST_FIRST = (Verdict.REFUTED, Verdict.UNKNOWN, Verdict.BOUNDED, Verdict.ASSUMED)

PROCESS = (
    "For every packet, every state in which the invariant holds and every time: no index is out of "
    "range, no number leaves 64 bits, every loop ends, what is called of libVig may be called, the "
    "packet leaves by a device or is dropped for a named reason, and the invariant holds again."
)
CONSTRUCTOR = "For all settings that it accepts: what it makes satisfies the invariant."
DEFINITIONS = "Its invariants and its view have a value in every state."


@dataclass(frozen=True)
class Property:
    """A result, and what it is of."""

    result: Result
    anchor: str  # its place on the page
    title: str
    about: Markup
    excerpts: Sequence[Excerpt]
    citations: Sequence[Citation]
    example: Drawn | None
    relied: Sequence[tuple[str, str]]  # the functions that it rests on, and their places

    @property
    def is_proved(self) -> bool:
        return self.result.verdict is Verdict.PROVED

    @property
    def references(self) -> list[str]:
        """The parts of standards that are named, each once."""
        return list(dict.fromkeys(r for c in self.citations for r in c.references))


@dataclass(frozen=True)
class Subject:
    """A section of the page: a network function, or a module of libVig."""

    anchor: str
    name: str
    file: str
    summary: Markup
    invariants: Sequence[Contract]
    properties: Sequence[Property]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(p.result.verdict.value for p in self.properties)

    @property
    def verdict(self) -> Verdict:
        """The gravest."""
        found = {p.result.verdict for p in self.properties}
        return next((verdict for verdict in GRAVEST_FIRST if verdict in found), Verdict.PROVED)

    @property
    def paths(self) -> int:
        return sum(p.result.paths for p in self.properties)

    @property
    def obligations(self) -> int:
        return sum(p.result.obligations for p in self.properties)

    @property
    def seconds(self) -> float:
        return sum(p.result.seconds for p in self.properties)


@dataclass(frozen=True)
class NetworkFunctionSubject(Subject):
    """A network function, and the paths of its `process`."""

    reading: Markup  # how its specs read the standard
    given: Sequence[Contract]  # what the caller guarantees
    tree: Sequence[Branch | Leaf]
    leaves: Sequence[Leaf]
    reasons: Sequence[Reason]


@dataclass(frozen=True)
class LibrarySubject(Subject):
    """A module of libVig; `idea` is why it is right, in the words of its proof."""

    is_structure: bool
    idea: Markup


def network_function(
    prover: Prover, results: Iterable[Result], anchor: str
) -> NetworkFunctionSubject:
    """What there is to tell of a network function; `results` are those of its own."""
    nf = prover.verification.nf
    order = {spec.name: number for number, spec in enumerate(prover.specs, start=1)}
    as_written = sorted(results, key=lambda result: order.get(result.name, 0))
    properties = [_property(prover, result, anchor) for result in as_written]
    tree = tuple(b for p in properties if p.result.ends for b in branches_of(p.result))
    leaves = leaves_of(tree)
    specs = prover.specs[0].module if prover.specs else None
    return NetworkFunctionSubject(
        anchor,
        nf.name,
        sources.file_of(nf.module),
        sources.summary_of(nf.module),
        nf.cls.invariants,
        properties,
        sources.prose(sources.docstring(specs)),
        nf.process.requires,
        tree,
        leaves,
        reasons_of(nf, leaves),
    )


def _property(prover: Prover, result: Result, anchor: str) -> Property:
    """A result of a network function's: of `process`, the constructor, a function or a spec."""
    nf = prover.verification.nf
    part = result.name.partition(":")[0]
    name, title, about = f".{part}", result.name, Markup("")
    citations: list[Citation] = []
    if part == result.name and "." in part:
        subject = prover.program.locate(part)
        title = f"{part.rpartition('.')[2]}: does what its contract says"
    elif part != result.name and part == nf.name:
        subject, name, about = nf.process, "/process", Markup.escape(PROCESS)
    elif part != result.name:
        subject, name, about = nf.constructor, "/constructor", Markup.escape(CONSTRUCTOR)
    else:
        subject = next(spec for spec in prover.specs if spec.name == part)
        title, citations = in_words(part), sources.citations(subject)
        if not sources.REFERENCE.search(subject.docstring):  # else it is among the citations
            about = sources.prose(subject.docstring)
    source = sources.source_of(subject, place_of(result))
    return Property(
        result,
        f"{anchor}{name}",
        title,
        about,
        excerpts_of(prover.program, result, source),
        citations,
        example_of(result),
        relied_of(result, anchor),
    )


def place_of(result: Result) -> str:
    """Where it fails, if it does."""
    return "" if result.verdict is Verdict.PROVED else result.place


def excerpts_of(program: Program, result: Result, source: Excerpt) -> list[Excerpt]:
    """The source of a property, and what fails, if that is elsewhere."""
    is_there = not place_of(result) or any(line.is_marked for line in source.lines)
    return [source, *([] if is_there else sources.around(program, result.place))]


def example_of(result: Result) -> Drawn | None:
    """The counterexample, if there is one with packets or a state."""
    return drawn(result.arguments) if result.arguments else None


def in_words(name: str) -> str:
    """The name of a spec as a sentence, if it is made of words."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if " " in words else name


def relied_of(result: Result, anchor: str = "") -> list[tuple[str, str]]:
    """What it rests on; what is not of libVig is of the network function at this place."""
    return [
        (name.removeprefix(LIBRARY), library_anchor(name))
        if name.startswith(LIBRARY)
        else (name, f"{anchor}.{name}")
        for name in result.relied
    ]


# ---------------------------------------------------------------- libVig


def library(program: Program, results: Iterable[Result]) -> list[LibrarySubject]:
    """The modules of libVig: structures first, each with what is proved of it."""
    by_module: dict[str, list[Result]] = {}
    for result in results:
        module = program.locate(result.name).module
        by_module.setdefault(module.name, []).append(result)
    modules = [_module(program, program.load(name), some) for name, some in by_module.items()]
    return sorted(modules, key=lambda module: (not module.is_structure, module.name))


def _module(program: Program, module: Module, results: list[Result]) -> LibrarySubject:
    structure = next((cls for cls in module.classes.values() if cls.view is not None), None)
    proof = f"libvig.proof.{module.name.rpartition('.')[2]}"
    idea = Markup("")
    if program.find(proof) is not None and not module.is_proof:
        idea = sources.prose(sources.docstring(program.load(proof)))
    return LibrarySubject(
        library_anchor(module.name),
        structure.name if structure is not None else module.name.removeprefix(LIBRARY),
        sources.file_of(module),
        sources.summary_of(module),
        structure.invariants if structure is not None else [],
        list(_functions(program, module, results)),
        structure is not None,
        idea,
    )


def _functions(program: Program, module: Module, results: list[Result]) -> Iterator[Property]:
    for result in results:
        subject = program.locate(result.name)
        yield Property(
            result,
            library_anchor(result.name),
            result.name.removeprefix(f"{module.name}."),
            Markup.escape(DEFINITIONS if isinstance(subject, Class) else ""),
            excerpts_of(program, result, sources.contract_of(subject, place_of(result))),
            [],
            example_of(result),
            relied_of(result),
        )


def library_anchor(name: str) -> str:
    """The place on the page of a module or function of libVig."""
    return f"libvig.{name.removeprefix(LIBRARY)}"
