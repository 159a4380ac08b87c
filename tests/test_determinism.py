"""The same bits from any number of threads."""

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES
from gridsample.spec import parse
from support import COMPILED_MODES, eps, every_option, make_grid

# enough points for seven threads, even with one tap each
OUT = {1: (100003,), 2: (331, 337), 3: (43, 47, 59)}
# the outermost axis is what splatting is divided by: long, or shorter than there are threads
SIZES = [(10007,), (5,), (131, 137), (2, 137), (23, 29, 31), (3, 29, 31)]


@pytest.fixture(autouse=True)
def _threads():
    before = gs.get_num_threads()
    yield
    gs.set_num_threads(before)


def operations(rng, size, dtype, images=1, grids=1, channels=3, out=None):
    """Return calls that are large enough to be shared out, by name."""
    axes = len(size)
    out = out or OUT[axes]
    image = rng.uniform(-1, 1, (images, channels, *size)).astype(dtype)
    grid = make_grid(rng, axes, "float32" if dtype == "float16" else dtype, grids, out)
    values = rng.uniform(-1, 1, (max(images, grids), channels, *out)).astype(dtype)
    orders = (0,) * axes
    engine = ENGINES["cpu"]
    return {
        "pull": lambda spec: engine.pull(image, grid, spec, orders),
        "push": lambda spec: engine.push(values, grid, image.shape, spec, orders),
        "grid_gradient": lambda spec: engine.grid_gradient(values, image, grid, spec, orders),
    }


def assert_same_bits(calls, options):
    for name, call in calls.items():
        results = []
        for count in (1, 2, 7, 1):
            gs.set_num_threads(count)
            results.append(call(parse(*options)).tobytes())
        assert len(set(results)) == 1, name


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "reflection")))
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_results_do_not_depend_on_the_number_of_threads(rng, size, options):
    assert_same_bits(operations(rng, size, "float32"), options)


@pytest.mark.parametrize("mode", COMPILED_MODES)
@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize("size", SIZES[::2], ids=str)
def test_nor_do_those_of_other_dtypes(rng, size, dtype, mode):
    assert_same_bits(operations(rng, size, dtype), (mode, "zeros", False))


@pytest.mark.parametrize("mode", COMPILED_MODES)
@pytest.mark.parametrize(("images", "grids"), [(2, 2), (1, 2), (2, 1), (5, 5), (1, 5), (5, 1), (7, 7)])
def test_nor_do_those_of_batches(rng, images, grids, mode):
    assert_same_bits(operations(rng, (131, 137), "float32", images, grids, out=(127, 139)), (mode, "border", True))


@pytest.mark.parametrize("mode", COMPILED_MODES)
@pytest.mark.parametrize("channels", [8, 29, 37])
def test_nor_do_those_of_many_channels(rng, channels, mode):
    assert_same_bits(operations(rng, (131, 137), "float32", channels=channels, out=(12011,)), (mode, "border", True))


@pytest.mark.parametrize("mode", COMPILED_MODES)
@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize(("images", "grids"), [(1, 1), (2, 2), (1, 5), (5, 1)])
def test_shared_work_is_all_done_and_done_once(rng, images, grids, count, mode):
    """The portable engine knows nothing of threads."""
    gs.set_num_threads(count)
    image = rng.uniform(-1, 1, (images, 2, 31, 37))
    grid = make_grid(rng, 2, batch=grids, out=(101, 97))
    values = rng.uniform(-1, 1, (max(images, grids), 2, 101, 97))
    spec, orders = parse(mode, "symmetric", False), (0, 0)
    ours, theirs = ENGINES["cpu"], ENGINES["portable"]
    small = 16 * 2 * 2 * eps("float64")
    np.testing.assert_allclose(
        ours.pull(image, grid, spec, orders), theirs.pull(image, grid, spec, orders), rtol=0, atol=small
    )
    pushed = [engine.push(values, grid, image.shape, spec, orders) for engine in (ours, theirs)]
    np.testing.assert_allclose(*pushed, rtol=0, atol=values[:, 0].size * small)
    slopes = [engine.grid_gradient(values, image, grid, spec, orders) for engine in (ours, theirs)]
    np.testing.assert_allclose(*slopes, rtol=0, atol=small * 2 * 5 * 3 * 37)


def test_many_points_in_one_pixel(rng):
    """All threads want the same destination."""
    values = rng.uniform(-1, 1, (1, 2, 100_003)).astype("float32")
    grid = rng.uniform(-1e-3, 1e-3, (1, 100_003, 2)).astype("float32")
    results = []
    for count in (1, 2, 7):
        gs.set_num_threads(count)
        results.append(gs.grid_splat(values, grid, (1, 2, 101, 103), "cubic"))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    total = values.astype(float).sum(-1)
    # as many additions of numbers that grow to some hundreds
    np.testing.assert_allclose(results[0].sum((2, 3), dtype=float), total, rtol=0, atol=1e-7 * np.abs(values).sum())
