"""Where a detector's channels are; one detector part a file."""
