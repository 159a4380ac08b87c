"""Which engine serves a call, as a table; and that what the compiled core lacks never reaches it as something else."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES as OPERATIONS
from gridsample import _core, compiled
from gridsample.definitions import boundaries, conventions, kernels
from gridsample.definitions.boundaries import BORDER, BOUNDARIES, ZEROS, Boundary
from gridsample.definitions.dtypes import DTYPES
from gridsample.definitions.filling import NOTHING
from gridsample.definitions.kernels import Keys, Linear
from gridsample.engines import ENGINES, choose, support
from gridsample.engines.interface import Call
from gridsample.engines.portable import PORTABLE
from gridsample.faces.plan import plan_push
from gridsample.spec import parse, spec_of
from support import make_grid, make_image, normalized


@dataclass(frozen=True)
class Quintic(gs.Kernel):
    """The B-spline of degree five: six taps, and derivatives up to the fifth that are not zero."""

    taps = 6

    def place(self, xp, position):
        """Return the first of six neighbours."""
        floor = xp.floor(position)
        return floor - 2, position - floor

    def weights(self, xp, t, order):
        """Return the weights by differences of truncated powers."""
        return [self.spline(xp, t + 2 - k, order) for k in range(6)]

    def spline(self, xp, x, order):
        """Return the spline or its derivative at a signed distance."""
        degree = 5 - order
        total = xp.zeros_like(x)
        for j, binomial in enumerate((1, -6, 15, -20, 15, -6, 1)):
            y = x + 3 - j
            power = y**degree if degree > 0 else xp.ones_like(y)
            total = total + binomial * xp.where(y >= 0, power, xp.zeros_like(y))
        factorial = (1, 1, 2, 6, 24, 120)[max(degree, 0)]
        return total / factorial if degree >= 0 else xp.zeros_like(x)


@dataclass(frozen=True)
class NearestToTheRight(gs.Kernel):
    """Passes for the core's own by its name, and is another."""

    names = ("nearest",)
    taps = 1
    has_slopes = False

    def place(self, xp, position):
        """Return the pixel at or after the position."""
        first = xp.ceil(position)
        return first, position - first

    def weights(self, xp, t, order):  # noqa: ARG002
        """Return a constant."""
        return [xp.ones_like(t)]


def resolve_twice_the_edge(xp, index, size):
    """Outside, every second pixel of the edge's value."""
    inside = (index >= 0) & (index < size)
    return xp.clip(index, 0, size - 1), inside | (index % 2 == 0)


OTHER_BORDER = Boundary("border", resolve_twice_the_edge)
"""Passes for the core's own by its name, and is another."""


def call(
    operation="pull", library="numpy", device="cpu", dtypes=("float32", "float32"), size=(5, 7), orders=None, **of
):
    """Return a call like most, but for what is given."""
    spec = parse(of.get("mode", "linear"), of.get("padding", "zeros"), of.get("align", False))
    return Call(operation, library, device, dtypes, size, orders or (0,) * len(size), spec)


CHOICES = [
    ("a NumPy image", call(), "cpu"),
    ("a splat", call("push"), "cpu"),
    ("a gradient", call("grid_gradient", orders=(1, 1)), "cpu"),
    ("a tensor", call(library="torch"), "cpu"),
    ("a tensor on another device", call(library="torch", device="cuda"), "portable"),
    ("another library's array", call(library="jax"), "portable"),
    ("another library's splat", call("push", library="jax"), "portable"),
    ("a signal", call(size=(7,)), "cpu"),
    ("a volume", call(size=(5, 7, 11)), "cpu"),
    ("four dimensions", call(size=(2, 3, 5, 7)), "portable"),
    ("an axis of many pixels", call(size=(2**31 - 256,)), "cpu"),
    ("an axis of too many pixels", call(size=(2**31 - 255,)), "portable"),
    ("half precision", call(dtypes=("float16", "float32")), "cpu"),
    ("torch's half precision", call(library="torch", dtypes=("bfloat16", "float64")), "cpu"),
    ("a parameter", call(mode=Keys(-0.5)), "cpu"),
    ("derivatives of high order", call(mode="cubic", orders=(7, 0)), "cpu"),
    ("options by axis", call(mode=("linear", "nearest"), padding=("border", "zeros")), "cpu"),
    ("a kernel of one's own", call(mode=Quintic()), "portable"),
    ("a kernel of one's own on one axis", call(mode=("linear", Quintic())), "portable"),
    ("a kernel that takes a name of ours", call(mode=NearestToTheRight()), "portable"),
    ("a boundary of one's own", call(padding=Boundary("mine", ZEROS.resolve)), "portable"),
    ("a boundary that takes a name of ours", call(padding=OTHER_BORDER), "portable"),
]


@pytest.mark.parametrize(("given", "engine"), [pytest.param(*rest, id=name) for name, *rest in CHOICES])
def test_which_engine_serves(given, engine):
    assert choose(given).name == engine


