"""Components by the names of their files: no registry, nothing imported before it is used."""

import ast
import difflib
import functools
import importlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from hepvision.core import own
from hepvision.core.errors import MissingExtraError, UnknownNameError

__all__ = [
    "KINDS",
    "extra_of",
    "file_of",
    "hint",
    "load",
    "missing",
    "names",
    "near",
    "require",
    "summary",
]

#: Kind of component: the folder below the package that holds its files, and their suffix.
KINDS = {
    "readers": ("readers", ".py"),
    "processes": ("simulation/processes", ".py"),
    "geometries": ("events/geometry", ".py"),
    "representations": ("representations", ".py"),
    "models": ("models", ".py"),
    "losses": ("losses", ".py"),
    "tasks": ("tasks", ".py"),
    "studies": ("studies/cards", ".yaml"),
    "views": ("figures/views", ".py"),
    "commands": ("cli", ".py"),
}

#: Top-level package: the extra that installs it.
EXTRAS = {
    "pythia8mc": "simulate",
    "fastjet": "simulate",
    "torch": "train",
    "lightning": "train",
    "safetensors": "train",
    "xgboost": "trees",
    "sklearn": "classical",
    "skops": "classical",
    "timm": "backbones",
    "torchvision": "backbones",
    "onnx": "deploy",
    "onnxruntime": "deploy",
    "optuna": "search",
    "distributed": "cluster",
    "dask": "cluster",
    "captum": "explain",
    "pyhepmc": "files",
    "pylhe": "files",
    "hdf5plugin": "files",
    "aiohttp": "files",
}

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(kind: str) -> tuple[Path, str]:
    if kind not in KINDS:
        raise UnknownNameError(_unknown("kinds", kind, KINDS))
    folder, suffix = KINDS[kind]
    return _PACKAGE / folder, suffix


