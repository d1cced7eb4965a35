"""Tests between real hosts, each in a network namespace of its own."""
