"""Each fast way of a scatter and of a double backward: it gives what the general way gives, and is the one chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gridsample as gs
from gridsample.engines.cpu import CPU
from gridsample.spec import parse
from support import COMPILED_MODES, NUMPY_PAD, channels_innermost, eps, paths_of

pytestmark = pytest.mark.usefixtures("instructions")


@pytest.fixture
def threads():
    """Return a function that sets the number of threads for this test."""
    before = gs.get_num_threads()
    yield gs.set_num_threads
    gs.set_num_threads(before)


# ------------------------------------------------------------------------------------------------------------ scatters


def rotated(size, batch=1):
    """Return the places of an image turned by 0.3 radians."""
    c, s = np.cos(0.3), np.sin(0.3)
    theta = np.broadcast_to(np.array([[c, -s, 0], [s, c, 0]], "float32"), (batch, 2, 3))
    return gs.affine_grid(theta, (batch, 1, *size))


@pytest.mark.parametrize(
    ("batch", "channels", "scattered", "way"),
    [
        (1, 3, False, "by_bands"),
        (1, 8, False, "by_bands"),
        (1, 8, True, "by_channels"),
        (2, 3, False, "by_entries"),
        (3, 3, False, "by_bands"),
    ],
)
def test_how_scatters_are_cut(rng, threads, batch, channels, scattered, way):
    size = (301, 307)
    grid = rng.uniform(-1, 1, (batch, *size, 2)).astype("float32") if scattered else rotated(size, batch)
    values = rng.uniform(-1, 1, (batch, channels, *size)).astype("float32")
    image, spec, orders = np.ones_like(values), parse("linear", "zeros", False), (0, 0)
    cuts = {}
    for count in (1, 2):
        threads(count)
        pushed, slopes = np.empty_like(image), np.empty_like(grid)
        _, cuts[count] = paths_of(CPU.push, values, grid, pushed.shape, spec, orders, pushed)
        both = np.empty_like(image), np.empty_like(grid)
        CPU.gradients(values, image, grid, spec, orders, *both)
        CPU.grid_gradient(values, image, grid, spec, orders, slopes)
        np.testing.assert_array_equal(both[0], pushed)
        np.testing.assert_array_equal(both[1], slopes)
        if count == 1:
            alone = pushed
        np.testing.assert_array_equal(pushed, alone)
    assert "serial" in cuts[1]
    assert {name for name in cuts[2] if name.startswith("by_")} == {way}


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(2, 7),
    channels=st.integers(1, 9),
    mode=st.sampled_from(COMPILED_MODES),
    padding=st.sampled_from(tuple(NUMPY_PAD)),
    spread=st.sampled_from([0.02, 0.5, 1.4]),
    shared=st.sampled_from(["none", "grid", "image"]),
    seed=st.integers(0, 2**20),
)
def test_bands_give_what_one_thread_gives(count, channels, mode, padding, spread, shared, seed):
    """Bit for bit, for smooth and for scattered places, with a band's edge anywhere, and in one sweep or two."""
    rng = np.random.default_rng(seed)
    size = tuple(rng.integers(2, 40, 2))
    batch = 1 if shared == "none" else 2
    out = (97, 101)
    axes = (np.linspace(-1, 1, length) for length in out[::-1])
    grid = np.stack(np.meshgrid(*axes), axis=-1)[None].repeat(1 if shared == "grid" else batch, 0)
    grid = (grid + rng.uniform(-spread, spread, grid.shape)).astype("float32")
    values = rng.uniform(-1, 1, (batch, channels, *out)).astype("float32")
    image = rng.uniform(-1, 1, (1 if shared == "image" else batch, channels, *size)).astype("float32")
    spec, before, results = parse(mode, padding, False), gs.get_num_threads(), []
    try:
        for limit in (1, count):
            gs.set_num_threads(limit)
            by_input, by_grid = np.empty_like(image), np.empty_like(grid)
            CPU.gradients(values, image, grid, spec, (0, 0), by_input, by_grid)
            results.append((by_input, by_grid))
            by_input, by_grid = np.empty_like(image), np.empty_like(grid)
            CPU.push(values, grid, by_input.shape, spec, (0, 0), by_input)
            CPU.grid_gradient(values, image, grid, spec, (0, 0), by_grid)
            results.append((by_input, by_grid))
    finally:
        gs.set_num_threads(before)
    for result in results[1:]:
        np.testing.assert_array_equal(result[0], results[0][0])
        np.testing.assert_array_equal(result[1], results[0][1])


