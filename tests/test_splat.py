"""``grid_splat`` of NumPy arrays is what it is defined to be."""

import numpy as np
import pytest

import gridsample as gs
from support import (
    BATCH,
    CHANNELS,
    DTYPES,
    OUTS,
    PADDINGS,
    SIZES,
    Options,
    assert_within,
    defined_splat,
    every_option,
    make_grid,
    make_image,
)


def make_values(rng, axes=2, dtype="float64", batch=BATCH, out=None):
    """Return noise of shape (N, C, *out)."""
    return make_image(rng, dtype=dtype, batch=batch, size=OUTS[axes] if out is None else out)


@pytest.mark.parametrize("options", every_option(paddings=PADDINGS))
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_option(rng, dtype, axes, options):
    values, grid = make_values(rng, axes, dtype), make_grid(rng, axes, dtype)
    shape = (BATCH, CHANNELS, *SIZES[axes])
    result = gs.grid_splat(values, grid, shape, *options)
    assert result.dtype == dtype
    assert_within(result, defined_splat(values, grid, shape, options))


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "symmetric")))
@pytest.mark.parametrize("grid_dtype", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_mix_and_the_result_has_the_values(rng, dtype, grid_dtype, options):
    values, grid = make_values(rng, 2, dtype), make_grid(rng, 2, grid_dtype)
    shape = (BATCH, CHANNELS, 5, 7)
    result = gs.grid_splat(values, grid, shape, *options)
    assert result.dtype == dtype
    assert_within(result, defined_splat(values, grid, shape, options))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_many_small_values_add_up(dtype):
    """4999 ones at one pixel: a sum in half precision would stop at 2048."""
    values, grid = np.ones((1, 1, 4999), dtype), np.zeros((1, 4999, 1), dtype)
    assert gs.grid_splat(values, grid, (1, 1, 3))[0, 0, 1] == np.dtype(dtype).type(4999)


def test_sums_too_large_for_the_dtype_are_infinite():
    values, grid = np.full((1, 1, 3), 60000, "float16"), np.zeros((1, 3, 1), "float16")
    np.testing.assert_array_equal(gs.grid_splat(values, grid, (1, 1, 3)), [[[0, np.inf, 0]]])


@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("options", every_option(paddings=("zeros", "mirror")))
@pytest.mark.parametrize(
    ("sources", "grids", "target"), [(1, 4, 4), (4, 1, 4), (4, 4, 1), (1, 4, 1), (4, 1, 1), (1, 1, 1)]
)
def test_batches_broadcast_and_sum(rng, axes, options, sources, grids, target):
    values, grid = make_values(rng, axes, batch=sources), make_grid(rng, axes, batch=grids)
    shape = (target, CHANNELS, *SIZES[axes])
    result = gs.grid_splat(values, grid, shape, *options)
    assert_within(result, defined_splat(values, grid, shape, options))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axes", SIZES)
def test_channels_last_is_the_same_with_axes_moved(rng, axes, dtype):
    values, grid = make_values(rng, axes, dtype), make_grid(rng, axes, dtype)
    expected = defined_splat(values, grid, (BATCH, CHANNELS, *SIZES[axes]), Options("linear", "border", False))
    last = np.ascontiguousarray(np.moveaxis(values, 1, -1))
    result = gs.grid_splat(last, grid, (BATCH, *SIZES[axes], CHANNELS), padding_mode="border", channels="last")
    assert result.flags.c_contiguous
    assert_within(np.moveaxis(result, -1, 1), expected)


@pytest.mark.parametrize("out", [(), (23,), (11, 13), (1, 13, 17), (4, 1, 9, 1)], ids=str)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_any_number_of_output_axes(rng, axes, out):
    values, grid = make_values(rng, axes, out=out), make_grid(rng, axes, out=out)
    shape = (BATCH, CHANNELS, *SIZES[axes])
    result = gs.grid_splat(values, grid, shape, "linear", "mirror")
    assert_within(result, defined_splat(values, grid, shape, Options("linear", "mirror", False)))


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("size", [(1,), (1, 7), (5, 1), (1, 5, 7), (5, 7, 1)], ids=str)
def test_axes_of_one_pixel(rng, size, options):
    values, grid = make_values(rng, out=(23,)), make_grid(rng, len(size), out=(23,))
    shape = (BATCH, CHANNELS, *size)
    assert_within(gs.grid_splat(values, grid, shape, *options), defined_splat(values, grid, shape, options))


@pytest.mark.parametrize("channels", [1, 2, 5, 8, 17, 33])
@pytest.mark.parametrize("order", ["first", "last"])
def test_any_number_of_channels(rng, channels, order):
    options = Options("cubic", "border", False)
    values = rng.normal(size=(1, channels, 3, 11)).astype("float32")
    grid = make_grid(rng, 2, "float32", 1, (3, 11))
    expected = defined_splat(values, grid, (1, channels, 5, 7), options)
    if order == "first":
        assert_within(gs.grid_splat(values, grid, (1, channels, 5, 7), *options), expected)
    else:
        values = np.moveaxis(values, 1, -1)
        result = gs.grid_splat(values, grid, (1, 5, 7, channels), *options, channels="last")
        assert_within(np.moveaxis(result, -1, 1), expected)


def test_nothing_to_add_gives_zeros():
    for points in (0, 4):
        values, grid = np.ones((1, 1, points)), np.full((1, points, 2), np.nan)
        result = gs.grid_splat(values, grid, (1, 1, 5, 7))
        np.testing.assert_array_equal(result, np.zeros((1, 1, 5, 7)))


@pytest.mark.parametrize("shape", [[2, 3, 5, 7], np.array([2, 3, 5, 7]), (np.int64(2), 3, 5, np.int8(7))], ids=repr)
def test_shape_may_be_any_sequence_of_whole_numbers(rng, shape):
    values, grid = make_values(rng), make_grid(rng)
    np.testing.assert_array_equal(gs.grid_splat(values, grid, shape), gs.grid_splat(values, grid, (2, 3, 5, 7)))


def test_nothing_is_written_to_the_arguments(rng):
    values, grid = make_values(rng), make_grid(rng)
    before = values.copy(), grid.copy()
    gs.grid_splat(values, grid, (BATCH, CHANNELS, 5, 7), "cubic", "reflection")
    np.testing.assert_array_equal(values, before[0])
    np.testing.assert_array_equal(grid, before[1])


def test_counting_how_often_each_pixel_is_used():
    """Splatted ones, the usual weights for normalising, worked out by hand."""
    grid = np.array([[[-1.0], [0.5], [0.5], [1.0]]])
    counts = gs.grid_splat(np.ones((1, 1, 4)), grid, (1, 1, 3), align_corners=True)
    np.testing.assert_array_equal(counts, [[[1, 1, 2]]])


class TestMeans:
    """``normalize=True``: sums divided by the sums of their weights."""

    @pytest.mark.parametrize("last", [False, True])
    @pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
    def test_are_sums_over_counts(self, rng, mode, last):
        """Pixels that nothing came to are 0; with N = 1, over all entries."""
        values, grid = make_values(rng), make_grid(rng, dtype="float64")
        for entries in (BATCH, 1):
            shape = (entries, CHANNELS, *SIZES[2])
            sums, counts = gs.grid_splat(values, grid, shape, mode), gs.grid_count(grid, (entries, 1, *SIZES[2]), mode)
            expected = np.divide(sums, counts, out=np.zeros_like(sums), where=np.abs(counts) > 2e-16)
            given = np.moveaxis(values, 1, -1).copy() if last else values
            order = (entries, *SIZES[2], CHANNELS) if last else shape
            out = np.empty(order)
            options = {"channels": "last" if last else "first", "normalize": True, "out": out}
            assert gs.grid_splat(given, grid, order, mode, **options) is out
            np.testing.assert_allclose(np.moveaxis(out, -1, 1) if last else out, expected, rtol=1e-12, atol=1e-12)

    def test_a_constant_stays_what_it_is(self, rng):
        """Wherever something came, in half precision too, though its sum would be too large for that."""
        values, grid = np.full((1, 1, 901), 60000, "float16"), rng.uniform(-1, 1, (1, 901, 2)).astype("float32")
        means = gs.grid_splat(values, grid, (1, 1, 5, 7), normalize=True)
        assert means.dtype == "float16"
        assert (means == 60000).all()

    def test_eps_is_where_they_begin(self):
        """Little weight is no mean."""
        values, places = np.array([[[4.0]]]), np.array([[[0.125]]])
        means = gs.grid_splat(values, places, (1, 1, 3), coords="pixel", normalize=True)
        assert means.tolist() == [[[4, 4, 0]]]
        means = gs.grid_splat(values, places, (1, 1, 3), coords="pixel", normalize=True, eps=0.125)
        assert means.tolist() == [[[4, 0, 0]]]

    def test_complex_numbers(self):
        """By one count."""
        values, places = np.array([[[4 + 2j, 2j]]]), np.array([[[1.0], [1.0]]])
        assert gs.grid_splat(values, places, (1, 1, 2), coords="pixel", normalize=True).tolist() == [[[0, 2 + 2j]]]

    def test_refusals(self):
        """Before anything is computed."""
        values, places = np.ones((1, 1, 3)), np.zeros((1, 3, 1))
        with pytest.raises(TypeError, match="values must be of floats or complex numbers"):
            gs.grid_splat(values.astype("uint8"), places, (1, 1, 4), normalize=True)
        with pytest.raises(ValueError, match="unless it has prefilter=False"):
            gs.grid_splat(values, places, (1, 1, 4), "bspline", normalize=True)
        with pytest.raises(ValueError, match="needs normalize=True"):
            gs.grid_splat(values, places, (1, 1, 4), eps=0.5)
        with pytest.raises(ValueError, match="out must have the result's shape"):
            gs.grid_splat(values, places, (1, 1, 4), normalize=True, out=np.ones(3))
