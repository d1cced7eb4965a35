"""Tries a proof file in CPython, under random calls, before a solver is asked.

A wrong predicate then fails on a concrete structure, with the calls that led there.
"""

from libvig.proof.rehearsal.account import Failure, Outcome
from libvig.proof.rehearsal.calls import Call
from libvig.proof.rehearsal.play import Play
from libvig.proof.rehearsal.rehearse import rehearse, rehearse_one
from libvig.proof.rehearsal.simplify import simplest

__all__ = ["Call", "Failure", "Outcome", "Play", "rehearse", "rehearse_one", "simplest"]
