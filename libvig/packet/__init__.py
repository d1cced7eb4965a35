"""Wire formats as views over a packet's bytes, one protocol a file."""
