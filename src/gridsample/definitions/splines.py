"""Splines: cubic filters with two free numbers, and B-splines with the filter that makes them pass through an array.

A B-spline blurs what it weighs. To pass through an array's values it weighs *coefficients* instead, which a recursive
filter makes of the array, axis by axis: for each of the filter's poles z once forward and once back,

    forward[k] = array[k] + z forward[k - 1]        result[k] = forward[k] + z result[k + 1]

and a gain. Where the recursions begin, forward[0] and result[S - 1], is what they would have come to from infinitely
far away, beyond the edge as the boundary says; both are sums over the array, of weights that fall as powers of z.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from gridsample.definitions.boundaries import MIRROR, Boundary
from gridsample.definitions.kernel import Kernel, finite


@dataclass(frozen=True)
class Mitchell(Kernel):
    """The cubic filters of Mitchell and Netravali: two pieces with two free numbers.

    Source: D. P. Mitchell and A. N. Netravali, "Reconstruction filters in computer graphics", 1988. With b = 0 it
    passes through the values (c = 1/2 is ``Keys(-0.5)``); with b > 0 it blurs them a little, and rings less.

    Parameters
    ----------
    b, c : float
        Finite; 1/3 each by default, their choice for pictures. (1, 0) is the cubic B-spline without its filter.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> edge = np.array([[[0.0, 0.0, 1.0, 1.0]]])
    >>> gs.grid_sample(edge, np.array([[[1.0], [1.5]]]), gs.Mitchell(), "border", coords="pixel").round(4)
    array([[[0.0556, 0.5   ]]])
    """

    b: float = 1 / 3
    c: float = 1 / 3

    names = ("mitchell",)
    taps = 4

    def __post_init__(self) -> None:
        """Make both floats, so that equal kernels have equal texts."""
        for name in ("b", "c"):
            object.__setattr__(self, name, finite("Mitchell", name, getattr(self, name)))
        super().__post_init__()

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the pixel before the one at or before the position."""
        floor = xp.floor(position)
        return floor - 1, position - floor

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return the weights of the taps, or their derivative; right of the position, distance falls as t grows."""
        sign = -1 if order % 2 else 1
        b, c = self.b, self.c
        outer = (8 * b + 24 * c) / 6, (-12 * b - 48 * c) / 6, (6 * b + 30 * c) / 6, (-b - 6 * c) / 6
        inner = (6 - 2 * b) / 6, 0.0, (-18 + 12 * b + 6 * c) / 6, (12 - 9 * b - 6 * c) / 6
        left = [derived(xp, outer, t + 1, order), derived(xp, inner, t, order)]
        return [*left, sign * derived(xp, inner, 1 - t, order), sign * derived(xp, outer, 2 - t, order)]


def derived(xp: Any, factors: tuple[float, ...], x: Any, order: int) -> Any:
    """Return a polynomial's derivative, by Horner's scheme; the factor of x**k is the k-th."""
    total = xp.zeros_like(x)
    for power in range(len(factors) - 1, order - 1, -1):
        total = total * x + factors[power] * math.perm(power, order)
    return total


@dataclass(frozen=True)
class BSpline(Kernel):
    """The B-spline of an order from 0 to 7: the smoothest kernel of so few taps.

    Source: M. Unser, "Splines: a perfect fit for signal and image processing", 1999. As SciPy's ``map_coordinates``.
    With the filter it passes through the values; at edges the filter follows the boundary, or mirror where that
    does not repeat (zeros, fill, border). Whole positions give the values within some rounding errors.

    Parameters
    ----------
    order : int
        0 to 7, the degree of its pieces; 3 by default.
    prefilter : bool
        Whether the array is filtered first; without, it is taken for coefficients, of which ``spline_coefficients`` can
        make one array for many calls.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> parabola = np.arange(9.0).reshape(1, 1, 9) ** 2
    >>> gs.grid_sample(parabola, np.array([[[4.5]]]), gs.BSpline(3), "mirror", coords="pixel").round(2)
    array([[[20.2]]])
    >>> gs.grid_sample(parabola, np.array([[[4.0]]]), gs.BSpline(3, prefilter=False), coords="pixel").round(4)
    array([[[16.3333]]])
    """

    order: int = 3
    prefilter: bool = True

    names = ("bspline",)
    highest: ClassVar[int] = 7

    def __post_init__(self) -> None:
        """Make an int and a bool of what may come as floats, as in a text."""
        order = finite("BSpline", "order", self.order)
        if order not in range(self.highest + 1):
            raise ValueError(f"order of BSpline must be one of 0 to {self.highest}; got {self.order!r}")
        if self.prefilter not in (True, False):
            raise ValueError(f"prefilter of BSpline must be True or False; got {self.prefilter!r}")
        object.__setattr__(self, "order", int(order))
        object.__setattr__(self, "prefilter", bool(self.prefilter))
        super().__post_init__()

    @property
    def taps(self) -> int:
        """Return one more than the order."""
        return self.order + 1

    @property
    def has_slopes(self) -> bool:  # type: ignore[override]
        """Whether its weights change with the distance."""
        return self.order > 0

    @property
    def weighing(self) -> tuple[float, ...]:
        """Return the order, which is all that weights depend on."""
        return (float(self.order),)

    @property
    def filters(self) -> bool:
        """Whether there is anything to filter: a spline of order 0 or 1 passes through its coefficients."""
        return self.prefilter and self.order > 1

    @property
    def is_positive(self) -> bool:  # type: ignore[override]
        """Whether no weight is negative, which the filter's together with the spline's are."""
        return not self.filters

    def unfiltered(self) -> "BSpline":
        """Return the spline of coefficients."""
        return BSpline(self.order, prefilter=False)

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the first tap, of as many to either side; an even order centres on the nearest pixel."""
        anchor = xp.floor(position) if self.order % 2 else xp.round(position)
        return anchor - self.order // 2, position - anchor

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return the weights, by C. de Boor's recursion; a derivative is a difference of those of a lower degree."""
        if order > self.order:
            return [xp.zeros_like(t)] * self.taps
        s = t if self.order % 2 else t + 0.5
        found = [xp.ones_like(t)]
        for degree in range(1, self.order - order + 1):
            ends = [xp.zeros_like(t), *found, xp.zeros_like(t)]
            share = 1 / degree  # a factor, as in the core: weights are the same to the bit
            found = [((s + (degree - j)) * ends[j] + ((1 + j) - s) * ends[j + 1]) * share for j in range(degree + 1)]
        for _ in range(order):
            ends = [xp.zeros_like(t), *found, xp.zeros_like(t)]
            found = [ends[j] - ends[j + 1] for j in range(len(ends) - 1)]
        return found


