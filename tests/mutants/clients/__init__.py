"""Callers that use all that contracts promise, so that it is noticed when one promises less.

In libvig few call a flow table, a port allocator or a backend pool: network functions do, whose
proofs take too long to try them on every mutant. These stand in for them. They are theorems like
those in libvig/proof, which the prover proves from the contracts alone.
"""
