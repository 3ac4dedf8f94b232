"""How fast a trained network is here: latencies and rates, in PyTorch and in ONNX Runtime."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import awkward as ak
import numpy as np

from hepvision.core.card import described
from hepvision.core.environment import doctor
from hepvision.core.errors import SchemaError
from hepvision.core.files import atomic_write
from hepvision.core.inputs import Inputs
from hepvision.core.outputs import output_file
from hepvision.core.own import using
from hepvision.core.progress import Bars
from hepvision.deploy._bench_runners import Call, random_inputs, runners
from hepvision.deploy._split_rows import rows_of
from hepvision.deploy.bundle import Bundle, opened
from hepvision.figures.frame import page
from hepvision.figures.style import ENTRY_COLOURS, MARKERS, embed, finish, new_figure, style
from hepvision.figures.tables import table

__all__ = ["Benchmark", "Timing", "bench"]

#: Calls of each at least, as a 99th percentile of fewer says little; and where they are slow.
CALLS, FEW = 30, 5


@dataclasses.dataclass(frozen=True)
class Timing:
    """One way to get scores, with so many threads and examples at a time.

    Parameters
    ----------
    runner : str
        Which way.
    threads, batch : int
        Threads, and examples a call.
    p50, p99 : float, s
        Median and 99th percentile of the time of a call.
    calls : int
        How often it was called.

    Examples
    --------
    >>> Timing("PyTorch", 1, 32, 0.016, 0.02, 100).rate
    2000.0
    """

    runner: str
    threads: int
    batch: int
    p50: float
    p99: float
    calls: int

    @property
    def rate(self) -> float:
        """Examples a second, by the median."""
        return self.batch / self.p50


@dataclasses.dataclass(frozen=True, eq=False)
class Benchmark:
    """What ``bench`` measured; shows itself in a notebook.

    Parameters
    ----------
    about : str
        The network, its inputs and the machine.
    timings : tuple of Timing
        All of them.
    left_out : mapping of str
        Ways that do not work here, and why.

    Examples
    --------
    >>> Benchmark("mlp", (Timing("PyTorch", 1, 32, 0.016, 0.02, 100),), {})
    mlp
    way                          threads  batch    p50 [ms]    p99 [ms]    examples/s
    PyTorch                            1     32      16.000      20.000         2,000
    """

    about: str
    timings: tuple[Timing, ...]
    left_out: Mapping[str, str]

    def __repr__(self) -> str:
        head = ("way", "threads", "batch", "p50 [ms]", "p99 [ms]", "examples/s")
        lines = [self.about, "{:<27} {:>8} {:>6} {:>11} {:>11} {:>13}".format(*head)]
        lines += [
            f"{one.runner:<27} {one.threads:>8} {one.batch:>6} {1e3 * one.p50:>11.3f} "
            f"{1e3 * one.p99:>11.3f} {one.rate:>13,.0f}"
            for one in self.timings
        ]
        lines += [f"left out: {name}: {why}" for name, why in self.left_out.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        header = ("way", "threads", "examples a call", "p50 [ms]", "p99 [ms]", "examples/s")
        rows = [
            (one.runner, one.threads, one.batch, 1e3 * one.p50, 1e3 * one.p99, round(one.rate))
            for one in self.timings
        ]
        told = table(header, rows, self.about)
        missing = "".join(
            f'<p class="note">left out: {escape(name)}: {escape(why)}</p>'
            for name, why in self.left_out.items()
        )
        return f"{told}{missing}{self.figure()}"

    def figure(self) -> str:
        """Rates against examples a call, as HTML.

        Returns
        -------
        str
            One image a number of threads.
        """
        counts = sorted({one.threads for one in self.timings})
        names = list(dict.fromkeys(one.runner for one in self.timings))
        made = []
        for threads in counts:
            with style():
                figure, axes = new_figure()
                for k, name in enumerate(names):
                    mine = [
                        one for one in self.timings if (one.runner, one.threads) == (name, threads)
                    ]
                    axes.plot(
                        [one.batch for one in mine],
                        [one.rate for one in mine],
                        color=ENTRY_COLOURS[k % len(ENTRY_COLOURS)],
                        marker=MARKERS[k % len(MARKERS)],
                        label=name,
                    )
                axes.set(xscale="log", yscale="log", xlabel="examples a call", ylabel="examples/s")
                axes.set_title(f"{threads} thread{'s' if threads > 1 else ''}")
                axes.legend()
                finish(figure)
                alt = f"examples a second with {threads} threads"
                made.append(f'<img src="{embed(figure)}" alt="{alt}">')
        return "".join(made)

    def write(self, path: str | Path) -> Path:
        """Write a page that stands alone.

        Parameters
        ----------
        path : path
            HTML file.

        Returns
        -------
        Path
            The file.
        """
        with atomic_write(path, "w") as file:
            file.write(page("Speed", f"<h1>Speed</h1>{self._repr_html_()}"))
        return Path(path)


def bench(
    bundle: str | Path | Bundle,
    out: str | Path | None = None,
    *,
    events: str | Path | None = None,
    batches: Sequence[int] = (1, 32, 256),
    threads: Sequence[int] = (1, 2),
    seconds: float = 1.0,
    compiled: bool = True,
    progress: bool = True,
    components: Iterable[str] = (),
) -> Benchmark:
    """Time a network in every way that works here, one call after the other in turns.

    Turns spread what else the machine does over all ways. Measure on an idle one.

    Parameters
    ----------
    bundle : path or Bundle
        A folder that a study made, or what ``load_bundle`` gave.
    out : path, optional
        A page to write.
    events : path, optional
        Store or file of the study: its test examples are scored, pre-processing is timed too, and
        eight bits are calibrated. Without it inputs are random numbers.
    batches, threads : sequence of int
        Examples a call, and threads.
    seconds : float
        For each way, number of threads and of examples; thirty calls at least, five if they are
        slow.
    compiled : bool
        Whether PyTorch's compiler is timed too: it takes a minute at first.
    progress : bool
        Show a bar.
    components : iterable of str
        The user's own components that the bundle was made with, ``path/to/file.py:Class`` each.

    Returns
    -------
    Benchmark
        Latencies and rates.

    Raises
    ------
    SchemaError
        The bundle holds no network, or the events lack what it reads.
    CorruptFileError
        The bundle or the events are damaged.
    ValueError
        A number is not positive.

    Examples
    --------
    >>> bench("nowhere")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    if not (batches and threads) or min(*batches, *threads) < 1 or not seconds > 0:
        raise ValueError(
            f"batches, threads, seconds: must be positive, got {list(batches)}, {list(threads)}, "
            f"{seconds}. Give 1 or more."
        )
    if out is not None:
        output_file(out, *([] if events is None else [events]), suffix=".html")
    with using(components):
        loaded = opened(bundle)
        if loaded.kind != "network":
            raise SchemaError(
                f"bench: needs a network, got {described(loaded.architecture)['name']}, a learner. "
                "Give the bundle of a network."
            )
        made = _timed(loaded, events, batches, threads, seconds, compiled, progress)
    if out is not None:
        made.write(out)
    return made


