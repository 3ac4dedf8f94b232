"""Sample files of the field's formats, which are too large to lie in the repository.

They are looked for in the folder that HEPVISION_SHARED names, else in ``shared`` beside the
repository; a test that needs one which is not there is skipped, and the summary names it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["ABSENT", "shared"]

ABSENT = "sample file absent"


def shared(*parts: str) -> Path:
    """Path of a sample file or folder; skips the calling test if it is not there.

    Parameters
    ----------
    *parts : str
        Below the folder of samples, for example ``"data", "cms_ispy"``.

    Returns
    -------
    Path
        Exists.
    """
    beside = Path(__file__).resolve().parents[2] / "shared"
    root = Path(os.environ.get("HEPVISION_SHARED", beside))
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{ABSENT}: {'/'.join(parts)}. Set HEPVISION_SHARED to its folder.")
    return path
