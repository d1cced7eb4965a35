"""Of the network function that `pyvigor new` writes: what it must do."""
