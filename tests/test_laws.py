"""Laws that hold whatever the formulas are, and oracles that have nothing to do with ours."""

import itertools

import numpy as np
import pytest

import gridsample as gs
from gridsample.definitions.boundaries import BOUNDARIES as DEFINED_BOUNDARIES
from support import (
    BATCH,
    BOUNDARIES,
    CHANNELS,
    ENDLESS,
    NUMPY_PAD,
    OUTS,
    PERIODIC,
    ROUNDINGS,
    SIZES,
    WEIGHTS,
    Options,
    eps,
    every_option,
    make_grid,
    make_image,
    normalized,
    smooth_grid,
)

every_axes = pytest.mark.parametrize("axes", SIZES)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def few_eps(mode, axes, dtype):
    """Return the rounding errors of a sample of values up to 1, as in ``support``."""
    return ROUNDINGS[mode] * axes * eps(dtype) * WEIGHTS[mode] ** axes


def identity_grid(shape, dtype, align):
    axes = len(shape) - 2
    theta = np.broadcast_to(np.eye(axes, axes + 1, dtype=dtype), (shape[0], axes, axes + 1))
    return gs.affine_grid(theta, shape, align)


@pytest.mark.parametrize("options", every_option())
@every_axes
@every_dtype
def test_the_identity_grid_gives_the_image(rng, dtype, axes, options):
    image = make_image(rng, axes, dtype)
    result = gs.grid_sample(image, identity_grid(image.shape, dtype, options.align), *options)
    # coordinates up to 1 are off by an eps or two, which is half a size of positions, and slopes are at most 3 an axis
    shift = 3 * axes * 2 * eps(dtype) * max(image.shape) * WEIGHTS[options.mode] ** axes
    np.testing.assert_allclose(result, image, rtol=0, atol=few_eps(options.mode, axes, dtype) + shift)


@pytest.mark.parametrize("mode", ROUNDINGS)
@every_dtype
def test_the_identity_grid_is_exact_for_powers_of_two(rng, dtype, mode):
    image = make_image(rng, dtype=dtype, size=(4, 16))
    result = gs.grid_sample(image, identity_grid(image.shape, dtype, False), mode)
    np.testing.assert_array_equal(result, image)


@pytest.mark.parametrize("options", every_option(paddings=ENDLESS))
@every_axes
@every_dtype
def test_weights_sum_to_one(rng, dtype, axes, options):
    image = np.ones((1, 1, *SIZES[axes]), dtype)
    result = gs.grid_sample(image, make_grid(rng, axes, dtype, 1), *options)
    np.testing.assert_allclose(result, 1, rtol=0, atol=few_eps(options.mode, axes, dtype))


@pytest.mark.parametrize("options", every_option(paddings=ENDLESS))
@every_axes
def test_splatting_keeps_the_total(rng, axes, options):
    values, grid = make_image(rng, size=OUTS[axes]), make_grid(rng, axes)
    result = gs.grid_splat(values, grid, (BATCH, CHANNELS, *SIZES[axes]), *options)
    spatial = tuple(range(2, values.ndim)), tuple(range(2, result.ndim))
    rounding = values[0, 0].size * few_eps(options.mode, axes, "float64")
    np.testing.assert_allclose(result.sum(spatial[1]), values.sum(spatial[0]), rtol=0, atol=rounding)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("padding", BOUNDARIES)
@every_axes
def test_linear_keeps_a_ramp_inside(rng, axes, padding, align):
    size = SIZES[axes]
    slopes = rng.uniform(-1, 1, axes)
    image = sum(slope * index for slope, index in zip(slopes, np.indices(size), strict=True))
    positions = np.stack([rng.uniform(0, length - 1, 97) for length in size])
    grid = np.stack([normalized(p, s, align) for p, s in zip(positions, size, strict=True)][::-1], axis=-1)
    result = gs.grid_sample(image[None, None], grid[None], "linear", padding, align)[0, 0]
    largest = max(np.abs(image).max(), 1)
    atol = largest * few_eps("linear", axes, "float64") + 4 * axes * eps("float64") * max(size)
    np.testing.assert_allclose(result, slopes @ positions, rtol=0, atol=atol)


