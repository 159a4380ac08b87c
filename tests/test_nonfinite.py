"""NaN, infinite and huge coordinates, and pixels that are NaN: the rules, stated here once more and independently."""

import math
from fractions import Fraction

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES, engines_for
from gridsample.spec import parse
from support import (
    CHANNELS,
    PERIODIC,
    SIZES,
    TORCH_MODES,
    Options,
    assert_within,
    defined_sample,
    defined_splat,
    every_option,
    make_image,
)

INF, NAN = math.inf, math.nan
EVERY_ENGINE = [pytest.param(axes, name, id=f"{axes}d-{name}") for axes in SIZES for name in engines_for(axes)]

every_engine = pytest.mark.parametrize(("axes", "engine"), EVERY_ENGINE)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def places(axes, component, coordinates, dtype="float64"):
    """Return a list of points near the middle, but for one component."""
    grid = np.full((1, len(coordinates), axes), 0.11)
    grid[0, :, component] = coordinates
    return grid.astype(dtype)


def pull(engine, image, grid, options, orders=None):
    return ENGINES[engine].pull(image, grid, parse(*options), orders or (0,) * grid.shape[-1])


@pytest.mark.parametrize("options", every_option())
@every_engine
@every_dtype
def test_nan_on_any_axis_gives_nan_in_every_channel(rng, dtype, axes, engine, options):
    image = make_image(rng, axes, dtype, batch=1)
    for component in range(axes):
        result = pull(engine, image, places(axes, component, [NAN, 0.2, NAN], dtype), options)
        np.testing.assert_array_equal(np.isnan(result), np.broadcast_to([True, False, True], (1, CHANNELS, 3)))


@pytest.mark.parametrize("options", every_option())
@every_engine
@every_dtype
def test_infinite_coordinates(rng, dtype, axes, engine, options):
    image = make_image(rng, axes, dtype, batch=1)
    for component in range(axes):
        result = pull(engine, image, places(axes, component, [-INF, INF], dtype), options)
        if options.boundary in PERIODIC:
            assert np.isnan(result).all()
        elif options.boundary == "zeros":
            np.testing.assert_array_equal(result, 0)
        else:  # the edge pixel, as at a place far outside
            outside = pull(engine, image, places(axes, component, [-9, 9], dtype), options)
            np.testing.assert_array_equal(result, outside)


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("engine", ENGINES)
def test_nan_wins_over_everything(rng, engine, options):
    """Also over a component that puts the point outside, where zeros are."""
    image = make_image(rng, 2, batch=1)
    for other in (INF, -INF, 1e300, 9.0):
        for place in ([NAN, other], [other, NAN]):
            assert np.isnan(pull(engine, image, np.array([[place]]), options)).all()


@pytest.mark.parametrize("options", every_option(paddings=PERIODIC))
@pytest.mark.parametrize("engine", ENGINES)
def test_infinity_under_a_period_wins_as_nan_does(rng, engine, options):
    image = make_image(rng, 2, batch=1)
    for place in ([INF, 9.0], [9.0, -INF], [INF, INF]):
        assert np.isnan(pull(engine, image, np.array([[place]]), options)).all()


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("engine", ENGINES)
@every_dtype
def test_one_pixel_with_aligned_corners(rng, engine, options, dtype):
    """Every finite coordinate is pixel 0; infinite ones have no place whatever the boundary."""
    options = options._replace(align=True)
    image = make_image(rng, dtype=dtype, batch=1, size=(5, 1))
    huge = float(np.finfo(dtype).max) / 4
    result = pull(engine, image, places(2, 0, [-huge, -1e10, 7.0, 1e10, huge, -INF, INF, NAN], dtype), options)
    middle = pull(engine, image, places(2, 0, [0.0], dtype), options)
    # a cubic kernel weighs one pixel four times, or once and three zeros
    np.testing.assert_array_equal(result[..., :5], np.broadcast_to(middle, (1, CHANNELS, 5)))
    assert np.isnan(result[..., 5:]).all()


HUGE = [3e38, -3e38, 1e10, -1e10, 2.0**31, -(2.0**31), 2.0**53, 1e18, -1e18, 12345678.0]


@pytest.mark.parametrize("options", every_option())
@every_engine
@every_dtype
def test_huge_coordinates_are_what_they_are_defined_to_be(rng, dtype, axes, engine, options):
    """3e38 overflows to infinity in float32 on an axis of more than two pixels, and is then treated as infinity."""
    image = make_image(rng, axes, dtype, batch=1)
    for component in range(axes):
        grid = places(axes, component, HUGE, dtype)
        assert_within(pull(engine, image, grid, options), defined_sample(image, grid, options))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("boundary", PERIODIC)
