"""Events: their schema, where detector channels are, stores, selections, examples, splits."""
