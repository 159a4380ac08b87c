"""Shapes: what may be empty, what fits together, and the text of every refusal."""

import numpy as np
import pytest

import gridsample as gs
from support import SIZES, TORCH_MODES, TORCH_PADDINGS


def zeros(*shape):
    return np.zeros(shape)


EMPTY_RESULTS = {
    "no batch": ((0, 3, 5, 7), (0, 11, 13, 2)),
    "no input batch, one grid": ((0, 3, 5, 7), (1, 11, 13, 2)),
    "one input, no grids": ((1, 3, 5, 7), (0, 11, 13, 2)),
    "no channels": ((2, 0, 5, 7), (2, 11, 13, 2)),
    "no points": ((2, 3, 5, 7), (2, 0, 2)),
    "an empty output axis": ((2, 3, 5, 7), (2, 11, 0, 2)),
    "no points of an empty axis": ((2, 3, 0, 7), (2, 0, 2)),
    "no channels of an empty axis": ((2, 0, 5, 0), (2, 11, 13, 2)),
    "no batch of an empty axis": ((0, 3, 0, 7), (0, 11, 13, 2)),
    "a row": ((2, 3, 7), (2, 0, 1)),
    "a volume": ((2, 3, 0, 5, 7), (2, 11, 0, 3)),
    "four axes": ((2, 3, 5, 7, 11, 13), (2, 0, 4)),
    "four axes, one empty": ((2, 3, 5, 0, 11, 13), (2, 0, 4)),
}


@pytest.mark.parametrize("mode", TORCH_MODES)
@pytest.mark.parametrize("padding", TORCH_PADDINGS)
@pytest.mark.parametrize("case", EMPTY_RESULTS)
def test_empty_results(case, padding, mode):
    image, grid = map(np.zeros, EMPTY_RESULTS[case])
    n = grid.shape[0] if image.shape[0] == 1 else image.shape[0]
    result = gs.grid_sample(image, grid, mode, padding)
    assert result.shape == (n, image.shape[1], *grid.shape[1:-1])
    assert result.size == 0
    last = gs.grid_sample(np.moveaxis(image, 1, -1), grid, mode, padding, channels="last")
    assert last.shape == (n, *grid.shape[1:-1], image.shape[1])


@pytest.mark.parametrize("mode", TORCH_MODES)
@pytest.mark.parametrize("case", EMPTY_RESULTS)
def test_splatting_nothing(case, mode):
    shape, grid = EMPTY_RESULTS[case][0], np.zeros(EMPTY_RESULTS[case][1])
    values = np.ones((shape[0], shape[1], *grid.shape[1:-1]))
    batch = grid.shape[0] if shape[0] == 1 else shape[0]
    for target in {(batch, *shape[1:]), (1, *shape[1:])}:
        result = gs.grid_splat(values, grid, target, mode)
        np.testing.assert_array_equal(result, np.zeros(target))


@pytest.mark.parametrize("size", [(0,), (0, 7), (5, 0), (0, 0), (0, 5, 7), (5, 0, 7), (5, 7, 0)], ids=str)
@pytest.mark.parametrize("mode", TORCH_MODES)
def test_there_is_nothing_to_sample_on_an_empty_axis(mode, size):
    image, grid = zeros(2, 3, *size), zeros(2, 11, len(size))
    with pytest.raises(ValueError, match=r"^input .*spatial axis of size 0") as refusal:
        gs.grid_sample(image, grid, mode)
    assert str(image.shape) in str(refusal.value)
    assert str(grid.shape) in str(refusal.value)
    with pytest.raises(ValueError, match=r"^shape .*spatial axis of size 0") as refusal:
        gs.grid_splat(zeros(2, 3, 11), grid, image.shape, mode)
    assert str(image.shape) in str(refusal.value)


