"""Properties for arrays of any shape, strides and coordinates: every engine gives what is defined."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import gridsample as gs
from engines import ENGINES, engines_for
from gridsample.spec import parse
from memory import LAYOUTS, WRITABLE_LAYOUTS
from support import MODES, PADDINGS, ROUNDINGS, WEIGHTS, Options, assert_within, defined_sample, defined_splat, eps

LENGTHS = st.integers(1, 6)
OPTIONS = st.builds(Options, st.sampled_from(MODES), st.sampled_from(PADDINGS), st.booleans())
DTYPES = st.sampled_from(["float16", "float32", "float64"])
# halves and quarters find ties and borders, the others everything else
COORDINATES = st.one_of(
    st.integers(-12, 12).map(lambda n: n / 4),
    st.floats(-3, 3),
    st.sampled_from([math.nan, math.inf, -math.inf, 1.0, -1.0, 1e10, -1e10, 6e4, 3e38, -3e38, 1e300, 1e-30]),
)
# no infinite ones: times a weight that rounding may take to 0, they are anything
PIXELS = st.one_of(st.floats(-1, 1, width=16), st.sampled_from([math.nan, 0.0, -0.0]))


@st.composite
def calls(draw, pixels=PIXELS):
    """Return the arrays and options of a call: image, values for its result, grid, options."""
    axes = draw(st.integers(1, 3))
    images, grids = draw(st.sampled_from([(1, 1), (2, 2), (1, 2), (2, 1)]))
    channels, size = draw(st.integers(1, 3)), draw(st.tuples(*[LENGTHS] * axes))
    out = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))  # which pixel gets which value is nothing to shrink

    def spread(elements, shape, dtype):
        few = draw(st.lists(elements, min_size=1, max_size=8))
        with np.errstate(over="ignore"):  # a coordinate may be infinite in a smaller dtype
            return rng.choice(np.array(few), shape).astype(dtype)

    image = spread(pixels, (images, channels, *size), draw(DTYPES))
    values = spread(pixels, (max(images, grids), channels, *out), draw(DTYPES))
    grid = spread(COORDINATES, (grids, *out, axes), draw(DTYPES))
    return image, values, grid, draw(OPTIONS)


FINITE = calls(pixels=st.floats(-1, 1, width=16))
TIE = np.array([[[-1.0], [-0.5], [0.0], [0.5], [1.0]]])


@given(calls())
@example((np.arange(1.0, 5)[None, None], np.ones((1, 1, 5)), TIE, Options("nearest", "zeros", False)))
@example((np.full((1, 1, 1), 2.0), np.ones((1, 1, 5)), TIE, Options("linear", "mirror", True)))
def test_sampling_is_what_it_is_defined_to_be(call):
    image, _, grid, options = call
    with np.errstate(invalid="ignore"):  # pixels times weights, in the definition
        expected = defined_sample(image, grid, options)
    assert_within(gs.grid_sample(image, grid, *options), expected)


@given(calls())
def test_splatting_is_what_it_is_defined_to_be(call):
    image, values, grid, options = call
    shape = (values.shape[0], *image.shape[1:])
    with np.errstate(invalid="ignore"):
        expected = defined_splat(values, grid, shape, options)
    assert_within(gs.grid_splat(values, grid, shape, *options), expected)


@given(FINITE, st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS), st.sampled_from(WRITABLE_LAYOUTS))
def test_sampling_whatever_the_memory(call, of_image, of_grid, of_out):
    image, _, grid, options = call
    expected = defined_sample(image, grid, options)
    out = of_out(np.full(expected.value.shape, 7, image.dtype))
    assert gs.grid_sample(of_image(image), of_grid(grid), *options, out=out) is out
    assert_within(out, expected)
    out = np.moveaxis(of_out(np.full(expected.value.shape, 7, image.dtype)), 1, -1)
    gs.grid_sample(np.moveaxis(of_image(image), 1, -1), of_grid(grid), *options, channels="last", out=out)
    assert_within(np.moveaxis(out, -1, 1), expected)


@given(FINITE, st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS), st.sampled_from(WRITABLE_LAYOUTS))
def test_splatting_whatever_the_memory(call, of_values, of_grid, of_out):
    image, values, grid, options = call
    expected = defined_splat(values, grid, (values.shape[0], *image.shape[1:]), options)
    out = of_out(np.full(expected.value.shape, 7, values.dtype))
    assert gs.grid_splat(of_values(values), of_grid(grid), out.shape, *options, out=out) is out
    assert_within(out, expected)


@given(FINITE, st.data())
@pytest.mark.parametrize("operation", ["pull", "push", "grid_gradient"])
def test_engines_agree_on_derivatives(operation, call, data):
    """In float64, for derivative orders up to 3 in any mixture, at coordinates that may be anything at all."""
    image, values, grid, options = (a.astype("float64") if isinstance(a, np.ndarray) else a for a in call)
    axes = grid.shape[-1]
    orders = tuple(data.draw(st.lists(st.integers(0, 3), min_size=axes, max_size=axes)))
    arguments = {
        "pull": (image, grid),
        "push": (values, grid, (values.shape[0], *image.shape[1:])),
        "grid_gradient": (values, image, grid),
    }[operation]
    first, *others = (
        getattr(ENGINES[name], operation)(*arguments, parse(*options), orders) for name in engines_for(axes)
    )
    # each order carries half a size, up to 3, and weights up to 12; one order more for gradients
    scale = math.prod(36 ** (order + 1) for order in orders)
    terms = 4**axes * values.size  # no sum is longer
    for other in others:
        np.testing.assert_allclose(other, first, rtol=0, atol=terms * eps("float64") * scale)


@given(FINITE)
def test_splatting_is_the_transpose_of_sampling(call):
    """<pull(x), y> = <x, push(y)>, points that have no place aside."""
    x, y, grid, options = (a.astype("float64") if isinstance(a, np.ndarray) else a for a in call)
    sampled, splatted = gs.grid_sample(x, grid, *options), gs.grid_splat(y, grid, x.shape, *options)
    left, right = (np.where(np.isnan(sampled), 0, sampled) * y).sum(), (x * splatted).sum()
    axes = grid.shape[-1]
    magnitudes = np.abs(y).sum() * WEIGHTS[options.mode] ** axes
    rounding = (4 * ROUNDINGS[options.mode] * axes + y.size) * eps("float64") * magnitudes
    assert abs(left - right) <= rounding
