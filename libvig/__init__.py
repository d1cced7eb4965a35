"""What network functions are made of: structures, packets, contracts, capture files."""
