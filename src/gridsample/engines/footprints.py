"""The first four steps in the array-API standard, for all points of a call: taps, their weights, and what has none."""

import functools
import itertools
import math
import operator
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from gridsample.engines.interface import Orders, Shape
from gridsample.namespaces import index_dtype
from gridsample.spec import AxisSpec, Spec

quiet = np.errstate(all="ignore")  # NaN and infinity are input like any other: no warnings about their arithmetic


class Tap(NamedTuple):
    """One neighbour on one axis, or on all together, for every point: arrays of shape (N, P).

    Attributes
    ----------
    index : array
    inside : array of bool
    filled : array of bool, or None
        Whether it lies outside and has the fill value; None where none does.
    weight : array
    """

    index: Any
    inside: Any
    filled: Any
    weight: Any


class Place(NamedTuple):
    """What is known of points beside their taps: arrays of shape (N, P).

    Attributes
    ----------
    undefined : array of bool
    beyond : array of bool, or None
        Whether they lie outside, where samples are the fill value; None where those have taps like others.
    """

    undefined: Any
    beyond: Any

    def __or__(self, other: "Place") -> "Place":
        """Return what is known by two axes."""
        return Place(self.undefined | other.undefined, either(self.beyond, other.beyond))


def either(a: Any, b: Any) -> Any:
    """Return whether either holds, of conditions of which None never does."""
    return a if b is None else b if a is None else a | b


class Steps(NamedTuple):
    """What the steps make of the coordinates of one axis, for every point: arrays of shape (N, P).

    Attributes
    ----------
    position : array
        In pixels, as located.
    folded : array
        The position that taps are taken of: reduced to where its integer part is a small index, and folded into the
        array where kernel and boundary both fold; of position 0, where it is undefined.
    first : array
        The index of the first tap, before the boundary, as a float.
    distance : array
        What the weights are functions of.
    taps : list of Tap
    place : Place
    """

    position: Any
    folded: Any
    first: Any
    distance: Any
    taps: list[Tap]
    place: Place


def axis_steps(xp: Any, coordinate: Any, size: int, axis: AxisSpec, spec: Spec, order: int, real: Any) -> Steps:
    """Take the first four steps on one axis.

    Positions and distances are of the coordinate's dtype; a distance is rounded once to the ``real`` of the weights.
    """
    kernel, boundary = axis
    position = spec.convention.locate(coordinate, size)
    beyond, undefined = None, boundary.undefined(xp, position)
    margin = spec.filling.margin
    if margin < math.inf:
        beyond = (position < -margin) | (position - (size - 1) > margin)
        undefined = xp.isnan(position)
    somewhere = xp.where(boundary.undefined(xp, position), xp.zeros_like(position), position)
    folded, sign = boundary.reduce(xp, somewhere, size, kernel.taps)
    folds = kernel.folds and boundary.folds
    if folds:
        folded, sign = boundary.fold(xp, folded, size)
    first, distance = kernel.place(xp, folded)
    weights = kernel.weights(xp, xp.astype(distance, real), order)
    if order:
        slope = (sign if isinstance(sign, float) else xp.astype(sign, real)) * spec.convention.scale(size)
        weights = [weight * slope**order for weight in weights]
    taps, begin = [], xp.astype(first, index_dtype(xp))
    for k, weight in enumerate(weights):
        index = begin + k
        if folds:  # what a fold leaves outside is skipped
            index, inside = xp.clip(index, 0, size - 1), (index >= 0) & (index < size)
        else:
            index, inside = boundary.resolve(xp, index, size)
        taps.append(Tap(index, inside, ~inside if boundary.fills else None, weight))
    return Steps(position, folded, first, distance, taps, Place(undefined, beyond))


def footprint(xp: Any, grid: Any, size: Shape, spec: Spec, orders: Orders, real: Any) -> tuple[Iterator[Tap], Any, Any]:
    """Return the taps of all axes together, by linear indices; and which places are undefined or filled.

    An undefined place is NaN, a filled one the fill value; neither has taps, whatever is said of them.
    """
    points = xp.reshape(grid, (grid.shape[0], -1, len(size)))
    axes = [  # grid component d belongs to array axis D-1-d
        axis_steps(xp, points[..., d], size[-1 - d], spec.axis(d), spec, orders[d], real) for d in range(len(size))
    ][::-1]
    undefined, beyond = functools.reduce(operator.or_, (axis.place for axis in axes))
    beyond = None if beyond is None else beyond & ~undefined
    if spec.filling.undefined:
        undefined, beyond = xp.zeros_like(undefined), either(undefined, beyond)
    strides = [math.prod(size[a + 1 :]) for a in range(len(size))]

    def product() -> Iterator[Tap]:
        for taps in itertools.product(*(axis.taps for axis in axes)):
            index = sum(tap.index * stride for tap, stride in zip(taps, strides, strict=True))
            inside = functools.reduce(operator.and_, (tap.inside for tap in taps))
            filled = functools.reduce(either, (tap.filled for tap in taps))
            weight = functools.reduce(operator.mul, (tap.weight for tap in taps))
            yield Tap(index, inside, filled, weight)

    return product(), undefined, beyond


def broadcast_batch(a: int, b: int) -> int:
    """Return the batch size of two that broadcast."""
    return b if a == 1 else a
