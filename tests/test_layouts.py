"""Arrays that lie in memory in every way NumPy allows, and classes that NumPy derives: the answer is the same."""

import sys

import numpy as np
import pytest

import gridsample as gs
from memory import LAYOUTS, byte_swapped, channels_last, read_only
from support import (
    BATCH,
    CHANNELS,
    DTYPES,
    OUTS,
    SIZES,
    Options,
    assert_within,
    defined_sample,
    defined_splat,
    make_grid,
    make_image,
)

every_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
OPTIONS = Options("linear", "symmetric", False)
CUBIC = Options("cubic", "zeros", True)


@every_layout
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("options", [OPTIONS, CUBIC], ids=str)
def test_input(rng, options, axes, dtype, layout):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    result = gs.grid_sample(layout(image), grid, *options)
    assert result.dtype == np.dtype(dtype)
    assert_within(result, defined_sample(image, grid, options))


@every_layout
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axes", SIZES)
def test_grid(rng, axes, dtype, layout):
    image, grid = make_image(rng, axes, "float32"), make_grid(rng, axes, dtype)
    assert_within(gs.grid_sample(image, layout(grid), *OPTIONS), defined_sample(image, grid, OPTIONS))


@every_layout
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values(rng, dtype, axes, layout):
    values, grid = make_image(rng, dtype=dtype, size=OUTS[axes]), make_grid(rng, axes, dtype)
    shape = (BATCH, CHANNELS, *SIZES[axes])
    result = gs.grid_splat(layout(values), layout(grid), shape, *OPTIONS)
    assert_within(result, defined_splat(values, grid, shape, OPTIONS))


NATIVE = {"little": "<", "big": ">"}[sys.byteorder]

SPELLINGS = {
    "the order by its sign": lambda name: np.dtype(name).newbyteorder(NATIVE),
    "the order by its name": lambda name: np.dtype(name).newbyteorder(sys.byteorder),
    "the order in the text": lambda name: np.dtype(NATIVE + np.dtype(name).str[1:]),
    "native": lambda name: np.dtype(name).newbyteorder("="),
    "ignored": lambda name: np.dtype(name).newbyteorder("|"),
    "swapped twice": lambda name: np.dtype(name).newbyteorder("S").newbyteorder("S"),
    "with a note": lambda name: np.dtype(name, metadata={"from": "a file"}),
    "with a note, by its sign": lambda name: np.dtype(name, metadata={"from": "a file"}).newbyteorder(NATIVE),
    "a field's": lambda name: np.dtype([("value", np.dtype(name).newbyteorder(NATIVE))])["value"],
}
"""Ways to say that a dtype's bytes are in the machine's own order."""

every_spelling = pytest.mark.parametrize("spelling", SPELLINGS)


def spelled(array, spelling):
    """Return a view of an array whose dtype is spelled in some way."""
    view = array.view(SPELLINGS[spelling](array.dtype.name))
    assert view.dtype.isnative
    return view


@every_spelling
@pytest.mark.parametrize("dtype", [*DTYPES, "uint8", "int16", "int32", "int64", "complex64", "datetime64[s]"])
@pytest.mark.parametrize("mode", ["linear", "nearest", "bspline"])
def test_native_bytes_however_they_are_spelled(rng, mode, dtype, spelling):
    image, grid = rng.uniform(-99, 99, (BATCH, CHANNELS, 5, 7)).astype("int64").astype(dtype), make_grid(rng)
    if mode != "nearest" and dtype in ("int64", "datetime64[s]"):
        pytest.skip("can only be copied")
    expected = gs.grid_sample(image, grid, mode)
    for result in (
        gs.grid_sample(spelled(image, spelling), grid, mode),
        gs.grid_sample(image, spelled(grid, spelling), mode),
        gs.grid_sample(spelled(image, spelling), spelled(grid, spelling), mode),
    ):
        np.testing.assert_array_equal(result, expected)
        assert result.dtype == expected.dtype
        assert result.dtype.byteorder in "=|"
    out = spelled(np.zeros_like(expected), spelling)
    assert gs.grid_sample(image, grid, mode, out=out) is out
    np.testing.assert_array_equal(out, expected)


