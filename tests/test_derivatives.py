"""Derivatives of any order, on every engine: against finite differences that are exact, and against each other."""

import itertools

import numpy as np
import pytest

from engines import ENGINES, engines_for
from gridsample.spec import convention_of, parse
from support import (
    CHANNELS,
    MODES,
    SIZES,
    Options,
    eps,
    every_option,
    largest_sum,
    make_grid,
    make_image,
    normalized,
    smooth_grid,
)

ORDERS = {
    1: [(0,), (1,), (2,), (3,), (4,)],
    2: [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (3, 0), (0, 3), (3, 3)],
    3: [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (2, 0, 0), (0, 2, 1), (1, 1, 1), (0, 0, 3)],
}
CASES = [pytest.param(axes, name, id=f"{axes}d-{name}") for axes in (1, 2, 3) for name in engines_for(axes)]
every_engine = pytest.mark.parametrize(("axes", "engine"), CASES)

OUT = (17,)
# the largest sum of weights' magnitudes of an axis, by the order of the derivative
STEEPEST = {mode: [largest_sum(mode, order) for order in range(8)] for mode in MODES}


def magnitude(options, size, orders):
    """Return a bound of the derivative of a sample of values up to 1."""
    return np.prod(
        [
            STEEPEST[options.mode][order] * convention_of(options.align).scale(length) ** order
            for order, length in zip(orders, reversed(size), strict=True)
        ]
    )


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_each_order_is_the_slope_of_the_one_before(rng, axes, engine, options):
    """d pull(a) / d g_d = pull(a + e_d), by a stencil that is exact where samples are cubic polynomials within a cell.

    Elsewhere its error is their fifth derivative times step^4 / 30.
    """
    size, spec = SIZES[axes], parse(*options)
    image, grid = make_image(rng, axes, batch=1), smooth_grid(rng, size, options.align, 1, OUT)
    pull = ENGINES[engine].pull
    for orders in itertools.product(range(3), repeat=axes):
        if sum(orders) > 2:
            continue
        for d in range(axes):
            step = 0.05 / convention_of(options.align).scale(size[-1 - d])  # in pixels 1/20: all within the cell
            slope = 0.0
            for offset, weight in [(-2, 1), (-1, -8), (1, 8), (2, -1)]:
                moved = grid.copy()
                moved[..., d] += offset * step
                slope = slope + weight * pull(image, moved, spec, orders) / (12 * step)
            raised = tuple(order + (a == d) for a, order in enumerate(orders))
            # 18 samples' rounding, each that of weights and of a position that moves by an eps of up to 2 sizes
            before, after = magnitude(options, size, orders), magnitude(options, size, raised)
            position = 4 * max(size) * eps("float64")
            rounding = 18 * (32 * axes * eps("float64") * before + position * after * 4) / (12 * step)
            fifth = tuple(order + 5 * (a == d) for a, order in enumerate(orders))
            rounding += magnitude(options, size, fifth) * step**4 / 30
            result = pull(image, grid, spec, raised)
            np.testing.assert_allclose(result, slope, rtol=0, atol=rounding + 32 * axes * eps("float64") * after)


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_push_is_the_transpose_of_pull_in_every_order(rng, axes, engine, options):
    x, grid = make_image(rng, axes, batch=1), make_grid(rng, axes, batch=1, out=OUT)
    y, spec = rng.uniform(-1, 1, (1, CHANNELS, *OUT)), parse(*options)
    for orders in ORDERS[axes]:
        left = (ENGINES[engine].pull(x, grid, spec, orders) * y).sum()
        right = (x * ENGINES[engine].push(y, grid, x.shape, spec, orders)).sum()
        bound = magnitude(options, SIZES[axes], orders) * np.abs(y).sum()
        assert abs(left - right) <= 128 * axes * eps("float64") * bound


