"""How a model is trained: the settings of a card's ``training`` block."""

from collections.abc import Iterable
from typing import Annotated, Literal

import numpy as np
import pydantic

from hepvision.core.card import Card
from hepvision.core.environment import Accelerator, doctor
from hepvision.core.inputs import InputSpec
from hepvision.training.turns import Turns

__all__ = ["Options", "chosen_precision"]

#: Instruction sets that multiply bfloat16 matrices.
COARSE = frozenset({"amx_bf16", "avx512_bf16", "bf16"})

Precision = Literal["float32", "bfloat16"]


class Options(Card):
    """Settings of one training.

    Parameters
    ----------
    epochs : int
        Times that the training split is gone through, at most.
    batch : int
        Examples a step.
    examples : int, optional
        Training examples of each class, for learning curves; all there are if not given. Fewer
        are a part of more.
    learning_rate, weight_decay : float
        Of AdamW.
    schedule : "constant" or "cosine"
        Of the learning rate over the epochs.
    patience : int
        Epochs without a better validation loss, and without a better decorrelated epoch, before it
        stops; 0 never stops. The weights of the best epoch are kept either way.
    stop_on : "loss" or "decorrelated"
        The best epoch is the one with the least validation loss; with ``decorrelated`` only epochs
        count in which the score does not know ``decorrelate_from``, so that what is kept has not
        learned the mass. If there is none, the epoch that knows it least is taken.
    decorrelate_from : str, optional
        One of the card's ``observables``; its distance correlation with the score in the
        background of the validation split is kept with every epoch. The first of them if not
        given, where the training stops by it.
    decorrelate_in : "each" or "together"
        Every background class alone, or all of them as one sample, balanced as in training.
    largest_correlation : float
        Distance correlation, beyond what chance gives on average, that a decorrelated epoch may
        have. What independent events show with a probability of 5 % is always allowed.
    balance : "weights", "counts" or "none"
        Give classes equal sums of weights; and with ``counts`` also draw as many examples of each
        class every epoch as the smallest has.
    turn : bool
        Turn the training images of each event by a random azimuth and mirror them in η and φ at
        random, anew every epoch: few events then last longer before they are learned by heart.
        Nothing that is the same in all φ and at both ends of the detector is lost by it. Images
        around the beam turn by any pixel, those of barrel and endcaps in one by 10°, those with
        endcaps of their own by right angles; windows about an object are only mirrored, see
        ``Turns``. An image whose spec names no ``frame`` is refused; inputs that are no images
        are left as they are.
    rotation, mirror : bool, optional
        Each of the two alone; both as ``turn`` if not given.
    shear : float
        Shear training images by up to so many pixels along φ for one along η, to either side. No
        law of physics allows it: it is common for photographs, and arXiv:1708.07034 did it.
    translation : float
        Shift training images along η by up to this share of their side, to either side. It is a
        boost along the beam that leaves all energies as they are, and what leaves the image is
        lost.
    clip : float
        Largest norm of the gradient; 0 for any.
    precision : "auto", "float32" or "bfloat16"
        ``auto`` takes bfloat16 for images where the processor, or the GPU, multiplies it.
    accelerator : "auto", "cpu" or "gpu"
        ``auto`` trains and scores on a GPU where PyTorch finds one, see ``chosen_device``.
    threads : int, optional
        Threads of the network; as many as cores if not given.
    checkpoint_minutes : float
        Minutes within an epoch after which a checkpoint is written, besides those at its end and
        where a signal asks the training to stop.
    memory : int or str
        Most bytes of inputs that are kept in memory, such as ``2 GB``. Where there are more, they
        are read from disk and shuffled a window at a time, see ``Windows``.

    References
    ----------
    I. Loshchilov, F. Hutter, ICLR (2019), arXiv:1711.05101 (AdamW). M. Andrews, M. Paulini,
    S. Gleyzer, B. Poczos, EPJ Web Conf. 214 (2019) 06031 (stopping before the mass is learned).

    Examples
    --------
    >>> Options(epochs=3).rate(2)
    0.001
    """

    epochs: Annotated[int, pydantic.Field(ge=1)] = 20
    batch: Annotated[int, pydantic.Field(ge=1)] = 32
    examples: Annotated[int, pydantic.Field(ge=1)] | None = None
    learning_rate: Annotated[float, pydantic.Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, pydantic.Field(ge=0)] = 1e-4
    schedule: Literal["constant", "cosine"] = "constant"
    patience: Annotated[int, pydantic.Field(ge=0)] = 5
    stop_on: Literal["loss", "decorrelated"] = "loss"
    decorrelate_from: str | None = None
    decorrelate_in: Literal["each", "together"] = "each"
    largest_correlation: Annotated[float, pydantic.Field(ge=0, le=1)] = 0.1
    balance: Literal["weights", "counts", "none"] = "weights"
    turn: bool = False
    rotation: bool | None = None
    mirror: bool | None = None
    shear: Annotated[float, pydantic.Field(ge=0)] = 0.0
    translation: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.0
    clip: Annotated[float, pydantic.Field(ge=0)] = 0.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    accelerator: Accelerator = "auto"
    threads: Annotated[int, pydantic.Field(ge=1)] | None = None
    checkpoint_minutes: Annotated[float, pydantic.Field(ge=0)] = 10.0
    memory: pydantic.ByteSize = pydantic.ByteSize(8_000_000_000)

    def turns(self, spec: InputSpec, seed: int, epoch: int) -> Turns | None:
        """What is done to training images in an epoch.

        Parameters
        ----------
        spec : InputSpec
            What the inputs are.
        seed, epoch : int
            Of the training, and from 0.

        Returns
        -------
        Turns, optional
            If anything is asked for.

        Raises
        ------
        ValueError
            An image is not one that it can be done to.
        """
        rotation, mirror = (
            self.turn if one is None else one for one in (self.rotation, self.mirror)
        )
        if not (rotation or mirror or self.shear or self.translation):
            return None
        return Turns(spec, seed, epoch, rotation, mirror, self.shear, self.translation)

    def asks(self, name: str) -> bool:
        """Whether a setting differs from its default.

        Parameters
        ----------
        name : str
            One of the settings.

        Returns
        -------
        bool
            True if it does.
        """
        return bool(getattr(self, name) != type(self).model_fields[name].default)

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch.

        Parameters
        ----------
        epoch : int
            From 0.

        Returns
        -------
        float
            Falls from ``learning_rate`` along half a cosine, or stays.
        """
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + float(np.cos(np.pi * epoch / self.epochs)))


def chosen_precision(
    options: Options, spec: InputSpec, features: Iterable[str] | None = None
) -> Precision:
    """What ``precision: auto`` means here.

    Parameters
    ----------
    options : Options
        The settings.
    spec : InputSpec
        What the network reads: vectors are not worth the loss of digits.
    features : iterable of str, optional
        Instruction sets; those of what it trains on if not given.

    Returns
    -------
    "float32" or "bfloat16"
        To be recorded with the result.

    Examples
    --------
    >>> chosen_precision(Options(precision="float32"), {})
    'float32'
    """
    if options.precision != "auto":
        return options.precision
    found = _features(options.accelerator) if features is None else features
    images = any(part.kind in {"image", "volume"} for part in spec.values())
    return "bfloat16" if images and COARSE & set(found) else "float32"


def _features(accelerator: Accelerator) -> Iterable[str]:
    """Instruction sets of the device, as far as they matter for the precision."""
    # torch takes seconds to import, so only where something is trained
    import torch

    from hepvision.models.layers.device import chosen_device

    device = chosen_device(accelerator)
    if device.type == "cpu":
        return doctor().features
    coarse = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return ("bf16",) if coarse else ()
