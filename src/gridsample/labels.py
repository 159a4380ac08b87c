"""``sample_labels``: sampling of label maps by vote, where a weighted mean would invent labels."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gridsample.checks import check_dtype, check_labels, check_pull
from gridsample.definitions.dtypes import CARRIED, DTYPES, name_of
from gridsample.engines.portable import broadcast_batch, either, footprint
from gridsample.faces.find import common_face
from gridsample.names import closed, refuse_keywords
from gridsample.namespaces import device_of, dtype_of_positions, index_dtype, library_of, namespace
from gridsample.sampling import absolute
from gridsample.spec import Spec, check_channels

if TYPE_CHECKING:
    from gridsample.definitions.filling import NanPlaces, Outside
    from gridsample.spec import Channels, Coords, Mode, PaddingMode

POINTS_AT_ONCE = 1 << 14  # of which all taps' labels and weights are kept


@closed
def sample_labels(
    labels: Any,
    grid: Any,
    mode: "Mode" = "bilinear",
    padding_mode: "PaddingMode" = "zeros",
    align_corners: bool | None = False,
    *,
    coords: "Coords" = "normalized",
    outside: "Outside" = "pad",
    nan_places: "NanPlaces" = "nan",
    channels: "Channels" = "first",
    fill_value: int = 0,
    **unknown: Any,
) -> Any:
    """Sample a label map: return, at each place, the label with the largest total weight.

    As if each label's indicator were sampled and the largest taken, but in one pass and in memory that does not grow
    with the number of labels. The result has no label that the map has not, but for ``fill_value``.

    Parameters
    ----------
    labels : array of integers or bool, shape (N, C, *size)
        As in :func:`grid_sample`; up to 64 bits.
    grid, padding_mode, align_corners, coords, outside, nan_places, channels
        As in :func:`grid_sample`.
    mode : {"bilinear", "nearest"}, Kernel, or tuple of them
        A kernel without negative weights: nearest, linear, or ``BSpline(order, prefilter=False)``.
    fill_value : int
        What taps outside vote for, under "zeros" and "fill", and what undefined places get, and those that ``outside``
        fills.

    Returns
    -------
    array, shape (N, C, *out)
        Of the labels' kind, device and dtype. Sums of weights that differ by rounding errors alone, by at most 8 eps,
        tie; of these the smallest label wins.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does, and for other dtypes, kernels with negative weights, and a ``fill_value`` that the
        dtype cannot hold.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> labels = np.array([[[7, 7, 2, 9]]])
    >>> places = np.array([[[0.5], [1.4], [1.5], [2.6], [3.6]]])
    >>> gs.sample_labels(labels, places, coords="pixel")
    array([[[7, 7, 2, 9, 0]]])
    """
    if unknown:
        refuse_keywords(sample_labels, unknown)
    face, labels, grid = common_face(labels=labels, grid=grid)
    spec = face.parse(mode, padding_mode, align_corners, coords, 0.0, outside, nan_places)
    last = check_channels(channels)
    check_votes(spec)
    name = name_of(labels.dtype)
    how = CARRIED.get(name)
    if how is None or how.kind == "complex":
        raise TypeError(f"labels must be of integers or bool; got {name}")
    fill = check_labels(fill_value, name, how.limits)
    check_dtype("grid", grid.dtype, library_of(namespace(grid)))
    grid = absolute(face, grid, align_corners, coords, nan_places, labels)
    shape = check_pull(tuple(labels.shape), tuple(grid.shape), spec, last, "labels")
    xp = namespace(labels)
    if 0 in shape:
        result = xp.zeros(shape, dtype=labels.dtype, device=device_of(labels))
    else:
        first = xp.moveaxis(labels, -1, 1) if last else labels
        size = tuple(first.shape[2:])
        flat = xp.reshape(first, (*first.shape[:2], math.prod(size)))
        position = dtype_of_positions(xp, labels.dtype, grid.dtype)  # as for sampling them: both see the same
        points = xp.reshape(xp.astype(grid, position), (grid.shape[0], -1, len(size)))
        parts = [vote(xp, flat, part, size, spec, fill) for part in parts_of(points)]
        result = xp.reshape(xp.concat(parts, axis=-1), shape)
    return xp.moveaxis(result, 1, -1) if last else result


def parts_of(points: Any) -> Iterator[Any]:
    """Return some of the points (N, P, D) at a time."""
    for begin in range(0, points.shape[1], POINTS_AT_ONCE):
        yield points[:, begin : min(begin + POINTS_AT_ONCE, points.shape[1]), :]


def vote(xp: Any, labels: Any, points: Any, size: tuple[int, ...], spec: Spec, fill: Any) -> Any:
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


def check_votes(spec: Spec) -> None:
    """Refuse kernels with negative weights, which are no votes."""
    for axis in spec.axes:
        if not axis.kernel.is_positive:
            advice = "; give it prefilter=False" if axis.kernel.filters else ""
            raise ValueError(
                f"mode must have no negative weights: 'nearest', 'linear' or BSpline(order, prefilter=False); got "
                f"{str(axis.kernel)!r}{advice}"
            )
