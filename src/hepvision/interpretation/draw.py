"""Draw a trained network: layers with shapes and parameters, filters, and maps of an event."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.core.files import atomic_write
from hepvision.core.inputs import Inputs
from hepvision.core.outputs import output_file
from hepvision.core.own import using
from hepvision.deploy._scorer import stream_for
from hepvision.deploy.bundle import Bundle, opened
from hepvision.events.examples import examples
from hepvision.events.selection import selected
from hepvision.figures.frame import page
from hepvision.figures.style import embed, style
from hepvision.figures.tables import table
from hepvision.interpretation._layers import Layer, filters_of, layers_of
from hepvision.interpretation._network_figures import filters_figure, layers_figure, maps_figure
from hepvision.models.layers.batches import Buffers, outputs_of

__all__ = ["Drawing", "draw", "picture_of"]


@dataclasses.dataclass(frozen=True, eq=False)
class Drawing:
    """A network as pictures.

    Parameters
    ----------
    title : str
        What it is.
    layers : tuple of Layer
        In the order in which they run.
    figures : mapping of Figure
        ``layers``, ``filters_<layer>``, ``maps``.
    about : str
        Of the event, if there is one.

    Examples
    --------
    >>> Drawing("a network", (), {}).parameters
    0
    """

    title: str
    layers: tuple[Layer, ...]
    figures: Mapping[str, Figure]
    about: str = ""

    @property
    def parameters(self) -> int:
        """Of all layers."""
        return sum(one.parameters for one in self.layers)

    def html(self) -> str:
        """The page.

        Returns
        -------
        str
            Self-contained.
        """
        parts = [f"<h1>{escape(self.title)}</h1>"]
        for name, figure in self.figures.items():
            heading = _HEADINGS[name.partition("_")[0]]
            if heading not in parts:
                parts.append(heading)
            source = embed(figure, "svg" if name == "layers" else "png")
            parts.append(
                f'<figure class="scroll"><img src="{source}" alt="{escape(name)}"></figure>'
            )
            if name == "maps":
                parts.append(f"<p class='note'>{escape(self.about)}</p>")
            if name == "layers":
                parts.append(self._table())
        return page(self.title, "".join(parts))

    def _table(self) -> str:
        rows = [
            [
                one.name or "network",
                ", ".join((one.kind, *one.after)),
                " × ".join(map(str, one.shape)),
                one.parameters,
                one.multiply_adds,
            ]
            for one in self.layers
        ]
        known = [one.multiply_adds for one in self.layers if one.multiply_adds is not None]
        products = sum(known) if len(known) == len(self.layers) else None
        total = ["all", "", "", self.parameters, products]
        header = ["layer", "what it does", "gives", "parameters", "multiply-adds"]
        return table(header, [*rows, total], "Layers, for one example")

    def write(self, path: str | Path) -> list[Path]:
        """Write the page, and each picture as PNG beside it.

        Parameters
        ----------
        path : path
            Of the page; pictures are called like it.

        Returns
        -------
        list of Path
            The page first.
        """
        path = Path(path)
        with atomic_write(path, "w") as file:
            file.write(self.html())
        made = [path]
        for name, figure in self.figures.items():
            picture = path.with_name(f"{path.stem}-{name.replace('.', '-')}.png")
            with atomic_write(picture) as file, style():
                figure.savefig(file, format="png", dpi=160)
            made.append(picture)
        return made

    def __repr__(self) -> str:
        return (
            f"<Drawing of {self.title}: {len(self.layers)} layers, {self.parameters:,} parameters>"
        )

    def _repr_html_(self) -> str:
        return self.html()


_HEADINGS = {
    "layers": "<h2>Layers</h2>",
    "filters": "<h2>Filters</h2><p>Red is positive, blue negative; each picture has one scale.</p>",
    "maps": "<h2>Feature maps</h2><p>What the event becomes from layer to layer. The brightness "
    "follows the square root of a value, so that few bright pixels do not hide the others.</p>",
}


def picture_of(bundle: Bundle) -> Figure:
    """The layers of a bundle's network as one picture.

    Parameters
    ----------
    bundle : Bundle
        With a network.

    Returns
    -------
    Figure
        Blocks from left to right.

    Raises
    ------
    SchemaError
        Its model is no network.

    Examples
    --------
    >>> from hepvision.models.mlp import Mlp
    >>> from hepvision.representations.four_momenta import FourMomenta
    >>> from hepvision.tasks.classification import Classification
    >>> from hepvision.representations._together import spec_of
    >>> momenta = {"momenta": FourMomenta()}
    >>> network = Mlp().from_spec(spec_of(momenta), 2)
    >>> type(picture_of(Bundle(network, Mlp(), momenta, Classification()))).__name__
    'Figure'
    """
    _require_network(bundle)
    layers = layers_of(bundle.model, bundle.spec)
    return layers_figure(layers, [(name, part.shape) for name, part in bundle.spec.items()])


def draw(
    bundle: str | Path | Bundle,
    out: str | Path | None = None,
    *,
    source: str | Path | None = None,
    event: int = 0,
    components: Iterable[str] = (),
) -> Drawing:
    """Draw the network of a bundle.

    Parameters
    ----------
    bundle : path or Bundle
        A folder that a study made, or what ``load_bundle`` gave.
    out : path, optional
        The page to write; each picture goes beside it as PNG. Without it, the object shows itself
        in a notebook.
    source : path, optional
        A store, or a file that a reader knows, with the event whose feature maps are drawn.
    event : int
        Which one, from 0; of objects the hardest is taken.
    components : iterable of str
        The user's own components that the bundle was made with, ``path/to/file.py:Class`` each.

    Returns
    -------
    Drawing
        Layers and figures.

    Raises
    ------
    SchemaError
        The model is no network, or the events lack what it reads.
    CorruptFileError
        The bundle or the file is damaged, or not there.
    ValueError
        There is no such event, it does not pass the selection, or the page would replace what is
        read or has another suffix.

    Examples
    --------
    >>> draw("nowhere")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    if out is not None:
        output_file(out, *([] if source is None else [source]), suffix=".html")
    with using(components):
        loaded = opened(bundle)
        _require_network(loaded)
        inputs = None if source is None else _inputs(loaded, Path(source), event)
        made = _drawing(loaded, inputs, "" if source is None else f"{Path(source).name}, {event}")
    if out is not None:
        made.write(out)
    return made


