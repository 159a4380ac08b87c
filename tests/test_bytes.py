"""Bytes, which the core samples as they are: the float32 answer, rounded half to even and saturated."""

import numpy as np
import pytest

import gridsample as gs
from gridsample.engines import cpu
from support import BOUNDARIES


def rounded(samples):
    """Return what floats become as bytes."""
    return np.clip(np.rint(np.nan_to_num(samples)), 0, 255).astype("uint8")


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 19])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic", "lanczos"])
@pytest.mark.parametrize("boundary", [*BOUNDARIES, "fill"])
def test_bytes_are_the_floats_answer_rounded(rng, mode, boundary, channels):
    """In every layout, to the bit; places outside and undefined ones among them."""
    image = rng.integers(0, 256, (2, channels, 13, 17)).astype("uint8")
    grid = rng.uniform(-1.4, 1.4, (2, 7, 23, 2)).astype("float32")
    grid[1, 2, 3:6, 0] = np.nan, np.inf, 1e30
    options = {"fill_value": 200} if boundary == "fill" else {}
    floats = gs.grid_sample(
        image.astype("float32"), grid, mode, boundary, nan_places="fill" if options else "nan", **options
    )
    expected = rounded(floats)
    np.testing.assert_array_equal(gs.grid_sample(image, grid, mode, boundary, **options), expected)
    last = np.moveaxis(image, 1, -1).copy()
    wide = np.full((2, 7, 23, channels + 2), 77, "uint8")
    for out in (None, np.empty((2, 7, 23, channels), "uint8"), wide[..., 1:-1]):
        samples = gs.grid_sample(last, grid, mode, boundary, channels="last", out=out, **options)
        # the sums of channels in vectors are taken in another order: of halves, the other neighbour is as right
        off = np.abs(samples.astype(int) - np.moveaxis(expected, 1, -1))
        assert off.max() <= (channels > 8)
        assert (off > 0).mean() < 1e-3
    assert (wide[..., [0, -1]] == 77).all()  # nothing is written beyond a pixel
    np.testing.assert_array_equal(
        gs.grid_sample(image[:, :, ::-1, ::2], grid, mode, boundary, **options),
        gs.grid_sample(image[:, :, ::-1, ::2].copy(), grid, mode, boundary, **options),
    )


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(("mode", "path"), [("linear", "whole_pixels"), ("nearest", "copied")])
def test_pixels_of_few_channels_are_written_whole(rng, mode, path, channels, dtype):
    """And nothing else of the result, whose rows end anywhere."""
    image = rng.integers(0, 256, (1, 19, 23, channels)).astype(dtype)
    for width in (1, 7, 8, 31, 64, 129):
        grid = rng.uniform(-1.2, 1.2, (1, 5, width, 2)).astype("float32")
        out = np.full((1, 5, width + 3, channels), 7, dtype)
        with cpu.watch_paths() as paths:
            gs.grid_sample(image, grid, mode, channels="last", out=out[:, :, 1 : width + 1])
        assert width == 1 or paths[path] > 0
        assert (out[:, :, 0] == 7).all()
        assert (out[:, :, width + 1 :] == 7).all()
        first = gs.grid_sample(np.moveaxis(image, -1, 1).copy(), grid, mode)
        np.testing.assert_array_equal(out[:, :, 1 : width + 1], np.moveaxis(first, 1, -1))


def test_few_levels_differ_from_the_exact_answer(rng):
    """Never by more than one, and seldom by that: positions and sums are of float32."""
    for length, share in ((499, 1e-3), (4093, 5e-3)):
        image = rng.integers(0, 256, (1, 1, 11, length)).astype("uint8")
        grid = rng.uniform(-1, 1, (1, 200, 499, 2)).astype("float32")
        exact = rounded(gs.grid_sample(image.astype("float64"), grid.astype("float64"), "linear", "border"))
        off = np.abs(gs.grid_sample(image, grid, "linear", "border").astype(int) - exact)
        assert off.max() <= 1
        assert off.mean() < share


def test_bytes_beyond_the_core_are_carried(rng):
    """In four dimensions, by splines, and as splats."""
    image = rng.integers(0, 256, (1, 2, 3, 5, 4, 7)).astype("uint8")
    grid = rng.uniform(-1, 1, (1, 31, 4))
    np.testing.assert_array_equal(gs.grid_sample(image, grid), rounded(gs.grid_sample(image.astype("float32"), grid)))
    flat = image[:, :, 0, 0]
    spline = gs.grid_sample(flat, grid[..., :2], "bspline")
    np.testing.assert_array_equal(spline, rounded(gs.grid_sample(flat.astype("float32"), grid[..., :2], "bspline")))
    values = rng.integers(0, 9, (1, 2, 31)).astype("uint8")
    splat = gs.grid_splat(values, grid[..., :2], (1, 2, 5, 7))
    np.testing.assert_array_equal(splat, rounded(gs.grid_splat(values.astype("float32"), grid[..., :2], (1, 2, 5, 7))))
