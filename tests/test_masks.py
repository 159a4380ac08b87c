"""How much of a footprint is there, and sampling with pixels left out."""

import numpy as np
import pytest

import gridsample as gs
from gridsample import reference
from support import MODES, NUMPY_PAD, eps, make_grid, make_image

SIZE = (5, 7)
POSITIVE = ("nearest", "linear")  # kernels without negative weights


def taps_of(place, mode, padding, align=False):
    """Return the taps of a place, as the definition has them, in pairs (index, weight)."""
    return reference.footprint(place, SIZE, mode, padding, align) or []


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_coverage_is_the_weight_of_the_taps_inside(rng, mode, align):
    grid = rng.uniform(-1.6, 1.6, (2, 9, 11, 2))
    result = gs.coverage(SIZE, grid, mode, align)
    assert result.shape == (2, 1, 9, 11)
    expected = [sum(w for _, w in taps_of(place, mode, "zeros", align)) for place in grid.reshape(-1, 2)]
    np.testing.assert_allclose(result.reshape(-1), expected, rtol=0, atol=400 * eps("float64"))
    last = gs.coverage(SIZE, grid, mode, align, channels="last")
    np.testing.assert_array_equal(np.moveaxis(last, -1, 1), result)


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float16", "float32"), ("float32", "float32"), ("float64", "float64")]
)
def test_dtypes_of_coverage(rng, dtype, expected):
    assert gs.coverage(SIZE, make_grid(rng, 2, dtype)).dtype == expected


def test_coverage_of_a_spline_is_that_of_its_weights(rng):
    grid = make_grid(rng, 2)
    expected = gs.coverage(SIZE, grid, gs.BSpline(3, prefilter=False))
    np.testing.assert_array_equal(gs.coverage(SIZE, grid, gs.BSpline(3)), expected)


def test_coverage_of_displacements():
    shift = np.zeros((1, 5, 7, 2), "float32") + np.float32([0.25, 0])
    result = gs.coverage(SIZE, shift, coords="relative")
    np.testing.assert_array_equal(result[..., -1], 0.75)
    np.testing.assert_array_equal(result[..., :-1], 1)


@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("mode", MODES)
def test_counts_are_the_weights_of_all_places(rng, mode, padding):
    grid = rng.uniform(-1.6, 1.6, (2, 9, 11, 2))
    grid[0, 3, 4] = np.nan
    result = gs.grid_count(grid, (2, 1, *SIZE), mode, padding)
    np.testing.assert_array_equal(result, gs.grid_splat(np.ones((2, 1, 9, 11)), grid, (2, 1, *SIZE), mode, padding))
    expected = np.zeros((2, 1, *SIZE))
    for b, *p in np.ndindex(2, 9, 11):
        for index, weight in taps_of(grid[(b, *p)], mode, padding):
            expected[(b, 0, *index)] += weight
    np.testing.assert_allclose(result, expected, rtol=0, atol=99 * 400 * eps("float64"))
    together = gs.grid_count(grid, (1, *SIZE, 1), mode, padding, channels="last")
    np.testing.assert_allclose(together[0, ..., 0], expected.sum((0, 1)), rtol=0, atol=200 * 400 * eps("float64"))


def test_counts_of_tensors_and_displacements(rng):
    torch = pytest.importorskip("torch")
    shift = rng.uniform(-2, 2, (1, 5, 7, 2)).astype("float32")
    expected = gs.grid_count(shift, (1, 1, *SIZE), coords="relative")
    assert expected.dtype == np.float32
    result = gs.grid_count(torch.from_numpy(shift), (1, 1, *SIZE), coords="relative")
    np.testing.assert_array_equal(result.numpy(), expected)