def _timed(
    bundle: Bundle,
    events: str | Path | None,
    batches: Sequence[int],
    threads: Sequence[int],
    seconds: float,
    compiled: bool,
    progress: bool,
) -> Benchmark:
    rows: ak.Array | None = None
    inputs: Inputs
    if events is None:
        inputs, number = random_inputs(bundle.spec, max(batches)), max(batches)
    else:
        rows = rows_of(bundle, events, "test", max(batches))
        inputs, number = bundle.inputs(rows), len(rows)
    given = None if events is None else Path(events)
    timings: list[Timing] = []
    left_out: dict[str, str] = {}
    total, done = len(batches) * len(threads), 0
    with Bars(shown=progress) as bars:
        for count in threads:
            with runners(bundle, inputs, rows, given, count, compiled=compiled) as (ways, missing):
                left_out |= missing
                for batch in batches:
                    chosen = np.arange(batch) % number
                    calls = {name: make(chosen) for name, make in ways.items()}
                    for name, times in _in_turns(calls, seconds).items():
                        middle, late = np.percentile(times, [50, 99])
                        one = Timing(name, count, batch, float(middle), float(late), len(times))
                        timings.append(one)
                    done += 1
                    bars.show("time", "time", done, total, f"{done} of {total}", "")
    what = f"{number} examples of {given.name}" if given else "random inputs"
    about = (
        f"{described(bundle.architecture)['name']}, {bundle.model.parameters_total:,} parameters, "
        f"{bundle.precision}, {what}, on {doctor().processor}"
    )
    return Benchmark(about, tuple(timings), left_out)


def _in_turns(calls: Mapping[str, Call], seconds: float) -> dict[str, list[float]]:
    """Times of all calls, one after the other, until each had its seconds and its number."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()  # buffers are made at the first call
    left = dict(calls)
    while left:
        for name, call in list(left.items()):
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
            number, spent = len(times[name]), sum(times[name])
            slow = number >= FEW and spent >= 10 * seconds
            if slow or (number >= CALLS and spent >= seconds):
                del left[name]
    return times
