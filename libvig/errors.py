"""What the user gave cannot be used."""


class InputError(Exception):
    """Bad input: the message is one line that names the place, what was found, and the remedy."""
