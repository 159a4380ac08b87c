r"""Step 3, ``taps``: from a position to its neighbours on an axis and their weights.

A kernel is a number of taps, the index of the first of them, and their weights as functions of a distance ``t``, that
of the position from a pixel of the kernel's choice::

    Nearest   one tap      _|‾‾‾|_        the pixel whose centre is nearest, ties to the even index
    Linear    two taps       /\           1 - t, t
    Keys      four taps   -_/‾‾\_-        the cubic convolution of R. Keys (1981), with a free slope ``a`` at distance 1
    Lanczos   2a taps    _-_/‾‾\_-_       sinc(x) sinc(x/a), the sinc seen through a window, divided by the taps' sum
    Mitchell  four taps   __/‾‾\__        cubic pieces with two free numbers (splines.py)
    BSpline   n + 1 taps  __/‾‾\__        as smooth as so few taps can be, over coefficients that a filter makes

``place`` gives the first tap and the distance together, since a kernel decides itself where its window lies.
``weights`` takes the distance and an order, and gives the weights' derivatives of that order by the position; they sum
to 1 for order 0 and to 0 for the others.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from gridsample.definitions.kernel import Kernel, finite
from gridsample.definitions.splines import BSpline, Mitchell

KernelName = Literal[
    "nearest",
    "linear",
    "bilinear",
    "trilinear",
    "keys",
    "cubic",
    "bicubic",
    "tricubic",
    "lanczos",
    "mitchell",
    "bspline",
]
"""For type checkers, which cannot look into the registry below."""


@dataclass(frozen=True)
class Nearest(Kernel):
    """The nearest pixel; ties go to the even index.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.grid_sample(np.array([[[1.0, 2.0]]]), np.array([[[0.2]]]), gs.Nearest())
    array([[[2.]]])
    """

    names = ("nearest",)
    taps = 1
    folds = True
    is_positive = True
    has_slopes = False

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the nearest pixel."""
        first = xp.round(position)
        return first, position - first

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return a constant, without slope."""
        return [xp.ones_like(t) if order == 0 else xp.zeros_like(t)]


@dataclass(frozen=True)
class Linear(Kernel):
    """Linear between two pixels.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.grid_sample(np.array([[[1.0, 2.0]]]), np.array([[[0.0]]]), gs.Linear())
    array([[[1.5]]])
    """

    names = ("linear", "bilinear", "trilinear")
    taps = 2
    folds = True
    is_positive = True

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the pixel at or before the position."""
        first = xp.floor(position)
        return first, position - first

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return 1 - t and t, or their derivative."""
        if order == 0:
            return [1 - t, t]
        slope = xp.ones_like(t) if order == 1 else xp.zeros_like(t)
        return [-slope, slope]


@dataclass(frozen=True)
class Keys(Kernel):
    """Cubic convolution: at distance x, inner(x) below 1, outer(x) from 1 to 2.

    Source: R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with torch's and OpenCV's
    a = -0.75. At t = 0 the weights are exactly (0, 1, 0, 0). It overshoots at edges; only a = -0.5 reproduces ramps.

    Parameters
    ----------
    a : float
        The slope at distance 1, finite; -0.75 by default, which is "bicubic". Catmull and Rom's spline has -0.5.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> ramp, place = np.arange(4.0).reshape(1, 1, 4), np.array([[[-0.125]]])  # at 1.25
    >>> gs.grid_sample(ramp, place, gs.Keys(-0.5)), gs.grid_sample(ramp, place, gs.Keys())
    (array([[[1.25]]]), array([[[1.296875]]]))
    """

    a: float = -0.75

    names = ("keys", "cubic", "bicubic", "tricubic")
    taps = 4

    def __post_init__(self) -> None:
        """Make ``a`` a float, so that equal kernels have equal texts."""
        object.__setattr__(self, "a", finite("Keys", "a", self.a))
        super().__post_init__()

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the pixel before the one at or before the position."""
        floor = xp.floor(position)
        return floor - 1, position - floor

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