@pytest.mark.parametrize("options", every_option())
@every_axes
@pytest.mark.parametrize(("images", "grids"), [(2, 2), (1, 2), (2, 1)])
def test_splatting_is_the_transpose_of_sampling(rng, images, grids, axes, options):
    """<pull(x), y> = <x, push(y)>, up to a few eps of the sum of the magnitudes."""
    x, grid = make_image(rng, axes, batch=images), make_grid(rng, axes, batch=grids)
    y = rng.uniform(-1, 1, (BATCH, CHANNELS, *OUTS[axes]))
    sampled, splatted = gs.grid_sample(x, grid, *options), gs.grid_splat(y, grid, x.shape, *options)
    left, right = (sampled * y).sum(), (x * splatted).sum()
    magnitudes = np.abs(y).sum() * WEIGHTS[options.mode] ** axes
    assert abs(left - right) <= 4 * ROUNDINGS[options.mode] * axes * eps("float64") * magnitudes


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_boundary_is_what_numpy_pads(rng, axes, options):
    """Pad first, then sample where nothing of the boundary is near: the same for every boundary and kernel."""
    size, width = SIZES[axes], 17
    image = make_image(rng, axes)
    padded = np.pad(image, [(0, 0), (0, 0)] + axes * [(width, width)], mode=NUMPY_PAD[options.boundary])
    grid = smooth_grid(rng, size, options.align)  # at most one size outside, and away from ties
    positions = [(grid[..., -1 - a] + 1) * (s - 1) / 2 if options.align else ((grid[..., -1 - a] + 1) * s - 1) / 2
                 for a, s in enumerate(size)]  # fmt: skip
    moved = np.stack(
        [normalized(p + width, s + 2 * width, True) for p, s in zip(positions, size, strict=True)][::-1], axis=-1
    )
    expected = gs.grid_sample(padded, moved, options.mode, "zeros", True)
    shift = 3 * axes * 4 * eps("float64") * (max(size) + 2 * width) * WEIGHTS[options.mode] ** axes
    rounding = few_eps(options.mode, axes, "float64") + shift
    np.testing.assert_allclose(gs.grid_sample(image, grid, *options), expected, rtol=0, atol=rounding)


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "reflection")))
@every_axes
def test_axes_may_be_exchanged(rng, axes, options):
    """Transposing the image and reversing the components of the grid changes nothing."""
    image, grid = make_image(rng, axes), smooth_grid(rng, SIZES[axes], options.align)
    turned = np.moveaxis(image, range(2, axes + 2), range(axes + 1, 1, -1))
    result = gs.grid_sample(turned, np.ascontiguousarray(grid[..., ::-1]), *options)
    atol = 2 * few_eps(options.mode, axes, "float64")
    np.testing.assert_allclose(result, gs.grid_sample(image, grid, *options), rtol=0, atol=atol)


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_flipping_the_image_is_flipping_the_coordinates(rng, axes, options):
    size = SIZES[axes]
    image, grid = make_image(rng, axes), smooth_grid(rng, size, options.align)
    for component in range(axes):
        flipped = grid.copy()
        flipped[..., component] *= -1
        result = gs.grid_sample(np.flip(image, -1 - component), flipped, *options)
        atol = 2 * few_eps(options.mode, axes, "float64") + 12 * axes * eps("float64") * max(size)
        np.testing.assert_allclose(result, gs.grid_sample(image, grid, *options), rtol=0, atol=atol)


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [2, 3])
def test_axes_are_independent(rng, axes, options):
    """A product of rows is sampled as the product of the rows' samples: there is no 2-D and no 3-D of its own."""
    rows = [rng.uniform(-1, 1, length) for length in SIZES[axes]]
    image = np.einsum(",".join("xyz"[:axes]) + "->" + "xyz"[:axes], *rows)[None, None]
    grid = make_grid(rng, axes, batch=1)
    product = 1.0
    for a, row in enumerate(rows):
        product = product * gs.grid_sample(row[None, None], grid[..., -1 - a : grid.shape[-1] - a], *options)
    result = gs.grid_sample(image, grid, *options)
    np.testing.assert_allclose(result, product, rtol=0, atol=2 * few_eps(options.mode, axes, "float64"))


