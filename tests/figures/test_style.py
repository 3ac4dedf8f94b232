"""The look: deterministic embedding, nothing left behind in the caller's settings."""

import base64

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from hepvision.figures.style import (
    CLASS_COLOURS,
    ENTRY_COLOURS,
    embed,
    label,
    make_room,
    new_figure,
    pretty,
    style,
)

# Machado, Oliveira, Fernandes, IEEE TVCG 15 (2009) 1291: full deuteranopia and protanopia
DEUTAN = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTAN = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_figure_embeds_as_the_same_text(form):
    texts = []
    for _ in range(2):
        with style():
            figure, axes = new_figure(2, 2)
            axes.plot([0, 1], [0, 1])
            label(axes, "8 TeV")
        texts.append(embed(figure, form))
    assert texts[0] == texts[1]
    head, _, body = texts[0].partition(",")
    assert head.startswith("data:image/")
    assert base64.b64decode(body, validate=True)


def test_settings_of_the_caller_are_not_touched():
    before = dict(matplotlib.rcParams)
    with style():
        figure, _ = new_figure()
    embed(figure, "png", dpi=40)
    assert dict(matplotlib.rcParams) == before


def test_no_figure_is_left_open():
    from matplotlib import pyplot

    with style():
        new_figure()
    assert pyplot.get_fignums() == []


def test_unknown_form_is_refused():
    with pytest.raises(ValueError, match="form must be png or svg, got 'gif'"):
        embed(Figure(), "gif")


@pytest.mark.parametrize("sight", [np.eye(3), DEUTAN, PROTAN], ids=["full", "deutan", "protan"])
@pytest.mark.parametrize("palette", [CLASS_COLOURS[:4], ENTRY_COLOURS[:5]], ids=["class", "entry"])
def test_first_colours_differ_for_every_eye(palette, sight):
    linear = np.array([to_rgb(c) for c in palette]) ** 2.2
    seen = np.clip(linear @ sight.T, 0, 1) ** (1 / 2.2)
    distance = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    assert distance[~np.eye(len(seen), dtype=bool)].min() > 0.14


def test_names_without_a_symbol_lose_their_underscores():
    assert pretty("photon_jet") == "γ + jet"
    assert pretty("a_new_process") == "a new process"


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("side", ["upper right", "upper left"])
def test_no_band_lies_under_a_legend(scale, side):
    x = np.linspace(0.0, 1.0, 5)
    with style():
        figure, axes = new_figure()
        axes.set_yscale(scale)
        axes.fill_between(x, 1.0, 90.0, label="band")
        axes.errorbar(x, 40.0 + 0.0 * x, yerr=([5.0] * 5, [55.0] * 5), label="points")
        axes.axvline(0.9)
        axes.set_ylim(1.0, 100.0)
        axes.legend(loc=side)
        make_room(axes)
        figure.draw_without_rendering()
        box = axes.get_legend().get_window_extent().transformed(axes.transData.inverted())
    assert box.y0 > 95.0
    assert axes.get_ylim()[1] < {"linear": 150.0, "log": 500.0}[scale]


def test_room_is_made_only_where_it_lacks():
    with style():
        _, axes = new_figure()
        axes.plot([0.0, 0.2, 1.0], [0.99, 0.2, 0.1], label="falls away")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.legend(loc="upper right")
        make_room(axes)
    assert axes.get_ylim() == (0, 1)
