"""The fill value: in the place of pixels outside, at places outside, and at undefined places. And NaN."""

import numpy as np
import pytest
from scipy import ndimage

import gridsample as gs
from gridsample import reference
from gridsample.engines import cpu
from gridsample.engines.portable import PORTABLE
from gridsample.spec import parse
from support import eps, make_image

SIZES = {1: (7,), 2: (5, 7), 3: (3, 7, 5)}
OUTS = {1: (41,), 2: (11, 5), 3: (37,)}
HOSTILE = (np.nan, np.inf, -np.inf, 3e38, -1.0, 1.0)
MODES = ("nearest", "linear", "cubic", gs.Lanczos(2), gs.BSpline(2, prefilter=False))
FILLINGS = [  # padding_mode, outside, nan_places
    pytest.param(*options, id="-".join(map(str, options)))
    for options in (
        ("fill", "pad", "nan"),
        ("fill", "pad", "fill"),
        ("zeros", "fill", "nan"),
        ("border", "fill", "fill"),
        ("mirror", "fill_centres", "nan"),
        ("wrap", "fill", "nan"),
        ("symmetric", "pad", "fill"),
        ("fill", "fill_centres", "edge"),
        ("border", "fill", "edge"),
    )
]
FILLS = [pytest.param(3.5, id="number"), pytest.param((1.0, np.nan, -2.0), id="by channel")]


def places(rng, axes, dtype="float64"):
    """Return places inside, across the edge, far outside and nowhere, on each axis."""
    grid = rng.uniform(-1.9, 1.9, (2, *OUTS[axes], axes))
    flat = grid.reshape(-1, axes)
    for i, value in enumerate(HOSTILE):
        flat[3 + i, i % axes] = value
    return grid.astype(dtype)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("padding", "outside", "nan_places"), FILLINGS)
@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("axes", SIZES)
def test_samples_are_the_definition_s(rng, axes, mode, padding, outside, nan_places, fill):
    """For channels first and last, on both engines."""
    image, grid = make_image(rng, axes, size=SIZES[axes]), places(rng, axes)
    options = {"fill_value": fill, "outside": outside, "nan_places": nan_places}
    expected = reference.grid_sample(image, grid, str(mode), padding, False, **options)
    samples = gs.grid_sample(image, grid, mode, padding, **options)
    np.testing.assert_allclose(samples, expected, rtol=0, atol=1e-12)
    last = gs.grid_sample(np.moveaxis(image, 1, -1).copy(), grid, mode, padding, channels="last", **options)
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), expected, rtol=0, atol=1e-12)
    if nan_places != "edge":
        spec = parse(mode, padding, False, "normalized", fill, outside, nan_places)
        np.testing.assert_allclose(PORTABLE.pull(image, grid, spec, (0,) * axes), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("padding", "outside", "nan_places"), FILLINGS)
@pytest.mark.parametrize("mode", MODES[1:], ids=str)
@pytest.mark.parametrize("axes", SIZES)
def test_derivatives_are_the_same_on_every_engine(rng, axes, mode, padding, outside, nan_places, fill):
    """Those of samples, and the gradient by the grid."""
    if nan_places == "edge":
        nan_places = "nan"
    image, grid = make_image(rng, axes, size=SIZES[axes]), places(rng, axes)
    spec = parse(mode, padding, False, "normalized", fill, outside, nan_places)
    for component in range(axes):
        orders = tuple(int(axis == component) for axis in range(axes))
        compiled = cpu.CPU.pull(image, grid, spec, orders, np.empty((2, 3, *OUTS[axes])))
        np.testing.assert_allclose(compiled, PORTABLE.pull(image, grid, spec, orders), rtol=1e-11, atol=1e-11)
    values, found = rng.standard_normal((2, 3, *OUTS[axes])), np.empty_like(grid)
    cpu.CPU.grid_gradient(values, image, grid, spec, (0,) * axes, found)
    wanted = PORTABLE.grid_gradient(values, image, grid, spec, (0,) * axes)
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-10)


