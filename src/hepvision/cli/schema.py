"""Write the JSON Schema of cards, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["schema"]


def schema(
    out: Annotated[Path, typer.Option("-o", "--out", help="JSON file to write.")] = Path(
        "card.schema.json"
    ),
    component: Annotated[
        list[str] | None,
        typer.Option(
            help="A component of your own that cards may name. May be repeated.",
            metavar="FILE.py:CLASS",
        ),
    ] = None,
) -> None:
    """Write the JSON Schema of cards, for editors.

    An editor completes and checks a card that opens with the line
    '# yaml-language-server: $schema=card.schema.json'.

    Parameters
    ----------
    out : path
        JSON file to write.
    component : list of str, optional
        The user's own components.

    Examples
    --------
    $ hepvision schema -o card.schema.json
    """
    from hepvision.core.files import write_json
    from hepvision.core.outputs import output_file
    from hepvision.core.own import using
    from hepvision.studies.card_schema import card_schema

    output_file(out, *(one.rpartition(":")[0] for one in component or []), suffix=".json")
    with using(component or []):
        write_json(out, card_schema())
    typer.echo(out)
