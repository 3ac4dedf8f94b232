"""States of a training on disk: whole, checked, and read as tensors and plain data alone.

PyTorch's own format holds a pickle; it is opened with ``weights_only``, which builds nothing else.
"""

import hashlib
import io
import logging
import re
from pathlib import Path
from typing import Any

import torch

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.files import atomic_write

__all__ = ["Checkpoints", "read_checkpoint"]

_log = logging.getLogger(__name__)

#: Says what the file is; the 32 bytes of SHA-256 of the rest follow.
MAGIC = b"hepvision-1\n"
NAME = re.compile(r"epoch-(\d{5})(?:-batch-(\d{9}))?\.ckpt")


class Checkpoints:
    """The last checkpoints of one training.

    Parameters
    ----------
    folder : path
        Made when the first one is written.
    key : str
        Settings that must be the same for a training to go on.
    keep : int
        Latest checkpoints at the end of an epoch that are kept, so that a damaged one costs an
        epoch; as many of those within the epoch after.

    Examples
    --------
    >>> import tempfile
    >>> checkpoints = Checkpoints(tempfile.mkdtemp(), "settings")
    >>> checkpoints.save(1, {"history": [0.5]})
    >>> checkpoints.latest()["history"]
    [0.5]
    """

    def __init__(self, folder: str | Path, key: str, keep: int = 2):
        self.folder, self.key, self.keep = Path(folder), key, keep

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(
            (one for one in self.folder.iterdir() if NAME.fullmatch(one.name)), key=_place
        )

    def save(self, epoch: int, state: dict[str, Any], batches: int | None = None) -> None:
        """Write the state after an epoch or within the next, and drop the oldest ones.

        Parameters
        ----------
        epoch : int
            Number of finished epochs.
        state : dict
            Tensors, numbers, texts, and lists and dicts of them.
        batches : int, optional
            Number of finished batches of the next epoch; none is begun if not given.

        Raises
        ------
        OSError
            It cannot be written; the earlier ones are as they were.
        """
        memory = io.BytesIO()
        torch.save({**_on_processor(state), "epoch": epoch, "key": self.key}, memory)
        content = memory.getvalue()
        within = "" if batches is None else f"-batch-{batches:09d}"
        with atomic_write(self.folder / f"epoch-{epoch:05d}{within}.ckpt") as file:
            file.write(MAGIC + hashlib.sha256(content).digest() + content)
        files = self._files()
        whole = [path for path in files if _place(path)[1] < 0]
        parts = [path for path in files if _place(path) > (epoch, -1)]
        for path in {*files} - {*whole[-self.keep :], *parts[-self.keep :]}:
            path.unlink()

    def latest(self) -> dict[str, Any] | None:
        """State of the last checkpoint that is whole.

        Returns
        -------
        dict or None
            With ``epoch``; None if there is no checkpoint.

        Raises
        ------
        CorruptFileError
            There are checkpoints, and all are damaged.
        SchemaError
            They are of a training with other settings.
        """
        files = self._files()
        for path in reversed(files):
            state = read_checkpoint(path)
            if state is None:
                _log.warning("%s: is damaged; going back to the one before", path)
                continue
            if state.get("key") != self.key:
                raise SchemaError(
                    f"{self.folder}: holds checkpoints of a training with other settings, of "
                    "another number of processes, or of one on a GPU where this is on none. Delete "
                    "the folder, or train in another one; CUDA_VISIBLE_DEVICES= hides GPUs."
                )
            return state
        if files:
            raise CorruptFileError(
                f"{self.folder}: all checkpoints are damaged. Delete the folder to train anew."
            )
        return None


def _on_processor(state: Any) -> Any:
    """The same state, readable where there is no GPU."""
    if isinstance(state, torch.Tensor):
        return state.cpu()
    if isinstance(state, dict):
        return {key: _on_processor(one) for key, one in state.items()}
    return [_on_processor(one) for one in state] if isinstance(state, list) else state


def _place(path: Path) -> tuple[int, int]:
    """Finished epochs, and batches of the next one; -1 where none is begun."""
    found = NAME.fullmatch(path.name)
    epoch, batches = found.groups() if found else (0, None)
    return int(epoch), -1 if batches is None else int(batches)


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """State in one file, of whatever settings.

    Parameters
    ----------
    path : Path
        What ``Checkpoints.save`` wrote.

    Returns
    -------
    dict or None
        None if it is damaged, or holds more than tensors and plain data.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> Checkpoints(folder, "settings").save(1, {"history": [0.5]})
    >>> read_checkpoint(folder / "epoch-00001.ckpt")["epoch"]
    1
    """
    content = path.read_bytes()
    start = len(MAGIC) + 32
    digest = hashlib.sha256(content[start:]).digest()
    if content[:start] != MAGIC + digest:
        return None
    try:
        state: dict[str, Any] = torch.load(io.BytesIO(content[start:]), weights_only=True)
    except Exception as error:  # noqa: BLE001 - the unpickler's own cannot be named without pickle
        _log.warning("%s: holds more than tensors and plain data (%s)", path, type(error).__name__)
        return None
    return state
