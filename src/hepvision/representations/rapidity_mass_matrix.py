"""Rapidity-mass matrix: masses and rapidity differences of all pairs of objects."""

import dataclasses
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec, Sparse
from hepvision.core.names import hint
from hepvision.events.schema import FIELDS, flat
from hepvision.representations._jets import (
    JetName,
    Masses,
    constituents,
    fields_of_jets,
    hardest,
    lengths,
)
from hepvision.representations._pair_matrix import COLUMNS, columns_of, matrices
from hepvision.representations._scale import lit_scale

__all__ = ["RapidityMassMatrix"]

#: Collections that can be objects: those of four-vectors, but for the truth.
OBJECTS = tuple(
    name
    for name, fields in FIELDS.items()
    if {"pt", "eta", "phi", "mass"} <= set(fields) and not name.startswith("Gen")
)
INSIDE = ("Particle",)
Slots = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class RapidityMassMatrix:
    r"""All objects of an event, or constituents of a jet, in one square matrix.

    Up to ``most`` objects of each collection, the hardest first, have a row and a column; before
    them stands the missing transverse momentum. With :math:`s` as the squared energy of the
    collision and C = 0.15:

    - first element: :math:`E_T^\mathrm{miss} / \sqrt s`; the rest of the first row: transverse
      masses of an object and what is missing, :math:`m_T(i) / \sqrt s`; of the first column:
      :math:`h_L(i) = C (\cosh y_i - 1)`;
    - diagonal: :math:`E_T / \sqrt s` of the first object of a collection, for the others the
      imbalance :math:`(E_T^{i-1} - E_T^i) / (E_T^{i-1} + E_T^i)`;
    - above it the masses of pairs, :math:`m(i, j) / \sqrt s`;
    - below it :math:`h(i, j) = C (\cosh \tfrac12 (y_i - y_j) - 1)`.

    For ``collections: [Particle]`` the objects are the constituents of the leading jet: the jet's
    pT takes the place of :math:`\sqrt s`, rapidities are counted from the jet's, and nothing is
    missing. Such a matrix does not change in boosts along the beam.

    What is not there gives zeros; an event or jet without objects is blank.

    Parameters
    ----------
    collections : tuple of str
        Objects, such as Jet, Muon, Electron, Photon; or Particle alone.
    most : int
        Largest number of objects of each.
    missing : bool
        Read ``MET``. Not for constituents.
    sqrt_s : float, GeV
        Energy of the collision. Not for constituents.
    kind : "image" or "vector"
        One picture of one channel, or a number with a name for each element, row by row.
    jet : "FatJet" or "Jet"
        The jets that constituents belong to.
    masses : "published" or "zero"
        Masses of objects as they are, or none where they are not published.
    scale : float, optional
        Constant that all elements are divided by, see ``measured``; 1 if not given.

    References
    ----------
    S. V. Chekanov, Imaging particle collision data for event classification using machine
    learning, Nucl. Instrum. Meth. A 931 (2019) 92, arXiv:1805.11650; Machine learning using
    rapidity-mass matrices for event classification problems in HEP, Universe 7 (2021) 19,
    arXiv:1810.06669.

    Examples
    --------
    >>> RapidityMassMatrix(most=5).spec["image"].shape
    (1, 21, 21)
    >>> RapidityMassMatrix(("Jet",), most=2, kind="vector").spec["vector"].names[:4]
    ('met', 'mt_Jet1', 'mt_Jet2', 'hl_Jet1')
    """

    collections: tuple[str, ...] = ("Jet", "Muon", "Electron", "Photon")
    most: int = 10
    missing: bool = True
    sqrt_s: float = 13000.0
    kind: Literal["image", "vector"] = "image"
    jet: JetName = "FatJet"
    masses: Literal["published", "zero"] = "published"
    scale: float | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        for name in self.collections:
            if name not in OBJECTS:
                raise ValueError(f"collections: no objects {name!r}. {hint(name, OBJECTS)}")
        if not self.collections or len(set(self.collections)) < len(self.collections):
            raise ValueError(
                f"collections: must be one or more and differ, got {self.collections}."
            )
        if "Particle" in self.collections and tuple(self.collections) != INSIDE:
            raise ValueError(f"collections: Particle must stand alone, got {self.collections}.")
        if self.most < 1:
            raise ValueError(f"most: must be 1 or more, got {self.most}.")
        if not self.sqrt_s > 0:
            raise ValueError(f"sqrt_s: must be positive, got {self.sqrt_s}.")
        if self.scale is not None and not self.scale > 0:
            raise ValueError(f"scale: must be positive, got {self.scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        if self._inside:
            return fields_of_jets(self.jet, self.masses)
        found = tuple(f"{name}.{key}" for name in self.collections for key in self._keys())
        return (*found, *(("MET.pt", "MET.phi") if self.missing else ()))

    @property
    def spec(self) -> InputSpec:
        """One image or vector."""
        scale = self.scale or 1.0
        if self.kind == "image":
            shape = (1, self._side, self._side)
            return {"image": PartSpec("image", shape, ("rapidity_mass",), ("",), (scale,))}
        names = self._elements()
        width = len(names)
        return {"vector": PartSpec("vector", (width,), names, ("",) * width, (scale,) * width)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Calculate the matrices.

        Parameters
        ----------
        examples : ak.Array
            B events, or jets of them where the objects are constituents.

        Returns
        -------
        Inputs
            ``{"image": Sparse}`` or ``{"vector": Dense}``.
        """
        nothing = np.zeros(len(examples))
        missing = (nothing, nothing)
        if self._inside:
            slots, unit = self._constituents(examples)
        else:
            slots, unit = self._objects(examples), np.full(len(examples), self.sqrt_s)
            if self.missing:
                missing = _missing(examples)
        drawn = matrices(slots, self.most, missing, unit, self.scale or 1.0)
        image = Sparse(*drawn, (1, self._side, self._side))
        if self.kind == "image":
            return {"image": image}
        out = np.empty((len(examples), *image.shape), np.float32)
        image.fill(out)
        return {"vector": Dense(out.reshape(len(examples), self._side**2))}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with a constant such that elements that are not 0 have a size of 1.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        RapidityMassMatrix
            With ``scale``, one for all elements: their proportions stay as published.
        """
        plain = dataclasses.replace(self, scale=None, kind="image")
        scale = lit_scale(plain(examples)["image"] for examples in stream) or (1.0,)
        return dataclasses.replace(self, scale=scale[0])

    @property
    def _inside(self) -> bool:
        return tuple(self.collections) == INSIDE

    @property
    def _side(self) -> int:
        return 1 + self.most * len(self.collections)

    def _elements(self) -> tuple[str, ...]:
        """Names of the elements, row by row."""
        objects = [f"{name}{k + 1}" for name in self.collections for k in range(self.most)]
        made = ["met", *(f"mt_{one}" for one in objects)]
        for i, one in enumerate(objects):
            made.append(f"hl_{one}")
            made += [f"h_{other}_{one}" for other in objects[:i]]
            made.append(f"et_{one}" if i % self.most == 0 else f"imbalance_{one}")
            made += [f"m_{one}_{other}" for other in objects[i + 1 :]]
        return tuple(made)

    def _objects(self, examples: ak.Array) -> Slots:
        slots = np.zeros((len(examples), self._side - 1, len(COLUMNS)))
        for place, name in enumerate(self.collections):
            offsets, found = flat(examples[name][list(self._keys())])
            begin, index = hardest(offsets, found["pt"], self.most)
            taken = {key: values[index] for key, values in found.items()}
            mass = taken.get("mass", np.zeros(len(index)))
            columns = columns_of(taken["pt"], taken["eta"], taken["phi"], mass)
            _put(slots, begin, columns, place * self.most)
        return slots

    def _keys(self) -> tuple[str, ...]:
        return ("pt", "eta", "phi", *(("mass",) if self.masses == "published" else ()))

    def _constituents(self, examples: ak.Array) -> tuple[Slots, NDArray[np.float64]]:
        masses: Masses = self.masses
        found = constituents(examples, self.jet, masses=masses, most=self.most)
        slots = np.zeros((len(examples), self._side - 1, len(COLUMNS)))
        _, owner = lengths(found.offsets)
        pt, eta, phi = (found.columns[key] for key in ("pt", "eta", "phi"))
        mass = found.columns["mass"] if masses == "published" else np.zeros_like(pt)
        along = found.jets["pt"] * np.sinh(found.jets["eta"])
        share = np.divide(
            along, found.jets["energy"], out=np.zeros_like(along), where=found.jets["energy"] > 0
        )
        columns = columns_of(pt, eta, phi, mass, np.arctanh(share)[owner])
        _put(slots, found.offsets, columns, 0)
        return slots, found.jets["pt"]


def _put(slots: Slots, begin: NDArray[np.int64], columns: tuple[Any, ...], place: int) -> None:
    """Write objects into their slots, from ``place`` on."""
    _, owner = lengths(begin)
    slot = np.arange(len(owner)) - begin[owner] + place
    slots[owner, slot] = np.stack(columns, axis=1)


def _missing(examples: ak.Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Missing transverse momentum and its azimuth; 0 where there is none."""
    offsets, found = flat(examples["MET"][["pt", "phi"]])
    begin, index = hardest(offsets, found["pt"], 1)
    _, owner = lengths(begin)
    made = np.zeros(len(examples)), np.zeros(len(examples))
    for out, key in zip(made, ("pt", "phi"), strict=True):
        out[owner] = found[key][index]
    return made