@dataclass(frozen=True)
class Lanczos(Kernel):
    """Lanczos' windowed sinc: sinc(x) sinc(x/a) up to distance a, the 2a weights divided by their sum.

    Source: C. E. Duchon, "Lanczos filtering in one and two dimensions", 1979. At t = 0 the weights are exactly those of
    the pixel alone. It is sharper than the cubic and rings more; it reproduces constants, and ramps nearly.

    Parameters
    ----------
    a : int
        How many pixels it reaches to either side: 2, 3 or 4; 3 by default.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> edge, place = np.array([[[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]]), np.array([[[0.25]]])  # at 3.25
    >>> gs.grid_sample(edge, place, gs.Lanczos(3), "border").round(4)
    array([[[1.1032]]])
    """

    a: int = 3

    names = ("lanczos",)

    def __post_init__(self) -> None:
        """Make ``a`` an int, so that equal kernels have equal texts."""
        a = finite("Lanczos", "a", self.a)
        if a not in (2, 3, 4):
            raise ValueError(f"a of Lanczos must be 2, 3 or 4; got {self.a!r}")
        object.__setattr__(self, "a", int(a))
        super().__post_init__()

    @property
    def taps(self) -> int:
        """Return 2a."""
        return 2 * self.a

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the first of ``a`` pixels at or before the position."""
        floor = xp.floor(position)
        return floor - (self.a - 1), position - floor

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return N_k / D, of which D is the sum over k, or its derivative: the quotient's rule, order by order."""
        raw = [self.windowed(xp, t, k, order) for k in range(1 - self.a, self.a + 1)]  # [tap][order]
        sums = [sum(tap[n] for tap in raw) for n in range(order + 1)]
        weights: list[list[Any]] = []
        for tap in raw:
            found: list[Any] = []
            for n in range(order + 1):
                known = sum(math.comb(n, j) * found[j] * sums[n - j] for j in range(n))
                found.append((tap[n] - known) / sums[0])
            weights.append(found)
        return [tap[order] for tap in weights]

    def windowed(self, xp: Any, t: Any, k: int, order: int) -> list[Any]:
        """Return sinc(x) sinc(x/a) for x = t - k and its derivatives up to an order, by Leibniz' rule."""
        inner, window = sinc_of(xp, t, k, order), sinc_near(xp, (t - k) / self.a, order)
        return [
            sum(math.comb(n, j) * inner[j] * window[n - j] / self.a ** (n - j) for j in range(n + 1))
            for n in range(order + 1)
        ]


def sinc_of(xp: Any, t: Any, k: int, order: int) -> list[Any]:
    """Return sinc(x) = sin(pi x) / (pi x) for x = t - k, and its derivatives up to an order; t is in [0, 1].

    The sine comes from the nearer end of [0, 1], so that it is exactly 0 at both and as exact near 1 as near 0. For
    derivatives, x s(n) + n s(n-1) = d^n sin(pi x)/pi, where x is not small.
    """
    x, sign = t - k, -1 if k % 2 else 1
    sine = sign * xp.sin(math.pi * xp.where(t < 0.5, t, 1 - t))
    if k in (0, 1):
        derivatives = sinc_near(xp, x, order)
        here = x == 0
        divisor = xp.where(here, xp.ones_like(x), math.pi * x)
        return [xp.where(here, xp.ones_like(x), sine / divisor), *derivatives[1:]]
    cosine = sign * xp.cos(math.pi * t)
    found = [sine / (math.pi * x)]
    for n in range(1, order + 1):
        waves = (sine, cosine, -sine, -cosine)[n % 4]
        found.append((math.pi ** (n - 1) * waves - n * found[-1]) / x)
    return found


def sinc_near(xp: Any, x: Any, order: int) -> list[Any]:
    """Return sinc(x) for |x| <= 1 and its derivatives up to an order, by their Taylor series: sums of falling terms."""
    found = []
    for n in range(order + 1):
        total = xp.zeros_like(x)
        for power in range(LAST_POWER, -1, -1):  # Horner's scheme, in x
            m, odd = divmod(n + power, 2)
            term = 0.0 if odd else (-1) ** m * math.pi ** (2 * m) / ((2 * m + 1) * math.factorial(power))
            total = total * x + term
        found.append(total)
    return found


LAST_POWER = 28  # pi**28 / 28! is below 1e-15


KINDS: tuple[Callable[..., Kernel], ...] = (Nearest, Linear, Keys, Lanczos, Mitchell, BSpline)
"""All that have names. A kernel of a user's own needs no place here."""

KERNELS: dict[str, Kernel] = {name: kind() for kind in KINDS for name in kind().names}


def kernel_of(text: str) -> Kernel | None:
    """Return the kernel that a text means: a name, or a name with numbers as in ``keys(-0.5)``; None if it is none."""
    name, bracket, rest = text.partition("(")
    kernel = KERNELS.get(name)
    if kernel is None or not bracket:
        return kernel
    try:
        numbers = [float(number) for number in rest.removesuffix(")").split(",")]
    except ValueError:
        return None
    if not rest.endswith(")") or len(numbers) != len(kernel.parameters):
        return None
    return type(kernel)(*numbers)


def is_registered(kernel: Kernel) -> bool:
    """Whether a kernel is one of ours, which its text describes; a user's own may bear any name."""
    return bool(kernel.names) and type(kernel) is type(KERNELS.get(kernel.names[0]))
