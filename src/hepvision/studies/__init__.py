"""Studies: one card, from events to a report."""
