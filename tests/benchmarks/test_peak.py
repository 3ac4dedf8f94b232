"""Operations are counted as they are, and the peak is a share of 100 %."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest
import torch


@pytest.fixture
def peak(script: Any) -> Any:
    return script("benchmarks/_peak.py")


def test_additions_and_multiplications_count(peak: Any) -> None:
    one, two = torch.ones(2, 3), torch.ones(3, 5, requires_grad=True)
    assert peak.operations(lambda: one @ two) == 2 * 2 * 3 * 5
    # the gradient of the second factor is one more product, that of the first is not asked for
    assert peak.operations(lambda: (one @ two).sum().backward()) == 2 * 2 * 2 * 3 * 5


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_products_are_all_of_the_peak(peak: Any, precision: str) -> None:
    once = peak.products(precision, 1)
    work = peak.operations(once) or 2.0 * peak.TIMES * peak.SIZE**3  # none is PyTorch's own
    start = time.perf_counter()
    once()
    seconds = np.array([time.perf_counter() - start] * 2)
    told = peak.share(work, seconds, seconds, precision)
    # rounding may leave 99.99…, which is written with decimals
    assert re.search(r" 100(\.00)? % \(68 %: 100(\.00)? to 100(\.00)?;", told)
    assert f"of the matrix peak in {precision}" in told
    assert "50.00 %" in peak.share(work, 2 * seconds, seconds, precision)
    # what slows the products for a while is no lower peak
    assert told == peak.share(work, seconds, seconds * np.array([1.0, 3.0]), precision)
