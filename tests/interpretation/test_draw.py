"""What is drawn of a network is what the network is: its own shapes, counts and values."""

import numpy as np
import pytest

pytest.importorskip("torch")
from torch import nn

from hepvision.core.card import component
from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Dense, PartSpec
from hepvision.deploy.bundle import Bundle, save_bundle
from hepvision.events.store import write_store
from hepvision.interpretation._layers import blank, filters_of, layers_of
from hepvision.interpretation._network_figures import maps_figure
from hepvision.interpretation.draw import draw, picture_of
from hepvision.models.compact_cnn import CompactCnn
from hepvision.models.joined import Joined
from hepvision.models.layers.batches import outputs_of
from hepvision.models.layers.network import Network
from hepvision.models.mlp import Mlp
from hepvision.models.resnet15 import Resnet15
from hepvision.representations._together import spec_of
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.four_momenta import FourMomenta
from hepvision.studies._costs import flops
from hepvision.tasks.classification import Classification
from toy_events import toy_events
from toy_inputs import toy_spec


def image(rows=64, columns=64, channels=1):
    names = tuple(f"c{k}" for k in range(channels))
    units, scale = ("GeV",) * channels, (1.0,) * channels
    return PartSpec("image", (channels, rows, columns), names, units, scale)


def test_the_papers_compact_network_layer_by_layer():
    """V. Ayyar et al., arXiv:2002.05761, figure 4b."""
    spec = {"image": image()}
    layers = layers_of(CompactCnn().from_spec(spec, outputs=1), spec)
    assert [(one.shape, one.parameters) for one in layers] == [
        ((10, 64, 64), 100),
        ((10, 32, 32), 0),
        ((10, 32, 32), 910),
        ((10, 16, 16), 0),
        ((10, 16, 16), 910),
        ((10, 8, 8), 0),
        ((64,), 41_024),
        ((1,), 65),
    ]
    assert sum(one.parameters for one in layers) == 43_009
    assert layers[1].kind == "maximum of 2 × 2"
    assert "dropout 0.1" in layers[1].after


@pytest.mark.parametrize("architecture", [CompactCnn(), Resnet15(), Joined(share=(("a", "b"),))])
def test_all_parameters_and_multiply_adds_are_told_once(architecture):
    spec = {"a": image(32, 32, 2)}
    if isinstance(architecture, Joined):
        spec |= {"b": image(32, 32, 2)}
    network = architecture.from_spec(spec, 3)
    layers = layers_of(network, spec)
    assert sum(one.parameters for one in layers) == network.parameters_total
    assert 2 * sum(one.multiply_adds for one in layers) == flops(network, blank(spec), spec)
    assert network.training
    assert not any(one.kind.startswith(("_", "Global")) for one in layers)


@pytest.mark.parametrize("name", ["energy_flow", "recurrent", "particle_net", "lorentz_net"])
def test_of_networks_on_objects_nothing_is_left_out(name):
    """Weights that a block uses by itself, and all objects of an example."""
    spec = toy_spec("sequence")
    network = component("models", name).from_spec(spec, 3)
    layers = layers_of(network, spec)
    assert sum(one.parameters for one in layers) == network.parameters_total
    if None not in [one.multiply_adds for one in layers]:
        assert 2 * sum(one.multiply_adds for one in layers) == flops(network, blank(spec), spec)
    else:
        assert name in ("particle_net", "lorentz_net")


