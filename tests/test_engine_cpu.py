"""The compiled core: every instruction set against the definition and the portable engine; and that it is chosen."""

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES
from gridsample.engines import ENGINES as TABLE
from gridsample.engines import cpu
from gridsample.engines.cpu import CPU
from gridsample.engines.portable import PORTABLE as portable
from gridsample.spec import parse
from memory import channels_last, negative, stepped, transposed
from support import (
    BATCH,
    CHANNELS,
    DTYPES,
    OUTS,
    SIZES,
    Options,
    assert_within,
    defined_sample,
    defined_splat,
    eps,
    every_option,
    make_grid,
    make_image,
    real_of,
)

pytestmark = pytest.mark.usefixtures("instructions")


def test_the_instruction_set_is_used(instructions):
    assert cpu.instruction_set() == instructions


def test_unknown_instruction_sets_are_refused():
    with pytest.raises(ValueError, match=cpu.instruction_sets()[0]):
        cpu.use_instruction_set("abacus")


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_samples_and_splats(rng, dtype, axes, options):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, "float32")
    assert_within(gs.grid_sample(image, grid, *options), defined_sample(image, grid, options))
    values = make_image(rng, dtype=dtype, size=OUTS[axes])
    result = gs.grid_splat(values, grid, image.shape, *options)
    assert_within(result, defined_splat(values, grid, image.shape, options))


@pytest.mark.parametrize("layout", [negative, stepped, transposed, channels_last], ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_layouts(rng, mode, axes, layout):
    options = Options(mode, "symmetric", False)
    image, grid = make_image(rng, axes, "float32"), make_grid(rng, axes, "float32")
    expected = defined_sample(image, grid, options)
    for places in (grid, layout(grid)):
        assert_within(gs.grid_sample(layout(image), places, *options), expected)
        out = layout(np.full(expected.value.shape, 7, "float32"))
        assert_within(gs.grid_sample(image, places, *options, out=out), expected)


@pytest.mark.parametrize(
    "orders", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 0, 1), (2, 0, 1), (0, 3, 0), (1, 1, 1)], ids=str
)
@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_derivatives_as_the_portable_engine(rng, axes, options, orders):
    image, grid, values = make_image(rng, axes), make_grid(rng, axes), make_image(rng, size=OUTS[axes])
    spec, orders = parse(*options), orders[:axes]
    slopes = max(SIZES[axes]) / 2 * 12  # of an axis for each order, in the worst case
    scale = slopes ** sum(orders) * eps("float64") * 64 * axes
    core, plain = ENGINES["cpu"], ENGINES["portable"]
    pairs = [
        (1, core.pull(image, grid, spec, orders), plain.pull(image, grid, spec, orders)),
        (values[0, 0].size, *(e.push(values, grid, image.shape, spec, orders) for e in (core, plain))),
        (slopes * CHANNELS, *(e.grid_gradient(values, image, grid, spec, orders) for e in (core, plain))),
    ]
    for size_of_sums, ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=scale * size_of_sums)


@pytest.mark.parametrize("points", [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 255, 257, 1023, 1025])
@pytest.mark.parametrize("channels", [1, 3, 4, 17])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_blocks_and_their_tails(rng, dtype, channels, points):
    """Numbers of points around every power of two: the last vectors are masked, and nothing is written past the end."""
    image, grid = rng.uniform(-1, 1, (1, channels, 5, 7)).astype(dtype), make_grid(rng, 2, "float32", 1, (points,))
    values = rng.uniform(-1, 1, (1, channels, points)).astype(dtype)
    for mode in ("nearest", "linear", "cubic"):
        spec, orders = parse(mode, "zeros", False), (0, 0)
        ours = ENGINES["cpu"].pull(image, grid, spec, orders).astype(float)
        theirs = portable.pull(image, grid, spec, orders).astype(float)
        small = 64 * eps(real_of(dtype))
        np.testing.assert_allclose(ours, theirs, rtol=eps(dtype), atol=small)
        ours = ENGINES["cpu"].push(values, grid, image.shape, spec, orders).astype(float)
        theirs = portable.push(values, grid, image.shape, spec, orders).astype(float)
        np.testing.assert_allclose(ours, theirs, rtol=2 * eps(dtype), atol=small * points)
        ours = ENGINES["cpu"].grid_gradient(values, image, grid, spec, orders).astype(float)
        theirs = portable.grid_gradient(values, image, grid, spec, orders).astype(float)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=small * channels * 24)


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "reflection")))
def test_planes_of_many_pixels(rng, options):
    """More than 32,767 and than 65,535 elements a plane, where narrow indices would wrap."""
    image = rng.uniform(-1, 1, (1, 2, 301, 409)).astype("float32")
    grid = rng.uniform(-1.1, 1.1, (1, 127, 3, 2)).astype("float32")
    assert_within(gs.grid_sample(image, grid, *options), defined_sample(image, grid, options))
    values = rng.uniform(-1, 1, (1, 2, 127, 3)).astype("float32")
    splatted = portable.push(values, grid, image.shape, parse(*options), (0, 0))
    result = gs.grid_splat(values, grid, image.shape, *options)
    np.testing.assert_allclose(result, splatted, rtol=0, atol=381 * 4 * eps("float32"))
    assert ((result == 0) == (splatted == 0)).all()


