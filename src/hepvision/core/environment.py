"""What this installation and this machine are: for bug reports and for run folders."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Accelerator", "Environment", "doctor"]

#: What networks compute on, in the words of cards and of the command line.
Accelerator = Literal["auto", "cpu", "gpu"]

_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclasses.dataclass(frozen=True)
class Environment:
    """Versions, processor, threads, disk and extras, as found by :func:`doctor`.

    Parameters
    ----------
    version, python, system, processor : str
        hepvision's version, Python's, the operating system and the processor's name.
    features : tuple of str
        Instruction sets that matter for speed.
    cores : int
        Cores that this process may use.
    memory, disk : float, GiB
        Memory of the machine; free disk.
    threads : dict
        Thread limits set in the environment.
    packages : dict
        Version of each package that hepvision can use; None if it is not installed.
    extras : dict
        Packages that each extra lacks; an empty tuple if it is complete.

    Examples
    --------
    >>> doctor().version
    '0.1.0'
    """

    version: str
    python: str
    system: str
    processor: str
    features: tuple[str, ...]
    cores: int
    memory: float
    disk: float
    threads: dict[str, str]
    packages: dict[str, str | None]
    extras: dict[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in a run's ``environment.json``.

        Returns
        -------
        dict
            One key a field.

        Examples
        --------
        >>> doctor().to_dict()["cores"] >= 1
        True
        """
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """The same as JSON.

        Returns
        -------
        str
            Indented, keys in the order of the fields.

        Examples
        --------
        >>> doctor().to_json()[0]
        '{'
        """
        return json.dumps(self.to_dict(), indent=2)

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table

        machine = Table(title="machine", title_justify="left", box=None, show_header=False)
        machine.add_row("hepvision", self.version)
        machine.add_row("Python", self.python)
        machine.add_row("system", self.system)
        machine.add_row("processor", f"{self.processor}, {self.cores} cores")
        machine.add_row("features", " ".join(self.features) or "none of " + " ".join(_FEATURES))
        machine.add_row("threads", _pairs(self.threads) or "no limit set")
        machine.add_row("memory", f"{self.memory:.1f} GiB")
        machine.add_row("disk", f"{self.disk:.1f} GiB free")
        extras = Table(title="extras", title_justify="left", box=None, show_header=False)
        for extra, absent in self.extras.items():
            state = f"not installed: {', '.join(absent)}" if absent else "installed"
            extras.add_row(extra, state)
        packages = Table(title="packages", title_justify="left", box=None, show_header=False)
        for name, found in self.packages.items():
            packages.add_row(name, found or "not installed")
        return Group(machine, "", extras, "", packages)


def doctor(folder: str | Path = ".") -> Environment:
    """Look at the installation and the machine.

    Parameters
    ----------
    folder : path
        Folder whose disk is looked at; it need not exist yet.

    Returns
    -------
    Environment
        Shows itself as tables in a terminal.

    Examples
    --------
    >>> found = doctor()
    >>> found.packages["numpy"] is not None, found.disk > 0
    (True, True)
    """
    where = Path(folder).resolve()
    while not where.exists():
        where = where.parent
    wanted, extras = _requirements()
    packages = {name: _version(name) for name in wanted}
    return Environment(
        version=_version("hepvision") or "not installed",
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        features=_features(),
        cores=_cores(),
        memory=_memory(),
        disk=shutil.disk_usage(where).free / 2**30,
        threads={name: os.environ[name] for name in _THREADS if name in os.environ},
        packages=packages,
        extras={
            extra: tuple(name for name in needs if packages[name] is None)
            for extra, needs in extras.items()
        },
    )


def _requirements() -> tuple[list[str], dict[str, list[str]]]:
    """Packages hepvision can use on this platform, and those of each extra."""
    extras: dict[str, list[str]] = {}
    nested: dict[str, set[str]] = {}
    wanted: dict[str, None] = {}
    for line in importlib.metadata.requires("hepvision") or []:
        requirement = Requirement(line)
        found = re.search(r"""extra == ['"]([\w-]+)['"]""", str(requirement.marker or ""))
        extra = found.group(1) if found else None
        if extra is not None:
            extras.setdefault(extra, [])
        if requirement.marker and not requirement.marker.evaluate({"extra": extra or ""}):
            continue
        if requirement.name == "hepvision":
            nested.setdefault(extra or "", set()).update(requirement.extras)
            continue
        wanted[requirement.name] = None
        if extra is not None:
            extras[extra].append(requirement.name)
    for extra, parts in nested.items():
        for part in sorted(parts):
            extras[extra] += extras[part]
    return list(wanted), extras


def _pairs(values: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpuinfo(key: str) -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(rf"^{key}\s*:\s*(.*)$", text, re.MULTILINE)
    return found.group(1) if found else ""


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _features() -> tuple[str, ...]:
    flags = set((_cpuinfo("flags") or _cpuinfo("Features")).split())
    return tuple(name for name in _FEATURES if name in flags)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError, AttributeError):
        return 0.0