# ----------------------------------------------------------------------------------------------------------- the filter


class Ends(NamedTuple):
    """Where a recursion begins: the sum of some values, times weights."""

    indices: tuple[int, ...]
    weights: tuple[float, ...]


class Pass(NamedTuple):
    """One pole's recursion along an axis of some length, forward and back."""

    pole: float
    first: Ends
    last: Ends


@functools.cache
def poles(order: int) -> tuple[float, ...]:
    """Return the roots within the unit circle of the B-spline's values at whole distances, as a polynomial."""
    half = order // 2
    kernel = BSpline(order)
    middle = kernel.weights(np, np.zeros(()), 0)
    values = [float(weight) for weight in middle[: 2 * half + 1]]
    roots = np.roots(values)
    near = sorted(float(root.real) for root in roots if abs(root) < 1)
    return tuple(polished(values, root) for root in near)


def polished(values: list[float], root: float) -> float:
    """Return a root after some steps of Newton's, which take away the last rounding errors."""
    for _ in range(4):
        root -= float(np.polyval(values, root) / np.polyval(np.polyder(values), root))
    return root


def extension(boundary: Boundary) -> Boundary:
    """Return the rule by which an array goes on for ever where it is filtered: mirror, where its own has no period."""
    return MIRROR if boundary.period is None else boundary


