"""``out``: filled in place, wherever it lies, whatever it shares; refused before it is touched."""

import numpy as np
import pytest

import gridsample as gs
from memory import WRITABLE_LAYOUTS, GuardedEmpty, byte_swapped, read_only
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

OPTIONS = Options("cubic", "border", False)
RESULT = {axes: (BATCH, CHANNELS, *OUTS[axes]) for axes in OUTS}
TARGET = {axes: (BATCH, CHANNELS, *SIZES[axes]) for axes in SIZES}

every_layout = pytest.mark.parametrize("layout", WRITABLE_LAYOUTS, ids=lambda layout: layout.__name__)


def poisoned(shape, dtype="float64"):
    return np.full(shape, np.nan, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axes", SIZES)
@every_layout
def test_sample_fills_out(rng, layout, axes, dtype):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, "float32")
    out = layout(poisoned(RESULT[axes], dtype))
    assert gs.grid_sample(image, grid, *OPTIONS, out=out) is out
    assert_within(out, defined_sample(image, grid, OPTIONS))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axes", SIZES)
@every_layout
def test_splat_overwrites_out(rng, layout, axes, dtype):
    values, grid = make_image(rng, dtype=dtype, size=OUTS[axes]), make_grid(rng, axes, "float32")
    out = layout(poisoned(TARGET[axes], dtype))
    assert gs.grid_splat(values, grid, TARGET[axes], *OPTIONS, out=out) is out
    assert_within(out, defined_splat(values, grid, TARGET[axes], OPTIONS))


@pytest.mark.parametrize("axes", SIZES)
def test_channels_last(rng, axes):
    image, grid = make_image(rng, axes), make_grid(rng, axes)
    last = np.ascontiguousarray(np.moveaxis(image, 1, -1))
    out = poisoned((BATCH, *OUTS[axes], CHANNELS))
    assert gs.grid_sample(last, grid, channels="last", out=out) is out
    np.testing.assert_array_equal(out, gs.grid_sample(last, grid, channels="last"))
    values, target = out, poisoned(last.shape)
    assert gs.grid_splat(values, grid, last.shape, channels="last", out=target) is target
    np.testing.assert_array_equal(target, gs.grid_splat(values, grid, last.shape, channels="last"))


@pytest.mark.parametrize("step", [1, 3])
def test_only_the_elements_of_out_are_written(rng, step):
    """What lies between and around the elements keeps its value."""
    image, grid = make_image(rng), make_grid(rng)
    large = np.full((BATCH + 1, CHANNELS + 1, 1 + 11 * step, 1 + 13 * step), 7.0)
    inside = np.zeros(large.shape, bool)
    window = (slice(1, None), slice(0, CHANNELS), slice(1, None, step), slice(1, None, step))
    inside[window] = True
    gs.grid_sample(image, grid, out=large[window])
    np.testing.assert_array_equal(large[inside].reshape(RESULT[2]), gs.grid_sample(image, grid))
    assert (large[~inside] == 7).all()
    shape = (BATCH, CHANNELS, 11, 13)
    gs.grid_splat(make_image(rng, size=(11, 13)), grid, shape, out=large[window])
    assert (large[~inside] == 7).all()


def test_out_is_the_input(rng):
    image, grid = make_image(rng, size=(11, 13)), make_grid(rng)
    expected = gs.grid_sample(image, grid, "cubic")
    assert gs.grid_sample(image, grid, "cubic", out=image) is image
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("shift", [-29, -1, 1, 29])
def test_out_overlaps_the_input(rng, shift):
    memory = np.zeros(BATCH * CHANNELS * 11 * 13 + 58)
    count = memory.size - 58
    image = memory[29 : 29 + count].reshape(RESULT[2])
    image[...] = make_image(rng, size=(11, 13))
    grid = make_grid(rng)
    expected = gs.grid_sample(image, grid)
    out = memory[29 + shift : 29 + shift + count].reshape(RESULT[2])
    gs.grid_sample(image, grid, out=out)
    np.testing.assert_array_equal(out, expected)


def test_out_is_the_input_backwards(rng):
    image, grid = make_image(rng, size=(11, 13)), make_grid(rng)
    expected = gs.grid_sample(image, grid)
    out = image[..., ::-1, ::-1]
    gs.grid_sample(image, grid, out=out)
    np.testing.assert_array_equal(out, expected)


