"""Places: those of an affine map, those of a displacement, and the same places in other coordinates."""

from collections.abc import Callable, Sequence
from typing import Any

from gridsample.definitions.conventions import Convention
from gridsample.namespaces import device_of


def places(
    xp: Any, theta: Any, out: tuple[int, ...], convention: Convention, center: Sequence[float] | None = None
) -> Any:
    """Return the places (N, *out, D): for component i, c_i + sum_j theta_ij (coordinate_j - c_j) + theta_iD.

    ``locate`` the other way round for the output's own points, and the map applied, about a center c if there is one.
    Made of products of numbers, not of matrices, which torch's autocast would round to half precision.
    """
    axes = len(out)
    ones = (1,) * axes
    result = xp.reshape(theta[..., axes], (-1, *ones, axes))
    if center is not None:
        result = result + xp.asarray(center, dtype=theta.dtype, device=device_of(theta))
    for a, length in enumerate(out):
        points = centres(xp, length, convention, theta)
        if center is not None:
            points = points - center[axes - 1 - a]
        points = xp.reshape(points, (*ones[:a], length, *ones[a:]))
        result = result + points * xp.reshape(theta[..., axes - 1 - a], (-1, *ones, axes))
    return result


def centres(xp: Any, length: int, convention: Convention, theta: Any) -> Any:
    """Return the coordinates of the points of an axis; where its ends coincide they lie in the middle."""
    index = xp.arange(length, dtype=theta.dtype, device=device_of(theta))
    return index if length == 0 else convention.coordinate(index, length)


def displaced(xp: Any, grid: Any) -> Any:
    """Return the places in pixels of a displacement (N, *out, D) of each output point, of which there are D axes."""
    *_, axes = grid.shape
    ones = (1,) * axes
    components: list[Any] = []
    for a, length in enumerate(grid.shape[1:-1]):
        index = xp.arange(length, dtype=grid.dtype, device=device_of(grid))
        components.insert(0, grid[..., axes - 1 - a] + xp.reshape(index, (1, *ones[:a], length, *ones[a + 1 :])))
    return xp.stack(components, axis=-1)


def by_axis(xp: Any, points: Any, size: Sequence[int], convert: Callable[[Any, int], Any]) -> Any:
    """Return points (..., D), x first, of which ``convert`` has changed each component, by the length of its axis."""
    return xp.stack([convert(points[..., i], length) for i, length in enumerate(reversed(size))], axis=-1)
