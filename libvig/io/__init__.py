"""Packets in and out: capture files."""
