"""What `pyvigor new` writes: a network function, its specs and its tests, under another name."""
