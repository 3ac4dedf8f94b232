"""ONNX Runtime on this machine's processor."""

from pathlib import Path
from typing import Any

from hepvision.core.errors import CorruptFileError
from hepvision.core.names import require

__all__ = ["session_of"]


def session_of(path: Path, threads: int | None = None) -> Any:
    """Load a file once, for all that is asked of it.

    Parameters
    ----------
    path : path
        The ONNX file.
    threads : int, optional
        Of the runtime; as many as there are cores if not given.

    Returns
    -------
    onnxruntime.InferenceSession
        Ready.

    Raises
    ------
    FileNotFoundError
        There is none.
    CorruptFileError
        It cannot be loaded.
    MissingExtraError
        The extra ``deploy`` is not installed.

    Examples
    --------
    >>> session_of(Path("nowhere.onnx"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.onnx: no such file. Check the path.
    """
    runtime = require("onnxruntime", "deploy")
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file. Check the path.")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads or 0, 1
    options.log_severity_level = 3
    try:
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own have no common base
        reason = " ".join(str(error).split())[:80]
        raise CorruptFileError(
            f"{path}: cannot be loaded, got {reason}. Export it anew."
        ) from error
