r"""Step 3, ``taps``: from a position to its neighbours on an axis and their weights.

A kernel is a number of taps, the index of the first of them, and their weights as functions of ``t``, the distance of
the position from the pixel at or before it::

    Nearest   one tap      _|‾‾‾|_        the pixel whose centre is nearest, ties to the even index
    Linear    two taps       /\           1 - t, t
    Keys      four taps   -_/‾‾\_-        the cubic convolution of R. Keys (1981), with a free slope ``a`` at distance 1

``weights(order)`` gives the weights' derivative of that order by the position; all of them sum to 1 for order 0 and to
0 for the others.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Nearest:
    """The nearest pixel; halves go to the even index."""

    name = "nearest"
    code = 0
    taps = 1
    folds = True

    def first(self, xp: Any, position: Any) -> Any:
        """Return the index of the first tap, as a float."""
        return xp.round(position)

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return the weights of the taps: a constant, without slope."""
        return [xp.ones_like(t) if order == 0 else xp.zeros_like(t)]


@dataclass(frozen=True)
class Linear:
    """Linear between two pixels."""

    name = "linear"
    code = 1
    taps = 2
    folds = True

    def first(self, xp: Any, position: Any) -> Any:
        """Return the index of the first tap, as a float."""
        return xp.floor(position)

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return the weights of the taps, or their derivative."""
        if order == 0:
            return [1 - t, t]
        slope = xp.ones_like(t) if order == 1 else xp.zeros_like(t)
        return [-slope, slope]


@dataclass(frozen=True)
class Keys:
    """Cubic convolution: at distance x, inner(x) below 1, outer(x) from 1 to 2.

    Source: R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with torch's and OpenCV's
    a = -0.75. At t = 0 the weights are exactly (0, 1, 0, 0). It overshoots at edges, and only a = -0.5 keeps a ramp.
    """

    a: float = -0.75

    name = "cubic"
    code = 2
    taps = 4
    folds = False

    def first(self, xp: Any, position: Any) -> Any:
        """Return the index of the first tap, as a float."""
        return xp.floor(position) - 1

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return the weights of the taps, or their derivative; right of the position, distance falls as t grows."""
        sign = -1 if order % 2 else 1
        return [
            self.outer(xp, t + 1, order),
            self.inner(xp, t, order),
            sign * self.inner(xp, 1 - t, order),
            sign * self.outer(xp, 2 - t, order),
        ]

    def inner(self, xp: Any, x: Any, order: int) -> Any:
        """Return the piece for |x| <= 1, or its derivative."""
        a = self.a
        match order:
            case 0:
                return ((a + 2) * x - (a + 3)) * x * x + 1
            case 1:
                return (3 * (a + 2) * x - 2 * (a + 3)) * x
            case 2:
                return 6 * (a + 2) * x - 2 * (a + 3)
            case 3:
                return xp.full_like(x, 6 * (a + 2))
            case _:
                return xp.zeros_like(x)

    def outer(self, xp: Any, x: Any, order: int) -> Any:
        """Return the piece for 1 < |x| < 2, or its derivative."""
        a = self.a
        match order:
            case 0:
                return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
            case 1:
                return (3 * a * x - 10 * a) * x + 8 * a
            case 2:
                return 6 * a * x - 10 * a
            case 3:
                return xp.full_like(x, 6 * a)
            case _:
                return xp.zeros_like(x)


Kernel = Nearest | Linear | Keys

KERNELS: dict[str, Kernel] = {
    "nearest": Nearest(),
    "linear": Linear(),
    "bilinear": Linear(),
    "trilinear": Linear(),
    "cubic": Keys(),
    "bicubic": Keys(),
    "tricubic": Keys(),
}
