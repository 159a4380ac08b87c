"""The definition against numbers worked out by hand. Positions are in pixels of the row 10 20 30 40."""

import math

import numpy as np
import pytest

from gridsample import reference
from support import BOUNDARIES, normalized

ROW = (10.0, 20.0, 30.0, 40.0)

# mode, padding, align_corners, position, value
TABLE = [
    ("nearest", "zeros", False, 1.4, 20),
    ("nearest", "zeros", False, 1.5, 30),  # ties to even: 2
    ("nearest", "zeros", False, 2.5, 30),  # 2 again
    ("nearest", "zeros", False, -0.5, 10),  # -0
    ("nearest", "zeros", False, 3.5, 0),  # 4, outside
    ("nearest", "border", False, 9, 40),
    ("nearest", "mirror", True, 4, 30),
    ("nearest", "mirror", True, -1, 20),
    ("nearest", "symmetric", False, 4, 40),
    ("nearest", "symmetric", False, -2, 20),
    ("linear", "zeros", False, 1.25, 22.5),
    ("linear", "zeros", False, -0.25, 7.5),  # blends with 0 outside
    ("linear", "zeros", False, 3.75, 10),
    ("linear", "zeros", False, 4, 0),
    ("linear", "border", False, -0.25, 10),
    ("linear", "border", True, 7.5, 40),
    ("linear", "mirror", True, -0.25, 12.5),
    ("linear", "mirror", True, 3.25, 37.5),
    ("linear", "mirror", False, 6.25, 12.5),  # one period further than 0.25
    ("linear", "symmetric", False, -0.25, 10),  # the outer half pixel is flat
    ("linear", "symmetric", False, -0.75, 10),
    ("linear", "symmetric", False, -1.25, 12.5),
    ("nearest", "wrap", False, 3.5, 10),  # 4 is 0 again
    ("nearest", "wrap", False, -0.5, 10),  # 3.5, and so 4
    ("nearest", "wrap", True, -2, 30),
    ("linear", "wrap", False, 3.25, 32.5),  # between the last pixel and the first
    ("linear", "wrap", False, -0.75, 32.5),
    ("linear", "wrap", True, 9.5, 25),
    ("cubic", "wrap", False, -0.5, (-3 * 30 + 19 * 40 + 19 * 10 - 3 * 20) / 32),
    ("linear", "symmetric", True, 4.25, 37.5),  # beyond 3.5 as much as 2.75 is before
    # weights at t = 1/4, in 256ths: -27, 225, 67, -9; at 1/2, in 32nds: -3, 19, 19, -3
    ("cubic", "zeros", False, 1, 20),
    ("cubic", "zeros", False, 1.25, (-27 * 10 + 225 * 20 + 67 * 30 - 9 * 40) / 256),
    ("cubic", "zeros", False, -0.5, (19 * 10 - 3 * 20) / 32),
    ("cubic", "border", False, -0.5, (-3 * 10 + 19 * 10 + 19 * 10 - 3 * 20) / 32),
    ("cubic", "mirror", True, -0.5, (-3 * 30 + 19 * 20 + 19 * 10 - 3 * 20) / 32),
    ("cubic", "symmetric", False, -0.5, (-3 * 20 + 19 * 10 + 19 * 10 - 3 * 20) / 32),
    ("cubic", "symmetric", False, 3.25, (-27 * 30 + 225 * 40 + 67 * 40 - 9 * 30) / 256),
]


@pytest.mark.parametrize(("mode", "padding", "align", "position", "value"), TABLE)
def test_a_row(mode, padding, align, position, value):
    image = np.array([[ROW]])
    grid = normalized(position, 4, align).reshape(1, 1, 1)
    result = reference.grid_sample(image, grid, mode, padding, align)
    assert result[0, 0, 0] == pytest.approx(value, rel=1e-14, abs=1e-13)


@pytest.mark.parametrize(("mode", "padding", "align", "position", "value"), TABLE)
def test_splatting_is_the_transpose_of_a_row(mode, padding, align, position, value):
    grid = normalized(position, 4, align).reshape(1, 1, 1)
    weights = reference.grid_splat(np.array([[[1.0]]]), grid, (1, 1, 4), mode, padding, align)
    assert weights[0, 0] @ ROW == pytest.approx(value, rel=1e-14, abs=1e-13)


def test_x_runs_along_the_last_axis():
    image = np.arange(6.0).reshape(1, 1, 2, 3)
    x, y = normalized(2, 3, True), normalized(0.5, 2, True)
    assert reference.grid_sample(image, np.array([[[x, y]]]), "linear", "zeros", True)[0, 0, 0] == 3.5


