"""Parts give the same rows however they are taken and written."""

import numpy as np
import pytest

from hepvision.core.inputs import Dense, PartSpec, Ragged, Sparse, concatenate


def sparse(rng, examples=7, shape=(2, 5, 6)):
    counts = rng.integers(0, 9, examples)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    index = rng.integers(0, np.prod(shape), offsets[-1]).astype(np.uint32)
    return Sparse(offsets, index, rng.random(offsets[-1]).astype(np.float32), shape)


def dense_of(part):
    out = np.zeros((len(part), int(np.prod(part.shape))), np.float32)
    for row in range(len(part)):
        for i in range(part.offsets[row], part.offsets[row + 1]):
            out[row, part.index[i]] += part.value[i]
    return out.reshape(len(part), *part.shape)


@pytest.mark.parametrize("channels_last", [False, True])
def test_sparse_fill_is_the_slow_sum_in_both_memory_orders(rng, channels_last):
    part = sparse(rng)
    out = np.full((7, 2, 5, 6), 9, np.float32)
    if channels_last:
        out = np.ascontiguousarray(out.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    part.fill(out)
    np.testing.assert_allclose(out, dense_of(part), rtol=1e-6)


def test_rows_can_be_taken_or_filled_directly(rng):
    part, rows = sparse(rng), np.array([3, 0, 3])
    out, direct = np.empty((3, 2, 5, 6), np.float32), np.empty((3, 2, 5, 6), np.float32)
    part.take(rows).fill(out)
    part.fill(direct, rows=rows)
    np.testing.assert_array_equal(out, direct)
    np.testing.assert_allclose(out, dense_of(part)[rows], rtol=1e-6)


def test_a_buffer_of_another_shape_or_order_is_refused(rng):
    part = sparse(rng)
    with pytest.raises(ValueError, match="buffer: must be"):
        part.fill(np.empty((7, 2, 6, 5), np.float32))
    with pytest.raises(ValueError, match="contiguous"):
        part.fill(np.empty((7, 2, 6, 5), np.float32).transpose(0, 1, 3, 2))


def test_ragged_pads_cuts_and_masks(rng):
    part = Ragged(np.array([0, 3, 3, 4]), np.arange(8, dtype=np.float32).reshape(4, 2) + 1)
    out, mask = np.full((3, 2, 2), 9, np.float32), np.zeros((3, 2), bool)
    part.fill(out, mask)
    assert out.tolist() == [[[1, 2], [3, 4]], [[0, 0], [0, 0]], [[7, 8], [0, 0]]]
    assert mask.tolist() == [[True, True], [False, False], [True, False]]


def test_pieces_join_to_the_whole(rng):
    part = sparse(rng)
    pieces = [{"a": part.take(np.arange(3))}, {"a": part.take(np.arange(3, 7))}]
    joined = concatenate(pieces)["a"]
    np.testing.assert_array_equal(joined.offsets, part.offsets)
    np.testing.assert_array_equal(joined.index, part.index)
    ragged = Ragged(np.array([0, 1]), np.ones((1, 2), np.float32))
    assert concatenate([{"a": ragged}] * 3)["a"].offsets.tolist() == [0, 1, 2, 3]
    dense = Dense(np.ones((2, 3), np.float32))
    assert concatenate([{"a": dense}] * 2)["a"].values.shape == (4, 3)


def test_a_description_needs_a_name_a_channel_and_survives_plain_data():
    with pytest.raises(ValueError, match="for each of 3"):
        PartSpec("image", (3, 2, 2), ("a",), ("",), (1.0,))
    spec = PartSpec("image", (1, 2, 2), ("a",), ("GeV",), (0.1,))
    assert PartSpec.from_dict(spec.as_dict()) == spec


def test_a_frame_is_kept_but_is_no_part_of_equality():
    """Bundles of before images said their frame still fit."""
    plain = PartSpec("image", (1, 4, 6), ("ecal",), ("GeV",), (1.0,))
    framed = PartSpec("image", (1, 4, 6), ("ecal",), ("GeV",), (1.0,), "eta_phi")
    assert plain == framed
    assert PartSpec.from_dict(framed.as_dict()).frame == "eta_phi"
    old = {key: one for key, one in framed.as_dict().items() if key != "frame"}
    assert PartSpec.from_dict(old).frame == ""


@pytest.mark.parametrize(("kind", "shape"), [("image", (1, 4, 6)), ("vector", (1,))])
def test_a_frame_is_of_an_image_and_known(kind, shape):
    frame = "eta_fi" if kind == "image" else "eta_phi"
    with pytest.raises(ValueError, match="frame"):
        PartSpec(kind, shape, ("x",), ("",), (1.0,), frame)
