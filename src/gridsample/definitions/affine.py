"""The places of an affine map: ``locate`` the other way round for the output's own points, and the map applied."""

from typing import Any

from gridsample.definitions.conventions import Convention


def places(xp: Any, theta: Any, out: tuple[int, ...], convention: Convention) -> Any:
    """Return the places (N, *out, D): for component i, sum_j theta_ij coordinate_j + theta_iD.

    Made of products of numbers, not of matrices, which torch's autocast would round to half precision.
    """
    axes = len(out)
    ones = (1,) * axes
    result = xp.reshape(theta[..., axes], (-1, *ones, axes))
    for a, length in enumerate(out):
        points = xp.reshape(centres(xp, length, convention, theta), (*ones[:a], length, *ones[a:]))
        result = result + points * xp.reshape(theta[..., axes - 1 - a], (-1, *ones, axes))
    return result


def centres(xp: Any, length: int, convention: Convention, theta: Any) -> Any:
    """Return the coordinates of the points of an axis; where its ends coincide they lie in the middle."""
    index = xp.arange(length, dtype=theta.dtype, device=theta.device)
    if length == 0 or convention.scale(length) == 0:
        return xp.zeros_like(index)
    return convention.coordinate(index, length)