def test_out_overlaps_the_grid(rng):
    grid = make_grid(rng)  # (2, 11, 13, 2) holds a result of one channel and two
    image = make_image(rng)[:, :2]
    expected = gs.grid_sample(image, grid)
    out = grid.reshape(BATCH, 2, 11, 13)
    gs.grid_sample(image, grid, out=out)
    np.testing.assert_array_equal(out, expected)


def test_splat_out_is_the_values(rng):
    values, grid = make_image(rng, size=(11, 13)), make_grid(rng)
    expected = gs.grid_splat(values, grid, values.shape)
    assert gs.grid_splat(values, grid, values.shape, out=values) is values
    np.testing.assert_array_equal(values, expected)


def test_splat_out_overlaps_the_grid(rng):
    values, grid = make_image(rng, size=(11, 13))[:, :2], make_grid(rng)
    expected = gs.grid_splat(values, grid, values.shape)
    out = grid.reshape(values.shape)
    gs.grid_splat(values, grid, values.shape, out=out)
    np.testing.assert_array_equal(out, expected)


def test_out_may_be_a_subclass(rng, tmp_path):
    image, grid = make_image(rng), make_grid(rng)
    out = np.memmap(tmp_path / "out", image.dtype, "w+", shape=RESULT[2])
    assert gs.grid_sample(image, grid, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), gs.grid_sample(image, grid))


def test_out_may_be_empty(rng):
    out = np.zeros((BATCH, CHANNELS, 0))
    assert gs.grid_sample(make_image(rng), make_grid(rng, out=(0,)), out=out) is out


WRONG = {
    "shape": (np.zeros((BATCH, CHANNELS, 13, 11)), ValueError, r"^out must .*\(2, 3, 11, 13\); got \(2, 3, 13, 11\)"),
    "broadcastable": (np.zeros((1, CHANNELS, 11, 13)), ValueError, r"^out must .*; got \(1, 3, 11, 13\)"),
    "float32": (np.zeros(RESULT[2], "float32"), TypeError, r"^out must .*float64; got float32"),
    "integer": (np.zeros(RESULT[2], "int64"), TypeError, r"^out must .*float64; got int64"),
    "read-only": (read_only(np.zeros(RESULT[2])), ValueError, r"^out .*read-only"),
    "list": (np.zeros(RESULT[2]).tolist(), TypeError, r"^out must be a NumPy array; got builtins\.list"),
    "string": ("result", TypeError, r"^out must be a NumPy array; got builtins\.str"),
    "scalar": (np.float64(1), TypeError, r"^out must be a NumPy array; got numpy\.float64"),
    "true": (True, TypeError, r"^out must be a NumPy array; got builtins\.bool"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refusals_leave_out_as_it_is(rng, case):
    out, error, message = WRONG[case]
    with pytest.raises(error, match=message):
        gs.grid_sample(make_image(rng), make_grid(rng), out=out)
    assert not np.asarray(out).any() or case in ("string", "scalar", "true")


def test_splat_refuses_a_wrong_out(rng):
    values, grid = make_image(rng, size=(11, 13)), make_grid(rng)
    with pytest.raises(ValueError, match=r"^out must .*\(2, 3, 5, 7\); got \(2, 3, 7, 5\)"):
        gs.grid_splat(values, grid, TARGET[2], out=np.zeros((BATCH, CHANNELS, 7, 5)))
    with pytest.raises(TypeError, match=r"^out must .*float64; got float16"):
        gs.grid_splat(values, grid, TARGET[2], out=np.zeros(TARGET[2], "float16"))


def test_byte_swapped_input_needs_a_native_out(rng):
    image, grid = make_image(rng), make_grid(rng)
    out = poisoned(RESULT[2])
    gs.grid_sample(byte_swapped(image), grid, out=out)
    np.testing.assert_array_equal(out, gs.grid_sample(image, grid))


def test_results_come_from_poisoned_memory(rng, guards):
    """Else the suite could not see an element that nobody wrote."""
    result = gs.grid_sample(make_image(rng), make_grid(rng))
    splatted = gs.grid_splat(result, make_grid(rng), TARGET[2])
    for array in (result, splatted):
        assert any(np.shares_memory(array, buffer) for buffer in guards.buffers)


def test_the_guards_see_a_write_beyond_the_ends():
    empty = GuardedEmpty(np.zeros)
    for byte, seen in [(0, True), (63, True), (64, False), (-65, False), (-64, True), (-1, True)]:
        array = empty((3, 5), "float32")
        assert np.isnan(array).all()
        empty.buffers[0][byte] ^= 1
        if seen:
            with pytest.raises(AssertionError, match="beyond the ends"):
                empty.check()
        else:
            empty.check()
