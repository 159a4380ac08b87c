"""Step 1, ``locate``: from a grid coordinate to a position in pixels.

A convention is an affine map, ``position = (coordinate + 1) * scale - shift``, so its derivative is ``scale``::

    align_corners=False    -1 and 1 are the outer edges of the corner pixels      scale = S/2,     shift = 1/2
    align_corners=True     -1 and 1 are the centres of the corner pixels          scale = (S-1)/2, shift = 0

        coordinate   -1                              1
                      |   a   |   b   |   c   |   d   |        align_corners=False, S = 4
        position    -0.5  0       1       2       3  3.5

        coordinate       -1                       1
                      |   a   |   b   |   c   |   d   |        align_corners=True, S = 4
        position          0       1       2       3
"""

from typing import Any


def scale_and_shift(size: int, align_corners: bool) -> tuple[float, float]:
    """Return the affine map of an axis of ``size`` pixels; ``scale`` is also dp/dg."""
    return ((size - 1) / 2, 0.0) if align_corners else (size / 2, 0.5)


def locate(coordinate: Any, size: int, align_corners: bool) -> Any:
    """Return the position in pixels of normalized coordinates.

    Every engine evaluates this expression in this order with each operation rounded, so that all of them see the
    same position to the last bit, and ties of nearest sampling fall the same way everywhere.
    """
    scale, shift = scale_and_shift(size, align_corners)
    return (coordinate + 1) * scale - shift
