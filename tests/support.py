"""What the tests share: cases, the oracle, and bounds on rounding errors that say why.

Lengths are coprime on all axes of a case, so that an array read in the wrong order cannot look right.
"""

import itertools
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pytest

from gridsample import reference
from gridsample.definitions.boundaries import BOUNDARIES as DEFINED_BOUNDARIES
from gridsample.definitions.dtypes import DTYPES as DEFINED
from gridsample.engines import cpu
from gridsample.spec import parse

MODES = ("nearest", "linear", "cubic", "lanczos")
TORCH_MODES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}
COMPILED_MODES = tuple(mode for mode in MODES if parse(mode, "zeros", False).core is not None)
# Each boundary, and what numpy.pad calls it.
NUMPY_PAD = {"zeros": "constant", "border": "edge", "mirror": "reflect", "symmetric": "symmetric", "wrap": "wrap"}
BOUNDARIES = tuple(NUMPY_PAD)
PERIODIC = tuple(name for name in BOUNDARIES if DEFINED_BOUNDARIES[name].period)
ENDLESS = tuple(name for name in BOUNDARIES if name != "zeros")  # there is a pixel everywhere
PADDINGS = (*BOUNDARIES, "reflection")  # which is mirror or symmetric
TORCH_PADDINGS = ("zeros", "border", "reflection")
DTYPES = ("float16", "float32", "float64")

BATCH, CHANNELS = 2, 3
SIZES = {1: (7,), 2: (5, 7), 3: (5, 7, 11), 4: (5, 7, 11, 13)}
OUTS = {1: (11, 13), 2: (11, 13), 3: (13,), 4: (17,)}


class Options(NamedTuple):
    """The options of a call, in the order of the public functions."""

    mode: str
    padding: str
    align: bool

    @property
    def boundary(self):
        """What the definition calls the padding."""
        if self.padding == "reflection":
            return "mirror" if self.align else "symmetric"
        return self.padding

    def __str__(self):
        return f"{self.mode}-{self.padding}-{'centres' if self.align else 'edges'}"


def every_option(modes=MODES, paddings=BOUNDARIES):
    """Return all combinations of options, as parameters with readable names."""
    options = itertools.starmap(Options, itertools.product(modes, paddings, (False, True)))
    return [pytest.param(option, id=str(option)) for option in options]


def make_image(rng, axes=2, dtype="float64", batch=BATCH, size=None):
    """Return noise of shape (N, C, *size)."""
    return rng.uniform(-1, 1, (batch, CHANNELS, *(SIZES[axes] if size is None else size))).astype(dtype)


def make_grid(rng, axes=2, dtype="float64", batch=BATCH, out=None):
    """Return places (N, *out, D): two thirds in and just around the array, the others as far as two arrays away."""
    shape = (batch, *(OUTS[axes] if out is None else out))
    near, far = rng.uniform(-1.2, 1.2, (*shape, axes)), rng.uniform(-5, 5, (*shape, axes))
    return np.where(rng.random((*shape, 1)) < 2 / 3, near, far).astype(dtype)


def normalized(position, size, align):
    """Return the normalized coordinate of a position in pixels: ``locate`` the other way round."""
    position = np.asarray(position, dtype=float)
    return position * 2 / max(size - 1, 1) - 1 if align else (2 * position + 1) / size - 1


def smooth_grid(rng, size, align, batch=BATCH, out=(11, 13)):
    """Return float64 places at least 0.15 pixels away from every whole and half position: no kink, no tie is near."""
    shape = (batch, *out)
    columns = []
    for length in reversed(size):
        cell = rng.integers(-length, 2 * length, shape)
        inside = rng.choice([0.15, 0.65], shape) + rng.uniform(0, 0.2, shape)
        columns.append(normalized(cell + inside, length, align))
    return np.stack(columns, axis=-1)


# ---------------------------------------------------------------------------------------------------------- the oracle


