"""Few points copy what they touch of an array that engines cannot read: the samples are those of the whole array."""

import numpy as np
import pytest

import gridsample as gs
from gridsample.faces import touched
from memory import byte_swapped, field, unaligned
from support import BOUNDARIES

SIZES = {1: (1009,), 2: (83, 89), 3: (29, 31, 37)}
LAYOUTS = (byte_swapped, unaligned, field)


@pytest.fixture
def found(monkeypatch):
    """Whether patches were made, call by call."""
    calls, patches = [], touched.patches
    monkeypatch.setattr("gridsample.faces.numpy.patches", lambda *given: calls.append(patches(*given)) or calls[-1])
    return calls


def places_in(rng, axes, far, shape=(2, 5)):
    """Return positions in pixels: inside, or also far outside."""
    size = np.array(SIZES[axes][::-1])
    spread = (-2.0, 3.0) if far else (0.3, 0.7)
    return rng.uniform(spread[0] * size, spread[1] * size, (*shape, axes))


def normalized(places, axes):
    return gs.normalize(places, SIZES[axes])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic", "mitchell", gs.BSpline(2, prefilter=False)], ids=str)
@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize("far", [False, True])
def test_samples_are_those_of_the_whole(rng, found, far, padding, mode, axes, layout):
    image = rng.uniform(-1, 1, (2, 3, *SIZES[axes])).astype("float32")
    for dtype in ("float32", "float64"):
        grid = normalized(places_in(rng, axes, far).astype(dtype), axes)
        result = gs.grid_sample(layout(image), grid, mode, padding)
        np.testing.assert_array_equal(result, gs.grid_sample(image, grid, mode, padding))
        assert result.dtype == image.dtype
        assert result.flags.c_contiguous
    assert [call is not None for call in found] == [not far or padding in ("zeros", "border")] * 2


@pytest.mark.parametrize("padding", ["zeros", "border"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic", gs.BSpline(2, prefilter=False)], ids=str)
def test_edges_and_odd_places(rng, found, mode, padding):
    image = rng.uniform(-1, 1, (1, 2, *SIZES[2]))
    near = [-1.5, -1, -0.5, -0.25, 0, 0.5, 1, 1.5, 2, 40.5, 41.5, 80.5, 81, 81.5, 82, 82.5, 83, 87.5, 88, 88.5, 89]
    special = [-np.inf, -1e30, *near, 1e300, np.inf, np.nan]
    for grid in np.array_split(np.stack([special, special[::-1]], axis=-1)[None], 4, axis=1):
        result = gs.grid_sample(byte_swapped(image), grid, mode, padding, coords="pixel")
        np.testing.assert_array_equal(result, gs.grid_sample(image, grid, mode, padding, coords="pixel"))
    assert len(found) == 4
    assert all(found)


@pytest.mark.parametrize(
    "options",
    [
        {"padding_mode": "fill", "fill_value": 7.0},
        {"padding_mode": "border", "outside": "fill", "fill_value": -3.0},
        {"outside": "fill_centres", "fill_value": 5.0},
        {"nan_places": "fill", "fill_value": 5.0},
        {"nan_places": "edge"},
    ],
    ids=str,
)
def test_what_is_filled(rng, found, options):
    image, grid = rng.uniform(-1, 1, (1, 2, *SIZES[2])), places_in(rng, 2, True, (1, 12))
    grid[0, :2] = [[np.nan, 3], [-0.25, 82.25]]
    result = gs.grid_sample(byte_swapped(image), grid, coords="pixel", **options)
    np.testing.assert_array_equal(result, gs.grid_sample(image, grid, coords="pixel", **options))
    assert all(found)


@pytest.mark.parametrize("dtype", ["float16", "int16", "int32", "complex64", "int64"])
def test_dtypes(rng, found, dtype):
    image = rng.integers(0, 99, (1, 3, *SIZES[2])).astype(dtype)
    mode = "nearest" if dtype == "int64" else "linear"
    grid = places_in(rng, 2, False, (1, 7))
    for layout in LAYOUTS:
        result = gs.grid_sample(layout(image), grid, mode, coords="pixel")
        np.testing.assert_array_equal(result, gs.grid_sample(image, grid, mode, coords="pixel"))
        assert result.dtype == image.dtype
    assert any(found)


def test_batches_channels_last_and_out(rng, found):
    image, grid = rng.uniform(-1, 1, (1, *SIZES[2], 3)), places_in(rng, 2, False, (4, 2, 3))
    expected = gs.grid_sample(image, grid, channels="last", coords="pixel")
    out = np.zeros_like(expected)
    assert gs.grid_sample(byte_swapped(image), grid, channels="last", coords="pixel", out=out) is out
    np.testing.assert_array_equal(out, expected)
    many = np.concatenate([image, -image])
    result = gs.grid_sample(byte_swapped(many), grid[:1], channels="last", coords="pixel")
    np.testing.assert_array_equal(result, gs.grid_sample(many, grid[:1], channels="last", coords="pixel"))
    assert len(found) == 2
    assert all(found)


def test_where_the_whole_is_copied(rng, found):
    image = byte_swapped(rng.uniform(-1, 1, (1, 1, *SIZES[2])))
    few, many = places_in(rng, 2, False, (1, 7)), places_in(rng, 2, False, (1, 40, 40))
    own = gs.Boundary("mine", lambda xp, index, size: (xp.clip(index, 0, size - 1), index < size))
    for grid, options in ((many, {}), (few, {"padding_mode": own}), (few[:, :0], {})):
        gs.grid_sample(image, grid, coords="pixel", **options)
    assert found == [None] * 3
    gs.grid_sample(image, few, "bspline", coords="pixel")
    gs.grid_sample(image, few, coords="pixel", derivative=(1, 0))
    assert len(found) == 3  # not even asked


def test_refusals_are_the_same(rng):
    image = byte_swapped(rng.uniform(-1, 1, (1, 1, *SIZES[2])))
    with pytest.raises(ValueError, match=r"^grid must have the shape"):
        gs.grid_sample(image, np.zeros((1, 4, 3)))
    with pytest.raises(TypeError, match=r"^grid must be of dtype"):
        gs.grid_sample(image, np.zeros((1, 4, 2), int))
    with pytest.raises(ValueError, match=r"^out must have the result's shape"):
        gs.grid_sample(image, np.zeros((1, 4, 2)), out=np.zeros((1, 1, 5)))
