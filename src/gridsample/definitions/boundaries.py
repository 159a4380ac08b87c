"""Steps 2 and 4, ``fold`` and ``resolve``: what lies beyond the edge of an axis.

A boundary is a rule on an integer index. For the row ``a b c d``::

    zeros        0 0 0 | a b c d | 0 0 0     as torch's zeros
    fill         f f f | a b c d | f f f     as SciPy's grid-constant; f is ``fill_value``
    border       a a a | a b c d | d d d     as torch's border, NumPy's edge, SciPy's nearest
    mirror       d c b | a b c d | c b a     as NumPy's reflect, SciPy's mirror; period 2(S-1)
    symmetric    c b a | a b c d | d c b     as NumPy's symmetric, SciPy's reflect; period 2S
    wrap         b c d | a b c d | a b c     as NumPy's wrap, SciPy's grid-wrap; period S

Kernels that fold (``Nearest`` and ``Linear``) have the position itself folded before they take its neighbours, by the
boundaries that can, so that ties and kinks fall as in torch. Otherwise each neighbour's index is resolved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

BoundaryName = Literal["zeros", "fill", "border", "mirror", "symmetric", "wrap"]
"""For type checkers, which cannot look into the registry below."""

REACH = 8  # how many pixels outside only a position's side matters; more for a kernel of more taps


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


def resolve_wrap(xp: Any, index: Any, size: int) -> tuple[Any, Any]:
    """Begin anew."""
    return index % size, xp.ones_like(index, dtype=xp.bool)


def period_mirror(size: int) -> int:
    """Return the period of ``mirror``; a single pixel repeats itself."""
    return max(2 * (size - 1), 1)


def period_symmetric(size: int) -> int:
    """Return the period of ``symmetric``."""
    return 2 * size


def period_wrap(size: int) -> int:
    """Return the period of ``wrap``."""
    return size


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
    resolve : function (xp, index, size) -> (index in range, whether it is inside)
    reflect : function (xp, position, size) -> (position, sign), or None where positions are never folded
        From a position within one period, positive or negative.
    period : function (size) -> int, or None where the rule does not repeat
    fills : bool
        Whether a tap outside has the fill value; otherwise it adds nothing.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> def to_the_left(xp, index, size):
    ...     return xp.clip(index, 0, size - 1), index < size
    >>> row, places = np.array([[[1.0, 2.0]]]), np.array([[[-3.0], [3.0]]])
    >>> gs.grid_sample(row, places, "nearest", gs.Boundary("border on the left alone", to_the_left))
    array([[[1., 0.]]])
    """

    name: str
    resolve: Callable[[Any, Any, int], tuple[Any, Any]]
    reflect: Callable[[Any, Any, int], tuple[Any, Any]] | None = None
    period: Callable[[int], int] | None = None
    fills: bool = False

    @property
    def folds(self) -> bool:
        """Whether it can bring a position itself into the array."""
        return self.reflect is not None

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def reduce(self, xp: Any, position: Any, size: int, taps: int = 0) -> tuple[Any, Any]:
        """Bring a position, however large, to where its integer part is a small index that resolves alike.

        A periodic rule takes the exact remainder by its period; the others need no more than the side, beyond the reach
        of so many taps. Returns the derivative of that map, too: 0 where only the side is left.
        """
        if self.period is None:
            reach = max(REACH, taps)
            low, high = -1.0 * reach, 1.0 * (size - 1 + reach)  # floats, of a compiler's symbols too
            near = xp.clip(position, low, high)
            return near, xp.astype(near == position, position.dtype)
        period = 1.0 * self.period(size)
        remainder = xp.abs(position) % period  # of a positive number: exact, as C's fmod
        signed = xp.where(position < 0, -remainder, remainder)
        if self.folds:  # reflections are exact from either side
            return signed, 1.0
        return xp.where(signed < 0, signed + period, signed), 1.0

    def fold(self, xp: Any, position: Any, size: int) -> tuple[Any, Any]:
        """Return the position inside [0, S-1] and the derivative of that map: +1, -1, or 0 where it is clamped."""
        if self.reflect is None:
            return position, xp.ones_like(position)
        folded, sign = self.reflect(xp, position, size)
        free = (folded > 0) & (folded < size - 1)
        # a clamp of constants, whose slope is 0 at the ends too where a library derives this by itself
        end = xp.astype(folded > 0, folded.dtype) * (1.0 * (size - 1))
        return xp.where(free, folded, end), xp.where(free, sign, 0.0)

    def undefined(self, xp: Any, position: Any) -> Any:
        """Whether a position has no place at all: NaN, and an infinity that a periodic rule cannot reduce."""
        return xp.isnan(position) if self.period is None else ~xp.isfinite(position)


ZEROS = Boundary("zeros", resolve_zeros)
FILL = Boundary("fill", resolve_zeros, fills=True)
BORDER = Boundary("border", resolve_border, fold_border)
MIRROR = Boundary("mirror", resolve_mirror, fold_mirror, period_mirror)
SYMMETRIC = Boundary("symmetric", resolve_symmetric, fold_symmetric, period_symmetric)
WRAP = Boundary("wrap", resolve_wrap, period=period_wrap)

BOUNDARIES = {boundary.name: boundary for boundary in (ZEROS, FILL, BORDER, MIRROR, SYMMETRIC, WRAP)}


def is_registered(boundary: Boundary) -> bool:
    """Whether a boundary is one of ours, which its name describes; a user's own may bear any name."""
    return boundary is BOUNDARIES.get(boundary.name)
