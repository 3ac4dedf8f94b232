"""Chunks come back in order, here and from workers."""

import itertools
import os

import pytest

from hepvision.core.chunks import chunks, each_chunk


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


def test_two_workers_give_the_same_in_order():
    results = each_chunk(abs, itertools.count(-5), workers=2)
    assert list(itertools.islice(results, 8)) == [5, 4, 3, 2, 1, 0, 1, 2]
    results.close()


def test_a_scheduler_that_does_not_answer_is_one_line():
    with pytest.raises(OSError, match="scheduler: no Dask scheduler answers"):
        list(each_chunk(abs, [1], scheduler="tcp://127.0.0.1:1"))
    with pytest.raises(ValueError, match="workers: must be positive"):
        list(each_chunk(abs, [1], workers=0))