_OWN = " Give one of your own with --component path/to/file.py:Class."


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    own = "" if kind in {"kinds", "commands", "studies"} or near(name, known) else _OWN
    return f"{kind}: no {name!r}. {hint(name, known)}{own}"


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like a mistyped one, whatever its capitals.

    Parameters
    ----------
    name : str
        What was typed.
    known : iterable of str
        What exists.

    Returns
    -------
    str or None
        The nearest name, if one is near.

    Examples
    --------
    >>> near("detector_imag", ["detector_image", "four_momenta"])
    'detector_image'
    >>> near("PT", ["eta", "pt"])
    'pt'
    """
    plain: dict[str, str] = {}
    for one in known:
        plain.setdefault(one.lower(), one)
    close = difflib.get_close_matches(name.lower(), list(plain), n=1, cutoff=0.5)
    return plain[close[0]] if close else None


def hint(name: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """What a message says behind a name that is not known.

    Parameters
    ----------
    name : str
        What was typed.
    known : iterable of str
        What exists.
    otherwise : str, optional
        Said where no name is near; all that are known by default.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> hint("phtons", ["photons", "jets"])
    "Did you mean 'photons'?"
    >>> hint("vertex", ["photons", "jets"])
    'There are: photons, jets.'
    """
    known = tuple(known)
    close = near(name, known)
    if close:
        return f"Did you mean {close!r}?"
    return f"There are: {', '.join(known) or 'none'}." if otherwise is None else otherwise


def names(kind: str) -> tuple[str, ...]:
    """Names of all components of a kind, read off the folder, and of the user's own in use.

    Parameters
    ----------
    kind : str
        A key of ``KINDS``.

    Returns
    -------
    tuple of str
        Sorted; files that start with ``_`` are no components.

    Raises
    ------
    UnknownNameError
        There is no such kind.

    Examples
    --------
    >>> "ecal_barrel" in names("geometries")
    True
    """
    folder, suffix = _folder(kind)
    mine = {one.name for one in own.active(kind)}
    if not folder.is_dir():
        return tuple(sorted(mine))
    files = {path.stem for path in folder.iterdir() if path.suffix == suffix}
    return tuple(sorted({name for name in files if not name.startswith("_")} | mine))


def file_of(kind: str, name: str) -> Path:
    """The one file that holds a component.

    Parameters
    ----------
    kind, name : str
        A kind and the name of one of its components.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnknownNameError
        There is no such component; a near name is suggested.

    Examples
    --------
    >>> file_of("geometries", "hcal").name
    'hcal.py'
    >>> file_of("geometries", "hcall")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.UnknownNameError: geometries: no 'hcall'. Did you mean 'hcal'?
    """
    known = names(kind)
    if name not in known:
        raise UnknownNameError(_unknown(kind, name, known))
    mine = _own(kind, name)
    if mine is not None:
        return mine.path
    folder, suffix = _folder(kind)
    return folder / f"{name}{suffix}"


def _own(kind: str, name: str) -> own.Own | None:
    return next((one for one in own.active(kind) if one.name == name), None)


def load(kind: str, name: str) -> Any:
    """The component itself: the first name of its file's ``__all__``, or the user's own class.

    Parameters
    ----------
    kind, name : str
        A kind and the name of one of its components.

    Returns
    -------
    class or function
        The component.

    Raises
    ------
    UnknownNameError
        There is no such component.
    MissingExtraError
        It needs a package that is not installed.

    Examples
    --------
    >>> load("geometries", "ecal_barrel").__name__
    'EcalBarrel'
    """
    file_of(kind, name)
    mine = _own(kind, name)
    if mine is not None:
        return own.load(mine)
    path = f"hepvision.{KINDS[kind][0].replace('/', '.')}.{name}"
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in EXTRAS:
            raise
        raise MissingExtraError(_advice(f"{kind} {name!r}", package)) from error
    return getattr(module, module.__all__[0])


def _advice(what: str, package: str, extra: str | None = None) -> str:
    extra = extra or EXTRAS.get(package, "all")
    return f"{what}: needs {package}. Install it with: pip install 'hepvision[{extra}]'"


def require(module: str, extra: str | None = None) -> ModuleType:
    """Import a package of an extra, or say how to install it.

    Parameters
    ----------
    module : str
        Dotted name.
    extra : str, optional
        The extra that installs it; known for the usual packages.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    MissingExtraError
        It is not installed.

    Examples
    --------
    >>> require("json").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.split(".")[0]
        if error.name is None or error.name.split(".")[0] != package:
            raise
        raise MissingExtraError(_advice(module, package, extra)) from error


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def summary(kind: str, name: str) -> str:
    """What a component is, in its own first line, without importing it.

    Parameters
    ----------
    kind, name : str
        A kind and the name of one of its components.

    Returns
    -------
    str
        First line of the docstring (of a card: its first comment).

    Examples
    --------
    >>> summary("geometries", "ecal_barrel").endswith(".")
    True
    """
    path = file_of(kind, name)
    if path.suffix != ".py":
        first = path.read_text(encoding="utf-8").lstrip().splitlines()[:1]
        return first[0].lstrip("# ").strip() if first and first[0].startswith("#") else ""
    return (ast.get_docstring(_tree(path)) or "").strip().partition("\n")[0]


def extra_of(kind: str, name: str) -> str | None:
    """The extra that a component needs, read off its imports.

    Parameters
    ----------
    kind, name : str
        A kind and the name of one of its components.

    Returns
    -------
    str or None
        Name of the extra; None if the core installation is enough.

    Examples
    --------
    >>> extra_of("geometries", "hcal") is None
    True
    """
    path = file_of(kind, name)
    return _extra_of(path) if path.suffix == ".py" else None


@functools.cache
def _extra_of(path: Path, seen: frozenset[Path] = frozenset()) -> str | None:
    """Extra that a file needs, by itself or through a ``_`` file beside it."""
    beside = []
    for node in ast.walk(_tree(path)):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "require"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            modules = [str(node.args[0].value)]
        for module in modules:
            if (package := module.split(".")[0]) in EXTRAS:
                return EXTRAS[package]
            beside.append(path.with_name(f"{module.rpartition('.')[2]}.py"))
    shared = {other for other in beside if other.name.startswith("_") and other.exists()} - seen
    found = (_extra_of(other, seen | {path}) for other in sorted(shared))
    return next(filter(None, found), None)


def missing(extra: str) -> tuple[str, ...]:
    """Packages of an extra that are not installed.

    Parameters
    ----------
    extra : str
        Name of an extra.

    Returns
    -------
    tuple of str
        Empty if all are there.

    Examples
    --------
    >>> missing("no such extra")
    ()
    """
    wanted = (package for package, needs in EXTRAS.items() if needs == extra)
    return tuple(name for name in wanted if importlib.util.find_spec(name) is None)
