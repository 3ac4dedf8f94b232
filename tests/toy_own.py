"""Components of a user's own, as they would lie beside a card."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

__all__ = ["SOURCES", "toy_component"]

#: Name of the file: kind, class and content.
SOURCES = {
    "my_linear": (
        "models",
        "MyLinear",
        '''
        """One linear layer on a vector."""

        from dataclasses import dataclass
        from typing import ClassVar

        import torch

        from hepvision.models.layers.network import Network


        @dataclass(frozen=True)
        class MyLinear:
            bias: bool = True
            reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
            output_level: ClassVar[str] = "example"

            def from_spec(self, spec, outputs):
                ((part, one),) = spec.items()
                return Network(part, torch.nn.Linear(one.width, outputs, bias=self.bias))
        ''',
    ),
    "my_photon": (
        "representations",
        "MyPhoton",
        '''
        """The hardest photon."""

        from dataclasses import dataclass
        from typing import ClassVar

        import awkward as ak
        import numpy as np

        from hepvision.core.inputs import Dense, PartSpec


        @dataclass(frozen=True)
        class MyPhoton:
            scale: float = 1.0
            version: ClassVar[int] = 1
            reads: ClassVar[tuple[str, ...]] = ("Photon.pt",)

            @property
            def spec(self):
                return {"pt": PartSpec("vector", (1,), ("pt",), ("GeV",), (self.scale,))}

            def __call__(self, examples):
                hardest = ak.fill_none(ak.max(examples.Photon.pt, axis=1), 0.0)
                return {"pt": Dense(ak.to_numpy(hardest).astype(np.float32)[:, None])}

            def measured(self, stream):
                return self
        ''',
    ),
    "my_gun": (
        "processes",
        "MyGun",
        '''
        """Two photons an event."""

        from dataclasses import dataclass

        from hepvision.simulation.processes.particle_gun import ParticleGun


        @dataclass(frozen=True)
        class MyGun(ParticleGun):
            per_event: int = 2
        ''',
    ),
    "my_loss": (
        "losses",
        "MyLoss",
        '''
        """Half of the cross-entropy."""

        from __future__ import annotations

        from dataclasses import dataclass

        from hepvision.losses.cross_entropy import CrossEntropy


        @dataclass(frozen=True)
        class MyLoss:
            share: float = 0.5

            def __call__(self, outputs, target, weight, observable=None):
                return self.share * CrossEntropy()(outputs, target, weight)
        ''',
    ),
    "my_task": (
        "tasks",
        "MyTask",
        '''
        """Classification, called otherwise."""

        from dataclasses import dataclass

        from hepvision.tasks.classification import Classification


        @dataclass(frozen=True)
        class MyTask(Classification):
            pass
        ''',
    ),
    "my_reader": (
        "readers",
        "MyReader",
        '''
        """Nothing, read from files that end in .none."""

        from dataclasses import dataclass
        from pathlib import Path


        @dataclass(frozen=True)
        class MyReader:
            def recognises(self, path):
                return Path(path).suffix == ".none"

            def count(self, path):
                return 0

            def read(self, path, rows=None):
                return ()

            def stream(self, path, size=100):
                return iter(())
        ''',
    ),
    "my_grid": (
        "geometries",
        "MyGrid",
        '''
        """The barrel, called otherwise."""

        from dataclasses import dataclass

        from hepvision.events.geometry.hcal import Hcal


        @dataclass(frozen=True)
        class MyGrid:
            shape = Hcal.shape
            channels = 1
            row_column = flat_index = eta_phi = locate = None
        ''',
    ),
}


def toy_component(folder: Path, name: str) -> str:
    """Write one of the files.

    Parameters
    ----------
    folder : Path
        Where to.
    name : str
        A key of ``SOURCES``.
    """
    _, symbol, text = SOURCES[name]
    path = folder / f"{name}.py"
    path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return f"{path}:{symbol}"
