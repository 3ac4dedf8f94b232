"""Dense layers: as many as asked for, and sizes that cannot be are refused."""

import pytest

torch = pytest.importorskip("torch")

from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense  # noqa: E402


def test_hidden_values_are_rectified_and_outputs_are_not():
    torch.manual_seed(1)
    network = dense(3, (4, 5), 2, 0.0).eval()
    names = [type(layer).__name__ for layer in network]
    assert names == ["Linear", "ReLU", "Dropout"] * 2 + ["Linear"]
    values = torch.randn(200, 3)
    assert network[:-1](values).min() == 0
    assert network(values).min() < 0


def test_without_hidden_layers_it_is_linear():
    torch.manual_seed(1)
    network = dense(3, (), 2, 0.5)
    a, b = torch.randn(2, 6, 3)
    both = network(a) + network(b) - network(torch.zeros(6, 3))
    assert torch.allclose(network(a + b), both, atol=1e-6)


@pytest.mark.parametrize("hidden", [(0,), (8, -1)])
def test_widths_are_positive(hidden):
    with pytest.raises(ValueError, match="hidden: widths must be positive"):
        checked_hidden(hidden)


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_dropout_leaves_something(dropout):
    with pytest.raises(ValueError, match="dropout: must be in"):
        checked_dropout(dropout)