def test_a_shortcut_hides_no_layer():
    """What passes beside a convolution is not what comes out of it."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.shortcut = nn.Conv2d(1, 1, 1), nn.Identity()

        def forward(self, values):
            return self.convolution(values) + self.shortcut(values)

    spec = {"image": image(4, 4)}
    network = Network("image", Block())
    one = {"image": Dense(np.ones((1, 1, 4, 4), np.float32))}
    (layer,) = layers_of(network, spec, one)
    expected = network.body.convolution.weight.item() + network.body.convolution.bias.item()
    np.testing.assert_allclose(layer.values, expected, rtol=1e-6)


def test_values_are_what_the_layers_give(rng):
    spec = {"image": image(16, 16)}
    network = CompactCnn(maps=(3,), hidden=4).from_spec(spec, 2)
    one = {"image": Dense(rng.random((1, 1, 16, 16)).astype(np.float32))}
    layers = layers_of(network, spec, one)
    np.testing.assert_allclose(layers[-1].values, outputs_of(network, one, spec)[0], rtol=1e-5)
    # the convolution of the first filter, pixel by pixel; it is rectified after the maximum
    weight = network.state()["body.0.weight"][0, 0]
    bias = network.state()["body.0.bias"][0]
    padded = np.pad(one["image"].values[0, 0], 1)
    slow = [
        [(padded[r : r + 3, c : c + 3] * weight).sum() + bias for c in range(16)] for r in range(16)
    ]
    np.testing.assert_allclose(layers[0].values[0], slow, atol=1e-5)


def test_filters_are_the_weights():
    spec = {"image": image(16, 16, 2)}
    network = CompactCnn(maps=(3, 5)).from_spec(spec, 2)
    found = filters_of(network)
    assert {name: one.shape for name, one in found.items()} == {
        "body.0": (3, 2, 3, 3),
        "body.4": (5, 3, 3, 3),
    }
    np.testing.assert_array_equal(found["body.0"], network.state()["body.0.weight"])


@pytest.fixture
def bundle(tmp_path):
    representations = {"ecal": DetectorImage()}
    sizes = CompactCnn(maps=(2, 2), hidden=4)
    network = sizes.from_spec(spec_of(representations), 2)
    select = ("num(Photon) == 2",)
    made = Bundle(network, sizes, representations, Classification(("a", "b")), select)
    return save_bundle(tmp_path / "bundle", made)


def test_page_and_pictures_of_an_event(bundle, tmp_path):
    write_store(tmp_path / "store", toy_events(4, photons=2))
    made = draw(bundle, tmp_path / "net.html", source=tmp_path / "store", event=2)
    assert set(made.figures) == {"layers", "filters_body.0", "filters_body.4", "maps"}
    page = (tmp_path / "net.html").read_text(encoding="utf-8")
    assert page.count("src=") == page.count('src="data:') == 4
    assert "The network&#x27;s scores: a 0." in page
    assert f"{made.parameters:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") in page
    for name in ("layers", "filters_body-0", "maps"):
        assert (tmp_path / f"net-{name}.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("photons", "event", "said"),
    [(2, 4, "must be 0 to 3"), (2, -1, "must be 0 to 3"), (1, 0, "must pass the bundle's selec")],
)
def test_an_event_that_cannot_be_drawn_is_told(bundle, tmp_path, photons, event, said):
    write_store(tmp_path / "store", toy_events(4, photons=photons))
    with pytest.raises(ValueError, match=said):
        draw(bundle, source=tmp_path / "store", event=event)


def test_an_empty_event_is_drawn():
    """Zeros all over: nothing divides by the brightest pixel."""
    spec = {"image": image(16, 16)}
    network = CompactCnn(maps=(3,), hidden=4).from_spec(spec, 2)
    layers = layers_of(network, spec, blank(spec))
    figure = maps_figure(layers, {"image": np.zeros((1, 16, 16), np.float32)})
    assert figure is not None
    assert len(figure.axes) > 3


def test_a_network_without_images_has_layers_alone():
    momenta = {"momenta": FourMomenta()}
    network = Mlp(hidden=(4,)).from_spec(spec_of(momenta), 2)
    made = draw(Bundle(network, Mlp(hidden=(4,)), momenta, Classification()))
    assert set(made.figures) == {"layers"}
    assert made.parameters == network.parameters_total


def test_a_learner_is_refused():
    trees = pytest.importorskip("hepvision.models.boosted_trees").BoostedTrees()
    momenta = {"momenta": FourMomenta()}
    made = Bundle(trees.from_spec(spec_of(momenta), 2), trees, momenta, Classification())
    with pytest.raises(SchemaError, match="needs a network, got BoostedTrees"):
        picture_of(made)
