"""All columns, in the order of the spec, of parts with the same objects."""

from __future__ import annotations

import pytest
import torch

from hepvision.core.inputs import InputSpec, PartSpec
from hepvision.models.layers.columns import values_at
from hepvision.models.layers.objects import every_column


def spec(most: int = 3) -> InputSpec:
    pair = PartSpec("set", (3, 2), ("eta", "phi"), ("", "rad"), (1.0, 1.0))
    return {"a": pair, "b": PartSpec("set", (most, 1), ("eta",), ("",), (1.0,))}


def test_columns_of_the_same_name_stay_apart() -> None:
    places = every_column("any", spec(), ["set"])
    assert places == {"a:eta": ("a", 0), "a:phi": ("a", 1), "b:eta": ("b", 0)}
    batch = {"a": torch.rand(4, 3, 2), "b": torch.rand(4, 3, 1)}
    torch.testing.assert_close(values_at(batch, places), torch.cat([batch["a"], batch["b"]], -1))


def test_other_objects_and_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match=r"any: parts must have the same objects, got a \(3\)"):
        every_column("any", spec(4), ["set"])
    with pytest.raises(ValueError, match="any: reads parts of kind sequence"):
        every_column("any", spec(), ["sequence"])
