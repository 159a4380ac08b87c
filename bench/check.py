"""Whether an answer is right: beside the portable engine in float64, with a bound on the rounding that says why."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bench.case import EPS, Arrays, Case
from bench.with_tensors import one_hot
from gridsample.definitions.kernel import Kernel
from gridsample.engines.portable import PORTABLE as portable
from gridsample.faces.filtering import filtered
from gridsample.spec import Spec

VALUES = 200_000  # compared at most, of what there is one of for each point

# Rounding errors of one axis' weights, in eps. Linear: 1 - t, product, sum. Cubic: Horner's scheme passes 6.
# Lanczos: a division by the weights' sum besides, and two sines.
ROUNDINGS = {"nearest": 1, "linear": 3, "keys": 16, "bspline": 16, "lanczos": 32}

# A spline's filter: two recursions along each axis, whose roundings fall off by the pole, and a gain of at most 6.
FILTERING = 64


@lru_cache
def largest_sums(kernel: Kernel) -> tuple[float, ...]:
    """Return the largest sums of the magnitudes of an axis' weights, slopes and further derivatives."""
    distances = np.linspace(0, 1, 1025)  # the ends and the middle among them
    orders = range(4) if kernel.has_slopes else range(1)
    found = [float(np.abs(kernel.weights(np, distances, order)).sum(axis=0).max()) for order in orders]
    return (*found, *(0.0,) * (4 - len(found)))


class Check(NamedTuple):
    """How far each result is from the definition at most, and how far rounding explains."""

    errors: list[float]
    allowed: list[float]

    @property
    def right(self) -> bool:
        """Whether rounding explains all."""
        return all(error <= allowed for error, allowed in zip(self.errors, self.allowed, strict=True))


def check(
    case: Case, arrays: Arrays, results: list[np.ndarray], computed_in: str = "float32", steps: float = 0.0
) -> Check:
    """Compare results with the portable engine's in float64: at some points, and at all pixels.

    ``steps`` is what positions are rounded to, in pixels, by a library that does.
    """
    if [result.shape for result in results] != case.results_shapes:
        return Check([math.inf], [0.0])
    if case.operation == "labels":
        return check_labels(case, arrays, results[0])
    errors, bounds = [], []
    for actual, expected, rounded in parts(case, arrays, results, computed_in):
        finite = bool(np.isfinite(actual).all())
        wide = np.result_type(actual, float)
        errors.append(float(np.abs(actual.astype(wide) - expected).max(initial=0)) if finite else math.inf)
        largest = 255.0 if case.dtype == "uint8" else float(np.abs(expected).max(initial=0))
        stepped = steps / 2 * sum(largest_sums(case.spec.axis(0).kernel)[1] for _ in case.size)
        scale = {"uint8": 255.0, "complex64": math.sqrt(2)}.get(case.dtype, 1.0)  # the largest pixels there are
        bounds.append(scale * (rounded + stepped) + EPS[case.dtype] * largest)  # and storing
    return Check(errors, bounds)


