"""Examples of a study: where they are, and all that is known of them beside the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hepvision.core.card import component
from hepvision.core.inputs import Inputs
from hepvision.events.store import Store
from hepvision.representations._together import fields_read
from hepvision.studies._copies import apart
from hepvision.studies.card import Study
from hepvision.studies.inputs import Table, inputs_of, table_of
from hepvision.studies.samples import ExampleStream, prepare

__all__ = ["examples_of", "found_again", "representations_of"]


def representations_of(study: Study) -> dict[str, Any]:
    """Those of the card, not yet measured."""
    return {key: component("representations", one) for key, one in study.representations.items()}


def examples_of(
    study: Study, stores: dict[str, Store]
) -> tuple[ExampleStream, Table, dict[str, Any]]:
    """Stream and table of all examples, and the representations; no copy is on both sides."""
    representations = representations_of(study)
    stream = ExampleStream(study, stores, ())
    return stream, apart(stream, table_of(stream), fields_read(representations)), representations


def found_again(study: Study, memory: int) -> tuple[Table, Inputs, Mapping[str, Any]]:
    """Table, inputs and measured representations in another process than made the events."""
    stream, table, representations = examples_of(study, prepare(study, 1, None, False))
    return table, *inputs_of(stream, representations, memory)
