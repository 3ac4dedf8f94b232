"""Memory that tensors gave back stays with the process, for the next step to take."""

import ctypes
import functools
import os
import sys

__all__ = ["keep_freed_memory"]

#: Of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
#: Bytes; glibc before 2.35 takes no threshold above the last.
_MMAP_FROM = (1 << 30, 32 << 20)
_KEPT = (1 << 31) - 1
#: Where a user has set it, it is not set again.
_SET = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")
#: What Dask sets in its workers unasked: it makes trainings take twice as long.
_OF_DASK = ("MALLOC_TRIM_THRESHOLD_", "65536")


@functools.cache
def keep_freed_memory() -> bool:
    """Let glibc keep the memory of large tensors that are freed.

    Each step of a training frees the tensors of its gradients. From 32 MiB on, and where the top
    of the heap is free, glibc returns them to the system at once, which fills new ones with zeros
    page by page: about a fifth of the time of a training of LorentzNet. It cannot be undone, and
    nothing is done where the C library is another.

    Returns
    -------
    bool
        Whether it was done; a user's own setting in the environment is left alone.

    References
    ----------
    mallopt(3), Linux Programmer's Manual.

    Examples
    --------
    >>> keep_freed_memory() in {True, False}
    True
    """
    users = set(os.environ.items()) - {_OF_DASK}
    if sys.platform != "linux" or any(name in _SET for name, _ in users):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    taken = any(library.mallopt(_MMAP_THRESHOLD, size) for size in _MMAP_FROM)
    return bool(library.mallopt(_TRIM_THRESHOLD, _KEPT)) and taken
