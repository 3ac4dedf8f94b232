"""The command line: one command a file, found by its name; each parses and prints, no more."""

from hepvision.cli._app import main

__all__ = ["main"]
