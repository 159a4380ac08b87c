"""``explain``: what it says is what sampling does."""

import dataclasses
import json
import math

import numpy as np
import pytest
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
        "outside": draw(st.sampled_from(["pad", "pad", "fill", "fill_centres"])),
        "nan_places": draw(st.sampled_from(["nan", "fill", "edge"])),
    }
    paddings = options["padding_mode"] if by_axis else (options["padding_mode"],)
    if "fill" in (*paddings, options["outside"], options["nan_places"]):
        options["fill_value"] = draw(st.sampled_from([0.0, 1.0, (2.0, 3.0)]))
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
    if found.undefined or found.beyond:
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
    options["nan_places"] = "nan"
    options.pop("fill_value", None)
    found = gs.explain(image, grid.astype("float64"), index, **options)
    axes = grid.shape[-1]
    place = reference.place_of(grid.astype("float64"), index[0] % grid.shape[0], index[1:], options["coords"])
    arguments = (options["mode"], options["padding_mode"], options["align_corners"], options["coords"])
    defined = reference.footprint(place, SIZES[axes], *arguments)
    if defined is None:
        assert found.undefined
        return
    if found.beyond:
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
            assert tap.values == (found.fill if tap.filled else (0,) * len(tap.values))
    assert repr(found) == found.table()


ARRAY = np.array([[85, 63, 51, 26], [30, 4, 7, 1], [17, 81, 64, 91], [50, 60, 97, 72]], "float32")[None, None]
CORNER = np.array([[[-1.2, 1.3]]])


def test_a_sample_by_hand():
    """Reflected about -0.5 and 3.5: x from -0.9 to -0.1, clamped to 0, and y from 4.1 to 2.9."""
    found = gs.explain(ARRAY, CORNER, padding_mode="reflection")
    x, y = found.axes
    assert (x.name, x.size, x.coordinate) == ("x", 4, -1.2)
    assert (x.position, x.folded, x.folds, x.moved) == (pytest.approx(-0.9), 0.0, True, True)
    assert (y.position, y.folded) == (pytest.approx(4.1), pytest.approx(2.9))
    assert [tap.index for tap in found.taps] == [(2, 0), (2, 1), (3, 0), (3, 1)]
    assert [tap.weight for tap in found.taps] == pytest.approx([0.1, 0, 0.9, 0])
    assert [tap.values for tap in found.taps] == [(17,), (81,), (50,), (60,)]
    assert found.blend == pytest.approx((0.1 * 17 + 0.9 * 50,))
    assert found.formula() == "0.1 × 17 + 0.9 × 50 = 46.7"
    assert found.call == (
        "gs.grid_sample(input, grid, mode='bilinear', padding_mode='reflection', align_corners=False)"
    )


def test_taps_that_the_boundary_resolves():
    found = gs.explain(np.array([[[10.0, 20, 30]]]), np.array([[[2.25]]]), 0, "cubic", "wrap", coords="pixel")
    assert [(tap.index, tap.read, tap.inside) for tap in found.taps] == [
        ((1,), (1,), True),
        ((2,), (2,), True),
        ((3,), (0,), False),
        ((4,), (1,), False),
    ]


def test_taps_that_have_the_fill_value():
    options = {"padding_mode": "fill", "fill_value": 8.0, "coords": "pixel"}
    found = gs.explain(np.array([[[10.0, 20, 30]]]), np.array([[[-0.25]]]), **options)
    outer, inner = found.taps
    assert (outer.read, outer.filled, outer.inside, outer.values, outer.products) == (None, True, False, (8.0,), (2.0,))
    assert (inner.read, inner.filled) == ((0,), False)
    assert found.blend == found.result == (9.5,)
    assert found.formula() == "0.25 × 8 + 0.75 × 10 = 9.5"
    assert found.call.endswith("coords='pixel', fill_value=8.0)")


@pytest.mark.parametrize("derivative", [None, (1,)])
def test_only_the_fill_value(derivative):
    options = {"padding_mode": "fill", "fill_value": math.nan, "coords": "pixel", "derivative": derivative}
    found = gs.explain(np.array([[[10.0, 20, 30]]]), np.array([[[-2.25]]]), 0, "cubic", **options)
    np.testing.assert_array_equal(found.blend, found.result)
    np.testing.assert_array_equal(found.blend, [0.0 if derivative else math.nan])


@pytest.mark.parametrize(
    ("outside", "place", "beyond"), [("fill", -0.4, False), ("fill", 2.6, True), ("fill_centres", -0.1, True)]
)
def test_places_outside_that_are_filled(outside, place, beyond):
    options = {"padding_mode": "border", "outside": outside, "fill_value": 7.0, "coords": "pixel"}
    found = gs.explain(np.array([[[10.0, 20, 30]]]), np.array([[[place]]]), **options)
    assert (found.beyond, found.taps == ()) == (beyond, beyond)
    assert found.blend == found.result == ((7.0,) if beyond else (10.0,))
    assert (f"by outside='{outside}'" in str(found)) is beyond


@pytest.mark.parametrize(
    ("nan_places", "result", "words"), [("fill", 7.0, "by nan_places='fill'"), ("edge", 10.0, "-1 is taken")]
)
def test_undefined_places_that_are_something_else(nan_places, result, words):
    options = {"padding_mode": "border", "nan_places": nan_places, "coords": "pixel"}
    filling = {"fill_value": 7.0} if nan_places == "fill" else {}
    found = gs.explain(np.array([[[10.0, 20, 30]]]), np.array([[[math.nan]]]), **options, **filling)
    assert found.result == found.blend == (result,)
    assert words in str(found)


