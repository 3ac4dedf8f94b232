"""Image networks of other libraries, made to fit the size and channels of images."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from hepvision.core.errors import CorruptFileError
from hepvision.models.layers.network import Network, Tensors, values_of
from hepvision.models.layers.weights import fitted_to, weights_of

__all__ = ["ImageNetwork", "Size", "ends", "fitting", "with_channels"]

logger = logging.getLogger(__name__)

#: Rows and columns of an image.
Size = tuple[int, int]

#: What a library raises when images are too small for a network, or of a size that it cannot cut.
_UNFIT = (RuntimeError, ValueError, AssertionError, TypeError, IndexError, ZeroDivisionError)


def _sizes(given: Size, usual: Size) -> Iterator[Size]:
    """The images' own size, then larger ones, then the size of the network's own training."""
    yield given
    rows, columns = (-(-side // 32) * 32 for side in given)
    for factor in (1, 2, 4):
        yield rows * factor, columns * factor
    yield usual


def _step(network: nn.Module) -> int:
    """What sides must be a multiple of, so that a network that cuts patches loses no pixel."""
    first = network.get_submodule(ends(network)[0][0])
    if not isinstance(first, nn.Conv2d) or first.kernel_size != first.stride:
        return 1
    # small patches are put together later, in pairs, up to 32 pixels
    side = max(first.kernel_size)
    return side if side == 1 or side >= 8 else 32


def fitting(
    build: Callable[[Size], nn.Module],
    channels: int,
    size: Size,
    usual: Size,
    any_size: bool,
    enlarge: bool = True,
) -> tuple[nn.Module, Size]:
    """A network, and the first size of images that it reads.

    Parameters
    ----------
    build : callable
        (rows, columns) → network with fresh weights.
    channels : int
        Of the images.
    size : tuple (int, int)
        Rows and columns that are tried first.
    usual : tuple (int, int)
        What the network was made for, tried last.
    any_size : bool
        Whether ``build`` gives the same network for all sizes.
    enlarge : bool
        Whether others than ``size`` may be tried.

    Returns
    -------
    nn.Module
        The network.
    tuple (int, int)
        Rows and columns of the images that it reads.

    Raises
    ------
    ValueError
        It reads none of them, or not to the last pixel.

    Examples
    --------
    >>> fitting(lambda size: nn.Conv2d(1, 1, 40), 1, (20, 24), (224, 224), any_size=True)[1]
    (64, 64)
    """
    network, reason = None, ""
    for rows, columns in dict.fromkeys(_sizes(size, usual) if enlarge else (size,)):
        try:
            if network is None or not any_size:
                network = build((rows, columns))
            step = _step(network)
            if rows % step or columns % step:
                raise ValueError(f"what is over a multiple of {step} pixels would be cut off")
            network.eval()
            with torch.inference_mode():
                network(torch.zeros(1, channels, rows, columns))
        except _UNFIT as error:
            reason = reason or str(error).strip().partition("\n")[0]
            continue
        return network.train(), (rows, columns)
    raise ValueError(
        f"image_size: must be one that the network reads, got {size[0]} × {size[1]} ({reason}). "
        f"Give image_size: [{usual[0]}, {usual[1]}]."
    )


def ends(network: nn.Module) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the layers that depend on the number of channels, and of outputs.

    Parameters
    ----------
    network : nn.Module
        An image network.

    Returns
    -------
    tuple of str
        What reads the image: as timm says, else the first convolution.
    tuple of str
        What gives the outputs: as timm says, else the last dense layer or convolution.

    Examples
    --------
    >>> ends(nn.Sequential(nn.Conv2d(1, 4, 8), nn.Flatten(), nn.Linear(4, 2)))
    (('0',), ('2',))
    """
    layers = [key for key, one in network.named_modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    said = getattr(network, "pretrained_cfg", None) or {}
    first, last = said.get("first_conv") or layers[0], said.get("classifier") or layers[-1]
    return (
        (first,) if isinstance(first, str) else tuple(first),
        (last,) if isinstance(last, str) else tuple(last),
    )


def with_channels(network: nn.Module, channels: int) -> nn.Module:
    """Let the first convolution read another number of channels.

    Parameters
    ----------
    network : nn.Module
        Changed in place.
    channels : int
        Of the images.

    Returns
    -------
    nn.Module
        The same network; its first convolution has fresh weights where the number differs.

    Examples
    --------
    >>> with_channels(nn.Sequential(nn.Conv2d(3, 4, 8)), 2)[0].in_channels
    2
    """
    name = ends(network)[0][0]
    old = network.get_submodule(name)
    if isinstance(old, nn.Conv2d) and old.in_channels != channels:
        window: dict[str, Any] = {"stride": old.stride, "padding": old.padding}
        size: Any = old.kernel_size
        new = nn.Conv2d(channels, old.out_channels, size, bias=old.bias is not None, **window)
        network.set_submodule(name, new)
    return network


class ImageNetwork(Network):
    """A network of another library that reads images of the given size.

    Parameters
    ----------
    part : str
        Name of the part.
    body : nn.Module
        Images (B, C, rows, columns) → (B, outputs).
    size : tuple (int, int)
        Rows and columns that ``body`` reads; images are scaled to them.
    first, last : sequence of str
        Names of the layers of ``body`` that depend on the number of channels and of outputs.
    weights : str
        File from which training starts; "" for none.

    Examples
    --------
    >>> body = nn.Sequential(nn.Conv2d(1, 4, 8), nn.Flatten(), nn.Linear(4, 2))
    >>> network = ImageNetwork("jet", body, (8, 8), ["0"], ["2"])
    >>> network({"jet": torch.rand(3, 1, 5, 9)}).shape
    torch.Size([3, 2])
    >>> network.without_last(), network({"jet": torch.rand(3, 1, 5, 9)}).shape
    (4, torch.Size([3, 4]))
    """

    def __init__(
        self,
        part: str,
        body: nn.Module,
        size: Size,
        first: Sequence[str],
        last: Sequence[str],
        weights: str = "",
    ):
        super().__init__(part, body)
        self.size, self.first, self.last, self.weights = size, tuple(first), tuple(last), weights

    def forward(self, inputs: Tensors) -> Tensor:
        """Outputs of a batch.

        Parameters
        ----------
        inputs : mapping
            Tensors by part.

        Returns
        -------
        Tensor, shape (B, outputs)
            Logits, float32.
        """
        images = values_of(inputs, self.part)
        if images.shape[2:] != self.size:
            images = functional.interpolate(images, self.size, mode="bilinear", antialias=True)
        # the mean and variance of one example are not those of the sample
        alone = self.training and len(images) == 1
        self.body.train(self.training and not alone)
        outputs: Tensor = self.body(images)
        return outputs.float()

    def start(self) -> None:
        """Take the weights of the file, so far as they fit.

        See ``fitted_to`` for other numbers of channels and outputs.

        Raises
        ------
        CorruptFileError
            The file is not there, or another weight is missing or of another shape.
        """
        if not self.weights:
            return
        fresh = self.body.state_dict()
        try:
            taken = fitted_to(fresh, weights_of(self.weights), self.first, self.last)
        except ValueError as error:
            raise CorruptFileError(f"{self.weights}: {error}") from error
        self.body.load_state_dict(taken)
        logger.info("started from %s", self.weights)

    def without_last(self) -> int:
        """Take off the last dense layer, so that outputs are the features that it reads.

        Returns
        -------
        int
            Number of features.

        Raises
        ------
        ValueError
            The network does not end in one dense layer.
        """
        last = [self.body.get_submodule(name) for name in self.last]
        if len(last) != 1 or not isinstance(last[0], nn.Linear):
            raise ValueError(
                f"features: the network must end in one dense layer, got {', '.join(self.last)}. "
                "Say how many features it hands on."
            )
        self.body.set_submodule(self.last[0], nn.Identity())
        return last[0].in_features