@pytest.mark.parametrize("channels", [1, 3, 5, 19])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_way_through_the_core_fills(rng, dtype, channels):
    """One plane, three, few channels together and many in vectors are as padding the array by hand."""
    image = rng.standard_normal((2, channels, 11, 13)).astype(dtype)
    grid = rng.uniform(-3.0, 15.0, (2, 17, 19, 2)).astype("float64" if dtype == "float64" else "float32")
    fill = tuple(float(value) for value in rng.integers(1, 9, channels) / 4)
    padded = np.stack(
        [np.pad(image[:, c], ((0, 0), (6, 6), (6, 6)), constant_values=fill[c]) for c in range(channels)], 1
    )
    expected = gs.grid_sample(padded.astype("float64"), grid.astype("float64") + 6, "cubic", coords="pixel")
    tolerance = 64 * eps(dtype)  # weights of up to 1.3 and values of up to 4 or so
    for last in (False, True):
        given = np.moveaxis(image, 1, -1).copy() if last else image
        options = {"coords": "pixel", "channels": "last" if last else "first", "fill_value": fill}
        with cpu.watch_paths() as paths:
            samples = gs.grid_sample(given, grid, "cubic", "fill", **options)
        assert paths["filled"] > 0
        assert paths["common"] > 0  # placed by the loops that are compiled for zeros
        np.testing.assert_allclose(np.moveaxis(samples, -1, 1) if last else samples, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("order", [0, 1])
def test_scipy_has_the_same_constants(rng, order):
    """grid-constant is the boundary; constant, which does not blend, is what is outside of the centres."""
    image, mode = rng.standard_normal((11, 13)), ("nearest", "linear")[order]
    points = rng.uniform(-4.0, 16.0, (97, 2))
    samples = [
        gs.grid_sample(image[None, None], points[None], mode, padding, coords="pixel", fill_value=2.5, outside=outside)
        for padding, outside in (("fill", "pad"), ("border", "fill_centres"))
    ]
    for ours, theirs in zip(samples, ("grid-constant", "constant"), strict=True):
        wanted = ndimage.map_coordinates(image, points.T[::-1], order=order, mode=theirs, cval=2.5)
        np.testing.assert_allclose(ours[0, 0], wanted, rtol=0, atol=1e-13)


def test_what_lies_wholly_outside_is_the_fill_value_exactly(rng):
    """So that it can be compared with; however the weights round."""
    image = rng.standard_normal((1, 2, 5, 7)).astype("float32")
    grid = rng.uniform(9.0, 30.0, (1, 501, 2)).astype("float32")
    for mode in MODES:
        assert (
            gs.grid_sample(image, grid, mode, "fill", coords="pixel", fill_value=-9999.1) == np.float32(-9999.1)
        ).all()


@pytest.mark.parametrize("fill", [np.nan, np.inf])
def test_what_is_not_finite_outside_stays_outside(rng, fill):
    """Whole places of pixels are their values, though taps of weight 0 lie outside."""
    image = rng.standard_normal((1, 1, 5, 7))
    grid = np.stack(np.meshgrid(np.arange(7.0), np.arange(5.0)), -1)[None]
    for mode in ("nearest", "linear", "cubic", "lanczos"):
        np.testing.assert_array_equal(gs.grid_sample(image, grid, mode, "fill", coords="pixel", fill_value=fill), image)


def test_places_outside_are_judged_by_the_position():
    """Half a pixel beyond a centre is still inside; the centres' own bounds are, too."""
    row, points = np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-0.5], [-0.51], [2.5], [2.51], [0.0], [2.0], [np.inf]]])
    options = {"padding_mode": "border", "coords": "pixel", "fill_value": -1.0}
    filled = gs.grid_sample(row, points, outside="fill", **options)[0, 0]
    np.testing.assert_array_equal(filled, [1, -1, 4, -1, 1, 4, -1])
    filled = gs.grid_sample(row, points, outside="fill_centres", **options)[0, 0]
    np.testing.assert_array_equal(filled, [-1, -1, -1, -1, 1, 4, -1])