def test_a_sum_in_any_layout_is_cleared(rng):
    """What a result held before is overwritten, in one piece of memory or not."""
    values, grid = rng.uniform(-1, 1, (2, 3, 11)).astype("float32"), rng.uniform(-1, 1, (2, 11, 2)).astype("float32")
    expected = gs.grid_splat(values, grid, (2, 3, 5, 7))
    dense = np.full((5, 2, 7, 3), 9, "float32").transpose(1, 3, 0, 2)
    stepped = np.full((2, 3, 10, 21), 9, "float32")[:, :, ::2, ::-3]
    for out in (dense, stepped):
        np.testing.assert_array_equal(gs.grid_splat(values, grid, (2, 3, 5, 7), out=out), expected)


# --------------------------------------------------------------------------------------- derivatives along a direction


def along_by_operators(image_step, grid_step, values, image, grid, spec, orders):
    """Return how pull, push and the slopes change along a direction, as sums over the operators."""
    batch = max(len(image), len(grid))
    by_values, by_input, by_grid = np.zeros_like(values), np.zeros_like(image), np.zeros_like(grid)
    samples, sums, slopes = np.empty_like(values), np.empty_like(image), np.empty_like(grid)
    if image_step is not None:
        CPU.pull(image_step, grid, spec, orders, by_values)
        CPU.grid_gradient(values, image_step, grid, spec, orders, by_grid)
    for axis in range(grid.shape[-1] if grid_step is not None else 0):
        raised = tuple(order + (axis == a) for a, order in enumerate(orders))
        step = np.broadcast_to(grid_step[..., axis], (batch, *grid.shape[1:-1]))[:, None]
        CPU.pull(image, grid, spec, raised, samples)
        CPU.push(step * values, grid, sums.shape, spec, raised, sums)
        CPU.grid_gradient(step * values, image, grid, spec, raised, slopes)
        by_values += step * samples
        by_input += sums
        by_grid += slopes
    return by_values, by_input, by_grid