@every_spelling
@pytest.mark.parametrize("dtype", DTYPES)
def test_native_bytes_in_every_function(rng, dtype, spelling):
    """Each function gives for a spelled array what it gives for the plain one."""
    image, grid = make_image(rng, dtype=dtype), make_grid(rng)
    values, theta = make_image(rng, size=OUTS[2], dtype=dtype), rng.normal(size=(BATCH, 2, 3)).astype(dtype)
    mask = image[:, :1] > 0
    calls = {
        "splat": (lambda x: gs.grid_splat(x, grid, image.shape), values),
        "spline splat": (lambda x: gs.grid_splat(x, grid, image.shape, "bspline"), values),
        "coefficients": (gs.spline_coefficients, image),
        "affine": (lambda x: gs.affine_grid(x, image.shape), theta),
        "normalize": (lambda x: gs.normalize(x, (5, 7)), grid.astype(dtype)),
        "to_pixels": (lambda x: gs.to_pixels(x, (5, 7)), grid.astype(dtype)),
        "relative": (lambda x: gs.grid_sample(image, x, coords="relative"), grid.astype(dtype)),
        "coverage": (lambda x: gs.coverage((5, 7), x), grid.astype(dtype)),
        "count": (lambda x: gs.grid_count(x, (BATCH, 1, 5, 7)), grid.astype(dtype)),
        "masked": (lambda x: gs.sample_masked(x, mask, grid).values, image),
        "labels": (lambda x: gs.sample_labels(x, grid), (image * 9).astype("int32")),
    }
    for name, (call, array) in calls.items():
        result, expected = call(spelled(array, spelling)), call(array)
        np.testing.assert_array_equal(result, expected, err_msg=name)
        assert result.dtype == expected.dtype, name


def test_what_zarr_reads(rng):
    zarr = pytest.importorskip("zarr", minversion="3")
    image, grid = make_image(rng), make_grid(rng)
    read = zarr.array(image)[:], zarr.array(grid)[:]
    np.testing.assert_array_equal(gs.grid_sample(*read), gs.grid_sample(image, grid))


def repeating(array, axes):
    """Return an array of the same shape that repeats its first element along axes, without a copy."""
    axes = {axis % array.ndim for axis in axes}
    first = array[tuple(slice(1 if axis in axes else None) for axis in range(array.ndim))]
    wide = np.broadcast_to(first, array.shape)
    assert all(wide.strides[axis] == 0 for axis in axes)
    return wide


@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("repeated", [(0,), (1,), (-1,), (0, 1), (0, 1, -1)], ids=str)
def test_strides_of_zero(rng, axes, repeated):
    image, grid = repeating(make_image(rng, axes), repeated), repeating(make_grid(rng, axes), repeated)
    assert_within(gs.grid_sample(image, grid, *OPTIONS), defined_sample(image, grid, OPTIONS))
    values, shape = repeating(make_image(rng, size=OUTS[axes]), repeated), image.shape
    assert_within(gs.grid_splat(values, grid, shape, *OPTIONS), defined_splat(values, grid, shape, OPTIONS))


@pytest.mark.parametrize("axes", SIZES)
def test_a_window_that_slides_over_its_own_memory(rng, axes):
    """Strides smaller than an axis: elements of the input overlap one another."""
    size = SIZES[axes]
    memory = rng.normal(size=256)
    image = np.lib.stride_tricks.as_strided(memory, (BATCH, CHANNELS, *size), [8 * s for s in range(1, axes + 3)])
    grid = make_grid(rng, axes)
    assert_within(gs.grid_sample(image, grid, *OPTIONS), defined_sample(image.copy(), grid, OPTIONS))


@pytest.mark.parametrize("axes", SIZES)
def test_channels_last_in_memory_stays_so(rng, axes):
    image, grid = channels_last(make_image(rng, axes)), make_grid(rng, axes)
    assert not image.flags.c_contiguous
    result = gs.grid_sample(image, grid)
    assert np.moveaxis(result, 1, -1).flags.c_contiguous
    np.testing.assert_array_equal(result.shape, (BATCH, CHANNELS, *OUTS[axes]))


