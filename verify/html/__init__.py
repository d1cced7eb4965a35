"""What `pyvigor report` writes: a page that needs nothing but itself."""
