"""Tests, under the same names as the files they are about."""
