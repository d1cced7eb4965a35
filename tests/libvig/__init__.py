"""Tests of libvig."""
