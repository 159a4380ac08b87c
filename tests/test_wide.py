"""Arrays beyond 2**31 elements: memory that is never touched costs nothing, and every offset must be wide."""

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES
from gridsample.spec import parse

BEYOND = 2**31


def untouched(*shape, dtype="float16"):
    """Return zeros that take no memory until they are written to, or skip where not even addresses are to be had."""
    try:
        return np.zeros(shape, dtype)
    except MemoryError:
        pytest.skip("this system does not give out that many addresses")


def corners(axes):
    """Return the two ends of the array, and their neighbourhood, in a grid that aligns them."""
    return np.array([[[-1.0] * axes, [1.0] * axes]])


@pytest.fixture(params=["nearest", "linear", "cubic"])
def spec(request):
    return parse(request.param, "border", True)


def check_corners(sample, size):
    image = untouched(1, 1, *size)
    image.reshape(-1)[[0, -1]] = 3, 5
    result = sample(image, corners(len(size)))
    np.testing.assert_array_equal(result[0, 0], [3, 5])


@pytest.mark.parametrize(
    "size", [(46351, 46349), (3, BEYOND // 2 + 7), (1301, 1297, 1279), (BEYOND // 2 + 7, 1, 3)], ids=str
)
def test_a_plane_of_more_elements_than_32_bits_count(size, spec):
    check_corners(lambda image, grid: ENGINES["cpu"].pull(image, grid, spec, (0,) * len(size)), size)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_an_axis_of_more_elements_than_32_bits_count(mode):
    """More than the compiled core counts on an axis: then the portable engine answers."""
    check_corners(lambda image, grid: gs.grid_sample(image, grid, mode, "border", True), (BEYOND + 11,))


@pytest.mark.parametrize("channels_last", [False, True])
def test_the_last_channel_lies_beyond(channels_last, spec):
    shape = (1, 65537, 257, 131) if not channels_last else (1, 257, 131, 65537)
    image = untouched(*shape)
    image = np.moveaxis(image, -1, 1) if channels_last else image
    assert image.size > BEYOND
    image[0, -1, 0, 0], image[0, -1, -1, -1] = 3, 5
    result = ENGINES["cpu"].pull(image[:, -2:], corners(2), spec, (0, 0))
    np.testing.assert_array_equal(result, [[[0, 0], [3, 5]]])


def test_the_last_batch_entry_lies_beyond(spec):
    image = untouched(32771, 1, 257, 257)
    assert image.size > BEYOND
    image[-1, 0, 0, 0], image[-1, 0, -1, -1] = 3, 5
    result = ENGINES["cpu"].pull(image, corners(2), spec, (0, 0))
    np.testing.assert_array_equal(result[-1, 0], [3, 5])
    assert not result[:-1].any()


def test_strides_that_run_backwards_from_beyond(spec):
    image = untouched(1, 1, 46351, 46349)
    image[0, 0, 0, 0], image[0, 0, -1, -1] = 3, 5
    result = ENGINES["cpu"].pull(image[..., ::-1, ::-1], corners(2), spec, (0, 0))
    np.testing.assert_array_equal(result[0, 0], [5, 3])


def test_few_pixels_with_wide_strides_between(spec):
    """Small sizes, but steps of more than 2**31 elements: sizes alone do not tell how wide an offset is."""
    image = untouched(1, 1, 3, BEYOND // 2 + 5)[..., :: BEYOND // 2 + 1]
    assert image.shape == (1, 1, 3, 2)
    image[...] = [[[[1, 2], [3, 4], [5, 6]]]]
    grid = np.array([[[-1.0, -1.0], [1.0, 0.0], [1.0, 1.0]]])
    result = ENGINES["cpu"].pull(image, grid, spec, (0, 0))
    np.testing.assert_array_equal(result, [[[1, 4, 6]]])


def test_the_grid_lies_beyond():
    grid = untouched(1, 3, BEYOND // 4 + 3, 2, dtype="float32")[:, :, :: BEYOND // 4 + 2]
    grid[...] = [[[[-1, -1], [1, -1]], [[-1, 1], [1, 1]], [[0, 0], [0, 0]]]]
    image = np.arange(1.0, 7).reshape(1, 1, 2, 3)
    result = gs.grid_sample(image, grid, align_corners=True)
    np.testing.assert_array_equal(result, [[[[1, 3], [4, 6], [3.5, 3.5]]]])


def test_splatting_between_wide_strides(spec):
    out = untouched(1, 1, 3, BEYOND // 2 + 5, dtype="float32")[..., :: BEYOND // 2 + 1]
    values, grid = np.array([[[3.0, 5.0]]], "float32"), np.array([[[-1.0, -1.0], [1.0, 1.0]]])
    total = np.zeros(out.shape)
    gs.grid_splat(values, grid, out.shape, spec.axes[0].kernel, "border", True, out=out)
    total[0, 0, 0, 0], total[0, 0, -1, -1] = 3, 5
    np.testing.assert_array_equal(out, total)


@pytest.mark.parametrize("boundary", ["symmetric", "mirror"])
def test_a_reflection_beyond_what_32_bits_count(boundary):
    """The cubic does not fold positions, and indices reach as far as two arrays."""
    image = untouched(1, 1, BEYOND // 2 + 7)
    image[0, 0, [1, 5]] = 3, 5
    size = image.shape[2]
    first, second = (2 * size - 1 - i if boundary == "symmetric" else 2 * (size - 1) - i for i in (1, 5))
    grid = np.array([[[first], [second], [-second]]], "float64")
    spec = parse("cubic", boundary, False, "pixel")
    result = ENGINES["cpu"].pull(image, grid, spec, (0,))
    np.testing.assert_array_equal(result, ENGINES["portable"].pull(image, grid, spec, (0,)))
    assert result[0, 0, 0] == 3
    assert result[0, 0, 1] == 5


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_far_away_is_outside_of_more_pixels_than_a_float_counts(mode):
    """Where a few pixels beyond the last are the last again, in float32."""
    image = untouched(1, 1, 2**28 + 33)
    image[..., -1] = 5
    grid = np.array([[[np.inf], [1e20], [-np.inf]]], "float32")
    result = ENGINES["cpu"].pull(image, grid, parse(mode, "zeros", True), (0,))
    np.testing.assert_array_equal(result, [[[0, 0, 0]]])


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_the_border_of_more_pixels_than_a_float_counts(mode):
    """The last pixel's place is none of float32's numbers, and rounds to one outside."""
    image = untouched(1, 1, 2**24 + 4, dtype="float32")
    image[..., [0, -1]] = 3, 5
    grid = np.array([[[np.inf], [1e20], [-np.inf]]], "float32")
    result = ENGINES["cpu"].pull(image, grid, parse(mode, "border", True), (0,))
    np.testing.assert_array_equal(result, [[[5, 5, 3]]])
