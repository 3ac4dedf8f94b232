"""``python -m hepvision``: the command line where scripts are not on the path."""

from hepvision.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