@settings(max_examples=60, deadline=None)
@given(
    dtype=st.sampled_from(["float32", "float64"]),
    axes=st.integers(1, 3),
    channels=st.integers(1, 19),
    points=st.integers(1, 1100),
    mode=st.sampled_from(COMPILED_MODES),
    padding=st.sampled_from(tuple(NUMPY_PAD)),
    shared=st.sampled_from(["none", "grid", "image"]),
    layout=st.sampled_from([np.ascontiguousarray, channels_innermost]),
    steps=st.sampled_from(["both", "image", "grid"]),
    order=st.integers(0, 1),
    count=st.integers(1, 4),
    seed=st.integers(0, 2**20),
)
def test_along_a_direction_as_by_operators(
    dtype, axes, channels, points, mode, padding, shared, layout, steps, order, count, seed
):
    """Sums of up to 60,000 products in another order: errors grow as their root, with some room for cancellation."""
    rng = np.random.default_rng(seed)
    batch = 1 if shared == "none" else 2
    size, orders = tuple(rng.integers(2, 12, axes)), (order, *(0,) * (axes - 1))
    image = layout(rng.uniform(-1, 1, (1 if shared == "image" else batch, channels, *size)).astype(dtype))
    grid = rng.uniform(-1.2, 1.2, (1 if shared == "grid" else batch, points, 1, axes)).astype(dtype)
    grid[rng.random(grid.shape) < 0.01] = np.nan
    image_step = None if steps == "grid" else rng.uniform(-1, 1, image.shape).astype(dtype)
    grid_step = None if steps == "image" else rng.uniform(-1, 1, grid.shape).astype(dtype)
    values = rng.uniform(-1, 1, (batch, channels, points, 1)).astype(dtype)
    arguments = image_step, grid_step, values, image, grid
    spec, before = parse(mode, padding, False), gs.get_num_threads()
    results = [np.full_like(array, np.nan) for array in (values, image, grid)]
    if grid_step is None:
        results[1] = None
    gs.set_num_threads(count)
    try:
        _, ways = paths_of(CPU.gradients_along, arguments[:2], *arguments[2:], spec, orders, results)
    finally:
        gs.set_num_threads(before)
    assert "along" in ways
    for got, expected in zip(results, along_by_operators(*arguments, spec, orders), strict=True):
        if got is None:
            continue
        np.testing.assert_allclose(got, expected, rtol=0, atol=2000 * eps(dtype) * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("wanted", range(3))
def test_derivatives_along_a_direction_are_made_one_by_one_too(rng, threads, wanted):
    size = (301, 307)
    image, values = rng.uniform(-1, 1, (2, 1, 3, *size)).astype("float32")
    grid, steps = rotated(size), [rng.uniform(-1, 1, shape).astype("float32") for shape in (image.shape, (1, *size, 2))]
    spec, results = parse("cubic", "reflection", False), {}
    for count in (1, 2, 5):
        threads(count)
        together = [np.full_like(array, np.nan) for array in (values, image, grid)]
        CPU.gradients_along(steps, values, image, grid, spec, (0, 0), together)
        alone = [np.full_like(array, np.nan) if i == wanted else None for i, array in enumerate((values, image, grid))]
        CPU.gradients_along(steps, values, image, grid, spec, (0, 0), alone)
        np.testing.assert_array_equal(alone[wanted], together[wanted])
        results[count] = together
    for one, two, five in zip(*results.values(), strict=True):  # bit for bit, for any number of threads
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, five)


# ---------------------------------------------------------------------------------------------------------- small calls


def test_plain_calls_take_the_short_way(rng, monkeypatch):
    image, grid = rng.uniform(-1, 1, (1, 3, 5, 7)), rng.uniform(-1, 1, (1, 11, 2))
    served = []
    original = CPU.sample
    monkeypatch.setattr(CPU, "sample", lambda *arguments: served.append(original(*arguments)) or served[-1])
    result = gs.grid_sample(image, grid)
    assert result is served.pop()
    np.testing.assert_array_equal(result, gs.grid_sample(image, grid, out=np.empty((1, 3, 11))))
    assert not served


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x, g: (x[:, :, ::2], g),
        lambda x, g: (x.astype(x.dtype.newbyteorder()), g),
        lambda x, g: (x, g.astype(g.dtype.newbyteorder())),
        lambda x, g: (x, np.frombuffer(b"." + g.tobytes(), g.dtype, offset=1).reshape(g.shape)),
        lambda x, g: (channels_innermost(x), g),
        lambda x, g: (x[:0], g[:0]),
    ],
    ids=["strides", "byte order", "grid's byte order", "unaligned", "channels last", "no batch"],
)
def test_what_has_to_be_looked_at_goes_the_long_way(rng, spoil):
    image, grid = rng.uniform(-1, 1, (1, 3, 5, 7)), rng.uniform(-1, 1, (1, 11, 2))
    image, grid = spoil(image, grid)
    assert CPU.sample(image, grid, parse("linear", "zeros", False)) is None
    expected = gs.grid_sample(image.astype("float64"), grid.astype("float64"))
    np.testing.assert_array_equal(gs.grid_sample(image, grid), expected)
