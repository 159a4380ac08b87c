"""Which part of an array a picture shows: the taps, and of what is around them as much as there is room for."""

import math
from typing import Any, NamedTuple

import numpy as np

from gridsample.explanation.record import Axis, Explanation

MOST_CELLS = {1: 17, 2: 13}  # along an axis, in so many dimensions; fewer in more
FEW_CELLS = 9
MOST_PANELS = 8


class Span(NamedTuple):
    """The indices that are shown of an axis, both ends included."""

    low: int
    high: int

    @property
    def length(self) -> int:
        """Return how many they are."""
        return self.high - self.low + 1

    def holds(self, position: float) -> bool:
        """Whether a position is within its cells."""
        return self.low - 0.5 <= position <= self.high + 0.5

    def nearest(self, position: float) -> float:
        """Return the position or, where that is not shown, the edge on its side."""
        return min(max(position, self.low - 0.5), self.high + 0.5)

    def __iter__(self) -> Any:
        """Iterate over the indices."""
        return iter(range(self.low, self.high + 1))


def span_of(axis: Axis, dimensions: int) -> Span:
    """Return what is shown of an axis: with the array and the position, with one of them, or the taps alone."""
    most = MOST_CELLS.get(dimensions, FEW_CELLS)
    near = {tap.index for tap in axis.taps} | ({round(axis.folded)} if axis.taps else {0})
    array = {0, axis.size - 1}
    position = {math.floor(axis.position), math.ceil(axis.position)} if abs(axis.position) < 2**31 else set()
    for wanted in (near | array | position, near | array, near | position, near):
        span = Span(min(wanted) - 1, max(wanted) + 1)
        if span.length <= most:
            return span
    return Span(min(near), max(near)) if axis.taps else Span(-1, most - 2)


class Panel(NamedTuple):
    """One slice of the array, and where it is drawn.

    Attributes
    ----------
    lead : tuple of int
        Its indices on all axes but the last two, before the boundary.
    right, down : float
        By how many cells it is moved.
    """

    lead: tuple[int, ...]
    right: float
    down: float


def panels_of(record: Explanation, across: Span, along: Span) -> list[Panel]:
    """Return the slices that taps lie in, those of the largest weights if there are too many."""
    weights: dict[tuple[int, ...], float] = {}
    for tap in record.taps:
        weights[tap.index[:-2]] = weights.get(tap.index[:-2], 0.0) + abs(tap.weight)
    leads = sorted(sorted(weights, key=lambda lead: -weights[lead])[:MOST_PANELS])
    if not leads:
        leads = [(0,) * max(len(record.axes) - 2, 0)]
    columns = math.ceil(math.sqrt(len(leads)))
    return [
        Panel(lead, (i % columns) * (across.length + 1.2), (i // columns) * (along.length + 1.6))
        for i, lead in enumerate(leads)
    ]


def read_at(record: Explanation, index: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the pixel that the boundaries have at an index of the array or of what is around it, if there is one."""
    found = []
    for axis, i in zip(reversed(record.axes), index, strict=True):
        place, inside = axis.boundary.resolve(np, np.asarray(i), axis.size)
        if not inside:
            return None
        found.append(int(place))
    return tuple(found)


def is_filled(record: Explanation, index: tuple[int, ...]) -> bool:
    """Whether an index lies outside of an axis whose boundary fills."""
    axes = zip(reversed(record.axes), index, strict=True)
    return any(axis.boundary.fills and not 0 <= i < axis.size for axis, i in axes)
