"""Arrays that engines cannot read where they are, as in big-endian files: only what few points touch of them is copied.

Each point gets a patch of pixels around it and its place in there, which is sampled as any other array is: to the bit.
"""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gridsample.definitions import boundaries
from gridsample.definitions.conventions import PIXEL
from gridsample.definitions.dtypes import position_of
from gridsample.spec import Spec

SHARE = 4  # patches are made where they are at most one in so many pixels of the array


class Patches(NamedTuple):
    """What stands for an array and its points.

    Attributes
    ----------
    pixels : numpy.ndarray, shape (N·P, C, *lengths)
    places : numpy.ndarray, shape (N·P, D)
    spec : Spec
        The same options, for places in pixels.
    """

    pixels: Any
    places: Any
    spec: Spec


def patches(input: Any, grid: Any, spec: Spec) -> Patches | None:
    """Return what few points touch of (N or 1, C, *size), or None where it is better to copy the whole.

    That is where points are many, where a kernel or boundary is somebody's own, and where a boundary that repeats the
    array is met, so that a point touches pixels far away.
    """
    size, axes = input.shape[2:], grid.shape[-1]
    reaches = [spec.axis(axes - 1 - a).kernel.taps // 2 for a in range(axes)]
    lengths = [length_of(length, reach) for length, reach in zip(size, reaches, strict=True)]
    batch = input.shape[0] if grid.shape[0] == 1 else grid.shape[0]
    points = math.prod(grid.shape[1:-1])
    few = 0 < batch * points * math.prod(lengths) * SHARE <= input.shape[0] * math.prod(size)
    if spec.core is None or not few:
        return None
    flat = np.broadcast_to(grid.reshape(grid.shape[0], points, axes), (batch, points, axes))
    places = flat.astype(position_of(input.dtype, grid.dtype))
    indices = []
    for a, (length, reach) in enumerate(zip(lengths, reaches, strict=True)):
        component = axes - 1 - a
        position = spec.convention.locate(places[..., component], size[a])
        floor = np.floor(position)
        inside = (floor >= reach) & (floor + reach + 1 < size[a])
        if not (inside.all() or is_local(spec.axis(component).boundary)):
            return None
        begin = np.clip(np.nan_to_num(floor) - reach - 1, 0, size[a] - length) // 2 * 2  # so that ties stay ties
        places[..., component] = position - begin  # exact: of a number and a whole one not larger than it, or 0
        steps = begin.astype(np.intp)[..., None] + np.arange(length)
        indices.append(steps.reshape(batch, points, *(length if b == a else 1 for b in range(axes))))
    entry = np.arange(batch) if input.shape[0] > 1 else np.zeros(batch, np.intp)
    pixels = input[(entry.reshape(batch, *(1,) * (axes + 1)), slice(None), *indices)]  # the channels come out last
    pixels = np.moveaxis(pixels.reshape(-1, *lengths, input.shape[1]), -1, 1)
    native = np.ascontiguousarray(pixels, input.dtype.newbyteorder("="))
    return Patches(native, places.reshape(-1, axes), replace(spec, convention=PIXEL))


def length_of(size: int, reach: int) -> int:
    """Return the length of a patch on an axis, of which the last one that fits begins at an even pixel too."""
    length = 2 * reach + 4
    return min(size, length + (size - length) % 2)


def is_local(boundary: boundaries.Boundary) -> bool:
    """Whether what lies outside an array depends on the nearest edge alone."""
    return boundary.period is None and boundaries.is_registered(boundary)