def test_nan_wins_over_places_outside():
    """A place that is nowhere on one axis is not outside on another."""
    image, points = np.ones((1, 1, 3, 5)), np.array([[[np.nan, 99.0], [99.0, np.nan], [99.0, 1.0]]])
    options = {"coords": "pixel", "outside": "fill", "fill_value": 7.0}
    np.testing.assert_array_equal(gs.grid_sample(image, points, **options), [[[np.nan, np.nan, 7]]])
    np.testing.assert_array_equal(gs.grid_sample(image, points, nan_places="fill", **options), [[[7, 7, 7]]])


@pytest.mark.parametrize("coords", ["normalized", "pixel", "relative"])
@pytest.mark.parametrize("align", [False, True])
def test_nan_at_the_edge_counts_as_minus_one(rng, coords, align):
    """In whatever coordinates the others are."""
    image, grid = rng.standard_normal((1, 2, 9)), np.array([[[0.5], [np.nan], [0.25]]])
    expected = gs.grid_sample(image, np.array([[[-1.0]]]), "linear", "border", align)
    found = gs.grid_sample(image, grid, "linear", "border", align, coords=coords, nan_places="edge")
    np.testing.assert_allclose(found[..., 1:2], expected, rtol=0, atol=1e-15)


class TestDtypes:
    """The fill value is a number of the input's dtype."""

    @pytest.mark.parametrize(
        ("dtype", "fill"),
        [
            ("uint8", 255),
            ("int8", -128),
            ("uint64", 2**64 - 2),
            ("int64", -(2**63) + 1),
            ("bool", True),
            ("complex128", 1 - 2j),
            ("complex64", 3.0),
            ("float16", -65504.0),
        ],
    )
    def test_comes_out_as_it_is(self, dtype, fill):
        """Outside and at NaN places, to the last bit."""
        row, points = np.array([[[0, 1, 1]]]).astype(dtype), np.array([[[0.0], [9.0], [np.nan]]])
        samples = gs.grid_sample(row, points, "nearest", "fill", coords="pixel", fill_value=fill, nan_places="fill")
        assert samples.dtype == row.dtype
        assert samples[0, 0, 1:].tolist() == [fill, fill]
        assert samples[0, 0, 0] == 0

    def test_integers_are_filled_where_floats_are_nan(self):
        """They have no NaN."""
        row, points = np.array([[[9, 1, 1]]], "int32"), np.array([[[-0.5], [np.nan]]])
        samples = gs.grid_sample(row, points, "linear", "fill", coords="pixel", fill_value=4)
        assert samples.tolist() == [[[6, 4]]]  # 6.5, rounded half to even

    @pytest.mark.parametrize("fill", [np.datetime64("NaT"), np.nan])
    def test_moments_are_filled_with_none(self, fill):
        """NaN is their NaT."""
        row, points = np.array([[["2001-01-01", "2002-02-02"]]], "datetime64[D]"), np.array([[[1.0], [9.0]]])
        samples = gs.grid_sample(row, points, "nearest", "fill", coords="pixel", fill_value=fill)
        assert samples[0, 0, 0] == row[0, 0, 1]
        assert np.isnat(samples[0, 0, 1])

    def test_moments_are_filled_in_their_unit(self):
        """Whichever unit the fill value has."""
        row = np.array([[["2001-01-01", "2002-02-02"]]], "datetime64[s]")
        fill = np.datetime64("1999-12-31", "D")
        samples = gs.grid_sample(row, np.array([[[9.0]]]), "nearest", "fill", coords="pixel", fill_value=fill)
        assert samples[0, 0, 0] == fill

    @pytest.mark.parametrize(
        ("dtype", "fill", "message"),
        [
            ("uint8", 256, "whole numbers from 0 to 255"),
            ("int16", 0.5, "whole numbers from -32768 to 32767"),
            ("uint8", np.nan, "whole numbers"),
            ("float16", 1e5, "real numbers up to 65504"),
            ("float32", 1j, "real numbers"),
            ("float32", np.datetime64("NaT"), "cannot be held by input of dtype float32"),
        ],
    )
    def test_others_are_refused(self, dtype, fill, message):
        """Before anything is computed."""
        with pytest.raises(ValueError, match=message):
            gs.grid_sample(np.ones((1, 1, 3), dtype), np.zeros((1, 1, 1)), "nearest", "fill", fill_value=fill)


