"""The demonstration: a capture of real clients, and how it was recorded."""