def test_a_corner_blends_with_zeros_on_both_axes():
    image = np.full((1, 1, 2, 3), 16.0)
    corner = np.array([[[-1.0, 1.0]]])
    assert reference.grid_sample(image, corner, "linear", "zeros", False)[0, 0, 0] == 4


def test_channels_and_batch_entries_are_independent():
    image = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    grid = np.array([[[-1.0], [1.0], [1.0]], [[1.0], [-1.0], [0.0]]])
    result = reference.grid_sample(image, grid, "linear", "zeros", True)
    np.testing.assert_array_equal(result, [[[1, 2, 2], [3, 4, 4]], [[6, 5, 5.5], [8, 7, 7.5]]])


def test_values_at_one_place_add_up():
    values = np.array([[[1.0, 2.0, 4.0]]])
    grid = np.array([[[0.0], [0.0], [-1.0]]])
    np.testing.assert_array_equal(reference.grid_splat(values, grid, (1, 1, 3), "linear", "zeros", True), [[[4, 3, 0]]])


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_nan_has_no_place(mode, padding):
    image, grid = np.array([[ROW]]), np.array([[[math.nan]]])
    assert math.isnan(reference.grid_sample(image, grid, mode, padding, False)[0, 0, 0])
    assert not reference.grid_splat(np.ones((1, 1, 1)), grid, (1, 1, 4), mode, padding, False).any()


@pytest.mark.parametrize(
    ("padding", "left", "right"),
    [
        ("zeros", 0, 0),
        ("border", 10, 40),
        ("mirror", math.nan, math.nan),
        ("symmetric", math.nan, math.nan),
        ("wrap", math.nan, math.nan),
    ],
)
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_infinite_places(mode, padding, left, right):
    grid = np.array([[[-math.inf], [math.inf]]])
    result = reference.grid_sample(np.array([[ROW]]), grid, mode, padding, False)
    np.testing.assert_array_equal(result, [[[left, right]]])


@pytest.mark.parametrize(
    ("public", "same"),
    [
        (("bilinear", "zeros", False), ("linear", "zeros", False)),
        (("trilinear", "reflection", False), ("linear", "symmetric", False)),
        (("bicubic", "reflection", True), ("cubic", "mirror", True)),
        (("tricubic", "border", None), ("keys(-0.75)", "border", False)),
        (("lanczos", "wrap", False), ("lanczos(3)", "wrap", False)),
        (("linear", "zeros", False), (("linear",), ("zeros",), False)),
    ],
)
def test_public_names(public, same):
    """Once "bilinear" was the cubic here, and "bicubic" under "reflection" never came back."""
    image, grid = np.array([[ROW]]), np.linspace(-2, 2, 9).reshape(1, 9, 1)
    np.testing.assert_array_equal(
        reference.grid_sample(image, grid, *public), reference.grid_sample(image, grid, *same)
    )
    np.testing.assert_array_equal(
        reference.grid_splat(grid.reshape(1, 1, 9), grid, (1, 1, 4), *public),
        reference.grid_splat(grid.reshape(1, 1, 9), grid, (1, 1, 4), *same),
    )


def test_the_defaults_are_the_public_ones():
    image, grid = np.array([[ROW]]), np.array([[[-0.9], [0.3]]])
    expected = reference.grid_sample(image, grid, "bilinear", "zeros", False)
    np.testing.assert_array_equal(reference.grid_sample(image, grid), expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("Bilinear", "zeros", False), r"^mode must be one of nearest, .*got 'Bilinear'"),
        (("area", "zeros", False), r"^mode must be one of .*got 'area'"),
        (("linear(2)", "zeros", False), r"^mode must be one of .*got 'linear\(2\)'"),
        (("linear", "reflect", False), r"^padding_mode must be one of zeros, .*got 'reflect'"),
        (("linear", "constant", False), r"^padding_mode must be one of .*got 'constant'"),
        (("linear", "zeros", 2), r"^align_corners must be True, False or None; got 2"),
    ],
)
def test_other_names_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        reference.grid_sample(np.array([[ROW]]), np.zeros((1, 1, 1)), *options)
    with pytest.raises(ValueError, match=message):
        reference.grid_splat(np.ones((1, 1, 1)), np.zeros((1, 1, 1)), (1, 1, 4), *options)


@pytest.mark.parametrize("boundary", ["zeros", "border", "mirror", "symmetric", "wrap"])
def test_an_axis_without_pixels_is_refused(boundary):
    """It was walked along without an end."""
    with pytest.raises(ValueError, match=r"size \(3, 0\) has nothing to sample"):
        reference.grid_sample(np.zeros((1, 1, 3, 0)), np.zeros((1, 2, 2)), "bicubic", boundary)
