"""From hits to photons."""

from hepvision.reconstruction.photons import photons

__all__ = ["photons"]
