"""Votes by the compiled core: those of the portable engine, label for label, at ties too."""

import itertools

import numpy as np
import pytest

import gridsample as gs
from gridsample import _core
from gridsample.compiled import DEFINITIONS
from gridsample.definitions.dtypes import CARRIED
from gridsample.engines.cpu import CPU
from gridsample.engines.portable import PORTABLE
from gridsample.spec import parse
from gridsample.threads import count_for
from support import NUMPY_PAD, paths_of

KERNELS = ["nearest", "linear", *(gs.BSpline(order, prefilter=False) for order in range(8))]
PADDINGS = (*NUMPY_PAD, "fill")
LABELS = CPU.labels
SIZES = {1: (23,), 2: (11, 13), 3: (5, 7, 11)}
POINTS = 203


def made_labels(rng, dtype, shape, count=4):
    """Return labels at both ends of a dtype, in patches of equal ones."""
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype("bool")
    low, high = CARRIED[dtype].limits
    names = np.array([low, low + 1, high - 1, high] + [(low + high) // 2] * (count - 4), dtype)
    labels = names[rng.integers(0, len(names), shape)]
    labels[..., : shape[-1] // 2] = names[1]
    return labels


def made_places(rng, size, dtype, style):
    """Return places in pixels: anywhere, halfway or a quarter between pixels, or nowhere."""
    axes = len(size)
    scale = np.array(size[::-1], float)
    places = rng.uniform(-2, scale + 1, (1, POINTS, axes))
    if style == "ties":
        places = np.round(places * 4) / 4
    places[0, ::17] = rng.choice([np.nan, np.inf, -np.inf, 1e30, -1e9], places[0, ::17].shape)
    return places.astype(dtype)


def both(labels, grid, spec, fill):
    """Return the votes of both engines."""
    shape = (max(len(labels), len(grid)), labels.shape[1], *grid.shape[1:-1])
    results = [np.full(shape, 1, labels.dtype) for _ in range(2)]
    CPU.vote(labels, grid, spec, fill, results[0])
    PORTABLE.vote(labels, grid, spec, fill, results[1])
    return results


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(
    ("axes", "mode"),
    [
        *itertools.product([1, 2], KERNELS),
        *((3, mode) for mode in KERNELS[:6]),
        pytest.param(3, KERNELS[7], marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_both_engines_elect_the_same(rng, axes, mode, padding):
    taps = parse(mode, padding, None, "pixel").axis(0).kernel.taps ** axes
    some = ("uint8", "int64") if taps > 16 else LABELS  # the portable engine compares each tap with each other
    for dtype, grid_dtype, style in itertools.product(some, ("float32", "float64"), ("anywhere", "ties")):
        labels = made_labels(rng, dtype, (1, 2, *SIZES[axes]))
        grid = made_places(rng, SIZES[axes], grid_dtype, style)[:, : 13 if taps > 100 else None]
        for filling in (("pad", "nan"), ("fill_centres", "fill")):
            spec = parse(mode, padding, None, "pixel", 0.0, *filling)
            result, expected = both(labels, grid, spec, CARRIED[dtype].limits[1])
            np.testing.assert_array_equal(result, expected, f"{dtype} {grid_dtype} {style} {filling}")


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("count", [2, 9, 200])
def test_many_labels_and_kernels_by_axis(rng, count):
    """As many labels as taps at some places; ties between several."""
    for mode in (gs.BSpline(4, prefilter=False), ("nearest", "linear", gs.BSpline(3, prefilter=False)), "linear"):
        labels = rng.integers(-count, count, (2, 1, 7, 11, 13)).astype("int64")
        grid = np.round(rng.uniform(-1, 13, (2, 301, 3)) * 2) / 2
        spec = parse(mode, ("wrap", "zeros", "border"), None, "pixel")
        result, expected = both(labels, grid, spec, -3)
        np.testing.assert_array_equal(result, expected)


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("order", [0, 1, 2, 3, 5, 7])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint32", "int64"])
def test_points_that_see_one_label_are_not_counted(rng, dtype, order):
    """The fast way is taken where all taps agree, a tap that differs is seen wherever it is, and both ways agree."""
    size, taps = (17, 40), order + 1
    spec, label = parse(gs.BSpline(order, prefilter=False), "zeros", None, "pixel"), CARRIED[dtype].limits[1]
    labels = np.full((1, 1, *size), label, dtype)
    grid = rng.uniform(8.51, 9.49, (1, 64, 2))  # all have one first tap; as many as fill vectors
    grid[..., 1] -= 1
    if order % 2:
        grid += 0.5
    votes = np.empty((1, 1, 64), dtype)
    _, ways = paths_of(CPU.vote, labels, grid, spec, 0, votes)
    assert (votes == label).all()
    assert ways & {"unanimous", "counted"} == {"unanimous"}
    for y, x in itertools.product(range(taps), repeat=2):
        other = labels.copy()
        other[0, 0, 8 - order // 2 + y, 9 - order // 2 + x] = 3
        _, ways = paths_of(CPU.vote, other, grid, spec, 0, votes)
        assert ways & {"unanimous", "counted"} == ({"counted"} if order else {"unanimous"}), (y, x)
        np.testing.assert_array_equal(votes, PORTABLE.vote(other, grid, spec, 0))


LAYOUTS = {
    "backwards": lambda x: x[..., ::-1, ::-1],
    "every other": lambda x: np.repeat(np.repeat(x, 2, -1), 3, -2)[..., ::3, ::2],
    "Fortran": np.asfortranarray,
    "one pixel for a row": lambda x: np.broadcast_to(x[..., :1], x.shape),
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "unaligned": lambda x: np.frombuffer(b"." + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    "channels last": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int32", "uint64"])
def test_labels_lie_in_memory_as_they_may(rng, dtype, layout):
    labels = LAYOUTS[layout](made_labels(rng, dtype, (2, 3, 11, 13)))
    grid = made_places(rng, (11, 13), "float64", "ties").reshape(1, 7, 29, 2)
    options = {"coords": "pixel", "fill_value": 1}
    expected = gs.sample_labels(np.array(labels, dtype, order="C"), grid, **options)
    result = gs.sample_labels(labels, grid, **options)
    assert result.dtype == dtype
    assert result.dtype.isnative
    np.testing.assert_array_equal(result, expected)
    places = np.asfortranarray(np.broadcast_to(grid, (2, 7, 29, 2)))[:, ::-1]
    np.testing.assert_array_equal(gs.sample_labels(labels, places, **options)[:, :, ::-1], expected)
    last = gs.sample_labels(np.moveaxis(labels, 1, -1), grid, channels="last", **options)
    np.testing.assert_array_equal(np.moveaxis(last, -1, 1), expected)


def test_results_do_not_depend_on_threads(rng):
    labels, grid = made_labels(rng, "int16", (3, 2, 101, 103)), rng.uniform(-1.1, 1.1, (3, 307, 311, 2))
    results = []
    before = gs.get_num_threads()
    try:
        for threads in (1, 3):
            gs.set_num_threads(threads)
            results.append(gs.sample_labels(labels, grid))
    finally:
        gs.set_num_threads(before)
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(results[0][:, :, ::31], gs.sample_labels(labels, np.ascontiguousarray(grid[:, ::31])))


def test_four_axes_take_the_portable_engine(rng):
    labels = rng.integers(0, 4, (1, 1, 3, 5, 2, 7)).astype("uint8")
    flat = np.concatenate([rng.uniform(-1, 7, (1, 57, 3)), np.full((1, 57, 1), 1.0)], axis=-1)
    three = gs.sample_labels(labels[:, :, 1], flat[..., :3], coords="pixel")
    np.testing.assert_array_equal(gs.sample_labels(labels, flat, coords="pixel"), three)


def test_the_core_weighs_labels_in_the_precision_that_their_positions_have():
    told = {name: record["sum"] for name, record in DEFINITIONS["dtypes"].items() if record["whole"]}
    assert told == {name: how.by for name, how in CARRIED.items() if how.kind != "complex"}


def test_the_core_refuses_what_it_cannot_vote_on_or_sample():
    spec, grid = parse("linear", "zeros", False), np.zeros((1, 4, 1))
    threads = count_for(grid)
    labels, floats = np.ones((1, 1, 5), "int32"), np.ones((1, 1, 5))
    with pytest.raises(TypeError, match="labels must be whole numbers"):
        _core.vote(floats, grid, np.ones((1, 1, 4)), spec.core, 0, threads)
    with pytest.raises(TypeError, match="labels and result must be of one dtype"):
        _core.vote(labels, grid, np.ones((1, 1, 4), "int64"), spec.core, 0, threads)
    with pytest.raises(TypeError, match="voted on alone"):
        _core.pull(labels, grid, np.ones((1, 1, 4), "int32"), spec.core, (0,), threads)
    with pytest.raises(ValueError, match="batch size"):
        _core.vote(np.repeat(labels, 2, 0), grid, np.ones((1, 1, 4), "int32"), spec.core, 0, threads)
    assert _core.sample(labels, grid, spec.core, threads) is None


class TestTorch:
    """Plain tensors go to the core, all others see the portable steps."""

    @pytest.fixture
    def case(self, rng):
        torch = pytest.importorskip("torch")
        labels = torch.from_numpy(made_labels(rng, "int32", (2, 3, 11, 13)))
        grid = torch.from_numpy(made_places(rng, (11, 13), "float32", "ties"))
        return torch, labels, grid, gs.sample_labels(labels.numpy(), grid.numpy(), coords="pixel")

    def test_plain_tensors(self, case):
        torch, labels, grid, expected = case
        for given in (labels, labels.contiguous(memory_format=torch.channels_last)):
            for places in (grid, grid.clone().requires_grad_()):
                result, ways = paths_of(gs.sample_labels, given, places, coords="pixel")
                assert "counted" in ways
                np.testing.assert_array_equal(result.numpy(), expected)
                assert not result.requires_grad
        last = gs.sample_labels(labels.movedim(1, -1), grid, coords="pixel", channels="last")
        np.testing.assert_array_equal(last.movedim(-1, 1).numpy(), expected)

    @pytest.mark.parametrize("dtype", LABELS)
    def test_every_dtype(self, case, dtype):
        torch, labels, grid, _ = case
        few = (labels % 2).numpy().astype(dtype)
        result = gs.sample_labels(torch.from_numpy(few), grid, coords="pixel")
        np.testing.assert_array_equal(result.numpy(), gs.sample_labels(few, grid.numpy(), coords="pixel"))

    def test_transforms(self, case):
        torch, labels, grid, expected = case
        one = torch.vmap(lambda x: gs.sample_labels(x[None], grid, coords="pixel")[0])
        np.testing.assert_array_equal(one(labels).numpy(), expected)
