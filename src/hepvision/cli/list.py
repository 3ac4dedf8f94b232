"""List the components that cards can name, with what each needs."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["list"]


def list(
    kind: Annotated[
        str | None, typer.Argument(help="Only this kind, such as 'models'.", show_default=False)
    ] = None,
) -> None:
    """List the components that cards can name, with what each needs.

    A component is a file; put one into its folder and it appears here.

    Parameters
    ----------
    kind : str, optional
        Only this kind.

    Raises
    ------
    UnknownNameError
        If there is no such kind.

    Examples
    --------
    $ hepvision list
    $ hepvision list models
    """
    from rich.console import Console
    from rich.table import Table

    from hepvision.core import names

    if kind is not None:
        names.names(kind)
    console = Console()
    for each in names.KINDS if kind is None else [kind]:
        table = Table(title=each, title_justify="left", box=None, padding=(0, 2, 0, 0))
        table.add_column("name", style="bold", no_wrap=True)
        table.add_column("what it is", overflow="fold")
        table.add_column("needs", no_wrap=True)
        for name in names.names(each):
            table.add_row(name, names.summary(each, name), _needs(each, name))
        if table.row_count:
            console.print(table, end="\n")


def _needs(kind: str, name: str) -> str:
    """The extra that a component needs, and whether it is there."""
    from hepvision.core import names

    extra = names.extra_of(kind, name)
    if extra is None:
        return ""
    absent = names.missing(extra)
    return f"{extra} [red](not installed)[/red]" if absent else extra
