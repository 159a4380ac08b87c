"""Options by axis: a kernel and a boundary for each component of the grid, x first, on every engine."""

import itertools

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES
from gridsample import reference
from gridsample.spec import parse
from support import (
    BOUNDARIES,
    CHANNELS,
    MODES,
    OUTS,
    SIZES,
    Options,
    assert_within,
    defined_sample,
    defined_splat,
    eps,
    make_grid,
    make_image,
    smooth_grid,
)

# Every pair of kernels, and every pair of boundaries, on neighbouring axes.
IN_2D = [
    *(
        Options(pair, padding, align)
        for pair in itertools.permutations(MODES, 2)
        for padding, align in [("zeros", False)]
    ),
    *(Options("linear", pair, True) for pair in itertools.permutations(BOUNDARIES, 2)),
    *(Options("cubic", pair, False) for pair in itertools.permutations(BOUNDARIES, 2)),
    Options(("nearest", "linear"), ("border", "wrap"), False),
    Options(("linear", "nearest"), ("wrap", "mirror"), True),
]
IN_3D = [
    Options(("linear", "nearest", "cubic"), ("wrap", "border", "zeros"), False),
    Options(("cubic", "linear", "linear"), ("mirror", "zeros", "symmetric"), True),
    Options(("nearest", "nearest", "linear"), "border", False),
    Options("linear", ("zeros", "wrap", "border"), True),
]
IN_1D = [Options(("linear",), ("border",), False), Options(("cubic",), "zeros", True)]
IN_4D = [
    Options(("linear", "nearest", "cubic", "linear"), ("wrap", "border", "zeros", "mirror"), False),
    Options(("linear", "nearest", "nearest", "linear"), "border", False),
]
ALL = [(axes, options) for axes, several in enumerate((IN_1D, IN_2D, IN_3D, IN_4D), 1) for options in several]
every_case = pytest.mark.parametrize(("axes", "options"), ALL, ids=str)


@every_case
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("dtype", "coords"), [("float32", "float32"), ("float32", "float64"), ("float64", "float64")])
def test_samples_and_splats_are_as_defined(rng, dtype, coords, engine, axes, options):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, coords)
    spec, orders = parse(*options), (0,) * axes
    assert_within(ENGINES[engine].pull(image, grid, spec, orders), defined_sample(image, grid, options))
    values = make_image(rng, dtype=dtype, size=OUTS[axes])
    splatted = ENGINES[engine].push(values, grid, image.shape, spec, orders)
    assert_within(splatted, defined_splat(values, grid, image.shape, options))


@every_case
def test_the_public_functions_take_tuples(rng, axes, options):
    image, grid = make_image(rng, axes), make_grid(rng, axes)
    assert_within(gs.grid_sample(image, grid, *options), defined_sample(image, grid, options))
    values = make_image(rng, size=OUTS[axes])
    assert_within(gs.grid_splat(values, grid, image.shape, *options), defined_splat(values, grid, image.shape, options))


@pytest.mark.parametrize("options", [*IN_2D[::5], *IN_3D], ids=str)
def test_derivatives_agree_between_the_engines(rng, options):
    axes = len(options.mode) if isinstance(options.mode, tuple) else len(options.padding)
    image, grid = make_image(rng, axes), smooth_grid(rng, SIZES[axes], options.align)
    values, spec = rng.uniform(-1, 1, (2, CHANNELS, *grid.shape[1:-1])), parse(*options)
    for orders in itertools.product((0, 1), repeat=axes):
        results = [
            (
                engine.pull(image, grid, spec, orders),
                engine.push(values, grid, image.shape, spec, orders),
                engine.grid_gradient(values, image, grid, spec, orders),
            )
            for engine in ENGINES.values()
        ]
        for mine, other in zip(*results, strict=True):
            atol = 1000 * axes * eps("float64") * max(1, np.abs(other).max())
            np.testing.assert_allclose(mine, other, rtol=0, atol=atol)


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_on_every_axis_is_bit_for_bit_one_for_all(rng, engine, mode, padding):
    image, grid = make_image(rng), make_grid(rng)
    one, each = parse(mode, padding, False), parse((mode, mode), (padding, padding), False)
    for orders in ((0, 0), (1, 0)):
        pull = ENGINES[engine].pull
        np.testing.assert_array_equal(pull(image, grid, each, orders), pull(image, grid, one, orders))


def test_x_comes_first():
    image = np.arange(12.0).reshape(1, 1, 3, 4)
    place = np.array([[[1.25, 1.25]]])
    assert gs.grid_sample(image, place, ("linear", "nearest"), coords="pixel") == 5.25
    assert gs.grid_sample(image, place, ("nearest", "linear"), coords="pixel") == 6
    outside = np.array([[[9.0, 1.0]]])
    assert gs.grid_sample(image, outside, "nearest", ("border", "zeros"), coords="pixel") == 7
    assert gs.grid_sample(image, outside, "nearest", ("zeros", "border"), coords="pixel") == 0


def test_undefined_places_are_those_of_each_axis():
    """An infinity has a place under border and none under mirror."""
    image, grid = np.ones((1, 1, 3, 4)), np.array([[[np.inf, 0.0], [0.0, np.inf]]])
    result = gs.grid_sample(image, grid, "linear", ("border", "mirror"))
    np.testing.assert_array_equal(result, [[[1, np.nan]]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("engine", ENGINES)
def test_slopes_of_nearest_are_zero_whatever_the_pixels_hold(rng, engine, bad):
    """Pixels are not multiplied by a slope of 0, on axes of their own as in all."""
    image, grid = np.full((1, 2, 5, 7), bad), make_grid(rng, batch=1)
    values = np.ones((1, 2, *grid.shape[1:-1]))
    for mode, orders in (
        ("nearest", (1, 0)),
        ("nearest", (0, 2)),
        (("linear", "nearest"), (0, 1)),
        ("nearest", (1, 1)),
    ):
        spec = parse(mode, "border", False)
        np.testing.assert_array_equal(ENGINES[engine].pull(image, grid, spec, orders), 0)
        np.testing.assert_array_equal(ENGINES[engine].push(values * bad, grid, image.shape, spec, orders), 0)
    gradient = ENGINES[engine].grid_gradient(values, image, grid, parse("nearest", "border", False), (0, 0))
    np.testing.assert_array_equal(gradient, 0)
    gradient = ENGINES[engine].grid_gradient(values, image, grid, parse(("linear", "nearest"), "zeros", False), (0, 0))
    np.testing.assert_array_equal(gradient[..., 1], 0)


@pytest.mark.parametrize("entries", [2, 4])
def test_entries_for_another_number_of_axes(entries):
    image, grid = np.ones((1, 1, 3, 4, 5)), np.zeros((1, 2, 3))
    for call in (
        lambda *options: gs.grid_sample(image, grid, *options),
        lambda *options: gs.grid_splat(np.ones((1, 1, 2)), grid, image.shape, *options),
    ):
        with pytest.raises(ValueError, match=rf"must have one entry or 3, one for each axis.*got {entries} entries"):
            call(("linear",) * entries)
        with pytest.raises(ValueError, match=rf"must have one entry or 3, one for each axis.*got {entries} entries"):
            call("linear", ("zeros",) * entries)
    with pytest.raises(ValueError, match="must have one entry or 3"):
        reference.grid_sample(image, grid, ("linear",) * entries)
