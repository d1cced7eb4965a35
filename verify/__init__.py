"""The verifier and the command line."""
