"""``grid_sample`` of NumPy arrays is what it is defined to be."""

import numpy as np
import pytest

import gridsample as gs
from support import (
    BATCH,
    BOUNDARIES,
    CHANNELS,
    DTYPES,
    OUTS,
    PADDINGS,
    SIZES,
    TORCH_MODES,
    Options,
    assert_within,
    defined_sample,
    eps,
    every_option,
    make_grid,
    make_image,
    normalized,
)


@pytest.mark.parametrize("options", every_option(paddings=PADDINGS))
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_option(rng, dtype, axes, options):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    result = gs.grid_sample(image, grid, *options)
    assert result.dtype == dtype
    assert_within(result, defined_sample(image, grid, options))


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "symmetric")))
@pytest.mark.parametrize("grid_dtype", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_mix_and_the_result_has_the_inputs(rng, dtype, grid_dtype, options):
    image, grid = make_image(rng, 2, dtype), make_grid(rng, 2, grid_dtype)
    result = gs.grid_sample(image, grid, *options)
    assert result.dtype == dtype
    assert_within(result, defined_sample(image, grid, options))


@pytest.mark.parametrize("axes", SIZES)
def test_float16_in_every_dimension(rng, axes):
    options = Options("linear", "border", False)
    image, grid = make_image(rng, axes, "float16"), make_grid(rng, axes, "float16")
    assert_within(gs.grid_sample(image, grid, *options), defined_sample(image, grid, options))


def test_positions_are_float64_as_soon_as_one_side_is():
    """A position between two float32 numbers is told from both of them by a steep image."""
    image = np.array([[[0.0, 1e9]]])
    place = np.array([[[1e-12]]])
    exact = (1 + 1e-12) * 0.5 * 1e9
    single_image, single_place = image.astype("float32"), place.astype("float32")

    def sample(image, place):
        return gs.grid_sample(image, place, align_corners=True)[0, 0, 0]

    assert sample(image, place) == pytest.approx(exact, rel=2 * eps("float64"))
    assert sample(single_image, place) == np.float32(exact)
    assert sample(single_image, single_place) == 5e8
    # a float32 coordinate near 0 is fine enough, its position in float32 is not
    assert sample(image, single_place) == pytest.approx(exact, rel=1e-12 * eps("float32") + 2 * eps("float64"))


@pytest.mark.parametrize("out", [(), (23,), (11, 13), (1, 13, 17), (4, 1, 9, 1)], ids=str)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_any_number_of_output_axes(rng, axes, out):
    options = Options("linear", "mirror", False)
    image, grid = make_image(rng, axes), make_grid(rng, axes, out=out)
    result = gs.grid_sample(image, grid, *options)
    assert result.shape == (BATCH, CHANNELS, *out)
    assert_within(result, defined_sample(image, grid, options))


@pytest.mark.parametrize("mode", TORCH_MODES)
@pytest.mark.parametrize("axes", SIZES)
def test_a_list_of_points_is_the_grid_flattened(rng, axes, mode):
    image, grid = make_image(rng, axes), make_grid(rng, axes, out=(11, 13))
    points = gs.grid_sample(image, grid.reshape(BATCH, -1, axes), mode)
    np.testing.assert_array_equal(gs.grid_sample(image, grid, mode), points.reshape(BATCH, CHANNELS, 11, 13))


@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("options", every_option(paddings=("zeros", "mirror")))
@pytest.mark.parametrize(("images", "grids"), [(1, 4), (4, 1), (1, 1)])
def test_batches_broadcast(rng, axes, options, images, grids):
    image, grid = make_image(rng, axes, batch=images), make_grid(rng, axes, batch=grids)
    result = gs.grid_sample(image, grid, *options)
    both = max(images, grids)
    full = gs.grid_sample(np.repeat(image, both // images, 0), np.repeat(grid, both // grids, 0), *options)
    np.testing.assert_array_equal(result, full)
    assert_within(result, defined_sample(image, grid, options))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("mode", TORCH_MODES)
def test_channels_last_is_the_same_with_axes_moved(rng, mode, axes, dtype):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    first = gs.grid_sample(image, grid, mode)
    last = gs.grid_sample(np.ascontiguousarray(np.moveaxis(image, 1, -1)), grid, mode, channels="last")
    assert last.shape == (BATCH, *OUTS[axes], CHANNELS)
    assert last.flags.c_contiguous
    # a channel's sums may be taken in another order there
    assert_within(np.moveaxis(last, -1, 1), defined_sample(image, grid, Options(mode, "zeros", False)))
    assert_within(first, defined_sample(image, grid, Options(mode, "zeros", False)))


@pytest.mark.parametrize("channels", [1, 2, 4, 5, 8, 16, 17, 33])
@pytest.mark.parametrize("order", ["first", "last"])
def test_any_number_of_channels(rng, channels, order):
    options = Options("cubic", "border", False)
    image, grid = rng.normal(size=(1, channels, 5, 7)).astype("float32"), make_grid(rng, 2, "float32", 1, (3, 11))
    expected = defined_sample(image, grid, options)
    if order == "last":
        image = np.moveaxis(image, 1, -1)
    result = gs.grid_sample(image, grid, *options, channels=order)
    assert_within(result if order == "first" else np.moveaxis(result, -1, 1), expected)


@pytest.mark.parametrize("points", [*range(1, 36), 63, 64, 65, 127, 129])
def test_every_length_of_a_row_of_points(rng, points):
    """Blocks, vectors and their tails: each length ends somewhere else."""
    options = Options("linear", "zeros", False)
    image, grid = make_image(rng, 2, "float32", 1), make_grid(rng, 2, "float32", 1, (points,))
    assert_within(gs.grid_sample(image, grid, *options), defined_sample(image, grid, options))


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("size", [(1,), (1, 7), (5, 1), (1, 1), (1, 5, 7), (5, 1, 7), (5, 7, 1), (1, 1, 1)], ids=str)
def test_axes_of_one_pixel(rng, size, options):
    image, grid = make_image(rng, size=size), make_grid(rng, len(size), out=(23,))
    assert_within(gs.grid_sample(image, grid, *options), defined_sample(image, grid, options))


def test_one_pixel_with_aligned_corners_fills_the_line():
    image, grid = np.array([[[3.0]]]), np.array([[[-5.0], [0.0], [1e30]]])
    np.testing.assert_array_equal(gs.grid_sample(image, grid, align_corners=True), [[[3, 3, 3]]])
    np.testing.assert_array_equal(gs.grid_sample(image, grid, align_corners=False), [[[0, 3, 0]]])


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [4, 8])
def test_ties_go_to_the_even_index(size, dtype, padding):
    """With a power of two for a size every half position is exact, so all engines see the tie."""
    positions = np.arange(-size, 2 * size) + 0.5
    grid = normalized(positions, size, False).astype(dtype)[None, :, None]
    image = np.arange(1.0, size + 1, dtype=dtype)[None, None]
    options = Options("nearest", padding, False)
    result = gs.grid_sample(image, grid, *options)
    assert_within(result, defined_sample(image, grid, options))
    inner = result[0, 0, size : 2 * size - 1]
    np.testing.assert_array_equal(inner, [2 * ((i + 1) // 2) + 1 for i in range(size - 1)])


def test_nearest_with_zeros_is_not_symmetric_at_the_ends():
    image = np.arange(1.0, 5.0)[None, None]
    np.testing.assert_array_equal(gs.grid_sample(image, np.array([[[-1.0], [1.0]]]), "nearest"), [[[1, 0]]])


def test_the_defaults_are_torchs():
    image, grid = np.arange(24.0).reshape(1, 1, 4, 6), np.array([[[0.9, -0.95]]])
    assert gs.grid_sample(image, grid) == gs.grid_sample(image, grid, "bilinear", "zeros", False)
    assert gs.grid_sample(image, grid) == gs.grid_sample(image, grid, align_corners=None)
    assert gs.grid_sample(image, grid) != gs.grid_sample(image, grid, align_corners=True)


def test_names_by_dimension_mean_the_same(rng):
    image, grid = make_image(rng), make_grid(rng)
    for names in (("linear", "bilinear", "trilinear"), ("cubic", "bicubic", "tricubic")):
        first, *others = (gs.grid_sample(image, grid, name) for name in names)
        for other in others:
            np.testing.assert_array_equal(first, other)


def test_nothing_is_written_to_the_arguments(rng):
    image, grid = make_image(rng), make_grid(rng)
    before = image.copy(), grid.copy()
    gs.grid_sample(image, grid, "cubic", "reflection")
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(grid, before[1])


def test_large_values_do_not_overflow_between(rng):
    """Under linear a sum of weights times values stays within the values, and so must every sum on the way to it."""
    for dtype in DTYPES:
        huge = float(np.finfo(dtype).max) / 1.5
        image, grid = np.full((1, 1, 5, 7), huge, dtype), rng.uniform(-0.7, 0.7, (1, 23, 2)).astype(dtype)
        assert gs.grid_sample(image, grid)[0, 0] == pytest.approx(huge, rel=4 * eps(dtype))
