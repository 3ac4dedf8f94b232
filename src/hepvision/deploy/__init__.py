"""Trained models as bundles, and their use; never imports Lightning."""
