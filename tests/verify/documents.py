"""Runs of the verifier as data, for the tests of what is made from them."""

from __future__ import annotations

from pathlib import Path

from tests.verify.nfs import HERE, line_at, prover_of, result_of, write_nf, wrong_nf
from verify.formats.document import Document, Problem, Target
from verify.result import Result, SavedStep, Verdict

NASTY = 'a\nb <c> & "d", 100 %0A: [e](1) {0} é→😀'
"""What every format has to write down in some way of its own, and to give back as it is."""

UNPRINTABLE = "\x00\x1b\udc80"
"""An end of text, an escape and half of a character: a file's name may have such, XML may not."""


def wrong_policer(folder: Path) -> tuple[Target, Result]:
    """A policer that counts the bytes of the frame: the target, and the property it breaks."""
    wrong = wrong_nf(HERE / "wrong_policers" / "frame_counted.toml")
    file = write_nf(folder, wrong)
    prover = prover_of(wrong.nf, file)
    result = result_of(prover, wrong.property)
    assert result.verdict is Verdict.REFUTED and line_at(result.place)[1] == wrong.line
    return Target("policer", f"policer ({file})", [result], str(file)), result


def every_verdict(folder: Path) -> Document:
    """A target with a result of each verdict, and a problem; with names that are hard to write."""
    nf, spec = folder / "my nf%.py", folder / "über,specs:\n.py"
    for file in (nf, spec):
        file.write_text("first = 1\n    second = 2\n", encoding="utf-8")
    results = [
        Result(
            "my_nf: safe, and keeps its invariant",
            Verdict.PROVED,
            f"{nf}:1",
            seconds=1.5,
            defined=f"{nf}:1",
        ),
        Result(
            NASTY,
            Verdict.REFUTED,
            f"{spec}:2",
            defined=f"{spec}:1",
            about=f"About {NASTY}.",
            reason=NASTY,
            details=[f"  {NASTY}", "```"],
            steps=[SavedStep(f"{nf}:1", "x > 0", True), SavedStep(f"{nf}:2", NASTY, False)],
        ),
        Result("not_known", Verdict.UNKNOWN, f"{spec}:1", reason=UNPRINTABLE),
        Result("given", Verdict.ASSUMED, f"{nf}:1", reason="the operator says so"),
        Result("looked_at", Verdict.BOUNDED, f"{nf}:2", engine="crosshair"),
    ]
    target = Target("my_nf", f"my_nf ({nf})", results, str(nf), given=["now >= 0"])
    problem = Problem("gone", NASTY, f"{NASTY} was deleted", f"{spec}:1", "A spec is gone.")
    return Document([target], [problem], seconds=2.0)
