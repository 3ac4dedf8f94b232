"""Fitting networks and learners; the only place with Lightning."""