@every_layout
def test_otherwise_the_result_is_contiguous(rng, layout):
    image, grid = layout(make_image(rng)), make_grid(rng)
    result = gs.grid_sample(image, grid)
    assert (np.moveaxis(result, 1, -1) if layout is channels_last else result).flags.c_contiguous
    assert result.flags.writeable
    assert result.dtype.isnative


def test_one_channel_is_contiguous_in_both_orders_and_stays_as_it_is(rng):
    image = make_image(rng)[:, :1]
    assert gs.grid_sample(np.ascontiguousarray(image), make_grid(rng)).flags.c_contiguous


def test_arguments_are_not_changed_to_be_read(rng):
    image, grid = byte_swapped(make_image(rng)), read_only(make_grid(rng))
    before = image.tobytes()
    gs.grid_sample(image, grid)
    assert image.tobytes() == before
    assert not image.dtype.isnative
    assert not grid.flags.writeable


class Tagged(np.ndarray):
    """An array with a name, which travels as NumPy lets attributes travel."""

    name = None

    def __array_finalize__(self, source):
        self.name = getattr(source, "name", None)


def tagged(array, name="a"):
    result = array.view(Tagged)
    result.name = name
    return result


def test_a_subclass_comes_back(rng):
    image, grid = make_image(rng), make_grid(rng)
    expected = gs.grid_sample(image, grid)
    result = gs.grid_sample(tagged(image), grid)
    assert type(result) is Tagged
    assert result.name == np.negative(tagged(image)).name
    np.testing.assert_array_equal(np.asarray(result), expected)


def test_a_subclass_comes_back_from_splatting(rng):
    values, grid = make_image(rng, size=(11, 13)), make_grid(rng)
    result = gs.grid_splat(tagged(values), grid, (BATCH, CHANNELS, 5, 7))
    assert type(result) is Tagged
    np.testing.assert_array_equal(np.asarray(result), gs.grid_splat(values, grid, (BATCH, CHANNELS, 5, 7)))


class Stubborn(np.ndarray):
    """An array whose indexing lies: engines must read the memory, not ask the class."""

    def __getitem__(self, key):
        raise AssertionError("an engine called a subclass's __getitem__")


def test_a_subclasss_own_indexing_is_not_used(rng):
    image, grid = make_image(rng), make_grid(rng)
    result = gs.grid_sample(image.view(Stubborn), grid.view(Stubborn))
    np.testing.assert_array_equal(result.view(np.ndarray), gs.grid_sample(image, grid))


def test_a_memory_map_is_read_in_place_and_gives_a_plain_array(rng, tmp_path):
    image, grid = make_image(rng), make_grid(rng)
    mapped = np.memmap(tmp_path / "image", image.dtype, "w+", shape=image.shape)
    mapped[...] = image
    mapped.flush()
    again = np.memmap(tmp_path / "image", image.dtype, "r", shape=image.shape)
    result = gs.grid_sample(again, grid)
    assert type(result) is type(np.negative(again)) is np.ndarray
    np.testing.assert_array_equal(result, gs.grid_sample(image, grid))


@pytest.mark.parametrize("argument", ["input", "grid", "out"])
def test_masked_arrays_are_refused(rng, argument):
    arrays = {"input": make_image(rng), "grid": make_grid(rng), "out": np.zeros((BATCH, CHANNELS, *OUTS[2]))}
    arrays[argument] = np.ma.masked_invalid(arrays[argument])
    with pytest.raises(TypeError, match=rf"^{argument} .*masked array"):
        gs.grid_sample(arrays["input"], arrays["grid"], out=arrays["out"])


def test_masked_values_are_refused(rng):
    values = np.ma.masked_invalid(make_image(rng, size=(11, 13)))
    with pytest.raises(TypeError, match=r"^values is a masked array"):
        gs.grid_splat(values, make_grid(rng), (BATCH, CHANNELS, 5, 7))