REFUSALS = [
    (
        call("push", library="array_api_strict"),
        ["cpu cannot: it reads NumPy", "portable cannot: adding values", "scatter"],
    ),
    (call(size=(1,) * 33), ["cpu cannot: it takes 1 to 3 spatial axes, not 33", "portable cannot: it takes 1 to 32"]),
    (
        call(dtypes=("int32", "float32")),
        ["cpu cannot: it takes float16", "portable cannot: it takes float16", "not int32"],
    ),
]


@pytest.mark.parametrize(("given", "words"), REFUSALS)
def test_a_refusal_says_what_every_engine_said(given, words):
    with pytest.raises(TypeError) as refusal:
        choose(given)
    assert all(word in str(refusal.value) for word in words)
    assert all(f"{engine.name} cannot: " in str(refusal.value) for engine in ENGINES)


def test_every_engine_is_described():
    assert list(support()) == [engine.name for engine in ENGINES]
    assert len({tuple(served) for served in support().values()}) == 1


# -------------------------------------------------------------------------------------------- what the core says it has


def test_the_core_has_what_it_says():
    for name, record in _core.definitions()["kernels"].items():
        kernel = kernels.KERNELS[name]
        assert name == kernel.names[0]
        assert len(record["parameters"]) == len(kernel.weighing)
        assert record["taps"] >= kernel.taps
    assert set(_core.definitions()["boundaries"]) <= set(BOUNDARIES)


def test_the_core_adds_up_as_the_table_of_dtypes_says():
    floats = {name: record for name, record in _core.definitions()["dtypes"].items() if not record["whole"]}
    told = {name: record["sum"] for name, record in floats.items()}
    assert told == {name: dtype.sum for name, dtype in DTYPES.items() if name in told}


def test_sums_are_of_the_dtype_that_the_table_says(rng, monkeypatch):
    """Whatever the size of a number: once, four bytes were taken for a dtype that adds up in itself."""
    given = []
    push = PORTABLE.push

    def record(values, grid, shape, spec, orders, result):
        given.append(result.dtype)
        return push(values, grid, shape, spec, orders, result)

    monkeypatch.setattr(PORTABLE, "push", record)
    monkeypatch.setitem(DTYPES, "float32", replace(DTYPES["float32"], sum="float64"))
    plan_push.cache_clear()
    values, grid = rng.uniform(-1, 1, (1, 1, 11)).astype("float32"), rng.uniform(-1, 1, (1, 11, 4)).astype("float32")
    result = gs.grid_splat(values, grid, (1, 1, 2, 3, 5, 7))
    plan_push.cache_clear()
    assert given == [np.dtype("float64")]
    assert result.dtype == np.float32


def test_the_core_refuses_what_it_does_not_know():
    """Nothing is taken for another: once, any number was some kernel, and any boundary a reflection."""
    numbers = conventions.EDGES.numbers
    for axes in (
        [("area", (), "zeros")],
        [("linear", (), "dawn")],
        [("linear", (0.5,), "zeros")],
        [("keys", (), "zeros")],
        [],
        [("linear", (), "zeros")] * 4,
    ):
        with pytest.raises(ValueError, match=r".+"):
            _core.Options(axes, numbers, (), math.inf, False)


@pytest.fixture
def an_older_core(monkeypatch):
    """A core that lacks a kernel, a boundary and some derivatives, as one built before they were defined."""
    older = {
        **compiled.DEFINITIONS,
        "boundaries": ("zeros", "mirror"),
        "kernels": dict(compiled.DEFINITIONS["kernels"]),
    }
    del older["kernels"]["keys"]
    older["kernels"]["linear"] = {**older["kernels"]["linear"], "orders": 1}
    monkeypatch.setattr(compiled, "DEFINITIONS", older)
    caches = (parse, spec_of, choose)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.usefixtures("an_older_core")
def test_what_an_older_core_lacks_goes_to_the_portable_engine(rng):
    assert choose(call(mode="cubic")).name == "portable"
    assert choose(call(padding="border")).name == "portable"
    assert choose(call(mode=("linear", "cubic"))).name == "portable"
    assert choose(call(mode="linear", padding="mirror", orders=(1, 0))).name == "cpu"
    assert choose(call(mode="linear", padding="mirror", orders=(2, 0))).name == "portable"
    image, grid = make_image(rng), make_grid(rng)
    expected = OPERATIONS["portable"].pull(image, grid, parse("cubic", "border", False), (0, 0))
    np.testing.assert_array_equal(gs.grid_sample(image, grid, "cubic", "border"), expected)


def test_a_core_that_cannot_say_what_it_has_is_refused(monkeypatch):
    monkeypatch.delattr(_core, "definitions")
    source = compiled.__loader__.get_source("gridsample.compiled")
    with pytest.raises(ImportError, match="older than the Python code"):
        exec(source, {"__name__": "gridsample.compiled"})


