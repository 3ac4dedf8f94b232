"""Every square shows its number; empty ones stay empty."""

import numpy as np
import pytest

from hepvision.figures.agreement import agreement


def test_squares_show_their_numbers():
    table = np.array([[0.91, 0.25, np.nan], [0.25, 0.8, 0.5], [np.nan, 0.5, -0.1]])
    names = ["1 trees", "2 CNN", "3 cuts"]
    figure = agreement({"signal": table, "background": table.T}, names, low=-0.2)
    assert len(figure.axes) == 2
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"0.91", "0.25", "0.80", "0.50", "−0.10"} <= set(texts)
    assert sum(text[-1:].isdigit() for text in texts) == 7
    assert [one.get_text() for one in figure.axes[0].get_yticklabels()] == names
    assert [one.get_text() for one in figure.axes[1].get_xticklabels()] == ["1", "2", "3"]


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"shape \(1, 1\), got \(2, 2\)"):
        agreement({"signal": np.ones((2, 2))}, ["1 trees"])
