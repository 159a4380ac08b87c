"""Arrays of the array-API standard, through the public functions: by an implementation that has nothing else."""

import math

import numpy as np
import pytest

import gridsample as gs
from support import (
    BATCH,
    CHANNELS,
    OUTS,
    SIZES,
    Options,
    assert_within,
    defined_sample,
    every_option,
    make_grid,
    make_image,
)

xp = pytest.importorskip("array_api_strict")

every_axes = pytest.mark.parametrize("axes", SIZES)


@pytest.mark.parametrize("options", every_option())
@every_axes
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sampling(rng, dtype, axes, options):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    result = gs.grid_sample(xp.asarray(image), xp.asarray(grid), *options)
    assert type(result) is type(xp.asarray(image))
    assert result.dtype == getattr(xp, dtype)
    assert_within(np.asarray(result), defined_sample(image, grid, options))


@pytest.mark.parametrize(("dtype", "grid_dtype"), [("float32", "float64"), ("float64", "float32")])
def test_dtypes_mix(rng, dtype, grid_dtype):
    options = Options("cubic", "border", False)
    image, grid = make_image(rng, 2, dtype), make_grid(rng, 2, grid_dtype)
    result = gs.grid_sample(xp.asarray(image), xp.asarray(grid), *options)
    assert result.dtype == getattr(xp, dtype)
    assert_within(np.asarray(result), defined_sample(image, grid, options))


def test_libraries_do_not_disturb_one_another(rng):
    """Equal options of another library's arrays, in turn: what is remembered of one call is nothing to the next."""
    image, grid = make_image(rng), make_grid(rng)
    expected = gs.grid_sample(image, grid)
    for _ in range(2):
        gs.grid_sample(xp.asarray(image), xp.asarray(grid))
        np.testing.assert_array_equal(gs.grid_sample(image, grid), expected)


@every_axes
@pytest.mark.parametrize(("images", "grids"), [(1, 4), (4, 1)])
def test_batches_broadcast(rng, images, grids, axes):
    options = Options("linear", "symmetric", True)
    image, grid = make_image(rng, axes, batch=images), make_grid(rng, axes, batch=grids)
    result = gs.grid_sample(xp.asarray(image), xp.asarray(grid), *options)
    assert_within(np.asarray(result), defined_sample(image, grid, options))


@every_axes
def test_channels_last(rng, axes):
    image, grid = make_image(rng, axes), make_grid(rng, axes)
    last = xp.asarray(np.ascontiguousarray(np.moveaxis(image, 1, -1)))
    result = np.asarray(gs.grid_sample(last, xp.asarray(grid), channels="last"))
    assert result.shape == (BATCH, *OUTS[axes], CHANNELS)
    assert_within(np.moveaxis(result, -1, 1), defined_sample(image, grid, Options("linear", "zeros", False)))


@pytest.mark.parametrize(
    ("image", "grid", "result"),
    [
        ((0, 3, 5, 7), (0, 11, 2), (0, 3, 11)),
        ((2, 0, 5, 7), (2, 11, 2), (2, 0, 11)),
        ((2, 3, 5, 7), (2, 11, 0, 2), (2, 3, 11, 0)),
        ((2, 3, 0, 7), (2, 0, 2), (2, 3, 0)),
    ],
)
def test_empty_results(image, grid, result):
    assert gs.grid_sample(xp.zeros(image), xp.zeros(grid)).shape == result


def test_special_coordinates():
    image = np.arange(1.0, 6.0)[None, None]
    grid = np.array([[[math.nan], [math.inf], [-math.inf], [1e300]]])
    for padding in ("zeros", "border", "mirror"):
        options = Options("linear", padding, False)
        result = gs.grid_sample(xp.asarray(image), xp.asarray(grid), *options)
        assert_within(np.asarray(result), defined_sample(image, grid, options))


@pytest.mark.parametrize("align", [False, True])
@every_axes
def test_affine_grid(rng, axes, align):
    theta, size = rng.normal(size=(BATCH, axes, axes + 1)), (BATCH, 1, *SIZES[axes])
    result = gs.affine_grid(xp.asarray(theta), size, align)
    assert type(result) is type(xp.asarray(theta))
    np.testing.assert_array_equal(np.asarray(result), gs.affine_grid(theta, size, align))


def test_splatting_is_refused_where_nothing_can_add():
    with pytest.raises(TypeError, match=r"scatter-add.*'array_api_strict'.*possible are arrays of numpy, torch"):
        gs.grid_splat(xp.zeros((1, 1, 3)), xp.zeros((1, 3, 1)), (1, 1, 5))


def test_libraries_do_not_mix(rng):
    image, grid = make_image(rng), make_grid(rng)
    for a, b in ((xp.asarray(image), grid), (image, xp.asarray(grid))):
        with pytest.raises(TypeError, match=r"^input and grid must be arrays of one library; got .*numpy\.ndarray"):
            gs.grid_sample(a, b)
        with pytest.raises(TypeError, match=r"^values and grid must be arrays of one library"):
            gs.grid_splat(a, b, (BATCH, CHANNELS, 5, 7))


def test_out_is_for_numpy(rng):
    out = np.zeros((BATCH, CHANNELS, *OUTS[2]))
    with pytest.raises(TypeError, match=r"^out is for NumPy arrays only"):
        gs.grid_sample(xp.asarray(make_image(rng)), xp.asarray(make_grid(rng)), out=out)
    with pytest.raises(TypeError, match=r"^out is for NumPy arrays only"):
        gs.grid_splat(xp.asarray(make_image(rng, size=(11, 13))), xp.asarray(make_grid(rng)), (2, 3, 5, 7), out=out)


@pytest.mark.parametrize("dtype", ["int64", "uint64", "bool"])
def test_dtypes_are_refused(rng, dtype):
    bad = xp.zeros((BATCH, CHANNELS, 5, 7), dtype=getattr(xp, dtype))
    with pytest.raises(TypeError, match=rf"^input of dtype {dtype} can only be copied, by mode='nearest'; make it a"):
        gs.grid_sample(bad, xp.asarray(make_grid(rng)))
    with pytest.raises(TypeError, match=r"^grid must be of dtype float16, float32 or float64; got " + dtype):
        gs.grid_sample(xp.zeros((2, 3, 5, 7)), xp.zeros((2, 11, 2), dtype=getattr(xp, dtype)))


def test_shapes_are_refused():
    with pytest.raises(ValueError, match=r"^grid must .*\(N, \*out, 2\).*got \(2, 11, 3\)"):
        gs.grid_sample(xp.zeros((2, 3, 5, 7)), xp.zeros((2, 11, 3)))
    with pytest.raises(ValueError, match=r"^input .*spatial axis of size 0"):
        gs.grid_sample(xp.zeros((2, 3, 0, 7)), xp.zeros((2, 11, 2)))
