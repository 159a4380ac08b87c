"""Votes in the array-API standard: the label with the largest total weight, by comparing the labels of all taps."""

import math
from collections.abc import Iterator
from typing import Any

from gridsample.definitions.dtypes import DTYPES, name_of
from gridsample.engines.footprints import broadcast_batch, either, footprint
from gridsample.namespaces import device_of, dtype_of_positions, index_dtype
from gridsample.spec import Spec

POINTS_AT_ONCE = 1 << 14  # of which all taps' labels and weights are kept


def vote(xp: Any, labels: Any, grid: Any, spec: Spec, fill: int) -> Any:
    """Return the labels (N, C, *out) at ``grid`` (N or 1, *out, D), of labels (N or 1, C, *size)."""
    size, out = tuple(labels.shape[2:]), tuple(grid.shape[1:-1])
    shape = (broadcast_batch(labels.shape[0], grid.shape[0]), labels.shape[1], *out)
    if 0 in shape:
        return xp.zeros(shape, dtype=labels.dtype, device=device_of(labels))
    flat = xp.reshape(labels, (*labels.shape[:2], math.prod(size)))
    position = dtype_of_positions(xp, labels.dtype, grid.dtype)  # as for sampling them: both see the same
    points = xp.reshape(xp.astype(grid, position), (grid.shape[0], -1, len(size)))
    parts = [vote_at(xp, flat, part, size, spec, fill) for part in parts_of(points)]
    return xp.reshape(xp.concat(parts, axis=-1), shape)


def parts_of(points: Any) -> Iterator[Any]:
    """Return some of the points (N, P, D) at a time."""
    for begin in range(0, points.shape[1], POINTS_AT_ONCE):
        yield points[:, begin : min(begin + POINTS_AT_ONCE, points.shape[1]), :]


def vote_at(xp: Any, labels: Any, points: Any, size: tuple[int, ...], spec: Spec, fill: Any) -> Any:
    """Return the labels (N, C, P) of points (N or 1, P, D), of labels (N or 1, C, pixels)."""
    batch = broadcast_batch(labels.shape[0], points.shape[0])
    shape = (batch, labels.shape[1], points.shape[1])
    elsewhere = xp.full(shape, fill, dtype=labels.dtype, device=device_of(labels))
    real = points.dtype
    taps, undefined, beyond = footprint(xp, points, size, spec, (0,) * len(size), real)
    votes = []
    for tap in taps:
        label = xp.where(tap.inside[:, None, :], taken(xp, labels, tap.index, shape), elsewhere)
        votes.append((label, tap.weight[:, None, :]))
    if len(votes) == 1:
        winner = votes[0][0]
    else:
        totals = [sum(xp.where(other == label, w, xp.zeros_like(w)) for other, w in votes) for label, _ in votes]
        most = totals[0]
        for total in totals[1:]:
            most = xp.where(total > most, total, most)
        enough = most - 8 * DTYPES[name_of(real)].eps
        winner = None
        for (label, _), total in zip(votes, totals, strict=True):
            ties = total >= enough
            if winner is None:
                winner, chosen = label, ties
                continue
            better = ties & (~chosen | (label < winner))
            winner, chosen = xp.where(better, label, winner), chosen | ties
    return xp.where(either(undefined, beyond)[:, None, :], elsewhere, winner)


def taken(xp: Any, labels: Any, index: Any, shape: tuple[int, int, int]) -> Any:
    """Return the labels of every channel at linear indices (N or 1, P), as (N, C, P)."""
    batch, channels, points = shape
    entries = xp.arange(batch, dtype=index_dtype(xp), device=device_of(labels)) if labels.shape[0] > 1 else None
    pixels = labels.shape[2]
    planes = xp.arange(channels, dtype=index_dtype(xp), device=device_of(labels))[None, :, None] * pixels
    where = planes + index[:, None, :]
    if entries is not None:
        where = where + entries[:, None, None] * (channels * pixels)
    found = xp.take(xp.reshape(labels, (-1,)), xp.reshape(where, (-1,)))
    return xp.broadcast_to(xp.reshape(found, where.shape), (batch, channels, points))