@pytest.mark.parametrize("coordinate", [1e10, -1e10, 3e18, 1e300, -1e300])
def test_huge_coordinates_keep_their_phase(engine, boundary, coordinate):
    """With 8 pixels a position is the coordinate times a power of two: exact, and so is where it is reflected to."""
    size = 8
    position = Fraction(float(np.float64(coordinate) + 1) * (size / 2) - 0.5)
    period = 2 * (size - 1) if boundary == "mirror" else 2 * size
    low = 0 if boundary == "mirror" else Fraction(-1, 2)
    span = size - 1 if boundary == "mirror" else size
    distance = (position - low) % period
    folded = low + min(distance, 2 * span - distance)
    expected = float(min(max(folded, 0), size - 1))
    if boundary == "wrap":
        distance = position % size
        expected = float(distance if distance < size - 1 else (size - 1) * (size - distance))  # the way back to 0
    image = np.arange(float(size))[None, None]
    result = pull(engine, image, np.array([[[coordinate]]]), Options("linear", boundary, False))
    assert result[0, 0, 0] == expected


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_push_ignores_points_without_a_place(rng, axes, engine, options):
    """Their values are selected away, not multiplied by 0: they may be NaN themselves."""
    coordinates = [NAN, INF, -INF, 0.3]
    if options.boundary == "border":
        coordinates = [NAN, 0.3]
    shape = (1, CHANNELS, *SIZES[axes])
    for component in range(axes):
        grid = places(axes, component, coordinates)
        values = rng.normal(size=(1, CHANNELS, len(coordinates)))
        values[..., :-1] = [NAN, INF, -INF][: len(coordinates) - 1]
        spec, orders = parse(*options), (0,) * axes
        result = ENGINES[engine].push(values, grid, shape, spec, orders)
        alone = ENGINES[engine].push(values[..., -1:], grid[:, -1:], shape, spec, orders)
        np.testing.assert_array_equal(result, alone)
        assert np.isfinite(result).all()


@pytest.mark.parametrize("options", every_option())
@every_engine
@every_dtype
def test_push_of_huge_coordinates(rng, dtype, axes, engine, options):
    shape = (1, CHANNELS, *SIZES[axes])
    values = rng.normal(size=(1, CHANNELS, len(HUGE) + 2)).astype(dtype)
    for component in range(axes):
        grid = places(axes, component, [*HUGE, -INF, INF], dtype)
        result = ENGINES[engine].push(values, grid, shape, parse(*options), (0,) * axes)
        assert_within(result, defined_splat(values, grid, shape, options))


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_derivatives_are_zero_without_a_place(rng, axes, engine, options):
    image, orders = make_image(rng, axes, batch=1), (1,) + (0,) * (axes - 1)
    for component in range(axes):
        result = pull(engine, image, places(axes, component, [NAN, INF, -INF]), options, orders)
        if options.boundary == "border" and component > 0:
            assert np.isfinite(result[..., 1:]).all()
            result = result[..., :1]
        np.testing.assert_array_equal(result, 0)


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_gradients_are_zero_without_a_place(rng, axes, engine, options):
    """In every component; but under border an infinite component alone has none, and the others are as usual."""
    image, spec, orders = make_image(rng, axes, batch=1), parse(*options), (0,) * axes
    values = rng.normal(size=(1, CHANNELS, 3))
    for component in range(axes):
        gradient = ENGINES[engine].grid_gradient(values, image, places(axes, component, [NAN, INF, -INF]), spec, orders)
        np.testing.assert_array_equal(gradient[:, 0], 0)
        if options.boundary != "border":
            np.testing.assert_array_equal(gradient, 0)
            continue
        np.testing.assert_array_equal(gradient[:, 1:, component], 0)
        outside = ENGINES[engine].grid_gradient(values, image, places(axes, component, [0, 9, -9]), spec, orders)
        others = [d for d in range(axes) if d != component]
        np.testing.assert_array_equal(gradient[:, 1:, others], outside[:, 1:, others])


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_every_combination_of_special_coordinates(axes, engine, options):
    rng = np.random.default_rng(axes)
    special = np.array([NAN, INF, -INF, 1e300, -1e300, -1.0, 1.0, 0.0, 0.3])
    grid = special[rng.integers(0, len(special), (1, 60, axes))]
    image, shape = make_image(rng, axes, batch=1), (1, CHANNELS, *SIZES[axes])
    assert_within(pull(engine, image, grid, options), defined_sample(image, grid, options))
    values = rng.normal(size=(1, CHANNELS, 60))
    result = ENGINES[engine].push(values, grid, shape, parse(*options), (0,) * axes)
    assert_within(result, defined_splat(values, grid, shape, options))