class TestRefusals:
    """What cannot be meant."""

    def call(self, **options):
        return gs.grid_sample(np.ones((1, 3, 5)), np.zeros((1, 2, 1)), **options)

    def test_a_fill_value_without_use(self):
        with pytest.raises(ValueError, match=r"fill_value 1\.5 would not be used: padding_mode='fill'"):
            self.call(fill_value=1.5)

    def test_as_many_as_other_channels(self):
        with pytest.raises(ValueError, match="one for each of the 3 channels; got 2"):
            self.call(padding_mode="fill", fill_value=[1.0, 2.0])

    @pytest.mark.parametrize("fill", ["1", None, [[1.0]], []])
    def test_what_is_no_number(self, fill):
        with pytest.raises(TypeError, match="fill_value must be a number, or one for each channel"):
            self.call(padding_mode="fill", fill_value=fill)

    def test_unknown_names(self):
        with pytest.raises(ValueError, match="did you mean 'fill_centres'"):
            self.call(outside="fill_centers")
        with pytest.raises(ValueError, match="nan_places must be one of 'nan', 'fill', 'edge'"):
            self.call(nan_places="zero")
        with pytest.raises(ValueError, match="did you mean 'fill' "):
            self.call(padding_mode="constant")


def test_a_fill_value_may_be_an_array():
    """With one axis, or none."""
    points = np.full((1, 1, 1), 9.0)
    for fill in (np.array([1.0, 2.0]), [1.0, 2.0], (1, 2)):
        assert gs.grid_sample(np.ones((1, 2, 5)), points, padding_mode="fill", fill_value=fill).ravel().tolist() == [
            1,
            2,
        ]
    assert gs.grid_sample(np.ones((1, 1, 5)), points, padding_mode="fill", fill_value=np.float32(3)).item() == 3


@pytest.mark.parametrize("outside", ["fill", "fill_centres"])
def test_splats_leave_out_what_sampling_fills(rng, outside):
    """Sampling is affine: without the fill value it is the splat's transpose. Pixels count what they are read."""
    image, grid = rng.standard_normal((2, 3, 5, 7)), places(rng, 2)
    values, options = rng.standard_normal((2, 3, *OUTS[2])), {"outside": outside, "nan_places": "fill"}
    samples = gs.grid_sample(image, grid, "cubic", "mirror", **options)
    splats = gs.grid_splat(values, grid, image.shape, "cubic", "mirror", **options)
    np.testing.assert_allclose((samples * values).sum(), (image * splats).sum(), rtol=1e-12)
    expected = reference.grid_splat(values, grid, image.shape, "cubic", "mirror", **options)
    np.testing.assert_allclose(splats, expected, rtol=0, atol=1e-12)
    count = gs.grid_count(grid, (2, 1, 5, 7), "cubic", "mirror", **options)
    ones = gs.grid_splat(np.ones((2, 1, *OUTS[2])), grid, (2, 1, 5, 7), "cubic", "mirror", **options)
    np.testing.assert_allclose(count, ones, rtol=0, atol=1e-12)


def test_labels_and_masks_leave_out_places_outside():
    """Where they have fill values of their own."""
    points = np.array([[[-0.4], [-0.6], [np.nan]]])
    options = {"coords": "pixel", "outside": "fill"}
    labels = gs.sample_labels(np.array([[[3, 5]]]), points, "nearest", "border", fill_value=9, **options)
    assert labels.tolist() == [[[3, 9, 9]]]
    row = np.array([[[3.0, 5.0]]])
    values, _ = gs.sample_masked(row, np.ones_like(row, bool), points, "nearest", "border", fill_value=-1.0, **options)
    assert values.tolist() == [[[3, -1, -1]]]