def test_taps_of_nothing():
    found = gs.explain(np.array([[[10.0, 20, 30]]]), np.array([[[2.25]]]), 0, "linear", coords="pixel")
    inner, outer = found.taps
    assert (inner.read, inner.products) == ((2,), (22.5,))
    assert (outer.read, outer.inside, outer.weight, outer.values) == (None, False, 0.25, (0.0,))
    assert found.formula() == "0.75 × 30 = 22.5"


@pytest.mark.parametrize("index", [(1, 2), (0, 1, 2), (-2, -2), [1, 2], np.array([1, 2])])
def test_a_point_of_a_single_entry(rng, index):
    grid = rng.uniform(-1, 1, (1, 3, 4, 2))
    assert gs.explain(ARRAY, grid, index).index == (0, 1, 2)


def test_a_point_of_a_list(rng):
    grid = rng.uniform(-1, 1, (1, 5, 2))
    assert gs.explain(ARRAY, grid, -1).index == (0, 4)
    assert gs.explain(ARRAY, grid[:, :1]).index == (0, 0)


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        (None, TypeError, "index must say which point of the grid is meant, one of N = 2 and *out = (3, 5)"),
        (1.5, TypeError, "whole number"),
        ("ab", TypeError, "whole number"),
        ((1, 2), ValueError, "3 entries, for a place in (N, *out) = (2, 3, 5); got (1, 2)"),
        ((2, 0, 0), IndexError, "a place in (N, *out) = (2, 3, 5) of the grid; got (2, 0, 0)"),
        ((0, 0, -6), IndexError, "got (0, 0, -6)"),
    ],
)
def test_wrong_points(rng, index, error, words):
    with pytest.raises(error) as raised:
        gs.explain(ARRAY, rng.uniform(-1, 1, (2, 3, 5, 2)), index)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"mode": "bicubik"}, ValueError, "did you mean"),
        ({"language": "de"}, ValueError, "language must be one of 'en', 'zh'; got 'de'"),
        ({"derivative": (1,)}, ValueError, "2 entries"),
        ({"mode": ("linear",) * 3}, ValueError, "one for each axis"),
    ],
)
def test_wrong_options(options, error, words):
    with pytest.raises(error, match=words):
        gs.explain(ARRAY, CORNER, **options)


def test_too_many_taps_are_refused():
    with pytest.raises(ValueError, match="at most 65536; this sample has 262144"):
        gs.explain(np.zeros((1, 1, *(2,) * 6)), np.zeros((1, 1, 6)), 0, gs.Lanczos(4), "border")


@pytest.mark.parametrize("mode", ["cubic", "lanczos", gs.BSpline(3), "mitchell"])
def test_derivatives(rng, mode):
    grid = rng.uniform(-1.4, 1.4, (1, 5, 2))
    options = {"mode": mode, "padding_mode": "mirror", "derivative": (1, 1)}
    found = gs.explain(ARRAY.astype(float), grid, 3, **options)
    assert found.result == (gs.grid_sample(ARRAY.astype(float), grid, **options)[0, 0, 3],)
    np.testing.assert_allclose(found.blend, found.result, rtol=1e-10)
    assert "derivative=(1, 1)" in found.call


@pytest.mark.parametrize("dtype", ["bool", "int64", "uint64", "datetime64[s]", "timedelta64[ms]"])
def test_what_is_only_copied(dtype):
    image = np.array([[[0, 1, 3]]]).astype(dtype)
    found = gs.explain(image, np.array([[[1.9]]]), 0, "nearest", coords="pixel")
    assert found.blend == found.result == tuple(image[0, 0, 2:].tolist())
    assert str(found.result[0]) in found.table()


def test_kernels_and_boundaries_of_a_users_own():
    def to_the_left(xp, index, size):
        return xp.clip(index, 0, size - 1), index < size

    boundary = gs.Boundary("border on the left alone", to_the_left)
    found = gs.explain(np.array([[[1.0, 2.0]]]), np.array([[[-1.5], [1.5]]]), 1, "linear", boundary, coords="pixel")
    assert [tap.read for tap in found.taps] == [(1,), None]
    assert "border on the left alone" in found.table()
    assert "border on the left alone" in found.as_dict()["axes"][0]["boundary"]


def test_tensors():
    torch = pytest.importorskip("torch")
    image = torch.tensor(ARRAY, dtype=torch.bfloat16, requires_grad=True)
    grid = torch.tensor(CORNER, requires_grad=True)
    found = gs.explain(image, grid, padding_mode="border")
    assert found.dtype == "bfloat16"
    assert found.result == (gs.grid_sample(image, grid, padding_mode="border").item(),)
    assert found.taps[0].values == (50.0,)


@pytest.mark.parametrize("mode", ["bicubic", "bspline"])
def test_arrays_of_the_standard(mode):
    xp = pytest.importorskip("array_api_strict")
    found = gs.explain(xp.asarray(ARRAY), xp.asarray(CORNER), 0, mode, "mirror")
    expected = gs.explain(ARRAY, CORNER, 0, mode, "mirror")
    assert found.result == pytest.approx(expected.result, rel=1e-5)
    assert [tap.read for tap in found.taps] == [tap.read for tap in expected.taps]


def test_a_record_as_dict_is_json():
    found = gs.explain(ARRAY, CORNER, 0, gs.Keys(-0.5), "mirror").as_dict()
    text = json.loads(json.dumps(found))
    assert text["axes"][0]["kernel"] == "keys(-0.5)"
    assert text["taps"][0]["index"] == [3, -2]
    assert set(text) == {field.name for field in dataclasses.fields(gs.Explanation)} - {"pixels"}