def _require_network(bundle: Bundle) -> None:
    if bundle.kind != "network":
        kind = type(bundle.architecture).__name__
        raise SchemaError(f"draw: needs a network, got {kind}. Give the bundle of a network.")


def _drawing(bundle: Bundle, inputs: Inputs | None, where: str) -> Drawing:
    spec = bundle.spec
    layers = layers_of(bundle.model, spec, inputs)
    parts = [(name, part.shape) for name, part in spec.items()]
    figures = {"layers": layers_figure(layers, parts)}
    for name, weights in filters_of(bundle.model).items():
        figures[f"filters_{name}"] = filters_figure(name, weights)
    about = ""
    if inputs is not None:
        maps = maps_figure(layers, _images(bundle, inputs))
        scores = bundle.task.scores(outputs_of(bundle.model, inputs, spec))[0]
        told = ", ".join(
            f"{name} {score:.3f}"
            for name, score in zip(bundle.task.class_names, scores, strict=True)
        )
        about = f"Event {where}, from 0. The network's scores: {told}."
        if maps is not None:
            figures["maps"] = maps
    architecture = type(bundle.architecture).__module__.rpartition(".")[2]
    title = f"{architecture} on {', '.join(bundle.representations)}"
    return Drawing(title, tuple(layers), figures, about)


def _images(bundle: Bundle, inputs: Inputs) -> dict[str, NDArray[np.float32]]:
    """Parts that are images, as the network sees them, shape (C, H, W)."""
    spec = {name: part for name, part in bundle.spec.items() if part.kind == "image"}
    tensors = Buffers(spec, 1).tensors(inputs, np.zeros(1, np.int64)) if spec else {}
    found: dict[str, NDArray[np.float32]] = {}
    for name, one in tensors.items():
        values = one[0] if isinstance(one, tuple) else one
        found[name] = np.array(values.numpy()[0])
    return found


def _inputs(bundle: Bundle, path: Path, event: int) -> Inputs:
    """Inputs of one event."""
    count = 0
    for events in stream_for(path, bundle):
        if 0 <= event - count < len(events):
            one = events[event - count : event - count + 1]
            rows, _ = selected(examples(one, bundle.per), bundle.select)
            if not len(rows):
                raise ValueError(
                    f"event: must pass the bundle's selection, event {event} of {path} does not. "
                    "Take another with --event."
                )
            return bundle.inputs(rows[:1])
        count += len(events)
    raise ValueError(f"event: must be 0 to {count - 1}, got {event}. Count from 0.")
