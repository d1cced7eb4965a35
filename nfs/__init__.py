"""Network functions, one a file."""