def real_of(*dtypes):
    """Return the dtype of weights and sums of values: never less than float32."""
    return np.dtype("float64" if "float64" in [DEFINED[np.dtype(dtype).name].real for dtype in dtypes] else "float32")


def position_dtype(values, grid):
    """Return the dtype of positions: that of the wider of values and coordinates."""
    return real_of(values, grid)


@contextmanager
def positions_in(dtype):
    """Let the definition see the positions that every engine sees: the documented expression, rounded in ``dtype``.

    A position in float32 differs from the exact one by some ulp, which near a tie decides for another pixel and near
    a border for another slope. With the position given, all that is left to compare is the rounding of the weights.
    """
    real = np.dtype(dtype).type

    def locate(g, size, align_corners, coords, nan_places="nan"):  # noqa: ARG001  (as the definition calls it)
        if coords != "normalized":
            return float(real(g))
        scale, shift = (real((size - 1) / 2), real(0)) if align_corners else (real(size / 2), real(0.5))
        with np.errstate(over="ignore", invalid="ignore"):
            return float((real(g) + real(1)) * scale - shift)

    exact = reference.reduce

    def reduce(p, size, boundary):
        return float(real(exact(float(real(p)), size, boundary)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "locate", locate)
        patch.setattr(reference, "reduce", reduce)
        yield


class Expected(NamedTuple):
    """What the definition says, and how far rounding may lead an engine away from it."""

    value: np.ndarray
    bound: np.ndarray


def largest_sum(mode, order=0):
    """Return the largest sum of the magnitudes of one axis' weights, or of their derivatives by the position."""
    kernel = parse(mode, "zeros", False).axes[0].kernel
    if order and not kernel.has_slopes:
        return 0.0
    distances = np.linspace(0, 1, 1025)  # the ends and the middle among them
    return float(np.abs(kernel.weights(np, distances, order)).sum(axis=0).max())


# Rounding errors of one axis, in eps of the dtype of the weights. Nearest: one product. Linear: 1 - t, product, sum.
# Cubic: Horner's scheme for the outer piece passes through numbers up to 6 on its way to weights below 0.2.
# Lanczos: a sine and its argument, two quotients and a product; then the sum of six, the division, and the product.
ROUNDINGS = {"nearest": 1, "linear": 3, "cubic": 16, "lanczos": 16}
WEIGHTS = {mode: largest_sum(mode) for mode in MODES}
SLOPES = {mode: largest_sum(mode, 1) for mode in MODES}


def worst(table, mode):
    """Return the largest number that a table has for a mode, or for those of a tuple by axis."""
    return max(table[name] for name in (mode if isinstance(mode, tuple) else (mode,)))


def eps(dtype):
    """Return the spacing of numbers at 1."""
    return float(np.finfo(dtype).eps)


def weighing(options, size, real, position):
    """Return the error of the weights of pixels up to 1, computed in ``real`` of distances found in ``position``.

    A distance of a wider dtype is rounded once, by half an eps of up to 1. The definition folds positions in float64,
    and so moves them by an ulp or two of a period, a peer's worth of error of its own: all that is left to compare to
    in float64.
    """
    axes, weights = len(size), worst(WEIGHTS, options.mode) ** len(size)
    own = 4 * eps("float64") * max(size) * worst(SLOPES, options.mode)
    distance = 0.0 if real == position else worst(SLOPES, options.mode) * eps(real) / 2
    return axes * weights * (worst(ROUNDINGS, options.mode) * eps(real) + own + distance)


def storing(value, dtype):
    """Return the error of rounding ``value`` to ``dtype``, also where it is subnormal or too large."""
    limits = np.finfo(dtype)
    error = eps(dtype) * np.abs(value) + float(limits.smallest_subnormal)
    return np.where(np.abs(value) > 0.99 * float(limits.max), np.inf, error)


def largest(array):
    """Return the largest finite magnitude."""
    magnitudes = np.abs(np.where(np.isfinite(array), array, 0).astype(float))
    return float(magnitudes.max(initial=0.0))


def defined_sample(input, grid, options, coords="normalized"):
    """Return what sampling is defined to be, at the positions that engines see, and its bound."""
    position = position_dtype(input.dtype, grid.dtype)
    batch = grid.shape[0] if input.shape[0] == 1 else input.shape[0]
    with positions_in(position):
        value = reference.grid_sample(
            np.broadcast_to(input, (batch, *input.shape[1:])),
            np.broadcast_to(grid, (batch, *grid.shape[1:])),
            options.mode,
            options.boundary,
            options.align,
            coords,
        )
    rounding = weighing(options, input.shape[2:], real_of(input.dtype), position) * largest(input)
    return Expected(value, rounding + storing(value, input.dtype))


def defined_splat(values, grid, shape, options, coords="normalized"):
    """Return what splatting is defined to be, at the positions that engines see, and its bound."""
    position = position_dtype(values.dtype, grid.dtype)
    batch = grid.shape[0] if values.shape[0] == 1 else values.shape[0]
    values = np.broadcast_to(values, (batch, *values.shape[1:]))
    grid = np.broadcast_to(grid, (batch, *grid.shape[1:]))
    arguments = (options.mode, options.boundary, options.align, coords)
    with positions_in(position):
        value = reference.grid_splat(values, grid, (batch, *shape[1:]), *arguments)
        touched, terms = _touched(values, grid, (batch, *shape[1:]), arguments)
    if shape[0] == 1:
        value, touched, terms = (array.sum(axis=0, keepdims=True) for array in (value, touched, terms))
    # each term carries its weight's error; adding n terms up, in any order, at most n - 1 of the sum's own dtype more
    real = real_of(values.dtype)
    adding = terms * eps(real) * worst(WEIGHTS, options.mode) ** grid.shape[-1]
    rounding = (adding + weighing(options, shape[2:], real, position)) * touched
    return Expected(value, rounding + storing(value, values.dtype))


def _touched(values, grid, shape, arguments):
    """Return for each pixel the sum of the magnitudes of the values that reach it, and their number."""
    touched, terms = np.zeros(shape), np.zeros(shape)
    for b, *p in np.ndindex(*grid.shape[:-1]):
        place = reference.place_of(grid, b, p, arguments[-1])
        for index, _ in reference.footprint(place, shape[2:], *arguments) or []:
            touched[(b, slice(None), *index)] += np.abs(values[(b, slice(None), *p)])
            terms[(b, slice(None), *index)] += 1
    return touched, terms


# ----------------------------------------------------------------------------------------------------------- assertions


def assert_within(actual, expected):
    """Assert that an array is what the definition says, up to its bound; NaN and infinities where it has them."""
    value, bound = expected
    actual = np.asarray(actual)
    assert actual.shape == value.shape
    with np.errstate(invalid="ignore"):
        error = np.abs(actual.astype(float) - value)
    same = (actual == value) | (np.isnan(actual) & np.isnan(value))
    wrong = ~(same | (error <= bound))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(
            f"{wrong.sum()} of {wrong.size} differ; first at {place}: got {actual[place]!r}, defined as "
            f"{value[place]!r}, bound {np.broadcast_to(bound, value.shape)[place]:.3g}"
        )


def assert_as_good_as(ours, theirs, truth, rounding):
    """Assert our largest error to be at most twice the peer's, plus a few eps of the dtype that is computed in."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape == truth.shape
    allowed = 2 * np.abs(theirs.astype(float) - truth).max(initial=0) + rounding
    error = np.abs(ours.astype(float) - truth).max(initial=0)
    assert error <= allowed, f"our error {error:.3g}, allowed {allowed:.3g}"


# ------------------------------------------------------------------------------------------------------------ the core


def paths_of(function, *arguments, **options):
    """Return a call's result, and the ways it took."""
    with cpu.watch_paths() as counts:
        result = function(*arguments, **options)
    return result, {name for name, count in counts.items() if count}


def channels_innermost(array):
    """Return a copy (N, C, ...) whose channels are neighbours in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1)
