"""What the detector takes a particle for."""

__all__ = ["ELECTRON", "HADRON", "MUON", "NEUTRAL_HADRON", "PHOTON"]

#: Hadrons are charged if nothing else is said; a tracker sees the three in the middle.
PHOTON, ELECTRON, MUON, HADRON, NEUTRAL_HADRON = range(5)
