"""What every kernel is: :class:`Kernel`. Those that there are follow in ``kernels.py`` and ``splines.py``."""

import math
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar


class Kernel:
    """What every kernel is; derive a frozen dataclass from it, whose fields are the kernel's parameters.

    Attributes
    ----------
    names : tuple of str
        What ``mode`` calls it, the first one in texts too; a kernel of your own needs none.
    taps : int
        How many neighbours it weighs.
    folds : bool
        Whether it takes its neighbours after a boundary that can has folded the position into the array; else each
        neighbour's index is resolved by the boundary.
    has_slopes : bool
        Whether its weights change with the distance at all; if not, all derivatives are exactly 0.
    is_positive : bool
        Whether no weight is negative, so that weights can be votes.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import gridsample as gs
    >>> @dataclass(frozen=True)
    ... class Before(gs.Kernel):
    ...     "The pixel at or before the position."
    ...     taps = 1
    ...     has_slopes = False
    ...
    ...     def place(self, xp, position):
    ...         first = xp.floor(position)
    ...         return first, position - first
    ...
    ...     def weights(self, xp, t, order):
    ...         return [xp.ones_like(t)]
    >>> gs.grid_sample(np.array([[[1.0, 2.0]]]), np.array([[[0.2]]]), Before())
    array([[[1.]]])
    """

    names: ClassVar[tuple[str, ...]] = ()
    folds: ClassVar[bool] = False
    has_slopes: ClassVar[bool] = True
    is_positive: ClassVar[bool] = False
    text = ""

    @property
    def taps(self) -> int:
        """Return how many neighbours are weighed."""
        raise NotImplementedError

    def place(self, xp: Any, position: Any) -> tuple[Any, Any]:
        """Return the index of the first tap, as a float, and the distance ``t`` that ``weights`` takes."""
        raise NotImplementedError

    def weights(self, xp: Any, t: Any, order: int) -> list[Any]:
        """Return the weights of the taps, or their derivatives of an order by the position."""
        raise NotImplementedError

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the numbers that make this kernel one of its kind."""
        return tuple(float(getattr(self, field.name)) for field in fields(self)) if is_dataclass(self) else ()

    @property
    def weighing(self) -> tuple[float, ...]:
        """Return those of them that its weights depend on."""
        return self.parameters

    @property
    def filters(self) -> bool:
        """Whether it weighs what a filter makes of the array, not the array itself."""
        return False

    def unfiltered(self) -> "Kernel":
        """Return the same kernel for what is filtered already."""
        return self

    def __post_init__(self) -> None:
        """Keep the text, since to a compiler a string is a constant and a number may not be."""
        numbers = ",".join(repr(number).removesuffix(".0") for number in self.parameters)
        name = self.names[0] if self.names else ""
        object.__setattr__(self, "text", f"{name}({numbers})" if numbers else name)

    def __str__(self) -> str:
        """Return the text that :func:`kernel_of` reads, exactly: ``linear``, ``keys(-0.75)``."""
        return self.text or repr(self)


def finite(kernel: str, parameter: str, number: Any) -> float:
    """Return a parameter as a float, or refuse it."""
    if isinstance(number, str) or not hasattr(number, "__float__"):
        raise TypeError(f"{parameter} of {kernel} must be a number; got {number!r} of type {type(number).__name__}")
    if not math.isfinite(float(number)):
        raise ValueError(f"{parameter} of {kernel} must be finite; got {number!r}")
    return float(number)
