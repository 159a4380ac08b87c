"""Step 1, ``locate``: from a grid coordinate to a position in pixels.

A convention is four numbers, ``position = (coordinate + offset) * (per_size * S + constant) - shift``::

    EDGES      -1 and 1 are the outer edges of the corner pixels      (1, 1/2, 0, 1/2)       align_corners=False
    CORNERS    -1 and 1 are the centres of the corner pixels          (1, 1/2, -1/2, 0)      align_corners=True
    PIXEL      coordinates are positions                              (0, 0, 1, 0)           coords="pixel"

        coordinate   -1                              1
                      |   a   |   b   |   c   |   d   |        EDGES, S = 4
        position    -0.5  0       1       2       3  3.5

        coordinate       -1                       1
                      |   a   |   b   |   c   |   d   |        CORNERS, S = 4
        position          0       1       2       3
"""

from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True)
class Convention:
    """What coordinates mean: an affine map of each axis."""

    offset: float
    per_size: float
    constant: float
    shift: float

    def __post_init__(self) -> None:
        for name, number in zip(("offset", "per_size", "constant", "shift"), self.numbers, strict=True):
            object.__setattr__(self, name, float(number))

    @property
    def numbers(self) -> tuple[float, float, float, float]:
        """Return the four numbers, as the compiled core and the registered operators take them."""
        offset, per_size, constant, shift = astuple(self)
        return offset, per_size, constant, shift

    def scale(self, size: int) -> float:
        """Return the derivative of position by coordinate on an axis of ``size`` pixels."""
        return self.per_size * size + self.constant

    def locate(self, coordinate: Any, size: int) -> Any:
        """Return the position in pixels of coordinates.

        Every engine evaluates this expression in this order with each operation rounded, so that all of them see the
        same position to the last bit, and ties of nearest sampling fall the same way everywhere.
        """
        return (coordinate + self.offset) * self.scale(size) - self.shift

    def coordinate(self, position: Any, size: int) -> Any:
        """Return the coordinate of positions: ``locate`` the other way round; 0 where all lead to one position."""
        if self.scale(size) == 0:
            return 0 * position
        return (position + self.shift) / self.scale(size) - self.offset


EDGES = Convention(1.0, 0.5, 0.0, 0.5)
CORNERS = Convention(1.0, 0.5, -0.5, 0.0)
PIXEL = Convention(0.0, 0.0, 1.0, 0.0)
