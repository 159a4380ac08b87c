"""What part of each pixel of the output lies in the picture's own area: up to the edge pixels' outer edges."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gridsample.cli.warp.maps import Map, Size

ALL_BUT = 1e-6  # what rounding may take from a pixel that lies inside


def coverage(backward: Map, source: Size, rows: range, width: int, *, smooth: bool) -> npt.NDArray[np.float64]:
    """Return for some rows how much of each pixel is covered, 0 to 1; if not ``smooth``, all or nothing.

    An edge of the picture is a straight line in the output too, under a perspective as well; a pixel whose centre is at
    a signed distance d from it is covered by d + 1/2, within 0 and 1. Along an axis what both edges cut off adds up.
    """
    u, v = np.arange(width, dtype=np.float64), np.arange(rows.start, rows.stop, dtype=np.float64)[:, np.newaxis]
    parts = [
        np.clip(a + b - 1, 0, 1)
        for a, b in (
            [np.clip(_distance(line, u, v) + 0.5, 0, 1) for line in lines] for lines in edges(backward, source)
        )
    ]
    covered: npt.NDArray[np.float64] = (parts[0] * parts[1])[..., np.newaxis]
    covered[covered >= 1 - ALL_BUT] = 1
    if backward[2, 0] or backward[2, 1]:
        covered[(backward[2, 0] * u + backward[2, 1] * v + backward[2, 2]) <= 0] = 0  # beyond the horizon
    return covered if smooth else (covered >= 0.5 - ALL_BUT).astype(np.float64)


def edges(backward: Map, source: Size) -> list[tuple[Any, Any]]:
    """Return the lines that the edges are on in the output, two for each axis: a u + b v + c, above 0 inside."""
    (x, y, w), (width, height) = backward, source
    return [(x + 0.5 * w, (width - 0.5) * w - x), (y + 0.5 * w, (height - 0.5) * w - y)]


def _distance(line: Any, u: Any, v: Any) -> Any:
    a, b, c = line
    length = np.hypot(a, b)
    if length == 0:  # no edge: all is on one side
        return np.full(np.broadcast_shapes(u.shape, v.shape), np.copysign(np.inf, c))
    return (a * u + b * v + c) / length


def shows_outside(backward: Map, source: Size, target: Size) -> bool:
    """Return whether any pixel of the output is not covered whole: then a corner is not, as the area is convex."""
    width, height = target
    corners = [coverage(backward, source, range(v, v + 1), width, smooth=True)[0, [0, -1]] for v in {0, height - 1}]
    return any((corner < 1).any() for corner in corners)
