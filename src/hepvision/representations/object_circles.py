"""Whole events as pictures: a circle for each jet, lepton and the missing energy."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Sparse
from hepvision.core.names import hint
from hepvision.events.schema import flat, missing_fields
from hepvision.representations._circles import Circles, Drawing, draw
from hepvision.representations._objects import COLLECTIONS as KINDS
from hepvision.representations._objects import MEDIUM, check_kinds, check_tag, fields_read

__all__ = ["ObjectCircles"]

Kind = Literal["jet", "b_jet", "electron", "muon", "photon", "met"]
#: Where the objects of a kind are.
COLLECTIONS = {**KINDS, "b_jet": KINDS["jet"]}
#: The paper names the colours, but for that of photons; their values are ours.
PAPER: dict[str, str] = {
    "jet": "#ff8080",
    "b_jet": "#8b0000",
    "electron": "#0000ff",
    "muon": "#008000",
    "photon": "#ff8c00",
    "met": "#000000",
}
#: Pixels that a factor e of energy adds to a radius, of the paper and of its authors' code.
SCALES = {"paper": 10.5, "code": 5.25}
#: Rows and columns of the canvas that these are for.
CANVAS = 224
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
TURN = 2 * np.pi


@dataclasses.dataclass(frozen=True)
class ObjectCircles:
    r"""Reconstructed objects of an event as circles on one canvas, in the colour of their kind.

    A circle is centred at its object's η and φ, the missing energy's at η = 0, and has the radius

    .. math:: R = C \ln(E / \mathrm{GeV}), \qquad E = p_T \cosh\eta,

    in pixels of a canvas of 224 × 224; on other canvases radii go with the size. Masses are left
    out, as not every source of events has those of jets; they would add 0.1 pixels. The energy of
    what is missing is its transverse momentum. With ``convention: code`` it is
    :math:`R = 5.25 \ln p_T`, which the authors' public code draws.

    - A pixel is lit if its centre is within half of ``width`` of the circle, or inside the disc.
    - Circles that reach over φ = ±π go on at the other side; at the ends in η they are cut. An
      object beyond these is drawn as far as its circle reaches into the canvas.
    - Objects of 1 GeV or less have no radius and are not drawn, nor are those with numbers that
      are not finite. An event without objects is blank.
    - Kinds lie one above the other in the order of ``kinds``; objects of a kind have one colour,
      and their order makes no difference.
    - Rows rise with φ from −π, columns with η. Values are what the paper's white canvas loses,
      1 − colour, between 0 and 1: what is blank is 0.

    Parameters
    ----------
    size : int
        Rows and columns.
    convention : "paper" or "code"
        Which radius.
    scale : float, optional
        C, pixels; 10.5 in the paper, 5.25 in the code.
    kinds : tuple of str
        What is drawn, later ones above: of ``jet``, ``b_jet``, ``electron``, ``muon``,
        ``photon``, ``met``. Without ``b_jet`` all jets are drawn alike, and no tag is read;
        without ``met`` events need none.
    palette : "paper", "kinds" or mapping
        Three channels with the paper's colours; one channel a kind, where none hides another; or
        three with a colour ``"#rrggbb"`` for each kind.
    filled : bool
        Discs instead of outlines.
    opacity : float, optional
        How much of what lies below is hidden; 1 for outlines and 0.5 for discs if not given.
    width : float, pixels
        Of outlines.
    b_tag : str
        Field of ``Jet`` that tells b jets.
    b_cut : float, optional
        What it must exceed; the medium working point of ``bTag`` and ``btagCSV`` if not given.
        Those of other tags differ from year to year.
    largest_eta : float
        The canvas ends at ± this.
    rows : "phi" or "eta"
        ``eta`` exchanges rows and columns: networks that close columns to a circle need it.

    References
    ----------
    C. Fernández Madrazo, I. Heredia, L. Lloret, J. Marco de Lucas, Application of a Convolutional
    Neural Network for image classification for the analysis of collisions in High Energy Physics,
    EPJ Web Conf. 214 (2019) 06017, arXiv:1708.07034.

    Examples
    --------
    >>> ObjectCircles().spec["image"].shape
    (3, 224, 224)
    >>> ObjectCircles(palette="kinds", kinds=("jet", "met"), size=112).spec["image"].names
    ('jet', 'met')
    """

    size: int = CANVAS
    convention: Literal["paper", "code"] = "paper"
    scale: float | None = None
    kinds: tuple[Kind, ...] = ("jet", "b_jet", "electron", "muon", "met")
    palette: Literal["paper", "kinds"] | dict[str, str] = "paper"
    filled: bool = False
    opacity: float | None = None
    width: float = 1.0
    b_tag: str = "bTag"
    b_cut: float | None = None
    largest_eta: float = 3.0
    rows: Literal["phi", "eta"] = "phi"
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        for name in ("size", "scale", "width", "opacity", "largest_eta"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name}: must be positive, got {value}.")
        if self.opacity is not None and self.opacity > 1:
            raise ValueError(f"opacity: must be 1 or less, got {self.opacity}.")
        for name, fits in (("convention", tuple(SCALES)), ("rows", ("phi", "eta"))):
            if getattr(self, name) not in fits:
                raise ValueError(f"{name}: must be one of {fits}, got {getattr(self, name)!r}.")
        check_kinds(self.kinds, COLLECTIONS)
        self._check_colours()
        if "b_jet" in self.kinds:
            check_tag(self.b_tag, self.b_cut)
            if not self.b_tag:
                raise ValueError(
                    "b_tag: must be a field of Jet, got none. Leave b_jet out of kinds."
                )

    def _check_colours(self) -> None:
        if not isinstance(self.palette, dict):
            if self.palette not in {"paper", "kinds"}:
                raise ValueError(
                    f"palette: must be 'paper', 'kinds' or colours, got {self.palette!r}."
                )
            return
        for kind in self.kinds:
            found = self.palette.get(kind)
            if found is None or not COLOUR.fullmatch(found):
                raise ValueError(f"palette: {kind} must have a colour #rrggbb, got {found}.")
        for name in self.palette:
            if name not in COLLECTIONS:
                raise ValueError(f"palette: no {name!r}. {hint(name, COLLECTIONS)}")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the pictures are made of."""
        objects = dict.fromkeys("jet" if kind == "b_jet" else kind for kind in self.kinds)
        return fields_read(tuple(objects), self.b_tag if "b_jet" in self.kinds else "")

    @property
    def spec(self) -> InputSpec:
        """One image."""
        names = self.kinds if self.palette == "kinds" else ("red", "green", "blue")
        shape = (len(names), self.size, self.size)
        plain, ones = ("",) * len(names), (1.0,) * len(names)
        frame: Literal["phi_eta", "eta_phi"] = "phi_eta" if self.rows == "phi" else "eta_phi"
        return {"image": PartSpec("image", shape, tuple(names), plain, ones, frame)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Draw the pictures.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            ``{"image": Sparse}``.

        Raises
        ------
        SchemaError
            The events lack a field that is read.
        """
        lost = missing_fields(examples, self.reads)
        if lost:
            raise SchemaError(
                f"object_circles: needs {lost[0]}, got events without it. Leave its kind out of "
                "kinds, or choose another b_tag."
            )
        opacity = self.opacity or (0.5 if self.filled else 1.0)
        width = 0.0 if self.filled else self.width
        hide = self.palette != "kinds"
        drawing = Drawing(self.size, width, opacity, self.rows == "eta", hide)
        drawn = draw(self._circles(examples), self._colours(), drawing)
        return {"image": Sparse(*drawn, self.spec["image"].shape)}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """Itself: colours need no constants.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        ObjectCircles
            Unchanged.
        """
        return self

    def _colours(self) -> NDArray[np.float32]:
        """Ink of each kind, shape (K, C)."""
        if self.palette == "kinds":
            return np.eye(len(self.kinds), dtype=np.float32)
        chosen: Mapping[str, str] = self.palette if isinstance(self.palette, dict) else PAPER
        values = [bytes.fromhex(chosen[kind][1:]) for kind in self.kinds]
        return (1 - np.array([list(one) for one in values]) / 255).astype(np.float32)

    def _circles(self, examples: ak.Array) -> list[Circles]:
        """Centres and radii of each kind."""
        found: dict[str, tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]] = {}
        for name in dict.fromkeys(COLLECTIONS[kind] for kind in self.kinds):
            keys = [one.partition(".")[2] for one in self.reads if one.startswith(f"{name}.")]
            offsets, columns = flat(examples[name][keys])
            found[name] = offsets, {k: np.asarray(v, np.float64) for k, v in columns.items()}
        made = []
        for kind in self.kinds:
            offsets, columns = found[COLLECTIONS[kind]]
            eta = columns.get("eta", np.zeros(len(columns["pt"])))
            radius = self._radius(columns["pt"], eta)
            if COLLECTIONS[kind] == "Jet" and "b_jet" in self.kinds:
                cut = MEDIUM[self.b_tag] if self.b_cut is None else self.b_cut
                radius = np.where((columns[self.b_tag] > cut) == (kind == "b_jet"), radius, 0.0)
            x = (eta / self.largest_eta + 1) / 2 * self.size
            y = (columns["phi"] / TURN + 0.5) % 1 * self.size
            made.append(Circles(offsets, x, y, radius))
        return made

    def _radius(self, pt: NDArray[np.float64], eta: NDArray[np.float64]) -> NDArray[np.float64]:
        """In pixels; 0 where there is none."""
        with np.errstate(over="ignore", invalid="ignore"):
            energy = pt * np.cosh(eta) if self.convention == "paper" else pt
        per = (self.scale or SCALES[self.convention]) * self.size / CANVAS
        there = np.isfinite(energy) & (energy > 1)
        logarithm = np.log(energy, out=np.zeros_like(energy), where=there)
        radius: NDArray[np.float64] = per * logarithm
        return radius
