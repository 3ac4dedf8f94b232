"""Chunks come back in order, here and from workers."""

import contextvars
import gc
import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from hepvision.core.chunks import ahead, chunks, each_chunk


def test_chunks_cover_all_rows_once():
    rows = [row for chunk in chunks(10, 3) for row in range(chunk.start, chunk.stop)]
    assert rows == list(range(10))
    with pytest.raises(ValueError, match="must be positive, got 0"):
        chunks(10, 0)


def test_an_endless_source_is_taken_as_needed():
    assert list(itertools.islice(each_chunk(abs, itertools.count(-2)), 3)) == [2, 1, 0]


def test_workers_take_one_thread_and_leave_this_process_its_own(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    results = each_chunk(os.getenv, itertools.repeat("OMP_NUM_THREADS"), workers=2)
    assert next(results) == "1"
    results.close()
    assert "OMP_NUM_THREADS" not in os.environ


def test_workers_keep_the_memory_that_they_freed(monkeypatch):
    """Dask would set a limit in their environment, with which trainings take twice as long."""
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    found = list(each_chunk(os.environ.get, ["MALLOC_TRIM_THRESHOLD_"] * 2, workers=2))
    assert found == [None, None]


def test_two_workers_give_the_same_in_order():
    results = each_chunk(abs, itertools.count(-5), workers=2)
    assert list(itertools.islice(results, 8)) == [5, 4, 3, 2, 1, 0, 1, 2]
    results.close()


def test_a_scheduler_that_does_not_answer_is_one_line():
    with pytest.raises(OSError, match="scheduler: no Dask scheduler answers"):
        list(each_chunk(abs, [1], scheduler="tcp://127.0.0.1:1"))
    with pytest.raises(ValueError, match="workers: must be positive"):
        list(each_chunk(abs, [1], workers=0))


@pytest.mark.parametrize("address", ["foo", "foo:bar", "http://127.0.0.1:1"])
def test_an_address_that_cannot_be_read_is_told_once(address):
    """No client is left behind that complains when Python ends."""
    script = (
        "from hepvision.core.chunks import check_scheduler\n"
        "try:\n"
        f"    check_scheduler({address!r})\n"
        "except OSError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.startswith(f"scheduler: no Dask scheduler answers, got {address!r}. ")
    assert done.stderr == ""


INTERRUPTED = """
import time
from hepvision.core.chunks import each_chunk

def number(item):
    return item

if __name__ == "__main__":
    results = each_chunk(number, range(3), workers=2)
    try:
        print([next(results) for _ in range(3)], flush=True)
        results.close()
        time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_ctrl_c_while_the_workers_close_is_not_waited_for(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "[0, 1, 2]\n"
        time.sleep(0.1)
        started = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
    # closing that is broken off would take a minute
    assert time.monotonic() - started < 40
    assert rest == "interrupted\n"


LOST = """
import os, signal, subprocess, sys, time
from pathlib import Path
from hepvision.core.chunks import each_chunk

def ends_its_worker(item):
    mark, number, times = item
    if number == 3 and len(list(mark.glob("*.dead"))) < times:
        (mark / f"{os.getpid()}.dead").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2

def begun(*words):
    words = [sys.executable, "-m", *words, "--no-dashboard"]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)

def once():
    print(list(each_chunk(ends_its_worker, [(HERE, n, 1) for n in range(7)], workers=2)))

def always():
    list(each_chunk(ends_its_worker, [(HERE, n, 99) for n in range(7)], workers=2))

def scheduler():
    running = [begun("distributed.cli.dask_scheduler", "--port", "0")]
    address = next(one.split()[-1] for one in running[0].stderr if "tcp://" in one)
    running.append(begun("distributed.cli.dask_worker", address, "--no-nanny"))
    try:
        results = each_chunk(time.sleep, [0.2] * 99, scheduler=address)
        next(results)
        running[0].kill()
        list(results)
    finally:
        for one in running:
            one.kill()

HERE = Path(__file__).parent
if __name__ == "__main__":
    try:
        globals()[sys.argv[1]]()
    except Exception as error:
        print(f"{type(error).__name__} {error}")
"""


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("once", "[0, 1, 4, 9, 16, 25, 36]\n"),
        ("always", "UserError workers: must live through every piece"),
        ("scheduler", "OSError scheduler: must answer to the end, got a lost connection."),
    ],
)
def test_what_is_lost_on_the_way(tmp_path, what, said):
    """A killed worker's items are done again; what cannot go on is one line."""
    script = tmp_path / "script.py"
    script.write_text(LOST)
    words = [sys.executable, str(script), what]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert done.stdout.startswith(said)
    assert done.stdout.count("\n") == 1


def test_items_are_made_ahead_in_one_other_thread_that_closes_what_it_began():
    seen = []

    def source():
        try:
            for number in range(5):
                seen.append((number, threading.get_ident()))
                yield number
        finally:
            seen.append(("closed", threading.get_ident()))

    items = ahead(source())
    assert next(items) == 0
    items.close()
    assert [what for what, _ in seen] == [0, 1, "closed"]
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()
    assert list(ahead(source())) == [0, 1, 2, 3, 4]


def test_items_left_in_a_cycle_are_closed_by_their_own_thread_too():
    """Its thread may be the one that collects what was left, and must not wait for itself."""
    on, closed = threading.Event(), threading.Event()

    def source():
        try:
            yield 1
            on.wait(20)
            gc.collect()
            yield 2
        finally:
            closed.set()

    left = [ahead(source())]
    left.append(left)
    assert next(left[0]) == 1
    gc.disable()
    try:
        del left
        on.set()
        assert closed.wait(20)
    finally:
        gc.enable()


def test_what_is_raised_ahead_is_raised_in_its_turn():
    def source():
        yield 1
        raise OSError(28, "No space left on device")

    items = ahead(source())
    assert next(items) == 1
    with pytest.raises(OSError, match="No space left"):
        next(items)


def test_a_thread_knows_what_its_caller_has_set():
    known = contextvars.ContextVar("known", default="")
    known.set("mine")
    assert list(ahead(known.get() for _ in range(2))) == ["mine", "mine"]


REPLACED = """
import os, signal, sys
from pathlib import Path
from hepvision.core.chunks import each_chunk

def deaf_after_a_loss(marker):
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN

if __name__ == "__main__":
    markers = [Path(sys.argv[1]) / name for name in "ab"]
    print(list(each_chunk(deaf_after_a_loss, markers, workers=2)))
"""


def test_workers_in_place_of_lost_ones_leave_ctrl_c_alone_too(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(REPLACED)
    command = [sys.executable, str(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout == "[True, True]\n", done.stderr
