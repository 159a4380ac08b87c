"""Steps 2 and 4, ``fold`` and ``resolve``: what lies beyond the edge of an axis.

A boundary is a rule on an integer index. For the row ``a b c d``::

    zeros        0 0 0 | a b c d | 0 0 0     as torch's zeros, SciPy's grid-constant
    border       a a a | a b c d | d d d     as torch's border, NumPy's edge, SciPy's nearest
    mirror       d c b | a b c d | c b a     as NumPy's reflect, SciPy's mirror; period 2(S-1)
    symmetric    c b a | a b c d | d c b     as NumPy's symmetric, SciPy's reflect; period 2S

``Nearest`` and ``Linear`` fold the position itself before they take its neighbours, so that ties and kinks fall as
in torch; every other kernel leaves the position alone and resolves each neighbour's index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

REACH = 8  # how far outside a position may lie, in pixels, before only its side matters; more than any kernel's taps


def resolve_zeros(xp: Any, index: Any, size: int) -> tuple[Any, Any]:
    """Outside there is nothing."""
    return xp.clip(index, 0, size - 1), (index >= 0) & (index < size)


def resolve_border(xp: Any, index: Any, size: int) -> tuple[Any, Any]:
    """Outside, the edge pixel goes on."""
    return xp.clip(index, 0, size - 1), xp.ones_like(index, dtype=xp.bool)


def resolve_mirror(xp: Any, index: Any, size: int) -> tuple[Any, Any]:
    """Reflect about the centres of the edge pixels, which are not repeated."""
    folded = xp.abs(index) % period_mirror(size)
    return xp.where(folded < size, folded, 2 * (size - 1) - folded), xp.ones_like(index, dtype=xp.bool)


def resolve_symmetric(xp: Any, index: Any, size: int) -> tuple[Any, Any]:
    """Reflect about the outer edges of the edge pixels, which are repeated."""
    folded = index % period_symmetric(size)
    return xp.where(folded < size, folded, 2 * size - 1 - folded), xp.ones_like(index, dtype=xp.bool)


def period_mirror(size: int) -> int:
    """Return the period of ``mirror``; a single pixel repeats itself."""
    return max(2 * (size - 1), 1)


def period_symmetric(size: int) -> int:
    """Return the period of ``symmetric``."""
    return 2 * size


def sign_of(xp: Any, negative: Any, like: Any) -> Any:
    """Return -1 where ``negative``, else 1, in ``like``'s dtype."""
    return 1 - 2 * xp.astype(negative, like.dtype)


def fold_mirror(xp: Any, position: Any, size: int) -> tuple[Any, Any]:
    """Reflect into [0, S-1]; ``position`` lies within one period. Exact, as differences this close always are."""
    folded, sign = xp.abs(position), sign_of(xp, position < 0, position)
    beyond = folded > size - 1
    return xp.where(beyond, 2 * (size - 1) - folded, folded), xp.where(beyond, -sign, sign)


def fold_symmetric(xp: Any, position: Any, size: int) -> tuple[Any, Any]:
    """Reflect into [-0.5, S-0.5]; ``position`` lies within one period. The last half period lands in [-1, -0.5]."""
    below = position < -0.5
    folded, sign = xp.where(below, -1 - position, position), sign_of(xp, below, position)
    beyond = folded > size - 0.5
    return xp.where(beyond, 2 * size - 1 - folded, folded), xp.where(beyond, -sign, sign)


def fold_border(xp: Any, position: Any, size: int) -> tuple[Any, Any]:  # noqa: ARG001  (a fold takes all three)
    """Nothing to reflect: the clamp that ends every fold is all there is."""
    return position, xp.ones_like(position)


@dataclass(frozen=True)
class Boundary:
    """One rule for what lies outside an axis.

    Attributes
    ----------
    name : str
        What ``padding_mode`` calls it.
    code : int
        What the compiled core calls it.
    resolve : function (xp, index, size) -> (index in range, whether it is inside)
    reflect : function (xp, position, size) -> (position, sign), or None where positions are never folded
    period : function (size) -> int, or None where the rule does not repeat
    """

    name: str
    code: int
    resolve: Callable[[Any, Any, int], tuple[Any, Any]]
    reflect: Callable[[Any, Any, int], tuple[Any, Any]] | None
    period: Callable[[int], int] | None

    def reduce(self, xp: Any, position: Any, size: int) -> tuple[Any, Any]:
        """Bring a position, however large, to where its integer part is a small index that resolves alike.

        A periodic rule takes the exact remainder by its period; the others need no more than the side. Returns the
        derivative of that map, too: 0 where only the side is left.
        """
        if self.period is None:
            low, high = float(-REACH), float(size - 1 + REACH)
            near = xp.clip(position, low, high)
            return near, xp.astype(near == position, position.dtype)
        remainder = xp.abs(position) % float(self.period(size))  # of a positive number: exact, as C's fmod
        return xp.where(position < 0, -remainder, remainder), 1.0

    def fold(self, xp: Any, position: Any, size: int) -> tuple[Any, Any]:
        """Return the position inside [0, S-1] and the derivative of that map: +1, -1, or 0 where it is clamped."""
        if self.reflect is None:
            return position, xp.ones_like(position)
        folded, sign = self.reflect(xp, position, size)
        free = (folded > 0) & (folded < size - 1)
        return xp.clip(folded, 0.0, float(size - 1)), xp.where(free, sign, 0.0)

    def undefined(self, xp: Any, position: Any) -> Any:
        """Whether a position has no place at all: NaN, and an infinity that a periodic rule cannot reduce."""
        return xp.isnan(position) if self.period is None else ~xp.isfinite(position)


ZEROS = Boundary("zeros", 0, resolve_zeros, None, None)
BORDER = Boundary("border", 1, resolve_border, fold_border, None)
MIRROR = Boundary("mirror", 2, resolve_mirror, fold_mirror, period_mirror)
SYMMETRIC = Boundary("symmetric", 3, resolve_symmetric, fold_symmetric, period_symmetric)

BOUNDARIES = {boundary.name: boundary for boundary in (ZEROS, BORDER, MIRROR, SYMMETRIC)}
