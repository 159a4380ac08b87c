"""``explain``: what it says is what sampling does."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import gridsample as gs
from gridsample import reference
from gridsample.definitions.dtypes import position_of
from support import BOUNDARIES, eps

MODES = (
    "nearest",
    "linear",
    "cubic",
    gs.Keys(-0.5),
    gs.Lanczos(2),
    "lanczos",
    "mitchell",
    gs.BSpline(2),
    gs.BSpline(3, prefilter=False),
    gs.BSpline(5),
)
SIZES = {1: (7,), 2: (5, 7), 3: (3, 5, 4)}
ROUNDINGS = 64  # of weights, products and sums of at most 216 taps of values up to 1, all small multiples of eps


@st.composite
def calls(draw):
    """Return an input, a grid, a point of it and the options of a call."""
    axes = draw(st.sampled_from([1, 2, 3]))
    few = [mode for mode in MODES if axes < 3 or mode not in (gs.BSpline(5), "lanczos")]  # taps, in three dimensions
    one, padding = st.sampled_from(few), st.sampled_from([*BOUNDARIES, "reflection"])
    by_axis = draw(st.booleans())
    options = {
        "mode": tuple(draw(one) for _ in range(axes)) if by_axis else draw(one),
        "padding_mode": tuple(draw(padding) for _ in range(axes)) if by_axis else draw(padding),
        "align_corners": draw(st.booleans()),
        "coords": draw(st.sampled_from(["normalized", "pixel", "relative"])),
        "channels": draw(st.sampled_from(["first", "last"])),
    }
    dtype = draw(st.sampled_from(["float16", "float32", "float64", "complex64", "uint8", "int16"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    batch = draw(st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2)]))
    image = rng.uniform(-1, 1, (batch[0], 2, *SIZES[axes]))
    image = (abs(image * 100) if dtype in ("uint8", "int16") else image).astype(dtype)
    image = image * (1 + 2j) if dtype == "complex64" else image
    if options["channels"] == "last":
        image = np.moveaxis(image, 1, -1)
    out = (3, 4, 2)[:axes]
    scale = 2.5 if options["coords"] == "normalized" else 12
    grid = rng.uniform(-scale, scale, (batch[1], *out, axes)).astype(draw(st.sampled_from(["float32", "float64"])))
    if draw(st.integers(0, 9)) == 0:
        grid[..., draw(st.integers(0, axes - 1))] = draw(st.sampled_from([math.nan, math.inf, -math.inf, 1e12]))
    index = tuple(draw(st.integers(0, length - 1)) for length in (max(batch), *out))
    return image, grid, index, options


def there(samples, index, options):
    """Return the samples at a point, one for each channel."""
    return np.moveaxis(samples, 1, -1)[index] if options["channels"] == "first" else samples[index]


@given(calls())
def test_the_result_is_the_engines_and_the_sum_of_the_products(call):
    image, grid, index, options = call
    found = gs.explain(image, grid, index, **options)
    expected = there(gs.grid_sample(image, grid, **options), index, options)
    np.testing.assert_array_equal(np.array(found.result, image.dtype), expected)
    if found.undefined:
        assert found.taps == ()
        assert found.blend == found.result
        return
    sums = np.array([np.sum([tap.weight * tap.values[c] for tap in found.taps]) for c in range(2)])
    np.testing.assert_allclose(found.blend, sums, rtol=1e-12, atol=1e-12)
    largest = max([1, *(abs(value) for tap in found.taps for value in tap.values)])
    bound, blend = ROUNDINGS * eps(position_of(image.dtype)) * largest, np.array(found.blend)
    if image.dtype.kind in "iu":  # rounded, and saturated
        blend, bound = blend.clip(np.iinfo(image.dtype).min, np.iinfo(image.dtype).max), bound + 0.5
    else:
        bound += eps(image.dtype) * largest
    assert np.abs(blend - np.array(found.result)).max() <= bound


@given(calls())
def test_the_taps_are_those_of_the_definition(call):
    image, grid, index, options = call
    found = gs.explain(image, grid.astype("float64"), index, **options)
    axes = grid.shape[-1]
    place = reference.place_of(grid.astype("float64"), index[0] % grid.shape[0], index[1:], options["coords"])
    arguments = (options["mode"], options["padding_mode"], options["align_corners"], options["coords"])
    defined = reference.footprint(place, SIZES[axes], *arguments)
    if defined is None:
        assert found.undefined
        return
    read = [(tap.read, tap.weight) for tap in found.taps if tap.read is not None]
    assert [place for place, _ in read] == [place for place, _ in defined]
    # weights of at most 1.3 by axis, of a distance that is off by some ulp of positions up to 40
    loss = ROUNDINGS * eps(position_of(image.dtype)) * 8
    np.testing.assert_allclose([w for _, w in read], [w for _, w in defined], rtol=0, atol=loss)


@given(calls())
def test_the_record_is_consistent(call):
    image, grid, index, options = call
    found = gs.explain(image, grid, index, **options)
    pixels = np.moveaxis(image, -1, 1) if options["channels"] == "last" else image
    pixels = pixels[index[0] % len(pixels)]
    for tap in found.taps:
        assert tap.inside == all(0 <= i < size for i, size in zip(tap.index, found.size, strict=True))
        assert tap.weight == math.prod(tap.weights)
        if tap.inside:
            assert tap.read == tap.index
        if tap.read is not None and not found.filtered:
            np.testing.assert_array_equal(tap.values, pixels[(slice(None), *tap.read)])
        if tap.read is None:
            assert set(tap.values) == {0}
    assert repr(found) == found.table()
