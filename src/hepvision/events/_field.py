"""One field of the schema."""

from typing import NamedTuple

__all__ = ["Field", "momentum"]


class Field(NamedTuple):
    """Type, unit and meaning of one field."""

    dtype: str
    unit: str
    meaning: str


def momentum(what: str) -> dict[str, Field]:
    """Fields of a four-vector.

    Parameters
    ----------
    what : str
        Whose it is.

    Returns
    -------
    dict of Field
        pt, eta, phi and mass.
    """
    return {
        "pt": Field("f4", "GeV", f"transverse momentum of the {what}"),
        "eta": Field("f4", "", "pseudorapidity"),
        "phi": Field("f4", "rad", "azimuth in [-pi, pi)"),
        "mass": Field("f4", "GeV", "mass"),
    }
