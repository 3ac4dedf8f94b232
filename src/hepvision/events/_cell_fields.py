"""Fields of what calorimeters, trackers, telescopes and published pictures count."""

from hepvision.events._field import Field

__all__ = ["CELLS"]

CELLS: dict[str, dict[str, Field]] = {
    "Tower": {
        "eta": Field("f4", "", "pseudorapidity of its centre"),
        "phi": Field("f4", "rad", "azimuth of its centre in [-pi, pi)"),
        "et": Field("f4", "GeV", "transverse energy"),
        "energy": Field("f4", "GeV", "energy"),
        "energyEm": Field("f4", "GeV", "electromagnetic part"),
        "energyHad": Field("f4", "GeV", "hadronic part"),
        "time": Field("f4", "ns", "after light from the origin would arrive"),
    },
    "Cell": {
        "part": Field("u1", "", "part of the calorimeter, named in the attributes"),
        "layer": Field("i2", "", "from 0, along the depth"),
        "row": Field("i2", "", "from 0, first transverse axis"),
        "column": Field("i2", "", "from 0, second transverse axis"),
        "energy": Field("f4", "GeV", "deposited energy"),
    },
    "TrackerHit": {
        "x": Field("f4", "mm", "position"),
        "y": Field("f4", "mm", "position"),
        "z": Field("f4", "mm", "position"),
        "volume": Field("i4", "", "part of the detector"),
        "layer": Field("i4", "", "layer of the part"),
        "module": Field("i4", "", "module of the layer"),
        "charge": Field("f4", "", "sum of its channels' signals"),
        "channels": Field("i4", "", "number of channels"),
        "genPartIdx": Field("i4", "", "index of the GenPart that made it, -1 for noise"),
        "weight": Field("f4", "", "published weight in the score"),
    },
    "Pulse": {
        "x": Field("f4", "mm", "position of the module"),
        "y": Field("f4", "mm", "the same"),
        "z": Field("f4", "mm", "the same"),
        "time": Field("f4", "ns", "after the published start"),
        "charge": Field("f4", "", "photo-electrons"),
        "string": Field("i4", "", "string of the telescope"),
        "module": Field("i4", "", "module on the string"),
        "auxiliary": Field("?", "", "may be noise"),
    },
    "Pixel": {
        "index": Field("u4", "", "flat index into the published picture, see the attributes"),
        "value": Field("f4", "", "its value, unit in the attributes"),
    },
}