def parts(
    case: Case, arrays: Arrays, results: list[np.ndarray], computed_in: str
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Return what a case gave, what it ought to have given, and what rounding may add: for each of its results."""
    x, grid, v, a, b = (None if array is None else array.astype(np.result_type(array, "float64")) for array in arrays)
    points = some_points(case)
    spec, axes, channels = case.spec, len(case.size), case.shape[1]
    eps = EPS["float64"] + (0 if case.dtype == "float64" else EPS[computed_in])
    zero, units = (0,) * axes, tuple(map(tuple, np.eye(axes, dtype=int).tolist()))
    places, of_grid = at(grid, points, axes, 1), lambda array: at(array, points, axes, 1)
    of_values = lambda array: at(array, points, axes, 2)  # noqa: E731
    slope = channels * max(rounding(case, eps, unit) for unit in units)
    if case.operation == "gradient penalty":
        yield from zip(results, *by_trial(case, x, grid, eps), strict=True)
        return
    found = iter(results)
    if case.operation in ("sample", "recorded sample", "forward and backward"):
        pixels, weighing, rounded = x, spec, rounding(case, eps, zero)
        if spec.weighing is not None:
            pixels, weighing = filtered(np, x, spec, False, False), spec.weighing
            rounded += FILTERING * axes * eps * float(np.abs(pixels).max())
        of_real = (pixels.real, pixels.imag) if np.iscomplexobj(pixels) else (pixels,)
        expected = sum(
            unit * portable.pull(part, places, weighing, zero) for part, unit in zip(of_real, (1, 1j), strict=False)
        )
        yield of_values(next(found)), np.clip(expected, 0, 255) if case.dtype == "uint8" else expected, rounded
    if case.operation in ("backward", "forward and backward"):
        if case.gradients != "grid":
            yield next(found), portable.push(v, grid, case.shape, spec, zero), adding(case, eps, grid, zero)
        if case.gradients != "input":
            expected = portable.grid_gradient(of_values(v), x, places, spec, zero)
            yield of_grid(next(found)), expected, slope
    elif case.operation == "double backward":
        by_values = second_by_values(x, places, a, of_grid(b), spec)
        yield of_values(results[0]), by_values, rounding(case, eps, zero) + sum(rounding(case, eps, u) for u in units)
        yield results[1], second_by_input(case.shape, grid, v, b, spec), sum(adding(case, eps, grid, u) for u in units)
        by_grid = second_by_grid(x, places, of_values(v), a, of_grid(b), spec)
        second = max(sum(rounding(case, eps, tuple(np.add(u, w))) for u in units) for w in units)
        yield of_grid(results[2]), by_grid, slope + channels * second


# ------------------------------------------- the gradients of <v, pull(a)> + sum over d of <v b_d, pull_d(x)>, by each


def derivatives(grid: np.ndarray) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """Return the orders of no derivative, and those of the first by each axis."""
    axes = grid.shape[-1]
    return (0,) * axes, [tuple(map(int, row)) for row in np.eye(axes)]


def second_by_values(x: np.ndarray, grid: np.ndarray, a: np.ndarray, b: np.ndarray, spec: Spec) -> np.ndarray:
    """Return the gradient by v."""
    zero, units = derivatives(grid)
    slopes = (b[:, None, ..., d] * portable.pull(x, grid, spec, unit) for d, unit in enumerate(units))
    return portable.pull(a, grid, spec, zero) + sum(slopes)


def second_by_input(shape: tuple[int, ...], grid: np.ndarray, v: np.ndarray, b: np.ndarray, spec: Spec) -> np.ndarray:
    """Return the gradient by x."""
    _, units = derivatives(grid)
    return sum(portable.push(v * b[:, None, ..., d], grid, shape, spec, unit) for d, unit in enumerate(units))


def second_by_grid(
    x: np.ndarray, grid: np.ndarray, v: np.ndarray, a: np.ndarray, b: np.ndarray, spec: Spec
) -> np.ndarray:
    """Return the gradient by the grid."""
    zero, units = derivatives(grid)
    slopes = (portable.grid_gradient(v * b[:, None, ..., d], x, grid, spec, unit) for d, unit in enumerate(units))
    return portable.grid_gradient(v, a, grid, spec, zero) + sum(slopes)


def penalty(x: np.ndarray, grid: np.ndarray, spec: Spec) -> list[np.ndarray]:
    """Return the gradients, by x and the grid, of the squares of the gradients of the sum of y², y = pull(x)."""
    zero, _ = derivatives(grid)
    v = 2 * portable.pull(x, grid, spec, zero)
    a = 2 * portable.push(v, grid, x.shape, spec, zero)
    b = 2 * portable.grid_gradient(v, x, grid, spec, zero)
    through_v = 2 * second_by_values(x, grid, a, b, spec)
    return [
        second_by_input(x.shape, grid, v, b, spec) + portable.push(through_v, grid, x.shape, spec, zero),
        second_by_grid(x, grid, v, a, b, spec) + portable.grid_gradient(through_v, x, grid, spec, zero),
    ]


TRIALS = 8
"""The allowed multiple of what one trial of moved arrays does; rounding happens at every step, the trial but once."""


def by_trial(case: Case, x: np.ndarray, grid: np.ndarray, eps: float) -> tuple[list[np.ndarray], list[float]]:
    """Return a gradient penalty's gradients, and what rounding may add to each.

    They are of the fourth degree in the pixels, and a bound that follows each step's largest numbers is far too wide.
    So the bound is by trial: how far they move if pixels and places are moved by their own rounding.
    """
    rng = np.random.default_rng(3)
    near = x * (1 + eps * rng.uniform(-1, 1, x.shape))
    moved = grid + 3 * eps * rng.uniform(-1, 1, grid.shape)  # 1.5 eps of the length, in pixels
    expected, other = penalty(x, grid, case.spec), penalty(near, moved, case.spec)
    return expected, [TRIALS * float(np.abs(a - b).max()) for a, b in zip(expected, other, strict=True)]


def check_labels(case: Case, arrays: Arrays, labels: np.ndarray) -> Check:
    """Compare the weight of each label that was chosen with the largest there is."""
    points, axes = some_points(case), len(case.size)
    places = at(arrays.grid.astype("float64"), points, axes, 1)
    weights = portable.pull(one_hot(arrays.input).astype("float64"), places, case.spec, (0,) * axes)
    chosen = np.take_along_axis(weights, at(labels, points, axes, 2).astype(int), axis=1)
    short = float((weights.max(axis=1, keepdims=True) - chosen).max())
    return Check([short], [2 * rounding(case, EPS["float32"], (0,) * axes)])


def some_points(case: Case) -> np.ndarray:
    """Return the linear indices of some of the output points, the same for every batch entry."""
    total = math.prod(case.out)
    count = max(300, VALUES // (case.shape[0] * case.shape[1]) // 4)
    rng = np.random.default_rng(1)
    return np.arange(total) if total <= count else np.sort(rng.choice(total, count, replace=False))


def at(array: np.ndarray, points: np.ndarray, axes: int, first: int) -> np.ndarray:
    """Return an array at some points, with its output axes, ``first`` and on, merged into one."""
    merged = array.reshape(*array.shape[:first], -1, *array.shape[first + axes :])
    return np.take(merged, points, axis=first)


def rounding(case: Case, eps: float, orders: tuple[int, ...]) -> float:
    """Return how far rounding leads a sum over taps of pixels up to 1, with derivatives of some orders.

    A position is off by up to 1.5 eps of the length: the sum g + 1, its product with half the length, and the
    difference to 1/2, each by half an eps of up to the length. Over that distance a weight changes by its slope.
    """
    kernel = case.spec.axis(0).kernel
    sums, roundings = largest_sums(kernel), ROUNDINGS[kernel.names[0]]
    magnitudes = [max(sums[order], 1) for order in orders]
    error = 0.0
    for length, order in zip(case.size[::-1], orders, strict=True):
        own = 1.5 * eps * length * sums[order + 1] + roundings * eps * max(sums[order], 1)
        error += own * math.prod(magnitudes) / max(sums[order], 1)
    scale = math.prod((length / 2) ** order for length, order in zip(case.size[::-1], orders, strict=True))
    return error * scale


def adding(case: Case, eps: float, grid: np.ndarray, orders: tuple[int, ...]) -> float:
    """Return how far rounding leads a pixel that points up to 1 are added to, by the most that reach any pixel."""
    kernel, axes = case.spec.axis(0).kernel, len(case.size)
    lengths = np.array(case.size[::-1])
    cells = np.floor(((grid + 1) * lengths - 1) / 2).astype(int) + 2
    near = np.all((cells >= 0) & (cells < lengths + 4), axis=-1)  # others reach no pixel
    crowd = max(
        int(np.bincount(np.ravel_multi_index(tuple(entry[some].T), tuple(lengths + 4))).max())
        for entry, some in zip(cells, near, strict=True)
    )
    reached = crowd * max(kernel.taps, 2) ** axes
    term = math.prod(
        max(largest_sums(kernel)[order], 1) * (length / 2) ** order
        for length, order in zip(case.size[::-1], orders, strict=True)
    )
    return reached * (rounding(case, eps, orders) + reached * eps * term)
