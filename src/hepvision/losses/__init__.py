"""Losses and penalties, one a file."""
