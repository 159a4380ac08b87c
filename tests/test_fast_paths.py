"""Each fast way through the core: it gives what the general way gives, and it is the one chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gridsample as gs
from gridsample.engines.cpu import CPU
from gridsample.spec import parse
from support import COMPILED_MODES, NUMPY_PAD, channels_innermost, eps, paths_of

FRAME = 4  # pixels around an image

pytestmark = pytest.mark.usefixtures("instructions")


PLANES = {"three_planes", "one_pass", "in_place"}  # how planes are gone through, beside how vectors of points are
LOOPS_OF_THEIR_OWN = ("nearest", "linear", "cubic")  # for their shapes (core/tile.h) and their places (core/place.cpp)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize(
    "dtypes", [("float32", "float32"), ("float64", "float64"), ("float32", "float64")], ids="-".join
)
@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_common_options_place_points_as_all_others_are(rng, mode, dtypes, axes):
    """Bit for bit, samples and gradients: inside, the boundary makes no difference, be it another one on each axis."""
    image = rng.uniform(-1, 1, (1, 2, *(11, 13, 17)[:axes])).astype(dtypes[0])
    grid = rng.uniform(-0.3, 0.3, (1, 333, axes)).astype(dtypes[1])
    values = rng.uniform(-1, 1, (1, 2, 333)).astype(dtypes[0])
    results = []
    for padding, common in (("zeros", True), ("border", True), (("wrap", "zeros", "zeros")[:axes], False)):
        spec, orders = parse(mode, padding, False), (0,) * axes
        samples, by_input, by_grid = np.empty_like(values), np.empty_like(image), np.empty_like(grid)
        _, ways = paths_of(CPU.pull, image, grid, spec, orders, samples)
        assert ("common" in ways) == (common and mode in LOOPS_OF_THEIR_OWN)
        _, ways = paths_of(CPU.gradients, values, image, grid, spec, orders, by_input, by_grid)
        assert ("common" in ways) == (common and mode in LOOPS_OF_THEIR_OWN)
        results.append((samples, by_input, by_grid))
    for result in results[1:]:
        for ours, theirs in zip(result, results[0], strict=True):
            np.testing.assert_array_equal(ours, theirs)


def on_a_frame(rng, padding, axes=2, channels=3):
    """Return an image and a grid, and the same places in the image with a frame: bit for bit the same positions.

    All lengths are 2**k + 1 and all coordinates multiples of 2**-6, so nothing is rounded.
    """
    size, grid = (9,) * axes, rng.integers(-90, 91, (1, 64, 3, axes)) / 64.0  # vectors are all full
    image = rng.uniform(-1, 1, (1, channels, *size))
    framed = np.pad(image, [(0, 0), (0, 0)] + [(FRAME, FRAME)] * axes, mode=NUMPY_PAD[padding])
    return image, grid, framed, (grid * 4 + 8) / 8 - 1


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_edges_give_what_the_inside_of_a_framed_image_gives(rng, mode, dtype, axes):
    arrays = (array.astype(dtype) for array in on_a_frame(rng, "zeros", axes))
    image, grid, framed, places = arrays
    edges, ways = paths_of(gs.grid_sample, image, grid, mode, "zeros", True)
    inside, inside_ways = paths_of(gs.grid_sample, framed, places, mode, "zeros", True)
    assert ways - {"interior", "common"} - PLANES == {"edges" if mode in LOOPS_OF_THEIR_OWN else "resolved"}
    assert inside_ways - {"common"} - PLANES == {"interior"}
    np.testing.assert_array_equal(edges, inside)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("mode", "padding"),
    [("linear", "wrap"), *((mode, name) for mode in ("cubic", "lanczos") for name in NUMPY_PAD if name != "zeros")],
)
def test_other_boundaries_give_what_the_inside_of_a_framed_image_gives(rng, padding, mode, dtype, axes):
    """Taps are chosen among what is loaded together; at seams, and where no loops are compiled, gathered one by one."""
    image, grid, framed, places = (array.astype(dtype) for array in on_a_frame(rng, padding, axes))
    edges, ways = paths_of(gs.grid_sample, image, grid, mode, padding, True)
    inside, inside_ways = paths_of(gs.grid_sample, framed, places, mode, padding, True)
    if padding != "wrap":  # whose seam is in nearly every vector
        assert ways & {"edges", "chosen", "resolved"} == {"resolved" if mode == "lanczos" else "chosen"}
    assert inside_ways - {"common"} - PLANES == {"interior"}
    np.testing.assert_array_equal(edges, inside)


@pytest.mark.parametrize("padding", ["border", "mirror", "wrap"])
def test_slopes_and_layouts_at_such_edges(rng, padding):
    """The same of gradients, of planes whose rows are not contiguous, and of pixels with a few channels."""
    image, grid, framed, places = on_a_frame(rng, padding)
    spec = parse("cubic", padding, True)
    values, found, wanted = rng.uniform(-1, 1, (1, 3, 64, 3)), np.empty_like(grid), np.empty_like(grid)
    CPU.grid_gradient(values, image, grid, spec, (0, 0), found)
    CPU.grid_gradient(values, framed, places, spec, (0, 0), wanted)
    np.testing.assert_allclose(found, wanted / 2, rtol=1e-12, atol=1e-12)  # per unit of a shorter axis
    expected = gs.grid_sample(framed, places, "cubic", padding, True)
    turned = np.ascontiguousarray(image.swapaxes(2, 3)).swapaxes(2, 3)
    np.testing.assert_array_equal(gs.grid_sample(turned, grid, "cubic", padding, True), expected)
    last = np.moveaxis(image, 1, -1).copy()
    samples = gs.grid_sample(last, grid, "cubic", padding, True, channels="last")
    np.testing.assert_array_equal(np.moveaxis(samples, -1, 1), expected)


def test_what_is_wrapped_is_chosen_away_from_the_seam(rng):
    """And gathered at it: of a row of points that moves through several turns, to the same bits."""
    image, points = rng.uniform(-1, 1, (1, 3, 9, 64)), np.arange(-200, 200) / 4
    grid = np.stack(np.broadcast_arrays(points, np.array([[3.25], [8.5]])), -1)[None]
    for mode in ("linear", "cubic"):
        samples, ways = paths_of(gs.grid_sample, image, grid, mode, "wrap", coords="pixel")
        assert {"chosen", "resolved"} <= ways
        turned = np.mod(grid, (64, 9)) + np.array(
            (64, 9)
        )  # in the middle of an array three times as large, all is inside
        inside = gs.grid_sample(np.tile(image, (1, 1, 3, 3)), turned, mode, "zeros", coords="pixel")
        np.testing.assert_array_equal(samples, inside)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_what_an_edge_loads_beside_its_taps_has_no_part(rng, mode, value):
    """At an edge, pixels that are no taps come along with those that are: not even NaN may get through."""
    image, grid, framed, places = on_a_frame(rng, "zeros")
    hurt = rng.random((1, 1, 9, 9)) < 0.3
    image = np.where(hurt, value, image)
    framed[..., FRAME:-FRAME, FRAME:-FRAME] = image
    with np.errstate(invalid="ignore"):
        edges = gs.grid_sample(image, grid, mode, "zeros", True)
        inside = gs.grid_sample(framed, places, mode, "zeros", True)
    np.testing.assert_array_equal(edges, inside)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_planes_together_and_in_place_give_what_each_alone_gives(rng, mode, dtype, axes):
    """Bit for bit, with undefined places; of seven planes the last is left for itself."""
    image = rng.uniform(-1, 1, (2, 7, *(11, 13, 5)[:axes])).astype(dtype)
    grid = rng.uniform(-1.3, 1.3, (2, 320, axes)).astype("float64" if dtype == "float64" else "float32")
    grid[0, 7, 0] = grid[1, 300, -1] = np.nan
    result, elsewhere = np.empty((2, 7, 320), dtype), np.empty((2, 7, 640), dtype)[..., ::2]
    _, ways = paths_of(gs.grid_sample, image, grid, mode, "border", out=result)
    assert ("three_planes" in ways) == (
        dtype != "float16" and (mode == "nearest" or (axes == 2 and mode in LOOPS_OF_THEIR_OWN))
    )
    assert ("in_place" in ways) == (dtype != "float16")
    _, ways = paths_of(gs.grid_sample, image, grid, mode, "border", out=elsewhere)
    assert "in_place" not in ways
    np.testing.assert_array_equal(elsewhere, result)
    for channel in range(7):
        alone, ways = paths_of(gs.grid_sample, image[:, channel : channel + 1], grid[:, ::-1], mode, "border")
        assert "three_planes" not in ways
        np.testing.assert_array_equal(alone[:, 0, ::-1], result[:, channel])


@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_colours_are_sampled_in_one_pass(rng, mode):
    """Bit for bit as when their places are kept for more planes, or for another entry."""
    image = rng.uniform(-1, 1, (2, 7, 307, 311)).astype("float32")
    grid = rng.uniform(-1.3, 1.3, (1, 333, 2)).astype("float32")
    every, ways = paths_of(gs.grid_sample, image, grid.repeat(2, axis=0), mode, "border")
    assert "one_pass" not in ways
    colours, ways = paths_of(gs.grid_sample, image[:1, 2:5], grid, mode, "border")
    assert ("one_pass" in ways) == (mode in LOOPS_OF_THEIR_OWN)
    np.testing.assert_array_equal(colours, every[:1, 2:5])
    for alike in (
        (image[:1, 2:5], grid[:, :128]),  # there is one tile in any case
        (image[:1, 2:5, :211], grid),  # what stays in the second cache
        (image[:, 2:5], grid),  # places are kept for the second entry
        (image[:1, 2:5].astype("float64"), grid),
        (image[:1, 2:5], grid.astype("float64")),
    ):
        _, ways = paths_of(gs.grid_sample, *alike, mode, "border")
        assert "one_pass" not in ways


@settings(max_examples=60, deadline=None)
@given(
    channels=st.integers(2, 8),
    mode=st.sampled_from(COMPILED_MODES),
    padding=st.sampled_from(tuple(NUMPY_PAD)),
    axes=st.integers(1, 3),
    points=st.integers(1, 300),
    seed=st.integers(0, 2**20),
)
def test_few_channels_together_as_one_by_one(channels, mode, padding, axes, points, seed):
    """Bit for bit, samples and gradients."""
    rng = np.random.default_rng(seed)
    size = tuple(rng.integers(2, 9, axes))
    image = rng.uniform(-1, 1, (1, channels, *size)).astype("float32")
    grid = rng.uniform(-1.3, 1.3, (1, points, axes)).astype("float32")
    values = rng.uniform(-1, 1, (1, channels, points)).astype("float32")
    spec, orders = parse(mode, padding, False), (0,) * axes
    results = []
    for layout in (np.ascontiguousarray, channels_innermost):
        x, v, samples = layout(image), layout(values), layout(np.empty_like(values))
        by_input, by_grid = layout(np.empty_like(image)), np.empty_like(grid)
        CPU.pull(x, grid, spec, orders, samples)
        CPU.gradients(v, x, grid, spec, orders, by_input, by_grid)
        results.append((samples, by_grid, by_input))
    for one_by_one, together in list(zip(*results, strict=True))[:2]:
        np.testing.assert_array_equal(one_by_one, together)
    one_by_one, together = results[0][2], results[1][2]  # taps of a row are added together, or one after another
    np.testing.assert_allclose(one_by_one, together, rtol=0, atol=points * 4 * eps("float32"))


@pytest.mark.parametrize(("channels", "way"), [(1, None), (2, "few"), (3, "few"), (9, "many"), (64, "many")])
def test_how_channels_last_are_gone_through(rng, channels, way):
    image = channels_innermost(rng.uniform(-1, 1, (1, channels, 31, 37)).astype("float32"))
    grid = rng.uniform(-0.8, 0.8, (1, 200, 2)).astype("float32")
    _, ways = paths_of(gs.grid_sample, image, grid)
    assert {name for name in ways if name.endswith("channels")} == ({f"{way}_channels"} if way else set())
    _, ways = paths_of(gs.grid_sample, np.ascontiguousarray(image), grid)
    assert not {name for name in ways if name.endswith("channels")}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [9, 16, 31])
@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_samples_turned_on_the_way_are_those_of_channels_last(rng, mode, channels, dtype):
    """Bit for bit, with points at edges, outside and undefined."""
    image = channels_innermost(rng.uniform(-1, 1, (2, channels, 7, 11)).astype(dtype))
    grid = rng.uniform(-1.5, 1.5, (2, 37, 5, 3)).astype("float64" if dtype == "float64" else "float32")[..., :2]
    grid[0, 3, 2, 1] = np.nan
    values = rng.uniform(-1, 1, (2, channels, 37, 5)).astype(dtype)
    spec, orders, results = parse(mode, "symmetric", False), (0, 0), []
    for layout, turned in ((channels_innermost, False), (np.ascontiguousarray, True)):
        samples = layout(np.empty_like(values))
        by_input = layout(np.empty(image.shape, "float64" if dtype == "float64" else "float32"))
        by_input, by_grid = channels_innermost(by_input), np.empty_like(grid)
        _, ways = paths_of(CPU.pull, image, grid, spec, orders, samples)
        assert ("turned" in ways) == turned
        _, ways = paths_of(CPU.gradients, layout(values), image, grid, spec, orders, by_input, by_grid)
        assert ("turned" in ways) == turned
        results.append((samples, by_input, by_grid))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_more_samples_than_are_turned_at_once(rng):
    image = channels_innermost(rng.uniform(-1, 1, (1, 131, 7, 11)))
    grid, values = rng.uniform(-1.5, 1.5, (1, 205, 2)), rng.uniform(-1, 1, (1, 131, 205))
    spec, orders, results = parse("linear", "zeros", False), (0, 0), []
    for layout in (np.ascontiguousarray, channels_innermost):
        x, samples, by_input, by_grid = layout(image), np.empty_like(values), np.empty_like(image), np.empty_like(grid)
        CPU.pull(x, grid, spec, orders, samples)
        CPU.gradients(values, x, grid, spec, orders, layout(by_input), by_grid)
        results.append((samples, by_grid))
    for ours, theirs in zip(*results, strict=True):  # sums of 131 channels and 4 taps, in another order
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=131 * 4 * 11 * eps("float64"))


def test_the_last_pixel_is_not_read_past(rng):
    """An image whose last pixel is the end of its memory goes one by one where that pixel is a tap."""
    image = channels_innermost(rng.uniform(-1, 1, (1, 3, 5, 7)).astype("float32"))
    corner = np.full((1, 16, 2), 1.0, "float32")
    _, ways = paths_of(gs.grid_sample, image, corner * 0.8, "linear", "zeros", True)
    assert "few_channels" not in ways
    _, ways = paths_of(gs.grid_sample, image, corner * 0.2, "linear", "zeros", True)
    assert "few_channels" in ways
