"""Turns the files of this folder into the program ``hepvision``."""

from __future__ import annotations

import errno
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

import hepvision
from hepvision.core import names
from hepvision.core.errors import UserError
from hepvision.core.interruption import REQUEUE, Terminated, terminable
from hepvision.readers._options import options_help

__all__ = ["examples", "help_text", "main", "one_line"]

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
_GOES_ON = "given again, the same command goes on with what is finished"
_INTERRUPTED, _TERMINATED = f"interrupted; {_GOES_ON}", f"terminated; {_GOES_ON}"


def examples(function: Callable[..., Any]) -> tuple[str, ...]:
    """Command lines in the ``Examples`` section of a command's docstring.

    Parameters
    ----------
    function : function
        A command.

    Returns
    -------
    tuple of str
        Each line after a ``$``, in order.

    Examples
    --------
    >>> from hepvision.cli.doctor import doctor
    >>> examples(doctor)
    ('hepvision doctor',)
    """
    lines = (inspect.getdoc(function) or "").splitlines()
    return tuple(line.strip()[2:] for line in lines if line.strip().startswith("$ "))


def help_text(function: Callable[..., Any]) -> str:
    """What ``--help`` says: a docstring without its sections, then its example.

    Parameters
    ----------
    function : function
        A command.

    Returns
    -------
    str
        Paragraphs; the example keeps its line breaks. A command with ``--option`` explains the
        options of all readers.

    Examples
    --------
    >>> from hepvision.cli.doctor import doctor
    >>> print(help_text(doctor).splitlines()[-1])
    $ hepvision doctor
    """
    doc = inspect.getdoc(function) or ""
    start = _SECTION.search(doc)
    text = doc[: start.start()].strip() if start else doc.strip()
    if "option" in inspect.signature(function).parameters:
        # what stands in brackets would be taken for a mark of the terminal's
        text += "\n\nOptions of the readers:\n\n" + options_help().replace("[", "\\[")
    lines = "\n".join(f"$ {line}" for line in examples(function))
    # click keeps the line breaks of a paragraph that opens with \b
    return f"{text}\n\n\b\nExample:\n{lines}" if lines else text


def _version(asked: bool) -> None:
    if asked:
        typer.echo(hepvision.__version__)
        raise typer.Exit


def _start(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Take the options before a command; main itself reads --debug, wherever it stands."""


def _placeholder() -> None:
    """Stand for a command that this call does not use, so that it need not be imported."""


def _build(wanted: str | None) -> typer.Typer:
    app = typer.Typer(
        name="hepvision",
        help="From detector hits to a physics result. Each command's --help has an example.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_start)
    for name in names.names("commands"):
        if name == wanted:
            function = names.load("commands", name)
            app.command(name, help=help_text(function))(function)
        else:
            app.command(name, help=names.summary("commands", name))(_placeholder)
    return app


#: What to do when the system refuses.
_ADVICE = {
    errno.ENOSPC: "Free some space, or write elsewhere, and run it again.",
    errno.EDQUOT: "Free some space, or write elsewhere, and run it again.",
    errno.EFBIG: "Raise the limit on file sizes, or make less.",
    errno.EROFS: "Write to another folder.",
    errno.EACCES: "Change its permissions, or take another path.",
    errno.EISDIR: "Give a file, not a folder.",
    errno.ENOTDIR: "Give a folder, not a file.",
    errno.EEXIST: "Take another path, or remove what is there.",
    errno.ENOENT: "Check the path.",
}


def one_line(error: BaseException) -> str:
    """Text of any error, on one line, that says what it was about.

    Parameters
    ----------
    error : BaseException
        Of this library, of click or of the system.

    Returns
    -------
    str
        Without ``error:`` before it.

    Examples
    --------
    >>> one_line(FileNotFoundError(2, "No such file or directory", "a.ig"))
    'a.ig: no such file or directory. Check the path.'
    """
    format_message = getattr(error, "format_message", None)  # click's own errors
    if format_message is not None:
        return " ".join(str(format_message()).split())
    if isinstance(error, OSError) and not isinstance(error, UserError) and error.strerror:
        where = f"{error.filename}: " if error.filename is not None else ""
        advice = _ADVICE.get(error.errno or 0, "Check the path.")
        return f"{where}{error.strerror.lower()}. {advice}"
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, UserError | ValueError | OSError):
        return text
    return f"{type(error).__name__}: {text}"


def _fail(message: str, code: int) -> int:
    sys.stderr.write(message + "\n")
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of ``hepvision``.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``hepvision``; from the process's own command line if not given.

    Returns
    -------
    int
        Exit code: 0; 2 for what the user can mend, said in one line on standard error; 75 if
        terminated by SIGTERM, which asks a batch system to queue the job again; 130 if interrupted.

    Examples
    --------
    >>> from hepvision.cli import main
    >>> main(["--version"])
    0.1.0
    0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # every command takes --debug, wherever it stands; a lone -- ends the options
    end = words.index("--") if "--" in words else len(words)
    debug = "--debug" in words[:end]
    words = [word for word in words[:end] if word != "--debug"] + words[end:]
    wanted = next((word for word in words if not word.startswith("-")), None)
    try:
        if wanted is not None:
            names.file_of("commands", wanted)
        with terminable():
            code = _build(wanted)(words, prog_name="hepvision", standalone_mode=False)
    except Terminated:
        return _fail(_TERMINATED, REQUEUE)
    except KeyboardInterrupt:
        return _fail(_INTERRUPTED, 130)
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except Exception as error:
        if type(error).__name__ in {"Abort", "NoArgsIsHelpError"}:  # click's
            return _fail(_INTERRUPTED, 130) if "Abort" in type(error).__name__ else 2
        expected = isinstance(error, UserError | ValueError | OSError | LookupError)
        if debug or not (expected or hasattr(error, "format_message")):
            raise
        return _fail(f"error: {one_line(error)}", 2)
    if code == 130:  # newer typer turns the interrupt into this code
        return _fail(_INTERRUPTED, 130)
    return code if isinstance(code, int) else 0
