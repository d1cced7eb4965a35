"""Of the network function that `pyvigor new` writes: how it is tested."""