# ------------------------------------------------------------------------------------------------- pixels that are NaN


def footprint(options, size, place):
    """Return which pixels belong to a place's footprint: those that ones splatted there reach, weight 0 or not."""
    values = np.full((1, 1, 1), NAN)  # NaN times a weight of 0 is NaN
    return np.isnan(gs.grid_splat(values, np.array([[place]]), (1, 1, *size), *options))


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("engine", ENGINES)
def test_pixels_outside_the_footprint_do_not_leak(rng, engine, options, bad):
    size = (5, 7)
    image = rng.normal(size=(1, 1, *size))
    for place in ([0.31, -0.23], [0.97, 0.11], [-1.3, 0.42], [2.1, -2.2], [1.0, -1.0], [0.0, 0.0]):
        spoilt = np.where(footprint(options, size, place), image, bad)
        grid = np.array([[place]])
        np.testing.assert_array_equal(pull(engine, spoilt, grid, options), pull(engine, image, grid, options))


@pytest.mark.parametrize("bad", [NAN, INF])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("mode", "position", "inside"),
    [
        ("nearest", 2, {2}),
        ("linear", 2, {2, 3}),  # the weight of 3 is 0
        ("linear", 6, {6}),  # 7 lies outside
        ("linear", -1, {0}),  # blends nothing with 0 of pixel 0
        ("cubic", 3, {2, 3, 4, 5}),
        ("cubic", 0, {0, 1, 2}),
        ("cubic", -2, {0}),
        ("cubic", 8, set()),  # its first tap is 7
        ("cubic", 7, {6}),
    ],
)
def test_pixels_inside_the_footprint_count_even_with_weight_zero(engine, mode, position, inside, bad):
    place = np.array([[[2 * position / 6 - 1]]])
    options = Options(mode, "zeros", True)
    for pixel in range(7):
        image = np.ones((1, 1, 7))
        image[..., pixel] = bad
        result = pull(engine, image, place, options)[0, 0, 0]
        assert np.isfinite(result) == (pixel not in inside), f"pixel {pixel}"


@pytest.mark.parametrize("padding", ["border", "mirror", "symmetric"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_tap_beyond_the_last_pixel_is_skipped_after_a_fold(engine, padding):
    image = np.array([[[NAN, NAN, 3.0]]])
    result = pull(engine, image, np.array([[[1.0]]]), Options("linear", padding, True))
    assert result[0, 0, 0] == 3


@pytest.mark.parametrize("options", every_option())
@every_engine
def test_images_full_of_holes(rng, axes, engine, options):
    image, grid = make_image(rng, axes, batch=1), rng.uniform(-1.5, 1.5, (1, 23, axes))
    image[rng.random(image.shape) < 0.1] = NAN
    assert_within(pull(engine, image, grid, options), defined_sample(image, grid, options))


@pytest.mark.parametrize("mode", TORCH_MODES)
@pytest.mark.parametrize("engine", ENGINES)
def test_splatted_nan_stays_in_its_footprint(engine, mode):
    grid = np.array([[[0.31, -0.23], [9.0, 9.0]]])
    values = np.array([[[NAN, NAN]]])
    result = ENGINES[engine].push(values, grid, (1, 1, 5, 7), parse(mode, "zeros", False), (0, 0))
    reached = {"nearest": 1, "linear": 4, "cubic": 16}[mode]
    assert np.isnan(result).sum() == reached
    assert not np.nan_to_num(result).any()


def test_no_warning_for_what_is_defined(rng):
    """Under warnings as errors: the public functions are silent about coordinates that have a defined answer."""
    image, grid = make_image(rng, dtype="float32", size=(5, 1)), np.full((1, 3, 2), [[NAN], [INF], [3e38]], "float32")
    with np.errstate(all="raise"):
        gs.grid_sample(image, grid, padding_mode="border", align_corners=True)
        gs.grid_splat(np.ones((2, CHANNELS, 3), "float32"), grid, image.shape, "cubic", "mirror")
