"""Mutants of the structures: whatever changes one of them must be noticed by what verifies it."""
