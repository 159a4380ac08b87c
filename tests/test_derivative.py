"""Derivatives as results: ``derivative=``, in the units of the grid's own coordinates."""

import numpy as np
import pytest

import gridsample as gs
from support import MODES, eps, make_grid, make_image

SMOOTH = [mode for mode in MODES if mode != "nearest"]


@pytest.mark.parametrize("coords", ["normalized", "pixel", "relative"])
@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1)])
@pytest.mark.parametrize("mode", ["cubic", "lanczos"])
def test_differences_of_values_between_knots(rng, mode, orders, coords):
    """Central differences in float64, of the order before: their error is that of the step squared, and of rounding."""
    image, step = make_image(rng, 2), 1e-4
    grid = rng.uniform(0.3, 0.6, (2, 5, 7, 2))
    if coords == "normalized":
        grid = gs.normalize(grid + rng.integers(-1, 7, grid.shape), image.shape[2:])
    axis = 0 if orders[0] else 1
    lower = tuple(order - (a == axis) for a, order in enumerate(orders))
    shift = step * np.eye(2)[axis]
    near = [gs.grid_sample(image, grid + s, mode, "mirror", coords=coords, derivative=lower) for s in (shift, -shift)]
    result = gs.grid_sample(image, grid, mode, "mirror", coords=coords, derivative=orders)
    expected = (near[0] - near[1]) / (2 * step)
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(result, expected, rtol=0, atol=2e-4 * scale * 11 ** sum(orders))


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_a_ramp_has_its_slope(axes):
    """Of a linear function of the pixels' indices, in pixels: its factors; and all second derivatives are 0."""
    size = (5, 6, 7, 8)[:axes]
    factors = np.arange(2.0, 2 + axes)
    image = sum(f * i for f, i in zip(factors[::-1], np.indices(size, float), strict=True))[None, None]
    grid = np.full((1, 3, axes), 2.25)
    for a in range(axes):
        orders = tuple(int(a == i) for i in range(axes))
        for mode in ("linear", gs.Keys(-0.5)):
            result = gs.grid_sample(image, grid, mode, coords="pixel", derivative=orders)
            np.testing.assert_allclose(result, factors[a], rtol=0, atol=4000 * eps("float64"))
        twice = tuple(2 * order for order in orders)
        np.testing.assert_array_equal(gs.grid_sample(image, grid, coords="pixel", derivative=twice), 0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("mode", SMOOTH)
def test_tensors_and_layouts_have_the_same(rng, mode, dtype):
    torch = pytest.importorskip("torch")
    image = make_image(rng, 2).astype(dtype)
    grid = make_grid(rng, 2, "float64" if dtype in ("float64", "complex128") else "float32")
    expected = gs.grid_sample(image, grid, mode, "border", derivative=(0, 1))
    assert expected.dtype == dtype
    tensors = torch.from_numpy(image), torch.from_numpy(grid)
    np.testing.assert_array_equal(gs.grid_sample(*tensors, mode, "border", derivative=[0, 1]).numpy(), expected)
    last = gs.grid_sample(np.moveaxis(image, 1, -1), grid, mode, "border", channels="last", derivative=(0, 1))
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), expected, rtol=0, atol=64 * eps("float32") * 9)
    out = np.empty_like(expected)
    gs.grid_sample(image, grid, mode, "border", derivative=np.array([0, 1]), out=out)
    np.testing.assert_array_equal(out, expected)


def test_it_is_differentiable_itself(rng):
    torch = pytest.importorskip("torch")
    image = torch.from_numpy(rng.normal(size=(1, 1, 5, 7))).requires_grad_()
    grid = torch.from_numpy(rng.uniform(-0.8, 0.8, (1, 4, 2))).requires_grad_()

    def call(*tensors):
        return gs.grid_sample(*tensors, "cubic", derivative=(1, 0))

    assert torch.autograd.gradcheck(call, (image, grid))
    value = gs.grid_sample(image, grid, "cubic")
    (slope,) = torch.autograd.grad(value.sum(), grid)
    torch.testing.assert_close(call(image, grid)[0, 0], slope[0, :, 0])


def test_none_of_any_order_is_the_sample(rng):
    image, grid = make_image(rng), make_grid(rng)
    np.testing.assert_array_equal(gs.grid_sample(image, grid, derivative=(0, 0)), gs.grid_sample(image, grid))
    labels = (image * 9).astype("int32")
    np.testing.assert_array_equal(gs.grid_sample(labels, grid, derivative=(0, 0)), gs.grid_sample(labels, grid))


def test_undefined_places_have_the_derivative_0():
    grid = np.array([[[np.nan], [0.1]]])
    result = gs.grid_sample(np.array([[[1.0, 2.0]]]), grid, coords="pixel", derivative=(1,))
    np.testing.assert_array_equal(result, [[[0.0, 1.0]]])


@pytest.mark.parametrize(
    ("mode", "derivative", "error", "message"),
    [
        (
            "nearest",
            (1, 0),
            ValueError,
            r"^mode 'nearest' is constant between pixels and has no derivative; got \(1, 0\)",
        ),
        (("linear", "nearest"), (0, 1), ValueError, r"^mode 'nearest' is constant between pixels"),
        ("linear", (1,), ValueError, r"^derivative must have 2 entries, one for each component of the grid, x first"),
        ("linear", (1, 0, 0), ValueError, r"^derivative must have 2 entries"),
        ("linear", (-1, 0), ValueError, r"^derivative must be whole numbers of at least 0; got \(-1, 0\)"),
        ("linear", (0.5, 0), TypeError, r"^derivative must be whole numbers, one for each component x, y, z"),
        (
            "linear",
            1,
            TypeError,
            r"^derivative must be whole numbers, one for each component x, y, z of the grid; got 1",
        ),
    ],
)
def test_refusals(mode, derivative, error, message):
    with pytest.raises(error, match=message):
        gs.grid_sample(np.zeros((1, 1, 3, 3)), np.zeros((1, 2, 2)), mode, derivative=derivative)


def test_integers_have_none():
    with pytest.raises(
        TypeError, match=r"^input of dtype uint8 has no derivatives; make it a float first: input.astype"
    ):
        gs.grid_sample(np.zeros((1, 1, 3), "uint8"), np.zeros((1, 2, 1)), derivative=(1,))
