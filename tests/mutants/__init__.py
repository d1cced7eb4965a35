"""Mutants of the structures: whatever changes one of them must be noticed by what verifies it.

`make mutants` changes libvig's structures, their contracts and the ghost steps of their proofs, one
place at a time. A mutant is killed by a rehearsal, which sees it go wrong in CPython, or by the
prover, which no longer proves what the place matters to: a function's own proof; of a helper or a
ghost step, the proofs of the methods that use it; of a contract, those of its callers as well, the
theorems in libvig/proof included. Callers in network functions are not tried, as their proofs take
minutes. Network functions have mutants of their own, `make mutants NF=policer`.

A refusal is no kill: what the verifier does not understand may be right or wrong. Nor is an error
in the verifier. Survivors are reviewed: each is listed in survivors.toml with the reason why it
does no harm, or shows a contract that says too little.

The capture readers, libvig/io, are left out unless asked for: they are proved to stay within the
file and to end, and not to read the right thing, so most of their mutants survive, rightly. So are
the views in libvig/packet, whose bodies are all that is said of them.
"""
