"""``sample_labels``: sampling of label maps by vote, where a weighted mean would invent labels."""

from typing import TYPE_CHECKING, Any

from gridsample.checks import check_dtype, check_labels
from gridsample.definitions.dtypes import CARRIED, name_of
from gridsample.faces.find import common_face
from gridsample.names import closed, refuse_keywords
from gridsample.namespaces import library_of, namespace
from gridsample.sampling import absolute
from gridsample.spec import Spec, check_channels

if TYPE_CHECKING:
    from gridsample.definitions.filling import NanPlaces, Outside
    from gridsample.spec import Channels, Coords, Mode, PaddingMode


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
    return face.vote(labels, grid, spec, last, fill)


def check_votes(spec: Spec) -> None:
    """Refuse kernels with negative weights, which are no votes."""
    for axis in spec.axes:
        if not axis.kernel.is_positive:
            advice = "; give it prefilter=False" if axis.kernel.filters else ""
            raise ValueError(
                f"mode must have no negative weights: 'nearest', 'linear' or BSpline(order, prefilter=False); got "
                f"{str(axis.kernel)!r}{advice}"
            )