def test_parameters_the_core_has_no_code_for_go_to_the_portable_engine(monkeypatch):
    known = {
        **compiled.DEFINITIONS["kernels"],
        "keys": {**compiled.DEFINITIONS["kernels"]["keys"], "values": {"a": (-0.5,)}},
    }
    monkeypatch.setitem(compiled.DEFINITIONS, "kernels", known)
    assert compiled.lacks(Keys(-0.5), BORDER) is None
    assert "keys(-0.75)" in compiled.lacks(Keys(), BORDER)
    assert compiled.options([(Keys(), BORDER)], conventions.EDGES, NOTHING) is None


# ------------------------------------------------------------------------------------------------- what is one's own


def test_a_kernel_that_takes_a_name_of_ours_is_itself():
    row, places = np.array([[[10.0, 20.0, 30.0]]]), normalized([[[0.2], [1.2]]], 3, False)
    np.testing.assert_array_equal(gs.grid_sample(row, places, NearestToTheRight()), [[[20, 30]]])
    np.testing.assert_array_equal(gs.grid_sample(row, places, "nearest"), [[[10, 20]]])


def test_a_boundary_that_takes_a_name_of_ours_is_itself():
    row, places = np.array([[[10.0, 20.0, 30.0]]]), normalized([[[-2.0], [-1.0], [4.0]]], 3, False)
    np.testing.assert_array_equal(gs.grid_sample(row, places, "nearest", OTHER_BORDER), [[[10, 0, 30]]])
    np.testing.assert_array_equal(gs.grid_sample(row, places, "nearest", "border"), [[[10, 10, 30]]])


def test_a_kernel_of_many_taps_and_of_ones_own_is_sampled_by_its_weights(rng):
    """Against the sum over all pixels of weights made of distances alone; beyond the array there is nothing."""
    kernel, size = Quintic(), 9
    row, positions = rng.uniform(-1, 1, (1, 1, size)), rng.uniform(-4, size + 3, 50)
    grid = normalized(positions, size, False)[None, :, None]
    distances = positions[:, None] - np.arange(size)
    for order in range(6):
        weights = kernel.spline(np, distances, order) * (np.abs(distances) < 3) * (size / 2) ** order
        result = OPERATIONS["portable"].pull(row, grid, parse(kernel, "zeros", False), (order,))
        expected = weights @ row[0, 0]
        np.testing.assert_allclose(result[0, 0], expected, rtol=0, atol=1e-12 * (size / 2) ** order * 100)


@pytest.mark.parametrize("order", range(5))
def test_derivatives_of_every_order_are_slopes_of_those_before(rng, order):
    """Also from the fourth on, which is 0 for the kernels of ours that are cubic at most."""
    kernel, size = Quintic(), 9
    row, positions = rng.uniform(-1, 1, (1, 1, size)), rng.integers(1, size - 1, 30) + rng.uniform(0.3, 0.7, 30)
    spec, step = parse(kernel, "mirror", True), 1 / 64
    pull = lambda places, o: OPERATIONS["portable"].pull(row, normalized(places, size, True)[None, :, None], spec, (o,))  # noqa: E731
    stencil = [(-2, 1), (-1, -8), (1, 8), (2, -1)]  # exact up to the fourth degree; these are of the fifth
    slope = sum(weight * pull(positions + offset * step, order) for offset, weight in stencil) / (12 * step)
    result = pull(positions, order + 1) / ((size - 1) / 2)
    # the fifth derivative of a piece is at most 20, times step^4/30; and the rounding of four values over 12 steps
    scale = ((size - 1) / 2) ** order
    np.testing.assert_allclose(result, slope, rtol=0, atol=scale * (20 * step**4 / 30 * 6 + 18e-14 / (12 * step)))
    assert order == 4 or np.abs(result).max() > 0


def test_kernels_of_ones_own_by_axis_and_in_volumes(rng):
    """A dimension is a product of axes: with linear on the others, it is the linear one of samples along rows."""
    image = rng.uniform(-1, 1, (1, 2, 5, 7))
    x, y = rng.uniform(-0.9, 0.9, 11), rng.integers(0, 5, 11)
    grid = np.stack([x, normalized(y, 5, False)], axis=-1)[None]
    result = gs.grid_sample(image, grid, (Quintic(), "nearest"))
    rows = [gs.grid_sample(image[:, :, row], np.array([[[place]]]), Quintic()) for place, row in zip(x, y, strict=True)]
    np.testing.assert_allclose(result, np.concatenate(rows, axis=-1), rtol=0, atol=1e-15 * 8)


def test_a_name_is_registered_only_for_its_own():
    assert kernels.is_registered(Linear())
    assert not kernels.is_registered(Quintic())
    assert not kernels.is_registered(NearestToTheRight())
    assert not boundaries.is_registered(OTHER_BORDER)
