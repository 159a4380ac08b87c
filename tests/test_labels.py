"""Label maps by vote: never an invented label, ties to the smaller one."""

import numpy as np
import pytest

import gridsample as gs
from gridsample import reference
from gridsample.engines import votes as implementation
from support import NUMPY_PAD, eps

SIZE = (5, 7)
VOTING = ["nearest", "linear", gs.BSpline(2, prefilter=False), gs.BSpline(3, prefilter=False)]


def by_hand(labels, grid, mode, padding, fill):
    """Count the votes of every label, place by place; and say where the two highest sums are too near to tell."""
    batch = max(len(labels), len(grid))
    result = np.empty((batch, labels.shape[1], *grid.shape[1:-1]), labels.dtype)
    for b, *p in np.ndindex(batch, *grid.shape[1:-1]):
        taps = reference.footprint(grid[(b % len(grid), *p)], labels.shape[2:], mode, padding, False)
        for c in range(labels.shape[1]):
            votes = {}
            for index, weight in taps or []:
                label = labels[(b % len(labels), c, *index)]
                votes[label] = votes.get(label, 0.0) + weight
            missing = 1 - sum(votes.values())  # what the taps outside weigh
            if taps is None or missing > 1e-12:
                votes[fill] = votes.get(fill, 0.0) + (1.0 if taps is None else missing)
            most = max(votes.values())
            result[(b, c, *p)] = min(label for label, total in votes.items() if total >= most - 16 * eps("float64"))
    return result


@pytest.mark.parametrize("size", [(11,), (5, 7), (3, 5, 7)], ids=len)
@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("mode", VOTING, ids=str)
def test_halfway_between_labels(rng, mode, padding, size):
    """Where sums tie, or nearly do: on quarters of the way from pixel to pixel."""
    labels = rng.integers(0, 3, (1, 2, *size)).astype("int32")
    pixels = rng.integers(-8, 4 * max(size) + 8, (1, 60, len(size))) / 4
    grid = gs.normalize(pixels, size)
    result = gs.sample_labels(labels, grid, mode, padding, fill_value=1)
    np.testing.assert_array_equal(result, by_hand(labels, grid, mode, padding, 1))


@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("mode", VOTING, ids=str)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "uint64", "bool", "int16"])
def test_the_label_with_the_most_votes(rng, dtype, mode, padding):
    labels = rng.integers(0, 2 if dtype == "bool" else 4, (2, 3, *SIZE)).astype(dtype)
    if dtype == "uint64":
        labels += np.uint64(2**64 - 5)
    grid = rng.uniform(-1.5, 1.5, (2, 6, 11, 2))
    grid[0, 2, 3, 1] = np.nan
    fill = 1
    result = gs.sample_labels(labels, grid, mode, padding, fill_value=fill)
    assert result.dtype == labels.dtype
    np.testing.assert_array_equal(result, by_hand(labels, grid, mode, padding, fill))
    last = gs.sample_labels(np.moveaxis(labels, 1, -1), grid, mode, padding, channels="last", fill_value=fill)
    np.testing.assert_array_equal(np.moveaxis(last, -1, 1), result)


def test_ties_go_to_the_smaller_label():
    for pair in ([7, 3], [3, 7], [-2, 5]):
        labels = np.array([[pair]], "int32")
        middle = gs.sample_labels(labels, np.array([[[0.5]], [[0.5 + 1e-16]]]), coords="pixel")
        assert (middle == min(pair)).all()
        assert gs.sample_labels(labels, np.array([[[0.5001]]]), coords="pixel") == pair[1]


def test_two_small_votes_for_one_label_win_over_a_larger_one():
    labels = np.array([[[[1, 2], [2, 3]]]])
    place = np.array([[[0.45, 0.45]]])  # 1 weighs 0.3025, each 2 0.2475, 3 0.2025
    assert gs.sample_labels(labels, place, coords="pixel") == 2


