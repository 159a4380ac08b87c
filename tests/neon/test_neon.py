"""The core's NEON vectors, in an emulator: every operation against the portable engine."""

import itertools
import subprocess

import numpy as np
import pytest

from engines import ENGINES
from gridsample.spec import parse
from memory import channels_last, transposed
from neon import emulator
from support import (
    BATCH,
    BOUNDARIES,
    CHANNELS,
    COMPILED_MODES,
    DTYPES,
    SIZES,
    Expected,
    assert_within,
    eps,
    every_option,
    largest,
    make_grid,
    real_of,
    storing,
)

pytestmark = pytest.mark.slow

portable = ENGINES["portable"]

INF, NAN = np.inf, np.nan
OUT = (11, 13)
LAYOUTS = {"contiguous": np.asarray, "transposed": transposed, "channels-last": channels_last}
DTYPE_PAIRS = [  # of values and grid: every type of values, with positions in float32 and in float64
    (value, grid)
    for value, grid in itertools.product(("float16", "bfloat16", "float32", "float64"), ("float32", "float64"))
] + [("float16", "float16")]
CASES = [  # with three channels, a vector's worth of taps or of pixels is loaded together; 17 fill vectors themselves
    pytest.param(layout, channels, id=f"{name}-{channels}")
    for (name, layout), channels in [
        *itertools.product(LAYOUTS.items(), [CHANNELS]),
        (("channels-last", channels_last), 17),
    ]
]


@pytest.fixture(scope="session")
def driver():
    """Return the command that runs the driver, built if need be."""
    if emulator.missing():
        pytest.skip(emulator.missing())
    return emulator.build(emulator.ROOT / "build/neon")