@functools.lru_cache(maxsize=256)
def passes(order: int, size: int, boundary: Boundary) -> tuple[tuple[Pass, ...], float]:
    """Return the recursions along an axis, and the gain of all."""
    if size < 2 or order < 2:
        return (), 1.0
    rule = extension(boundary)
    found = tuple(Pass(pole, first_of(pole, size, rule), last_of(pole, size, rule)) for pole in poles(order))
    return found, math.prod((1 - pole) ** 2 for pole in poles(order))


NEGLIGIBLE = 1e-20  # beside the first weight, which is about 1


def first_of(pole: float, size: int, rule: Boundary) -> Ends:
    """Return forward[0], the sum over k >= 0 of z**k array[-k]."""
    period = period_of(rule, size)
    total: dict[int, float] = {}
    for k in range(period):
        power = pole**k / (1 - pole**period)
        if abs(power) < NEGLIGIBLE:
            break
        index = resolved(rule, -k, size)
        total[index] = total.get(index, 0.0) + power
    return Ends(tuple(total), tuple(total.values()))


def last_of(pole: float, size: int, rule: Boundary) -> Ends:
    """Return result[S - 1], the sum over all k of z**|k| array[S - 1 - k], over 1 - z**2."""
    period = period_of(rule, size)
    total: dict[int, float] = {}
    for k in range(period):
        power = pole**k / (1 - pole**period) / (1 - pole**2)
        if abs(power) < NEGLIGIBLE:
            break
        for step in {k, -k} if k else (0,):
            index = resolved(rule, size - 1 - step, size)
            total[index] = total.get(index, 0.0) + power
    if period > 0 and abs(pole**period) >= NEGLIGIBLE:  # the array's last value is met again after each period
        index = resolved(rule, size - 1, size)
        total[index] += pole**period / (1 - pole**period) / (1 - pole**2)
    return Ends(tuple(total), tuple(total.values()))


def period_of(rule: Boundary, size: int) -> int:
    """Return after how many indices an extension repeats."""
    return rule.period(size) if rule.period else 0


def resolved(rule: Boundary, index: int, size: int) -> int:
    """Return the index in range that an extension has there."""
    return int(rule.resolve(np, np.asarray(index), size)[0])


def edges(boundary: Boundary) -> float:
    """Return what the filter's transpose has the edge pixels multiplied by first, and divided by last.

    How much more often an extension meets the others. With a diagonal D of how often it meets each pixel, D P is
    symmetric, so the transpose of the filter P is D P / D; what all have in common cancels.
    """
    rule, size = extension(boundary), 3
    met = [resolved(rule, index, size) for index in range(period_of(rule, size))]
    return met.count(1) / met.count(0)


def filter_along(xp: Any, array: Any, axis: int, order: int, boundary: Boundary, transposed: bool) -> Any:
    """Return the coefficients of an array along an axis, or what the transposed map makes of it."""
    size = int(array.shape[axis])  # a compiler's symbol becomes the number that it stands for
    recursions, gain = passes(order, size, boundary)
    if not recursions:
        return array
    lines = [*slices(array, axis, size)]
    if transposed:
        lines[0], lines[-1] = lines[0] * edges(boundary), lines[-1] * edges(boundary)
    for pole, first, last in recursions:
        begin, end = (sum(lines[i] * w for i, w in zip(*ends, strict=True)) for ends in (first, last))
        lines[0] = begin
        for k in range(1, size):
            lines[k] = lines[k] + pole * lines[k - 1]
        lines[-1] = end
        for k in range(size - 2, -1, -1):
            lines[k] = lines[k] + pole * lines[k + 1]
    if transposed:
        lines[0], lines[-1] = lines[0] / edges(boundary), lines[-1] / edges(boundary)
    return xp.stack(lines, axis=axis) * gain


def slices(array: Any, axis: int, size: int) -> Iterator[Any]:
    """Return the slices of an array along an axis."""
    before = (slice(None),) * axis
    return (array[(*before, k, ...)] for k in range(size))
