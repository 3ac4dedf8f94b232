"""What representations give is what they say they give, and finite."""

from __future__ import annotations

import dataclasses
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec, Ragged, Sparse
from hepvision.representations._together import measure, represent
from toy_jets import jets_of

JETS = jets_of(*[{"pt": [5.0], "eta": [0.0], "phi": [0.0]}] * 3)
ROWS = np.array([0, 1, 1, 3])


def spec(kind: str, shape: tuple[int, ...]) -> InputSpec:
    width = shape[0] if kind == "image" else shape[-1]
    names = tuple(f"n{k}" for k in range(width))
    return {"made": PartSpec(kind, shape, names, ("",) * width, (1.0,) * width)}  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class Own:
    """Gives what it is told to."""

    spec: InputSpec
    made: Inputs
    version: int = 1
    reads: tuple[str, ...] = ("FatJet.pt",)

    def __call__(self, examples: ak.Array) -> Inputs:
        return self.made

    def measured(self, stream: Any) -> Own:
        return self


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


VECTOR, SET, IMAGE = spec("vector", (2,)), spec("set", (5, 2)), spec("image", (1, 3, 4))
PIXELS = ROWS, np.array([0, 1, 2], np.uint32)
GOOD = [
    (VECTOR, Dense(ones(3, 2))),
    (SET, Ragged(ROWS, ones(3, 2))),
    (IMAGE, Sparse(*PIXELS, ones(3), (1, 3, 4))),
]


@pytest.mark.parametrize(("said", "made"), GOOD)
def test_what_is_as_it_is_said_passes(said: InputSpec, made: Any) -> None:
    assert represent({"mine": Own(said, {"made": made})}, JETS) == {"mine.made": made}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(("said", "made"), GOOD)
def test_what_is_not_finite_is_refused_at_once(said: InputSpec, made: Any, bad: float) -> None:
    field = "value" if isinstance(made, Sparse) else "values"
    values = getattr(made, field).copy()
    values.reshape(-1)[1] = bad
    wrong = dataclasses.replace(made, **{field: values})
    with pytest.raises(SchemaError, match="mine: made must be finite, got 1 values") as caught:
        represent({"mine": Own(said, {"made": wrong})}, JETS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "made", "text"),
    [
        (VECTOR, {"made": Dense(ones(2, 2))}, "3 examples of shape (2,), got 2 of (2,)"),
        (VECTOR, {"made": Dense(ones(3, 4))}, "shape (2,), got 3 of (4,)"),
        (SET, {"made": Ragged(ROWS, ones(3, 3))}, "shape (2,), got 3 of (3,)"),
        (IMAGE, {"made": Sparse(*PIXELS, ones(3), (1, 4, 3))}, "got 3 of (1, 4, 3)"),
        (VECTOR, {"other": Dense(ones(3, 2))}, "must give the parts made, got other"),
        (VECTOR, {}, "got none"),
        (SET, {"made": Ragged(ROWS + 1, ones(3, 2))}, "offsets of made must rise from 0"),
        (SET, {"made": Ragged(ROWS[[0, 2, 1, 2]], ones(3, 2))}, "number of values, 3, got others"),
    ],
)
def test_what_is_not_as_it_is_said_is_refused(said: InputSpec, made: Inputs, text: str) -> None:
    with pytest.raises(SchemaError) as caught:
        represent({"mine": Own(said, made)}, JETS)
    assert text in str(caught.value)
    assert str(caught.value).startswith("representations.mine: ")


class Broken(Own):
    def __call__(self, examples: ak.Array) -> Inputs:
        raise KeyError("oops")

    def measured(self, stream: Any) -> Own:
        return None  # type: ignore[return-value]


def test_mistakes_in_a_file_of_ones_own_are_told_with_their_line() -> None:
    mine = {"mine": Broken(VECTOR, {})}
    with pytest.raises(
        SchemaError, match=r"mine: .* KeyError in test_together\.py, line \d+: 'oops'"
    ):
        represent(mine, JETS)
    with pytest.raises(SchemaError, match="mine: measured must return a Broken, got NoneType"):
        measure(mine, [])