def masked_by_hand(image, mask, grid, mode, padding, min_weight, fill):
    """Return values and weights, tap by tap."""
    batch, channels = max(len(image), len(grid)), image.shape[1]
    values, weights = np.full((batch, channels, *grid.shape[1:-1]), fill), np.zeros((batch, 1, *grid.shape[1:-1]))
    for b, *p in np.ndindex(batch, *grid.shape[1:-1]):
        pixels, valid = image[b % len(image)], mask[b % len(mask), 0]
        kept = [(i, w) for i, w in taps_of(grid[(b % len(grid), *p)], mode, padding) if valid[i]]
        total = sum(w for _, w in kept)
        weights[(b, 0, *p)] = total
        if total > max(min_weight, eps("float64")):
            for c in range(channels):
                values[(b, c, *p)] = sum(w * pixels[(c, *i)] for i, w in kept) / total
    return values, weights


@pytest.mark.parametrize("min_weight", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("mode", MODES)
def test_values_are_made_of_the_pixels_that_count(rng, mode, padding, min_weight):
    image, grid = make_image(rng, size=SIZE), make_grid(rng, 2)
    mask = rng.random((len(image), 1, *SIZE)) < 0.6
    hurt = np.where(mask, image, rng.choice([np.nan, np.inf, -np.inf], image.shape))
    values, weight = gs.sample_masked(hurt, mask, grid, mode, padding, min_weight=min_weight, fill_value=-7.0)
    expected, weights = masked_by_hand(image, mask, grid, mode, padding, min_weight, -7.0)
    error = 400 * eps("float64")
    np.testing.assert_allclose(weight, weights, rtol=0, atol=error)
    sure = np.broadcast_to(np.abs(weights - max(min_weight, eps("float64"))) > error, values.shape)
    magnified = 1 / np.maximum(np.abs(weights), 1e-3)
    bound = np.broadcast_to(1000 * eps("float64") * magnified**2, values.shape)
    assert (np.abs(values - expected)[sure] <= bound[sure]).all()


@pytest.mark.parametrize("mode", MODES)
def test_a_constant_stays_one(rng, mode):
    """At holes and, under zeros, at the edge; wherever there is anything of it."""
    image, grid = np.full((1, 2, *SIZE), 3.0, "float32"), make_grid(rng, 2, "float32")
    mask = rng.random((1, 1, *SIZE)) < 0.7
    values, weight = gs.sample_masked(image, mask, grid, mode, min_weight=0.25)
    there = np.broadcast_to(weight > 0.25, values.shape)
    assert there.any()
    np.testing.assert_allclose(values[there], 3.0, rtol=64 * 4 * eps("float32"), atol=0)
    assert np.isnan(values[~there]).all()


def test_all_pixels_count_as_sampling(rng):
    image, grid = make_image(rng, size=SIZE), rng.uniform(-0.7, 0.7, (2, 5, 2))
    values, _ = gs.sample_masked(image, np.ones((1, 1, *SIZE), bool), grid)
    np.testing.assert_allclose(values, gs.grid_sample(image, grid), rtol=0, atol=64 * eps("float64"))


def test_undefined_places_have_no_value():
    values, weight = gs.sample_masked(
        np.ones((1, 1, 3)), np.ones((1, 1, 3), bool), np.array([[[np.nan], [0.0]]]), fill_value=9
    )
    np.testing.assert_array_equal(values, [[[9.0, 1.0]]])
    np.testing.assert_array_equal(weight, [[[np.nan, 1.0]]])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_tensors_layouts_and_dtypes(rng, dtype):
    torch = pytest.importorskip("torch")
    image, grid = make_image(rng, size=SIZE).astype(dtype), make_grid(rng, 2, "float32")
    mask = rng.random((1, 1, *SIZE)) < 0.7
    expected, weight = gs.sample_masked(image, mask, grid)
    assert expected.dtype == dtype
    tensors = map(torch.from_numpy, (image, mask, grid))
    result = gs.sample_masked(*tensors)
    np.testing.assert_array_equal(result.values.numpy(), expected)
    np.testing.assert_array_equal(result.weight.numpy(), weight)
    moved = [np.moveaxis(array, 1, -1) for array in (image, mask)]
    last = gs.sample_masked(*moved, grid, channels="last")
    np.testing.assert_allclose(np.moveaxis(last.values, -1, 1), expected, rtol=0, atol=64 * eps(dtype))
    if dtype == "float16":  # which the standard does not have
        return
    xp = pytest.importorskip("array_api_strict")
    strict = gs.sample_masked(*map(xp.asarray, (image, mask, grid)))
    np.testing.assert_allclose(np.asarray(strict.values), expected, rtol=0, atol=64 * eps(dtype))


def test_gradients(rng):
    torch = pytest.importorskip("torch")
    image = torch.from_numpy(make_image(rng, size=SIZE, batch=1)).requires_grad_()
    grid = torch.from_numpy(rng.uniform(-0.8, 0.8, (1, 6, 2))).requires_grad_()
    mask = torch.from_numpy(rng.random((1, 1, *SIZE)) < 0.6)

    def call(image, grid):
        return gs.sample_masked(image, mask, grid, "cubic", min_weight=0.3, fill_value=0.0)

    assert torch.autograd.gradcheck(call, (image, grid))
    hurt = torch.where(mask, image.detach(), torch.nan).requires_grad_()
    gs.sample_masked(hurt, mask, grid, fill_value=0.0).values.sum().backward()
    assert torch.isfinite(hurt.grad).all()
    assert (hurt.grad[:, :, ~mask[0, 0]] == 0).all()
    covered = torch.from_numpy(rng.uniform(-1.1, 1.1, (1, 6, 2))).requires_grad_()
    assert torch.autograd.gradcheck(lambda grid: gs.coverage(SIZE, grid, "cubic"), (covered,))


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"mask": np.ones((1, 1, 5, 7))}, TypeError, r"^mask must be of bool, true where a pixel counts; got float64"),
        (
            {"mask": np.ones((5, 7), bool)},
            ValueError,
            r"^mask must have the shape \(2, 1, 5, 7\) for input .* got \(5, 7\)",
        ),
        ({"mask": np.ones((2, 3, 5, 7), bool)}, ValueError, r"^mask must have the shape \(2, 1, 5, 7\)"),
        ({"mask": np.ones((3, 1, 5, 7), bool)}, ValueError, r"^batch sizes of mask .* and input .* must be equal"),
        (
            {"input": np.ones((2, 3, 5, 7), "uint8")},
            TypeError,
            r"^input must be of floats, whose weights can be divided",
        ),
        ({"min_weight": "half"}, TypeError, r"^min_weight must be a number; got 'half' of type str"),
        ({"fill_value": [0]}, TypeError, r"^fill_value must be a number; got \[0\] of type list"),
        ({"mask": [[True]]}, TypeError, r"^mask must be a NumPy array"),
        ({"mode": "area"}, ValueError, r"^mode must be one of"),
        ({"mode": gs.BSpline(3)}, ValueError, r"^mode must weigh pixels themselves, .*prefilter=False"),
    ],
)
def test_refusals(changed, error, message):
    arguments = {
        "input": np.ones((2, 3, 5, 7)),
        "mask": np.ones((1, 1, 5, 7), bool),
        "grid": np.zeros((2, 4, 2)),
        **changed,
    }
    with pytest.raises(error, match=message):
        gs.sample_masked(**arguments)


def test_masked_arrays_are_told_of_it():
    with pytest.raises(TypeError, match=r"gridsample\.sample_masked\(.*\) leaves out what is masked"):
        gs.grid_sample(np.ma.ones((1, 1, 3)), np.zeros((1, 2, 1)))


@pytest.mark.parametrize("grid", [np.zeros(()), np.zeros((1, 3, 3)), np.zeros(2)])
def test_counts_of_no_grid(grid):
    with pytest.raises(ValueError, match=r"^grid must have the shape \(N, \*out, 1\).*shape \(1, 1, 4\) has 1"):
        gs.grid_count(grid, (1, 1, 4))