@pytest.mark.parametrize("options", every_option(paddings=("border",)))
def test_float16_rounds_once(rng, options):
    """Results in half precision are those in single precision, rounded: not computed in half."""
    image = make_image(rng, 2, "float16")
    grid = make_grid(rng, 2, "float32")
    exact = gs.grid_sample(image.astype("float32"), grid, *options)
    np.testing.assert_array_equal(gs.grid_sample(image, grid, *options), exact.astype("float16"))


def test_float16_values_of_every_kind():
    """All 65,536 of them pass through, subnormals, infinities and NaN included."""
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)[None, :, None]  # as channels of a single pixel
    result = gs.grid_sample(every, np.zeros((1, 1, 1), "float32"), "nearest")
    np.testing.assert_array_equal(result, every)


def test_float16_rounds_to_even():
    """The mean of two neighbours lies halfway between two numbers of half precision: the even one is taken."""
    bits = np.arange(0x3C00, 0x3C00 + 64, dtype=np.uint16)
    image = np.stack([bits, bits + 1], axis=-1).view(np.float16)[None]  # 64 channels, a row of two
    result = gs.grid_sample(image, np.zeros((1, 1, 1), "float32"))[0, :, 0]
    np.testing.assert_array_equal(result.view(np.uint16), (bits + 1) // 2 * 2)


def test_float16_overflows_to_infinity():
    image = np.full((1, 1, 1, 5), 65504, "float16")
    image[..., [0, 4]] = -65504
    result = gs.grid_sample(image, np.array([[[0.2, 0.0]]], "float32"), "cubic", "border", True)  # overshoots
    assert result[0, 0, 0] == np.inf


def test_as_many_output_axes_as_numpy_has(rng):
    out = (1,) * 30 + (2,) + (1,) * 30 + (3,)
    image, grid = make_image(rng), make_grid(rng, out=out)
    assert grid.ndim == 64
    result = gs.grid_sample(image, grid)
    flat = gs.grid_sample(image, grid.reshape(BATCH, 6, 2))
    np.testing.assert_array_equal(result, flat.reshape(result.shape))


def test_output_axes_in_any_order_of_memory(rng):
    """Axes of the grid are merged where strides allow; the answer is that of the points one by one."""
    image, grid = make_image(rng), make_grid(rng, out=(3, 5, 7))
    expected = gs.grid_sample(image, grid)
    for order in [(0, 3, 1, 2, 4), (0, 2, 3, 1, 4), (4, 1, 2, 3, 0), (3, 0, 1, 2, 4)]:
        moved = np.ascontiguousarray(grid.transpose(order)).transpose(np.argsort(order))
        np.testing.assert_array_equal(gs.grid_sample(image, moved), expected)


# --------------------------------------------------------------------------------------------------------- the choice


@pytest.mark.parametrize("axes", SIZES)
def test_which_engine_serves(rng, monkeypatch, axes):
    """The core wherever it can, the portable engine for the rest: as the table says."""
    served = []

    def spy(name, module, operation):
        original = getattr(module, operation)

        def called(*arguments):
            result = original(*arguments)
            if operation != "sample" or result is not None:  # None: it is left to others
                served.append(name)
            return result

        monkeypatch.setattr(module, operation, called)

    for operation in ("sample", "pull", "push"):
        spy("cpu", CPU, operation)
    for operation in ("pull", "push"):
        spy("portable", portable, operation)
    values = gs.grid_sample(make_image(rng, axes), make_grid(rng, axes))
    gs.grid_splat(values, make_grid(rng, axes), (BATCH, CHANNELS, *SIZES[axes]))
    assert served == 2 * ["cpu" if axes in CPU.axes else "portable"]


def test_the_table_names_engines_that_exist():
    assert [engine.name for engine in TABLE] == list(ENGINES)
    assert set(SIZES) - set(CPU.axes), "the tests never reach the portable engine"