SAMPLE_REFUSALS = {
    "grid for another number of axes": ((2, 3, 5, 7), (2, 11, 13, 3), r"^grid must .*\(N, \*out, 2\).*2"),
    "x alone for an image": ((2, 3, 5, 7), (2, 11, 1), r"^grid must .*\(N, \*out, 2\)"),
    "transposed grid": ((2, 3, 5, 7), (2, 2, 11, 13), r"^grid must .*\(N, \*out, 2\)"),
    "grid without a batch": ((2, 3, 7), (1,), r"^grid must .*\(N, \*out, 1\)"),
    "grid of nothing": ((2, 3, 7), (), r"^grid must .*\(N, \*out, 1\)"),
    "input without a batch and channels": ((5, 7), (2, 11, 2), r"^input must .*\(N, C, \*size\)"),
    "a number": ((), (2, 11, 2), r"^input must .*\(N, C, \*size\)"),
    "batches": ((2, 3, 5, 7), (3, 11, 13, 2), r"^batch sizes of input .*equal, or one of them 1; got 2 and 3"),
    "batch of none": ((2, 3, 5, 7), (0, 11, 13, 2), r"^batch sizes of input .*equal, or one of them 1; got 2 and 0"),
}


@pytest.mark.parametrize("case", SAMPLE_REFUSALS)
def test_sample_refuses(case):
    image, grid, message = SAMPLE_REFUSALS[case]
    with pytest.raises(ValueError, match=message) as refusal:
        gs.grid_sample(np.zeros(image), np.zeros(grid))
    if image[2:]:
        assert str(image) in str(refusal.value)
        assert str(grid) in str(refusal.value)
    else:
        assert str(image) in str(refusal.value)


SPLAT_REFUSALS = {
    "points": ((2, 3, 11), (2, 13, 2), (2, 3, 5, 7), r"^values must .*\(N, C, \*out\).*\(13,\).*got \(2, 3, 11\)"),
    "output axes": ((2, 3, 143), (2, 11, 13, 2), (2, 3, 5, 7), r"^values must .*\(11, 13\).*got \(2, 3, 143\)"),
    "channels": ((2, 3, 11), (2, 11, 2), (2, 4, 5, 7), r"^values \(2, 3, 11\) have 3 channels but shape .* has 4"),
    "grid": ((2, 3, 11), (2, 11, 3), (2, 3, 5, 7), r"^grid must .*\(N, \*out, 2\).*got \(2, 11, 3\)"),
    "batches": ((2, 3, 11), (3, 11, 2), (2, 3, 5, 7), r"^batch sizes of values .*got 2 and 3"),
    "target": ((2, 3, 11), (2, 11, 2), (3, 3, 5, 7), r"^shape .* must have N = 2.* or N = 1.*got N = 3"),
    "target of broadcast": ((1, 3, 11), (4, 11, 2), (2, 3, 5, 7), r"^shape .* must have N = 4.*got N = 2"),
    "two lengths": ((2, 3, 11), (2, 11, 2), (5, 7), r"^shape must be \(N, C, \*size\).*got \(5, 7\)"),
    "negative": ((2, 3, 11), (2, 11, 2), (2, 3, 5, -7), r"^shape must be .*none negative; got \(2, 3, 5, -7\)"),
}


@pytest.mark.parametrize("case", SPLAT_REFUSALS)
def test_splat_refuses(case):
    values, grid, shape, message = SPLAT_REFUSALS[case]
    with pytest.raises(ValueError, match=message):
        gs.grid_splat(np.zeros(values), np.zeros(grid), shape)


@pytest.mark.parametrize("shape", [None, 7, 2.5, "2357", (2, 3, 5.0, 7), (2, 3, None, 7), [[2, 3, 5, 7]]], ids=repr)
def test_splat_needs_whole_numbers(shape):
    with pytest.raises(TypeError, match=r"^shape must be a sequence of whole numbers \(N, C, \*size\); got"):
        gs.grid_splat(zeros(2, 3, 11), zeros(2, 11, 2), shape)


def test_messages_speak_the_callers_order():
    with pytest.raises(ValueError, match=r"\(N, \*size, C\)"):
        gs.grid_sample(zeros(5, 7), zeros(2, 11, 2), channels="last")
    with pytest.raises(ValueError, match=r"\(N, \*out, C\)"):
        gs.grid_splat(zeros(2, 11, 3), zeros(2, 13, 2), (2, 5, 7, 3), channels="last")


@pytest.mark.parametrize("axes", SIZES)
def test_a_whole_array_of_points_per_axis(axes):
    """The number of output axes has nothing to do with the number of spatial axes."""
    image = np.arange(float(np.prod(SIZES[axes]))).reshape(1, 1, *SIZES[axes])
    centre = gs.grid_sample(image, zeros(1, 2, 1, 3, 1, 1, axes))
    np.testing.assert_array_equal(centre, np.full((1, 1, 2, 1, 3, 1, 1), (image.size - 1) / 2))
