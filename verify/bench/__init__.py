"""`pyvigor bench`: how fast network functions are, beside the same in C where that is at hand."""
