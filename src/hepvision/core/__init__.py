"""Names, cards, errors, seeds, chunks and inputs: what every other folder may use."""
