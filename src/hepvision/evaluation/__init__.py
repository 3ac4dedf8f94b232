"""Arrays to numbers with intervals: the field's measures, every one with weights."""
