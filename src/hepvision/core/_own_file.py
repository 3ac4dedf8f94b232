"""A file of the user's own: read, hashed, imported, and the component in it found."""

import dataclasses
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import sys
import types
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from hepvision.core.errors import CardError, MissingExtraError, UnknownNameError

__all__ = ["CONTRACTS", "Own", "load", "named"]

#: Kind of component: what its class must have; ``__call__(x)`` is a parameter of its call.
CONTRACTS = {
    "readers": ("recognises", "count", "read", "stream"),
    "processes": ("settings", "hooks", "known_cross_section_pb", "accepts", "reusable"),
    "geometries": ("shape", "channels", "row_column", "flat_index", "eta_phi", "locate"),
    "representations": ("reads", "spec", "version", "measured", "__call__"),
    "models": ("reads_kinds", "output_level", "from_spec"),
    "losses": ("__call__(outputs)", "__call__(target)", "__call__(weight)"),
    "tasks": ("outputs", "class_names", "target", "loss", "scores", "evaluate"),
}
_FORM = "Write path/to/file.py:Class."


@dataclasses.dataclass(frozen=True)
class Own:
    """A component outside the library.

    Parameters
    ----------
    kind, name : str
        As in a card; the name is that of the file.
    path : Path
        The file.
    symbol : str
        The class in it.
    sha256 : str
        Of the file.

    Examples
    --------
    >>> Own("models", "mine", Path("here/mine.py"), "Mine", "0f").record["file"]
    'mine.py'
    """

    kind: str
    name: str
    path: Path
    symbol: str
    sha256: str

    @property
    def record(self) -> dict[str, str]:
        """What a run and a bundle keep of it: plain data without the path."""
        names = {"kind": self.kind, "name": self.name, "file": self.path.name}
        return {**names, "class": self.symbol, "sha256": self.sha256}


def named(text: str) -> Own:
    """The component that a word of the command line names.

    Parameters
    ----------
    text : str
        ``path/to/file.py:Class``.

    Returns
    -------
    Own
        With the kind whose contract the class meets.

    Raises
    ------
    CardError
        The file is not Python, raises when it is imported, or holds no component.
    UnknownNameError
        The file has no such class.
    MissingExtraError
        It needs a package that is not installed.
    FileNotFoundError
        There is no such file.

    Examples
    --------
    >>> named("my_network.txt:MyNetwork")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: component: must be a Python file and a class, got \
'my_network.txt:MyNetwork'. Write path/to/file.py:Class.
    """
    file, _, symbol = text.rpartition(":")
    path = Path(file).expanduser()
    if path.suffix != ".py" or not symbol.isidentifier():
        raise CardError(f"component: must be a Python file and a class, got {text!r}. {_FORM}")
    if not path.stem.isidentifier() or path.stem.startswith("_"):
        raise CardError(
            f"component: a file's name must be letters, digits and _, a letter first, got "
            f"{path.name!r}. Rename it: cards will call it so."
        )
    if not path.is_file():
        raise FileNotFoundError(2, "no such file", file)
    path = path.resolve()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    module = _module(path, digest)
    made = getattr(module, symbol, None)
    if made is None:
        from hepvision.core.names import hint

        classes = [name for name, one in vars(module).items() if _of(one, module)]
        raise UnknownNameError(f"{file}: no class {symbol!r}. {hint(symbol, classes)}")
    if not (isinstance(made, type) and dataclasses.is_dataclass(made)):
        raise CardError(
            f"{text}: must be a dataclass, got {made!r:.60}. Its fields are parameters."
        )
    return Own(_kind(made, text), path.stem, path, symbol, digest)


def _of(one: Any, module: ModuleType) -> bool:
    return isinstance(one, type) and one.__module__ == module.__name__


def _kind(made: Any, text: str) -> str:
    """The one kind whose contract a class meets."""
    there = {*dir(made), *(field.name for field in dataclasses.fields(made))}
    if "__call__" in there:
        there |= {f"__call__({name})" for name in inspect.signature(made.__call__).parameters}
    lacks = {kind: [one for one in needs if one not in there] for kind, needs in CONTRACTS.items()}
    met = [kind for kind, lost in lacks.items() if not lost]
    if len(met) > 1:
        raise CardError(f"{text}: must be of one kind, got {' and '.join(met)}. Split it.")
    if not met:
        kind = min(lacks, key=lambda one: len(lacks[one]) / len(CONTRACTS[one]))
        raise CardError(
            f"{text}: must be a component, got a class that for {kind} lacks "
            f"{', '.join(lacks[kind])}. Add what it lacks."
        )
    return met[0]


class _Source(importlib.abc.SourceLoader):
    """Runs the very bytes that were hashed, and never an older compiled file beside them."""

    def __init__(self, path: Path, content: bytes):
        self.path, self.content = path, content

    def get_filename(self, fullname: str) -> str:
        return str(self.path)

    def get_data(self, path: Any) -> bytes:
        return self.content


@cache
def _module(path: Path, sha256: str) -> ModuleType:
    """Import a file that has this checksum."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CardError(f"{path}: must be as the run began with it, got a change. Run again.")
    name = f"hepvision_own_{sha256[:16]}.{path.stem}"
    loader = _Source(path, content)
    spec = importlib.machinery.ModuleSpec(name, loader, origin=str(path))
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and type hints look their module up
    # objects that go to another process are found through the package too
    sys.modules.setdefault(name.partition(".")[0], types.ModuleType(name.partition(".")[0]))
    try:
        loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if not isinstance(error, Exception | SystemExit):
            raise
        raise _refusal(path, error) from error
    return module


def _refusal(path: Path, error: BaseException) -> Exception:
    if isinstance(error, MissingExtraError):
        return error
    if isinstance(error, ModuleNotFoundError):
        from hepvision.core.names import EXTRAS

        package = (error.name or "").partition(".")[0]
        extra = EXTRAS.get(package)
        advice = f"pip install 'hepvision[{extra}]'" if extra else f"pip install {package}"
        return MissingExtraError(f"{path}: needs {package}. Install it, with: {advice}")
    if isinstance(error, SyntaxError | UnicodeDecodeError):
        where = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        text = error.msg if isinstance(error, SyntaxError) else "no text"
        return CardError(f"{path}: must be Python, got {where}{text}. Mend it.")
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return CardError(f"{path}: must be importable, got {said}. Mend it.")


def load(one: Own) -> Any:
    """The class of a user's component.

    Parameters
    ----------
    one : Own
        As ``active`` gives it.

    Returns
    -------
    class
        Of exactly the file that was named.

    Raises
    ------
    CardError
        The file has changed.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.py"
    >>> _ = file.write_text("class Mine: pass")
    >>> load(Own("models", "mine", file, "Mine", hashlib.sha256(file.read_bytes()).hexdigest()))
    <class 'hepvision_own_...mine.Mine'>
    """
    return getattr(_module(one.path, one.sha256), one.symbol)
