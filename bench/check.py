"""Whether an answer is right: beside the portable engine in float64, with a bound on the rounding that says why."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bench.cases import EPS, Arrays, Case
from gridsample.definitions.kernel import Kernel
from gridsample.engines.portable import PORTABLE as portable
from gridsample.faces.filtering import filtered

VALUES = 200_000  # compared at most, of what there is one of for each point

# Rounding errors of one axis' weights, in eps. Linear: 1 - t, product, sum. Cubic: Horner's scheme passes 6.
ROUNDINGS = {"nearest": 1, "linear": 3, "keys": 16, "bspline": 16}

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
    errors, bounds = [], []
    for actual, expected, rounded in parts(case, arrays, results, computed_in):
        finite = bool(np.isfinite(actual).all())
        errors.append(float(np.abs(actual.astype(float) - expected).max(initial=0)) if finite else math.inf)
        largest = 255.0 if case.dtype == "uint8" else float(np.abs(expected).max(initial=0))
        stepped = steps / 2 * sum(largest_sums(case.spec.axis(0).kernel)[1] for _ in case.size)
        scale = 255.0 if case.dtype == "uint8" else 1.0
        bounds.append(scale * (rounded + stepped) + EPS[case.dtype] * largest)  # and storing
    return Check(errors, bounds)


def parts(
    case: Case, arrays: Arrays, results: list[np.ndarray], computed_in: str
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Return what a case gave, what it ought to have given, and what rounding may add: for each of its results."""
    x, grid, v, a, b = (None if array is None else array.astype("float64") for array in arrays)
    points = some_points(case)
    spec, axes, channels = case.spec, len(case.size), case.shape[1]
    eps = EPS["float64"] + (0 if case.dtype == "float64" else EPS[computed_in])
    zero, units = (0,) * axes, tuple(map(tuple, np.eye(axes, dtype=int).tolist()))
    places, of_grid = at(grid, points, axes, 1), lambda array: at(array, points, axes, 1)
    of_values = lambda array: at(array, points, axes, 2)  # noqa: E731
    slope = channels * max(rounding(case, eps, unit) for unit in units)
    if case.operation == "sample":
        pixels, weighing, rounded = x, spec, rounding(case, eps, zero)
        if spec.weighing is not None:
            pixels, weighing = filtered(np, x, spec, False, False), spec.weighing
            rounded += FILTERING * axes * eps * float(np.abs(pixels).max())
        expected = portable.pull(pixels, places, weighing, zero)
        yield of_values(results[0]), np.clip(expected, 0, 255) if case.dtype == "uint8" else expected, rounded
    elif case.operation == "backward":
        found = iter(results)
        if case.gradients != "grid":
            yield next(found), portable.push(v, grid, case.shape, spec, zero), adding(case, eps, grid, zero)
        if case.gradients != "input":
            expected = portable.grid_gradient(of_values(v), x, places, spec, zero)
            yield of_grid(next(found)), expected, slope
    else:  # the gradients of <v, pull(a)> + sum over d of <v b_d, pull_d(x)>, by v, x and the grid
        step = [b[:, None, ..., d] for d in range(axes)]
        near = [of_grid(b)[:, None, :, d] for d in range(axes)]
        by_values = portable.pull(a, places, spec, zero)
        by_values += sum(near[d] * portable.pull(x, places, spec, units[d]) for d in range(axes))
        yield of_values(results[0]), by_values, rounding(case, eps, zero) + sum(rounding(case, eps, u) for u in units)
        by_input = sum(portable.push(v * step[d], grid, case.shape, spec, units[d]) for d in range(axes))
        yield results[1], by_input, sum(adding(case, eps, grid, unit) for unit in units)
        by_grid = portable.grid_gradient(of_values(v), a, places, spec, zero)
        by_grid += sum(portable.grid_gradient(near[d] * of_values(v), x, places, spec, units[d]) for d in range(axes))
        second = max(sum(rounding(case, eps, tuple(np.add(u, w))) for u in units) for w in units)
        yield of_grid(results[2]), by_grid, slope + channels * second


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
