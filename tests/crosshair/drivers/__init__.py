"""One file a structure, of the structure's name: `begin` makes it and its model."""