def make_places(rng, axes, dtype, out=OUT):
    """Return places as the other tests have them, but for rows whose whole vectors of points are interior."""
    grid = make_grid(rng, axes, "float64", out=out)
    grid[:, : out[0] // 2] = rng.uniform(-0.25, 0.25, (BATCH, out[0] // 2, *out[1:], axes))
    return grid.astype(dtype)


def make_values(rng, dtype, channels, size):
    """Return noise of any number of channels."""
    values = rng.uniform(-1, 1, (BATCH, channels, *size))
    return rounded_to_bfloat16(values.astype("float32")) if dtype == "bfloat16" else values.astype(dtype)


def smooth_rows(rng, out):
    """Return places that follow each other from row to row, as those of a small deformation do."""
    rows = np.stack(np.meshgrid(*(np.linspace(-1.05, 1.05, n) for n in reversed(out))), axis=-1)
    return (rows + rng.uniform(-0.05, 0.05, (BATCH, *out, 2))).astype("float32")


def rounded_to_bfloat16(array):
    """Return the bits of float32 numbers rounded to bfloat16, to nearest and ties to even."""
    bits = array.view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def widened(array):
    """Return an array in its own dtype; where that is bfloat16, by its bits, in float32."""
    return (array.astype(np.uint32) << 16).view(np.float32) if array.dtype == np.uint16 else array


def expected(value, axes, computed_in, dtype):
    """Return what the portable engine says, and the rounding of terms as large as results are, and of the result."""
    value = value.astype(float)
    rounding = 16 * axes * eps(computed_in) * max(1, largest(value))
    return Expected(value, rounding + (2.0**-7 * np.abs(value) if dtype == np.uint16 else storing(value, dtype)))


def jobs_and_results(values, image, grid, spec, orders, layout):
    """Return the four operations' jobs, and what the portable engine says about each of their results."""
    plain_values, plain_image, axes = widened(values), widened(image), grid.shape[-1]
    compute = real_of(plain_image.dtype)  # of weights and sums, whatever positions are computed in
    samples = portable.pull(plain_image, grid, spec, orders)
    sums = portable.push(plain_values, grid, image.shape, spec, orders)
    slope = portable.grid_gradient(plain_values, plain_image, grid, spec, orders)
    samples = expected(samples, axes, compute, image.dtype)
    sums = expected(sums, axes, compute, image.dtype)
    slope = expected(slope, axes, compute, grid.dtype)
    return [
        (emulator.pull(image, grid, spec, orders, layout), [samples]),
        (emulator.push(values, grid, image.shape, spec, orders, layout), [sums]),
        (emulator.grid_gradient(values, image, grid, spec, orders, layout), [slope]),
        (emulator.gradients(values, image, grid, spec, orders, layout), [sums, slope]),
    ]


def check(driver, jobs):
    """Assert that each job's results are those it comes with."""
    assert jobs
    every = emulator.run(driver, [job for job, _ in jobs])
    for (job, right), results in zip(jobs, every, strict=True):
        for name, result, value in zip(emulator.WRITTEN[job.operation], results, right, strict=True):
            try:
                assert_within(widened(result).astype(value.value.dtype), value)
            except AssertionError as error:
                error.add_note(
                    f"{name} of {job.operation}: {job.spec}, orders {job.orders}, {job.arrays['grid'].dtype}"
                )
                raise


def test_the_driver_uses_neon(driver):
    said = subprocess.run([*driver, "instruction set"], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "neon"


@pytest.mark.parametrize(("layout", "channels"), CASES)
@pytest.mark.parametrize(("dtype", "grid_dtype"), DTYPE_PAIRS)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_every_operation(rng, driver, mode, axes, dtype, grid_dtype, layout, channels):
    jobs = []
    for boundary, align, order in itertools.product(BOUNDARIES, (False, True), (0, 1)):
        image, values = make_values(rng, dtype, channels, SIZES[axes]), make_values(rng, dtype, channels, OUT)
        grid, orders = make_places(rng, axes, grid_dtype), (order, 0, 0)[:axes]
        jobs += jobs_and_results(values, image, grid, parse(mode, boundary, align), orders, layout)
    check(driver, jobs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", every_option(COMPILED_MODES))
def test_coordinates_that_are_not_finite_or_huge(rng, driver, options, dtype):
    strange = np.array([NAN, INF, -INF, 3e38, -3e38, 1e10, -1e10, 2.0**31, -(2.0**31), 2.0**53, 1e18, 0.11, -0.3])
    jobs = []
    for axes, order in itertools.product([1, 2, 3], (0, 1)):
        grid = make_places(rng, axes, dtype)
        chosen = rng.random(grid.shape) < 0.2
        grid[chosen] = rng.choice(strange, chosen.sum())
        image, values = make_values(rng, dtype, CHANNELS, SIZES[axes]), make_values(rng, dtype, CHANNELS, OUT)
        jobs += jobs_and_results(values, image, grid, parse(*options), (order, 0, 0)[:axes], np.asarray)
    check(driver, jobs)


@pytest.mark.parametrize("points", [1, 3, 4, 5, 7, 8, 9, 15, 17, 31, 33, 127, 128, 129, 257])
def test_numbers_of_points_and_channels(rng, driver, points):
    """Around the lengths of vectors, of tiles, and of what is loaded together."""
    jobs = []
    for dtype, channels, mode in itertools.product(DTYPES, [1, 2, 3, 4, 5, 7, 8, 9], COMPILED_MODES):
        image, values = (make_values(rng, dtype, channels, size) for size in [(5, 7), (1, points)])
        grid = make_places(rng, 2, "float32", (points,))[:, None]
        for layout in (np.asarray, channels_last):
            jobs += jobs_and_results(values, image, grid, parse(mode, "zeros", False), (0, 0), layout)
    check(driver, jobs)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_float16_values_of_every_kind(driver, layout):
    """All 65,536 pass through bit for bit, but that NaN no longer signal, and that 0 may lose its sign to a sum."""
    every = np.arange(2**16, dtype=np.uint16)
    quiet = np.where((every & 0x7C00 == 0x7C00) & (every & 0x3FF != 0), every | 0x200, every)
    spec = parse("nearest", "zeros", False)
    jobs = []
    for channels in (1, 4, 64):  # as pixels of a row, as neighbouring channels of some, and of few pixels
        image = np.moveaxis(every.reshape(1, -1, channels), -1, 1).copy().view(np.float16)
        size = image.shape[2]
        grid = ((2 * np.arange(size) + 1) / size - 1).reshape(1, size, 1)
        jobs += [emulator.pull(image, grid.astype(real), spec, (0,), layout) for real in ("float32", "float64")]
    for job, (result,) in zip(jobs, emulator.run(driver, jobs), strict=True):
        bits = np.moveaxis(result, 1, -1).ravel().view(np.uint16)
        bits = np.where((bits == 0) & (every == 0x8000), every, bits)
        np.testing.assert_array_equal(bits, quiet, f"{job.arrays['field'].shape}, {job.arrays['grid'].dtype}")


@pytest.mark.parametrize(("name", "bits"), [("float16", 10), ("bfloat16", 7)])
def test_results_are_rounded_once_to_even(driver, name, bits):
    """The mean of two neighbours lies halfway between two numbers of half precision: the even one is taken."""
    one = int(np.float16(1).view(np.uint16)) if name == "float16" else 0x3F80
    lower = one + np.arange(2**bits, dtype=np.uint16)
    dtype = np.float16 if name == "float16" else np.uint16
    image = np.stack([lower, lower + 1], axis=-1).view(dtype)[None]  # channels, of a row of two pixels
    grid = np.zeros((1, 5, 1), "float32")
    jobs = [emulator.pull(image, grid, parse("linear", "zeros", False), (0,), layout) for layout in LAYOUTS.values()]
    for (result,) in emulator.run(driver, jobs):
        even = (lower + 1) // 2 * 2
        np.testing.assert_array_equal(result.view(np.uint16)[0], np.stack([even] * 5, axis=-1))


@pytest.mark.parametrize("mode", COMPILED_MODES)
def test_threads_change_nothing(rng, driver, mode):
    """Also where scatters are cut into bands, which the smaller jobs are not."""
    image, grid = make_values(rng, "float32", CHANNELS, (61, 67)), smooth_rows(rng, (67, 71))
    values, spec = make_values(rng, "float32", CHANNELS, (67, 71)), parse(mode, "symmetric", False)
    one, four = (
        [
            emulator.pull(image, grid, spec, (0, 0), threads=threads),
            emulator.push(values, grid, image.shape, spec, (0, 0), threads=threads),
            emulator.gradients(values, image, grid, spec, (0, 0), threads=threads),
        ]
        for threads in (1, 4)
    )
    for ours, theirs in zip(*(emulator.run(driver, jobs) for jobs in (one, four)), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)
