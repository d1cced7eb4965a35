"""Specifications, under the same names as the network functions they are about."""