@pytest.mark.parametrize("options", every_option())
@every_engine
@pytest.mark.parametrize(("images", "grids"), [(2, 2), (1, 2), (2, 1)])
def test_the_grids_gradient_is_a_sum_of_pulls(rng, images, grids, axes, engine, options):
    image, grid = make_image(rng, axes, batch=images), make_grid(rng, axes, batch=grids, out=OUT)
    values, spec = rng.uniform(-1, 1, (2, CHANNELS, *OUT)), parse(*options)
    for orders in ORDERS[axes][:5]:
        result = ENGINES[engine].grid_gradient(values, image, grid, spec, orders)
        assert result.shape == grid.shape
        for d in range(axes):
            raised = tuple(order + (a == d) for a, order in enumerate(orders))
            slopes = ENGINES[engine].pull(image, grid, spec, raised)
            expected = (
                (values * slopes).sum(axis=1).sum(axis=0, keepdims=True) if grids == 1 else (values * slopes).sum(1)
            )
            bound = 2 * CHANNELS * magnitude(options, SIZES[axes], raised)
            np.testing.assert_allclose(result[..., d], expected, rtol=0, atol=64 * axes * eps("float64") * bound)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("options", every_option(paddings=("zeros", "symmetric")))
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_engines_agree_in_every_dtype(rng, axes, options, dtype):
    """Also at borders and ties: positions are the same to the last bit."""
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    values, spec = make_image(rng, dtype=dtype, size=grid.shape[1:-1]), parse(*options)
    compute = "float64" if dtype == "float64" else "float32"
    for orders in ORDERS[axes]:
        bound = magnitude(options, SIZES[axes], orders)
        rounding = 64 * axes * eps(compute) * bound
        results = [ENGINES[name].pull(image, grid, spec, orders).astype("float64") for name in engines_for(axes)]
        for other in results[1:]:
            np.testing.assert_allclose(other, results[0], rtol=2 * eps(dtype), atol=rounding)
        with np.errstate(over="ignore"):  # third derivatives may be too large for float16
            results = [ENGINES[name].push(values, grid, image.shape, spec, orders) for name in engines_for(axes)]
        results = [result.astype("float64") for result in results]
        terms = values[0, 0].size  # at most all points meet in one pixel
        for other in results[1:]:
            np.testing.assert_allclose(
                other, results[0], rtol=2 * eps(dtype), atol=rounding + terms * eps(compute) * bound
            )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("padding", "align", "position", "slope"),
    [
        # where a clamp is active, ends included, there is no slope
        ("border", True, -0.25, 0),
        ("border", True, 0, 0),
        ("border", True, 0.25, 10),
        ("border", True, 4, 0),
        ("border", True, 4.5, 0),
        ("mirror", True, 0, 0),
        ("mirror", True, -0.25, -10),
        ("mirror", True, 4.25, -10),
        ("mirror", True, 8.25, 10),
        ("symmetric", False, -0.25, 0),
        ("symmetric", False, -0.75, 0),
        ("symmetric", False, -1.25, -10),
        ("symmetric", False, 4.25, 0),
        ("symmetric", False, 5.25, -10),
        # nor does wrap fold: between the last pixel and the first it goes steeply down
        ("wrap", False, 4.25, -40),
        ("wrap", False, -0.25, -40),
        ("wrap", True, 4, -40),
        ("wrap", True, 5, 10),
        ("wrap", True, -5.25, -40),
        # zeros fold nothing: at a pixel the slope to the right
        ("zeros", True, 2, 10),
        ("zeros", True, 4, -50),
        ("zeros", True, 4.5, -50),
        ("zeros", True, 5, 0),
        ("zeros", True, -1, 10),
        ("zeros", True, -0.5, 10),
    ],
)
def test_slopes_of_linear_by_hand(engine, padding, align, position, slope):
    """The row 10 20 30 40 50; a slope is per pixel, so each order carries dp/dg."""
    image = np.array([[[10.0, 20.0, 30.0, 40.0, 50.0]]])
    scale = convention_of(align).scale(5)
    grid = np.array([[[normalized(position, 5, align)]]])
    spec = parse("linear", padding, align)
    assert ENGINES[engine].pull(image, grid, spec, (1,))[0, 0, 0] == pytest.approx(slope * scale, rel=1e-14, abs=0)
    assert ENGINES[engine].pull(image, grid, spec, (2,))[0, 0, 0] == 0


@pytest.mark.parametrize("options", every_option(modes=("nearest",)))
@every_engine
def test_nearest_has_no_slope_at_all(rng, axes, engine, options):
    image, grid = make_image(rng, axes), make_grid(rng, axes)
    for orders in ORDERS[axes]:
        if any(orders):
            assert not ENGINES[engine].pull(image, grid, parse(*options), orders).any()
            assert (
                not ENGINES[engine]
                .push(make_image(rng, size=grid.shape[1:-1]), grid, image.shape, parse(*options), orders)
                .any()
            )


@pytest.mark.parametrize("options", [Options("linear", "zeros", False), Options("cubic", "border", True)], ids=str)
@every_engine
def test_gradients_of_nothing(axes, engine, options):
    grid = np.zeros((2, 0, axes))
    result = ENGINES[engine].grid_gradient(
        np.zeros((2, 3, 0)), np.zeros((2, 3, *SIZES[axes])), grid, parse(*options), (0,) * axes
    )
    assert result.shape == grid.shape
    grid = np.zeros((2, 11, axes))
    result = ENGINES[engine].grid_gradient(
        np.zeros((2, 0, 11)), np.zeros((2, 0, *SIZES[axes])), grid, parse(*options), (0,) * axes
    )
    np.testing.assert_array_equal(result, np.zeros(grid.shape))  # a sum of no channels
