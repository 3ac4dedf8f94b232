"""MLAnalyzer's trees: images have the vectors' numbers in the vectors' pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.core.inputs import Sparse
from hepvision.readers.mlanalyzer import Mlanalyzer
from hepvision.representations.detector_image import DetectorImage
from readers.written.mlanalyzer import content, photons, write, write_columns


def dense(image: Any) -> np.ndarray:
    """Pictures as arrays of shape (B, C, H, W)."""
    assert isinstance(image, Sparse)
    out = np.zeros((len(image), *image.shape), np.float32)
    image.fill(out)
    return out


def upsampled(vectors: np.ndarray) -> np.ndarray:
    """Towers as pixels, five by five, each with a 25th."""
    towers = vectors.reshape(len(vectors), -1, 72)
    return np.repeat(np.repeat(towers, 5, axis=1), 5, axis=2) / 25


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trees") / "one.root"


@pytest.fixture(scope="module")
def truth(path: Path) -> dict[str, np.ndarray]:
    return write(path, 6, 2)


def test_the_barrel_image_is_the_vectors(path: Path, truth: dict[str, np.ndarray]) -> None:
    events = Mlanalyzer().read(path)
    image = dense(DetectorImage()(events)["image"])
    assert (image[:, 1].reshape(6, -1) == truth["EB_energy"]).all()
    assert (image[:, 0].reshape(6, -1) == truth["TracksPt_EB"]).all()
    assert image[:, 2] == pytest.approx(upsampled(truth["HBHE_energy_EB"]), abs=1e-5)
    offsets = np.concatenate([[0], np.cumsum(ak.num(events.EcalBarrelHit))])
    assert len(ak.flatten(events.EcalBarrelHit)) == offsets[-1] == (truth["EB_energy"] != 0).sum()
    times = truth["EB_time"][truth["EB_energy"] != 0]
    assert ak.flatten(events.EcalBarrelHit.time).tolist() == times.tolist()


@pytest.mark.parametrize("side", ["minus", "plus"])
def test_the_endcap_images_are_the_vectors(
    path: Path, truth: dict[str, np.ndarray], side: str
) -> None:
    image = dense(DetectorImage(region="ecal_centric")(Mlanalyzer().read(path))[f"endcap_{side}"])
    name = side[0]
    assert (image[:, 1].reshape(6, -1) == truth[f"EE{name}_energy"]).all()
    assert (image[:, 0].reshape(6, -1) == truth[f"TracksPt_EE{name}"]).all()


def test_the_towers_image_is_the_vector(path: Path, truth: dict[str, np.ndarray]) -> None:
    events = Mlanalyzer().read(path)
    image = dense(DetectorImage(region="hcal_centric")(events)["image"])
    assert image[:, 2] == pytest.approx(upsampled(truth["HBHE_energy"]), abs=1e-5)
    assert (image[:, 1, 55:225].reshape(6, -1) == truth["EB_energy"]).all()
    assert ak.sum(events.HcalHit.energy) == pytest.approx(truth["HBHE_energy"].sum(), rel=1e-5)
    wide = events.HcalHit[abs(events.HcalHit.ieta) > 20]
    assert ak.all(wide.iphi % 2 == 1)


def test_slim_trees(tmp_path: Path) -> None:
    columns = content(3)
    keep = ("ECAL_energy", "ECAL_tracksPt", "HBHE_energy_EB", "eventId")
    write_columns(tmp_path / "one.root", {key: columns[key] for key in keep})
    events = Mlanalyzer().read(tmp_path / "one.root")
    image = dense(DetectorImage(region="hcal_centric", layers=("tracks",))(events)["image"])
    wanted = ak.to_numpy(columns["ECAL_tracksPt"]).reshape(3, 280, 360)
    assert (image[:, 0] == wanted).all()
    barrel = dense(DetectorImage()(events)["image"])
    stitched = ak.to_numpy(columns["ECAL_energy"]).reshape(3, 280, 360)
    assert (barrel[:, 1] == stitched[:, 55:225]).all()
    towers = upsampled(ak.to_numpy(columns["HBHE_energy_EB"]))
    assert barrel[:, 2] == pytest.approx(towers, abs=1e-5)
    kept = events.attrs["hepvision"]
    assert kept["left_out"] == {
        "projected endcap pixels of ECAL_energy": int((stitched != 0).sum())
        - int((stitched[:, 55:225] != 0).sum())
    }
    assert kept["missing"] == {"EcalEndcapHit": 3}


def test_jets_know_their_seed(path: Path, truth: dict[str, np.ndarray]) -> None:
    jets = ak.flatten(Mlanalyzer().read(path).Jet)
    assert jets.pt.to_list() == truth["jetPt"].tolist()
    assert jets.partonFlavour.to_list() == truth["jetPdgIds"].tolist()
    barrel = abs(truth["jetSeed_ieta"] - 27.5) < 16
    rows = np.floor(jets.eta.to_numpy() / 0.087) + 28
    assert rows[barrel].tolist() == truth["jetSeed_ieta"][barrel].tolist()
    columns = np.floor(np.rad2deg(jets.phi.to_numpy()) / 5 + 2) % 72
    assert columns.tolist() == truth["jetSeed_iphi"].tolist()


def test_pictures_of_jets(path: Path, truth: dict[str, np.ndarray]) -> None:
    reader = Mlanalyzer(per="jet")
    events = reader.read(path)
    assert reader.count(path) == len(events) == len(truth["jetPt"])
    assert events.attrs["hepvision"]["image"]["shape"] == [3, 125, 125]
    assert events.attrs["hepvision"]["labels"] == {"0": "gluon", "1": "quark"}
    assert events.label.to_list() == truth["jetIsQuark"].tolist()
    assert ak.flatten(events.Jet.mass).to_list() == truth["jetM"].tolist()
    number = ak.num(Mlanalyzer().read(path).Jet).to_list()
    entry = np.repeat(np.arange(6), number)
    whole = np.stack(
        [
            truth["ECAL_tracksPt"].reshape(6, 280, 360),
            truth["ECAL_energy"].reshape(6, 280, 360),
            upsampled(truth["HBHE_energy"]),
        ],
        axis=1,
    )
    for k in range(len(events)):
        # as the tool that makes the published files does: turn, then cut
        turned = np.roll(whole[entry[k]], 180 - (int(truth["jetSeed_iphi"][k]) * 5 + 2), axis=-1)
        low = int(truth["jetSeed_ieta"][k]) * 5 + 2 - 62
        wanted = turned[:, low : low + 125, 180 - 62 : 180 + 63]
        found = np.zeros(3 * 125 * 125, np.float32)
        found[events.Pixel.index[k].to_numpy()] = events.Pixel.value[k].to_numpy()
        assert found.reshape(3, 125, 125) == pytest.approx(wanted, abs=1e-6)
    assert len(set(events.event_id.to_list())) == len(events)
    assert events.event.to_list() == truth["eventId"].ravel()[entry].tolist()


@pytest.mark.parametrize("per", ["event", "jet"])
def test_rows_and_pieces(path: Path, truth: dict[str, np.ndarray], per: Any) -> None:
    reader = Mlanalyzer(per=per)
    events = reader.read(path)
    for size in (1, 4, 100):
        pieces = list(reader.stream(path, size))
        assert ak.array_equal(ak.concatenate(pieces), events)
        assert all(len(piece) == size for piece in pieces[:-1])
        assert all(piece.attrs["hepvision"]["reader"] == "mlanalyzer" for piece in pieces)
    rows = np.array([len(events) - 1, 0, 3])
    assert ak.array_equal(reader.read(path, rows), events[rows])
    assert ak.array_equal(reader.read(path, slice(1, 4)), events[1:4])
    with pytest.raises(IndexError):
        reader.read(path, np.array([len(events)]))


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_photons(tmp_path: Path, channels: int) -> None:
    columns = photons(8, 3, channels)
    write_columns(tmp_path / "one.root", columns, ntuple=True)
    reader = Mlanalyzer(per="photon")
    events = reader.read(tmp_path / "one.root")
    number = ak.num(columns["SC_mass"]).to_list()
    assert reader.count(tmp_path / "one.root") == len(events) == sum(number)
    assert events.event.to_list() == np.repeat(np.arange(8), number).tolist()
    assert ak.flatten(events.GenPart.mass).to_list() == ak.flatten(columns["SC_mass"]).to_list()
    assert ak.flatten(events.Photon.pt).to_list() == ak.flatten(columns["pho_pT"]).to_list()
    image = events.attrs["hepvision"]["image"]
    assert image["shape"] == [channels, 32, 32]
    assert image["channels"] == ["energy", "energyT", "energyZ"][:channels]
    wanted = ak.to_numpy(ak.flatten(columns["SC_energy"]))
    for k in range(len(events)):
        found = np.zeros(channels * 1024, np.float32)
        found[events.Pixel.index[k].to_numpy()] = events.Pixel.value[k].to_numpy()
        assert (found[:1024] == wanted[k]).all()
    assert ak.array_equal(ak.concatenate(list(reader.stream(tmp_path / "one.root", 3))), events)


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ("short", {}, "EB_energy must be 61200 numbers an event"),
        ("none", {}, "must hold EB_energy, HBHE_energy or other vectors"),
        ("seed", {"per": "jet"}, "jetSeed_iphi must be 0 to 71"),
        ("quark", {"per": "jet"}, "jetIsQuark must be 0 or 1 for each jet"),
        ("no seed", {"per": "jet"}, "must hold 'jetSeed_ieta'"),
        ("", {"per": "photon"}, "must hold 'SC_energy'"),
    ],
)
def test_what_is_wrong_is_refused(
    tmp_path: Path, change: str, options: dict[str, Any], says: str
) -> None:
    columns = content(3)
    if change == "short":
        columns["EB_energy"] = columns["EB_energy"][:, :-1]
    elif change == "none":
        columns = {"eventId": columns["eventId"], "jets": columns["runId"]}
    elif change == "seed":
        columns["jetSeed_iphi"] = columns["jetSeed_iphi"] + np.float32(72)
    elif change == "quark":
        columns["jetIsQuark"] = columns["jetIsQuark"] + 5
    elif change == "no seed":
        del columns["jetSeed_ieta"]
    write_columns(tmp_path / "one.root", columns)
    with pytest.raises((CorruptFileError, SchemaError), match=says) as error:
        Mlanalyzer(**options).read(tmp_path / "one.root")
    assert isinstance(error.value, UserError)
    assert "\n" not in str(error.value)


def test_values_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    columns = content(3)
    energy = ak.to_numpy(columns["EB_energy"]).copy()
    energy[:, 100:103] = np.nan, np.inf, 1e35
    columns["EB_energy"] = ak.from_regular(ak.Array(energy))
    ends = ak.to_numpy(columns["EEm_energy"]).copy()
    ends[:, 0] = 3.0  # a corner, where no crystal is
    columns["EEm_energy"] = ak.from_regular(ak.Array(ends))
    write_columns(tmp_path / "one.root", columns)
    kept = Mlanalyzer().read(tmp_path / "one.root").attrs["hepvision"]
    assert kept["left_out"] == {"EB_energy values": 9, "EEm_energy where no crystal is": 3}
