"""Coefficients of B-splines, and the transpose of the map from an array to them, for all faces.

Arrays are (N, C, *size), or (N, *size, C), of floats; coefficients are of the dtype that these are weighed in.
"""

from collections.abc import Iterator
from typing import Any

from gridsample import _core
from gridsample.definitions.boundaries import Boundary
from gridsample.definitions.splines import BSpline, edges, filter_along, passes
from gridsample.spec import Spec
from gridsample.threads import count_for


def filtered_axes(spec: Spec, axes: int, last: bool) -> Iterator[tuple[int, int, Boundary]]:
    """Return an array's axes that are filtered, each with the spline's order and the boundary."""
    for component in range(axes):
        kernel, boundary = spec.axis(component)
        if isinstance(kernel, BSpline) and kernel.filters:
            yield axes - component + (0 if last else 1), kernel.order, boundary


def in_place(array: Any, spec: Spec, last: bool, transposed: bool) -> None:
    """Filter an array in C order, which the core reads, of float32 or float64."""
    for axis, order, boundary in filtered_axes(spec, array.ndim - 2, last):
        recursions, gain = passes(order, array.shape[axis], boundary)
        if recursions and 0 not in array.shape:
            _core.filter(array, axis, recursions, gain, edges(boundary) if transposed else 1.0, count_for(array))


def filtered(xp: Any, array: Any, spec: Spec, last: bool, transposed: bool) -> Any:
    """Return what filtering makes of any library's array."""
    for axis, order, boundary in filtered_axes(spec, array.ndim - 2, last):
        array = filter_along(xp, array, axis, order, boundary, transposed)
    return array
