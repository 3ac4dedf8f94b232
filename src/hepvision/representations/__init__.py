"""Examples to inputs: what a network reads, one representation a file."""
