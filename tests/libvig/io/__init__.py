"""Tests of libvig.io."""
