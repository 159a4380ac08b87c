"""Coordinates in pixels: positions as they are, on every engine and in every dtype."""

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES
from gridsample import reference
from gridsample.definitions.conventions import PIXEL
from gridsample.spec import parse
from support import (
    BATCH,
    CHANNELS,
    OUTS,
    PADDINGS,
    SIZES,
    assert_within,
    defined_sample,
    defined_splat,
    eps,
    every_option,
    make_image,
)

every_axes = pytest.mark.parametrize("axes", SIZES)


def make_positions(rng, axes, dtype="float64", batch=BATCH):
    """Return positions in and around the array, x first."""
    shape = (batch, *OUTS[axes])
    return np.stack([rng.uniform(-9, size + 9, shape) for size in reversed(SIZES[axes])], axis=-1).astype(dtype)


@pytest.mark.parametrize("options", every_option(paddings=PADDINGS))
@every_axes
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("coords", ["float32", "float64"])
def test_samples_and_splats_are_as_defined(rng, dtype, coords, axes, options):
    if axes == 4 and options.mode == "lanczos":
        pytest.skip("1296 taps a point, in loops")
    image, grid = make_image(rng, axes, dtype), make_positions(rng, axes, coords)
    expected = defined_sample(image, grid, options, "pixel")
    assert_within(gs.grid_sample(image, grid, *options, coords="pixel"), expected)
    values = make_image(rng, dtype=dtype, size=OUTS[axes])
    result = gs.grid_splat(values, grid, image.shape, *options, coords="pixel")
    assert_within(result, defined_splat(values, grid, image.shape, options, "pixel"))


@pytest.mark.parametrize("options", every_option(paddings=PADDINGS))
@every_axes
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_whole_positions_give_the_pixels_themselves(rng, dtype, axes, options):
    """Exactly, whatever the size: 7 and 11 have no exact halves of normalized coordinates."""
    image, size = make_image(rng, axes, dtype, batch=1), SIZES[axes]
    index = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij")[::-1], axis=-1)[None]
    for coords in ("float32", "float64"):
        result = gs.grid_sample(image, index.astype(coords), *options, coords="pixel")
        np.testing.assert_array_equal(result, image)
        splatted = gs.grid_splat(image, index.astype(coords), image.shape, *options, coords="pixel")
        np.testing.assert_array_equal(splatted, image)


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_derivatives_are_by_pixels(rng, axes, engine, options):
    """Those by normalized coordinates at the same positions, without the factor dp/dg: sizes of 8 and 2 are exact."""
    size = (8, 2, 8)[:axes]
    image, shape = rng.uniform(-1, 1, (1, CHANNELS, *size)), (1, 23)
    normalized = np.stack([rng.integers(-64, 64, shape) / 64 + 1 / 256 for _ in size], axis=-1)
    scales = np.array(size[::-1]) / 2
    positions = (normalized + 1) * scales - 0.5
    values = rng.uniform(-1, 1, (1, CHANNELS, 23))
    spec, pixels = parse(*options[:2], False), parse(*options[:2], False, "pixel")
    for orders in ((0,) * axes, (1,) * axes, (2, *(0,) * (axes - 1))):
        factor = np.prod(scales ** np.array(orders))
        by_halves = ENGINES[engine].pull(image, normalized, spec, orders) / factor
        by_pixels = ENGINES[engine].pull(image, positions, pixels, orders)
        np.testing.assert_allclose(by_pixels, by_halves, rtol=0, atol=64 * eps("float64") * np.abs(by_halves).max())
        by_halves = ENGINES[engine].grid_gradient(values, image, normalized, spec, orders) / factor / scales
        by_pixels = ENGINES[engine].grid_gradient(values, image, positions, pixels, orders)
        np.testing.assert_allclose(by_pixels, by_halves, rtol=0, atol=64 * eps("float64") * np.abs(by_halves).max())


def test_only_the_meaning_of_reflection_is_left_to_align_corners():
    assert parse("linear", "reflection", False, "pixel") == parse("linear", "symmetric", True, "pixel")
    assert parse("linear", "reflection", True, "pixel") == parse("linear", "mirror", False, "pixel")
    assert parse("linear", "zeros", True, "pixel").convention == PIXEL


def test_special_positions():
    row = np.array([[[10.0, 20.0, 30.0]]])
    grid = np.array([[[np.nan], [np.inf], [-np.inf], [1e300], [-0.0]]])
    np.testing.assert_array_equal(gs.grid_sample(row, grid, coords="pixel"), [[[np.nan, 0, 0, 0, 10]]])
    np.testing.assert_array_equal(
        gs.grid_sample(row, grid, padding_mode="border", coords="pixel"), [[[np.nan, 30, 10, 30, 10]]]
    )


@pytest.mark.parametrize(("bad", "error"), [("pixels", ValueError), (None, TypeError), (1, TypeError), ([], TypeError)])
def test_unknown_coords(bad, error):
    image, grid = np.ones((1, 1, 3)), np.zeros((1, 2, 1))
    for call in (
        lambda: gs.grid_sample(image, grid, coords=bad),
        lambda: gs.grid_splat(np.ones((1, 1, 2)), grid, image.shape, coords=bad),
    ):
        with pytest.raises(error, match=r"^coords must be .*'normalized', 'pixel', 'relative'; got") as refusal:
            call()
        assert repr(bad) in str(refusal.value)


def test_the_definition_refuses_them_too():
    with pytest.raises(ValueError, match="coords must be normalized, pixel or relative; got 'pixels'"):
        reference.grid_sample(np.ones((1, 1, 3)), np.zeros((1, 2, 1)), coords="pixels")
