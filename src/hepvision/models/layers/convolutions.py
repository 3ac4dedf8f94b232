"""Convolutions on detector images, with φ closed to a circle where asked for."""

import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec

__all__ = ["PhiConvolution", "ResidualBlock", "checked_circle"]


def checked_circle(model: str, spec: InputSpec, part: str) -> None:
    """Refuse to close the columns of an image that do not go around the beam.

    Parameters
    ----------
    model : str
        Name of the model, for the message.
    spec : InputSpec
        What it reads.
    part : str
        Its image; one that does not say what its columns are is taken.

    Raises
    ------
    ValueError
        Columns run along η or x, or end with a window.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> image = PartSpec("image", (1, 64, 64), ("energy",), ("GeV",), (1.0,), "eta_phi")
    >>> checked_circle("convolutions", {"image": image}, "image")
    """
    frame = spec[part].frame
    if frame in {"phi_eta", "endcap", "window"}:
        raise ValueError(
            f"{model}: circular needs columns that go around the beam, got {part} with frame "
            f"{frame!r}. Leave circular out, or exchange rows and columns."
        )


class PhiConvolution(nn.Module):
    """A square convolution; zeros beyond the ends in η, the other side beyond the ends in φ.

    Parameters
    ----------
    inputs, outputs : int
        Feature maps.
    size : int
        Side of the kernel, odd.
    stride : int
        Step in both directions.
    circular : bool
        Whether columns close to a circle; zeros beyond the ends otherwise.

    Examples
    --------
    >>> turn = PhiConvolution(1, 2, 3, circular=True)
    >>> image = torch.rand(1, 1, 5, 8)
    >>> torch.allclose(turn(image.roll(3, -1)), turn(image).roll(3, -1), atol=1e-6)
    True
    """

    def __init__(
        self, inputs: int, outputs: int, size: int, stride: int = 1, circular: bool = False
    ):
        super().__init__()
        self.margin = size // 2 if circular else 0
        padding = (size // 2, 0 if circular else size // 2)
        self.convolution = nn.Conv2d(inputs, outputs, size, stride, padding)

    def forward(self, image: Tensor) -> Tensor:
        """Convolve.

        Parameters
        ----------
        image : Tensor, shape (B, C, H, W)
            Rows in η, columns in φ.

        Returns
        -------
        Tensor, shape (B, outputs, H / stride, W / stride)
            Feature maps.
        """
        if self.margin:
            # concatenation keeps channels last, circular F.pad does not
            ends = image[..., -self.margin :], image, image[..., : self.margin]
            image = torch.cat(ends, dim=-1)
        convolved: Tensor = self.convolution(image)
        return convolved


class ResidualBlock(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut, which is 1 × 1 where maps or stride change.

    Parameters
    ----------
    inputs, outputs : int
        Feature maps.
    stride : int
        Step of the first convolution and the shortcut.
    circular : bool
        See ``PhiConvolution``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, CVPR (2016) 770, arXiv:1512.03385.

    Examples
    --------
    >>> ResidualBlock(4, 8, stride=2)(torch.rand(1, 4, 6, 6)).shape
    torch.Size([1, 8, 3, 3])
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1, circular: bool = False):
        super().__init__()
        self.first = PhiConvolution(inputs, outputs, 3, stride, circular)
        self.second = PhiConvolution(outputs, outputs, 3, 1, circular)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride)
        self.rectify = nn.ReLU(inplace=True)

    def forward(self, image: Tensor) -> Tensor:
        """Add what the convolutions find to the shortcut.

        Parameters
        ----------
        image : Tensor, shape (B, inputs, H, W)
            Feature maps.

        Returns
        -------
        Tensor, shape (B, outputs, H / stride, W / stride)
            Feature maps, not negative.
        """
        found = self.second(self.rectify(self.first(image)))
        # in place: what a convolution gives is not needed for its own gradient
        rectified: Tensor = self.rectify(found.add_(self.shortcut(image)))
        return rectified
