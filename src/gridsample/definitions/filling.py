"""What stands where the array says nothing: the fill value, and where else than under the boundary ``fill`` it does.

A place has a fill value in the place of taps, with the weight of all of them,

- by ``outside``: where its position p lies outside the array on any axis, whatever the boundary would make of its taps.
  ``"fill"`` means outside the pixels, [-0.5, S-0.5]; ``"fill_centres"``, outside their centres, [0, S-1], as SciPy's
  ``constant``;
- by ``nan_places="fill"``: where it is undefined, as NaN is, which else gives NaN.

There the derivative is 0, and no gradient goes to any pixel. Being constant, the fill value has no part in tangents.
"""

import math
from typing import Any, Literal, NamedTuple, TypeAlias

Outside = Literal["pad", "fill", "fill_centres"]
NanPlaces = Literal["nan", "fill", "edge"]
FillValue: TypeAlias = Any
"""A number, or one for each channel: a sequence of numbers, or an array with one axis."""

MARGINS = {"pad": math.inf, "fill": 0.5, "fill_centres": 0.0}
"""How far beyond the centre of an edge pixel a position may lie."""

OUTSIDE = tuple(MARGINS)
NAN_PLACES = ("nan", "fill", "edge")


class Filling(NamedTuple):
    """The options about the fill value.

    Attributes
    ----------
    values : tuple of numbers
        One for all channels, or one for each.
    outside : str
    undefined : bool
        Whether undefined places have it.
    """

    values: tuple[Any, ...] = (0.0,)
    outside: Outside = "pad"
    undefined: bool = False

    @property
    def margin(self) -> float:
        """Return how far beyond the centre of an edge pixel a position may lie."""
        return MARGINS[self.outside]

    @property
    def is_zero(self) -> bool:
        """Whether the fill value is 0, which adds nothing."""
        return not any(self.values)

    def of(self, channels: int) -> tuple[Any, ...]:
        """Return the fill value of each of some channels."""
        return self.values * channels if len(self.values) == 1 else self.values


NOTHING = Filling()
"""The defaults."""
