"""Architectures, one a file; what they share is in ``models.layers``."""
