"""hepvision: from detector hits to a physics result, end to end.

The verbs of the command line are functions here. Each loads its part of the library when it is
first used, so that ``import hepvision`` stays light.

Examples
--------
>>> import hepvision
>>> sorted(hepvision.__all__)  # doctest: +NORMALIZE_WHITESPACE
['__version__', 'bench', 'compare', 'convert', 'doctor', 'draw', 'export', 'inspect', 'open_store',
 'predict', 'run', 'search', 'serve', 'show', 'simulate']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hepvision.core.environment import doctor
    from hepvision.deploy.bench import bench
    from hepvision.deploy.onnx import export
    from hepvision.deploy.predict import predict
    from hepvision.deploy.serve import serve
    from hepvision.events.store import open_store
    from hepvision.figures.show import show
    from hepvision.interpretation.draw import draw
    from hepvision.simulation.simulate import simulate
    from hepvision.studies.compare import compare
    from hepvision.studies.convert import convert
    from hepvision.studies.inspect import inspect
    from hepvision.studies.run import run
    from hepvision.studies.search import search

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "bench",
    "compare",
    "convert",
    "doctor",
    "draw",
    "export",
    "inspect",
    "open_store",
    "predict",
    "run",
    "search",
    "serve",
    "show",
    "simulate",
]

_HOMES = {
    "bench": "hepvision.deploy.bench",
    "compare": "hepvision.studies.compare",
    "convert": "hepvision.studies.convert",
    "doctor": "hepvision.core.environment",
    "draw": "hepvision.interpretation.draw",
    "export": "hepvision.deploy.onnx",
    "inspect": "hepvision.studies.inspect",
    "open_store": "hepvision.events.store",
    "predict": "hepvision.deploy.predict",
    "run": "hepvision.studies.run",
    "search": "hepvision.studies.search",
    "serve": "hepvision.deploy.serve",
    "show": "hepvision.figures.show",
    "simulate": "hepvision.simulation.simulate",
}


def __getattr__(name: str) -> object:
    """Load a public function on first use.

    Parameters
    ----------
    name : str
        One of ``__all__``.

    Returns
    -------
    object
        The function.

    Raises
    ------
    AttributeError
        If there is no such name.

    Examples
    --------
    >>> import hepvision
    >>> hepvision.doctor.__name__
    'doctor'
    """
    if name not in _HOMES:
        raise AttributeError(f"hepvision: no attribute {name!r}. Public names are {__all__}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Names for tab completion."""
    return sorted([*globals(), *_HOMES])