@pytest.mark.parametrize("options", every_option())
def test_sampling_is_linear_in_the_image(rng, options):
    x, y, grid = make_image(rng), make_image(rng), make_grid(rng)
    together = gs.grid_sample(2 * x - 3 * y, grid, *options)
    apart = 2 * gs.grid_sample(x, grid, *options) - 3 * gs.grid_sample(y, grid, *options)
    np.testing.assert_allclose(together, apart, rtol=0, atol=10 * few_eps(options.mode, 2, "float64"))


@pytest.mark.parametrize("options", every_option())
def test_points_do_not_know_of_one_another(rng, options):
    """Each point alone gives to the bit what it gives among others: blocks and tails compute alike."""
    image, grid = make_image(rng, dtype="float32", batch=1), make_grid(rng, 2, "float32", 1, (37,))
    together = gs.grid_sample(image, grid, *options)
    for p in range(37):
        np.testing.assert_array_equal(gs.grid_sample(image, grid[:, p : p + 1], *options), together[..., p : p + 1])


@pytest.mark.parametrize("mode", ROUNDINGS)
def test_channels_do_not_know_of_one_another(rng, mode):
    """Up to rounding: many channels may be summed in another order than one."""
    image, grid = rng.uniform(-1, 1, (1, 19, 5, 7)).astype("float32"), make_grid(rng, 2, "float32", 1)
    together = gs.grid_sample(image, grid, mode)
    for c in range(19):
        alone = gs.grid_sample(image[:, c : c + 1], grid, mode)
        np.testing.assert_allclose(alone, together[:, c : c + 1], rtol=0, atol=2 * few_eps(mode, 2, "float32"))


@pytest.mark.parametrize("options", every_option(paddings=PERIODIC))
def test_what_repeats_repeats_with_its_period(rng, options):
    options = Options(options.mode, options.padding, False)
    size = 8  # a power of two: shifted coordinates are exact
    image, grid = make_image(rng, size=(size,)), rng.integers(-64, 64, (BATCH, 37, 1)) / 64 + 1 / 256
    period = DEFINED_BOUNDARIES[options.padding].period(size)
    expected = gs.grid_sample(image, grid, *options)
    for turns in (-3, 1, 5):
        moved = grid + turns * period * 2 / size
        np.testing.assert_array_equal(gs.grid_sample(image, moved, *options), expected)


def test_scipy_agrees_where_it_means_the_same(rng):
    """Modes that have a counterpart in SciPy, under the names that mean the same there."""
    ndimage = pytest.importorskip("scipy.ndimage")
    names = {
        "zeros": "grid-constant",
        "border": "nearest",
        "mirror": "mirror",
        "symmetric": "reflect",
        "wrap": "grid-wrap",
    }
    for axes, (padding, name) in itertools.product((1, 2, 3), names.items()):
        image, grid = make_image(rng, axes, batch=1), smooth_grid(rng, SIZES[axes], True, 1)
        pixels = [(grid[0, ..., -1 - a] + 1) / 2 * (s - 1) for a, s in enumerate(SIZES[axes])]
        for order, mode in ((0, "nearest"), (1, "linear")):
            expected = [ndimage.map_coordinates(channel, pixels, order=order, mode=name) for channel in image[0]]
            result = gs.grid_sample(image, grid, mode, padding, True)[0]
            atol = few_eps(mode, axes, "float64") + 12 * axes * eps("float64") * max(SIZES[axes])
            np.testing.assert_allclose(result, expected, rtol=0, atol=atol)
