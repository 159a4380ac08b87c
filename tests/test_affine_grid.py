"""``affine_grid`` of NumPy arrays."""

import itertools

import numpy as np
import pytest

import gridsample as gs
from memory import LAYOUTS
from support import BATCH, DTYPES, SIZES, eps


def defined(theta, size, align):
    """Return the grid, one point after the other."""
    n, axes, _ = theta.shape
    out = size[2:]
    grid = np.empty((n, *out, axes))
    for b, *index in itertools.product(*map(range, (n, *out))):
        if align:
            centres = [2 * i / (length - 1) - 1 if length > 1 else 0 for i, length in zip(index, out, strict=True)]
        else:
            centres = [(2 * i + 1) / length - 1 for i, length in zip(index, out, strict=True)]
        grid[(b, *index)] = theta[b].astype(float) @ [*reversed(centres), 1]
    return grid


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("axes", SIZES)
def test_every_point(rng, axes, align, dtype):
    theta = rng.uniform(-1, 1, (BATCH, axes, axes + 1)).astype(dtype)
    size = (BATCH, 1, *SIZES[axes])
    grid = gs.affine_grid(theta, size, align)
    assert grid.shape == (BATCH, *SIZES[axes], axes)
    assert grid.dtype == dtype
    compute = "float64" if dtype == "float64" else "float32"
    expected = defined(theta, size, align)
    # a coordinate and a product of axes + 1 terms up to 1, then the rounding to the dtype of numbers up to axes + 1
    rounding = (2 * (axes + 1) * eps(compute) + eps(dtype)) * (axes + 1)
    np.testing.assert_allclose(grid.astype(float), expected, rtol=0, atol=rounding)


@pytest.mark.parametrize(("align", "row"), [(False, [-0.75, -0.25, 0.25, 0.75]), (True, [-1, -1 / 3, 1 / 3, 1])])
def test_identity_by_hand(align, row):
    grid = gs.affine_grid(np.eye(2, 3)[None], (1, 1, 3, 4), align)
    np.testing.assert_allclose(grid[0, 1], [[x, 0] for x in row], rtol=0, atol=eps("float64"))


def test_no_align_corners_means_false(rng):
    theta = rng.normal(size=(1, 2, 3))
    np.testing.assert_array_equal(gs.affine_grid(theta, (1, 1, 5, 7), None), gs.affine_grid(theta, (1, 1, 5, 7), False))


@pytest.mark.parametrize("align", [False, True])
def test_a_single_point_lies_in_the_middle(align):
    grid = gs.affine_grid(np.array([[[1.0, 0.0, 0.25], [0.0, 1.0, -0.5]]]), (1, 1, 1, 1), align)
    np.testing.assert_array_equal(grid, [[[[0.25, -0.5]]]])


def test_a_translation_moves_by_half_a_size_for_one():
    theta = np.array([[[1.0, 0.0, 2 / 7], [0.0, 1.0, 0.0]]])
    image = np.arange(35.0).reshape(1, 1, 5, 7)
    moved = gs.grid_sample(image, gs.affine_grid(theta, image.shape))
    np.testing.assert_allclose(moved[..., :-1], image[..., 1:], rtol=0, atol=35 * 16 * eps("float64"))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_layouts(rng, layout):
    theta = rng.normal(size=(BATCH, 2, 3))
    np.testing.assert_array_equal(
        gs.affine_grid(layout(theta), (BATCH, 1, 5, 7)), gs.affine_grid(theta, (BATCH, 1, 5, 7))
    )


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(0, 1, 5, 7), (2, 1, 0, 7), (2, 1, 5, 0), (2, 1, 0, 0), (2, 0, 5, 7)], ids=str)
def test_empty_grids(size, align):
    grid = gs.affine_grid(np.zeros((size[0], 2, 3)), size, align)
    assert grid.shape == (size[0], *size[2:], 2)


@pytest.mark.parametrize("size", [[2, 1, 5, 7], np.array([2, 1, 5, 7]), (np.int64(2), 1, 5, 7)], ids=repr)
def test_size_may_be_any_sequence_of_whole_numbers(size):
    assert gs.affine_grid(np.zeros((2, 2, 3)), size).shape == (2, 5, 7, 2)


@pytest.mark.parametrize("size", [None, 7, "57", (2, 1, 5.0, 7), (2, 1, None, 7), [[2, 1, 5, 7]]], ids=repr)
def test_sizes_that_are_no_whole_numbers(size):
    with pytest.raises(TypeError, match=r"^size must be a sequence of whole numbers \(N, C, \*out\); got"):
        gs.affine_grid(np.zeros((2, 2, 3)), size)


@pytest.mark.parametrize(
    ("theta", "size", "message"),
    [
        ((2, 2, 3), (3, 1, 5, 7), r"^theta must .*\(3, 2, 3\).*\(3, 1, 5, 7\); got \(2, 2, 3\)"),
        ((2, 3, 4), (2, 1, 5, 7), r"^theta must .*\(2, 2, 3\).*got \(2, 3, 4\)"),
        ((2, 3), (2, 1, 5, 7), r"^theta must .*\(2, 2, 3\).*got \(2, 3\)"),
        ((2, 2, 3), (5, 7), r"^size must be \(N, C, \*out\).*got \(5, 7\)"),
        ((2, 2, 3), (2, 1, 5, -7), r"^size must be .*none negative; got \(2, 1, 5, -7\)"),
    ],
)
def test_shapes_that_do_not_fit(theta, size, message):
    with pytest.raises(ValueError, match=message):
        gs.affine_grid(np.zeros(theta), size)


def test_align_corners_is_checked():
    with pytest.raises(TypeError, match=r"^align_corners must be True, False or None"):
        gs.affine_grid(np.zeros((1, 2, 3)), (1, 1, 5, 7), 1)