def test_as_the_largest_of_all_indicators(rng):
    """What it is said to be, for more points than are worked off at once."""
    labels = rng.integers(0, 5, (1, 1, 13, 17)).astype("uint8")
    grid = rng.uniform(-1.1, 1.1, (1, implementation.POINTS_AT_ONCE + 999, 2))
    indicators = np.concatenate([(labels == label).astype(float) for label in range(5)], axis=1)
    sums = gs.grid_sample(indicators, grid, "linear", "border")
    ordered = np.sort(sums, axis=1)
    sure = (ordered[:, -1] - ordered[:, -2] > 1e-12)[:, None]
    result = gs.sample_labels(labels, grid, "linear", "border")
    np.testing.assert_array_equal(result[sure], sums.argmax(axis=1, keepdims=True)[sure])


@pytest.mark.parametrize(("images", "grids"), [(1, 3), (3, 1), (3, 3)])
def test_batches_broadcast(rng, images, grids):
    labels, grid = rng.integers(0, 9, (images, 2, *SIZE)), rng.uniform(-1, 1, (grids, 4, 2))
    result = gs.sample_labels(labels, grid)
    for n in range(3):
        one = gs.sample_labels(labels[n % images][None], grid[n % grids][None])
        np.testing.assert_array_equal(result[n], one[0])


@pytest.mark.parametrize("shape", [(0, 2), (2, 0)])
def test_nothing(shape):
    labels, grid = np.ones((shape[0], 1, *SIZE), int), np.zeros((shape[0], shape[1], 2))
    assert gs.sample_labels(labels, grid).shape == (shape[0], 1, shape[1])


def test_other_libraries_and_displacements(rng):
    labels, shift = rng.integers(0, 9, (1, 2, *SIZE)), rng.uniform(-2, 2, (1, *SIZE, 2)).astype("float32")
    expected = gs.sample_labels(labels, shift, coords="relative")
    torch = pytest.importorskip("torch")
    result = gs.sample_labels(torch.from_numpy(labels), torch.from_numpy(shift), coords="relative")
    np.testing.assert_array_equal(result.numpy(), expected)
    xp = pytest.importorskip("array_api_strict")
    result = gs.sample_labels(xp.asarray(labels), xp.asarray(shift), coords="relative")
    np.testing.assert_array_equal(np.asarray(result), expected)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"mode": "cubic"}, ValueError, r"^mode must have no negative weights: .*; got 'keys\(-0\.75\)'$"),
        ({"mode": gs.BSpline(3)}, ValueError, r"^mode must have no negative weights: .*; give it prefilter=False$"),
        ({"labels": np.zeros((1, 1, 5, 7))}, TypeError, r"^labels must be of integers or bool; got float64"),
        ({"labels": np.zeros((1, 1, 5, 7), "c8")}, TypeError, r"^labels must be of integers or bool; got complex64"),
        ({"fill_value": 256}, ValueError, r"^fill_value must be from 0 to 255, as labels of uint8 are; got 256"),
        ({"fill_value": 0.5}, TypeError, r"^fill_value must be a whole number, as labels are; got 0\.5"),
        ({"grid": np.zeros((1, 4, 3))}, ValueError, r"^grid must have the shape \(N, \*out, 2\)"),
        ({"grid": np.zeros((1, 4, 2), int)}, TypeError, r"^grid must be of dtype"),
        ({"labels": [[1]]}, TypeError, r"^labels must be a NumPy array"),
    ],
)
def test_refusals(changed, error, message):
    arguments = {"labels": np.zeros((1, 1, 5, 7), "uint8"), "grid": np.zeros((1, 4, 2)), **changed}
    with pytest.raises(error, match=message):
        gs.sample_labels(**arguments)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_by_nearest_as_copied(dtype):
    """The same places to the last bit, at ties too: positions are of the same precision."""
    labels = np.arange(1, 98).astype(dtype).reshape(1, 1, 97)
    ties = gs.normalize(np.arange(96.0).reshape(1, 96, 1) + 0.5, (97,)).astype("float32")
    np.testing.assert_array_equal(gs.sample_labels(labels, ties, "nearest"), gs.grid_sample(labels, ties, "nearest"))
