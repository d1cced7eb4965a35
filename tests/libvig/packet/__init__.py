"""Tests of libvig.packet."""
