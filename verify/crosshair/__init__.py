"""A second engine over the same specs: CrossHair looks for counterexamples, and proves nothing.

What it finds counts only once it was seen to go wrong on the real code (engine.py). It runs the
NF and its specs as plain Python (plain.py, cells.py, frame.py), from states that some traffic
leads to (traffic.py), with packets and times that it chooses (search.py).
"""
