"""CrossHair looks for a sequence of calls in which a structure and a plain model differ."""
