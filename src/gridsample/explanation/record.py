"""The record: every step of one sample, in plain numbers."""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from gridsample.definitions.boundaries import Boundary
from gridsample.definitions.kernel import Kernel
from gridsample.explanation.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEANT_AS_CODE = ("mode", "padding_mode", "align_corners")


@dataclass(frozen=True)
class AxisTap:
    """One neighbour on one axis.

    Attributes
    ----------
    index : int
        Before the boundary: of the array, or of what would go on around it.
    read : int or None
        After the boundary: the index that is read instead; None where there is nothing.
    inside : bool
        Whether ``index`` lies in the array.
    filled : bool
        Whether it has the fill value: it lies outside, and the boundary fills.
    weight : float
    """

    index: int
    read: int | None
    inside: bool
    filled: bool
    weight: float


@dataclass(frozen=True)
class Axis:
    """The steps on one axis.

    Attributes
    ----------
    name : str
        x, y, z, in the order of the grid's components.
    size : int
        How many pixels it has.
    kernel : Kernel
    boundary : Boundary
    coordinate : float
        The grid's.
    position : float
        In pixels: step 1, ``locate``.
    folded : float
        The position that neighbours are taken of: step 2, ``fold``. The same inside the array.
    folds : bool
        Whether kernel and boundary both fold; else each neighbour's index is resolved by the boundary.
    distance : float
        What the weights are functions of: that of the folded position from a pixel of the kernel's choice.
    undefined : bool
        Whether the position has no place: NaN, or infinite under a boundary that repeats. There are no taps then.
    beyond : bool
        Whether the position lies outside, where places that do are filled. There are no taps on all axes together then.
    taps : tuple of AxisTap
        Steps 3 and 4, ``taps`` and ``resolve``.
    """

    name: str
    size: int
    kernel: Kernel
    boundary: Boundary
    coordinate: float
    position: float
    folded: float
    folds: bool
    distance: float
    undefined: bool
    beyond: bool
    taps: tuple[AxisTap, ...]

    @property
    def moved(self) -> bool:
        """Whether the position that neighbours are taken of is another than the located one."""
        return self.folded != self.position


@dataclass(frozen=True)
class Tap:
    """One neighbour, on all axes together, ordered as the array's axes are: z, y, x.

    Attributes
    ----------
    index : tuple of int
        Before the boundary.
    read : tuple of int, or None
        After the boundary: the pixel that is read; None where there is nothing.
    inside : bool
        Whether ``index`` lies in the array.
    filled : bool
        Whether it has the fill value: it lies outside, and the boundary fills.
    weights : tuple of float
        One for each axis.
    weight : float
        Their product.
    values : tuple
        What is weighed, for each channel: the pixel, or a B-spline's coefficient; the fill value where a boundary
        fills; 0 where there is nothing.
    products : tuple
        Weight times value, for each channel.
    """

    index: tuple[int, ...]
    read: tuple[int, ...] | None
    inside: bool
    filled: bool
    weights: tuple[float, ...]
    weight: float
    values: tuple[Any, ...]
    products: tuple[Any, ...]

    @property
    def counts(self) -> bool:
        """Whether it has a part in the sum."""
        return self.read is not None or self.filled


@dataclass(frozen=True, repr=False)
class Explanation:
    """How one sample of :func:`explain` comes about. Printed, it is a table; a notebook shows it as HTML.

    Attributes
    ----------
    index : tuple of int
        The output point in the grid, its batch entry first.
    shape : tuple of int
        The input's, as it was given.
    options : dict
        The call's.
    dtype : str
        The input's and the result's.
    axes : tuple of Axis
        In the order of the grid's components: x, y, z.
    taps : tuple of Tap
        Step 5, ``blend``, weighs and adds these; none where the place is undefined or filled.
    blend : tuple
        The sum of the products, for each channel.
    result : tuple
        What ``grid_sample`` returns, for each channel: the same, but for rounding to its dtype.
    filtered : bool
        Whether the values are coefficients that a B-spline's filter made of the whole array.
    pixels : numpy.ndarray, shape (C, *size)
        All values that there are to weigh.
    fill : tuple
        The fill value of each channel.
    language : {"en", "zh"}
        Of tables and pictures.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> row = np.array([[[10.0, 20.0, 30.0, 40.0]]])
    >>> sample = gs.explain(row, np.array([[[1.75]]]), coords="pixel")
    >>> [(tap.read, tap.weight) for tap in sample.taps], sample.result
    ([((1,), 0.25), ((2,), 0.75)], (27.5,))
    """

    index: tuple[int, ...]
    shape: tuple[int, ...]
    options: dict[str, Any]
    dtype: str
    axes: tuple[Axis, ...]
    taps: tuple[Tap, ...]
    blend: tuple[Any, ...]
    result: tuple[Any, ...]
    filtered: bool
    pixels: npt.NDArray[Any] = field(compare=False)
    fill: tuple[Any, ...]
    language: Language

    @property
    def undefined(self) -> bool:
        """Whether the place is undefined on any axis."""
        return any(axis.undefined for axis in self.axes)

    @property
    def beyond(self) -> bool:
        """Whether the place lies outside, on any axis, where such places are filled."""
        return any(axis.beyond for axis in self.axes)

    @property
    def size(self) -> tuple[int, ...]:
        """Return the spatial axes, in the array's order."""
        return tuple(axis.size for axis in reversed(self.axes))

    @property
    def call(self) -> str:
        """Return the line of code that makes the sample, among others."""
        told = {name: value for name, value in self.options.items() if name in MEANT_AS_CODE or value != USUAL[name]}
        return f"gs.grid_sample(input, grid, {', '.join(f'{name}={value!r}' for name, value in told.items())})"

    def formula(self, channel: int = 0) -> str:
        """Return the sum with its numbers, those of weight 0 left out: ``0.1 × 17 + 0.9 × 50 = 46.7``."""
        from gridsample.explanation.contents import formula  # noqa: PLC0415  (which describes this record)

        return formula(self, channel)

    def table(self, language: Language | None = None, *, colours: bool = False) -> str:
        """Return everything as text, for a terminal that shows colours if you say so."""
        from gridsample.explanation.text import text  # noqa: PLC0415  (only what is shown is imported)

        return text(self, language or self.language, colours)

    def plot(self, ax: "Axes | None" = None, *, channel: int = 0, language: Language | None = None) -> "Axes":
        """Draw the array's cells with their values, the point, and the taps shaded by weight; needs Matplotlib.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure's by default.
        channel : int
            Whose values.
        language : {"en", "zh"}, optional
            Another than the record's.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gridsample.explanation.picture import draw  # noqa: PLC0415  (only what is shown is imported)

        return draw(self, ax, channel, language or self.language)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in dicts, lists, strings and numbers."""
        return {part.name: plain(getattr(self, part.name)) for part in fields(self) if part.name != "pixels"}

    def __str__(self) -> str:
        """Return the table."""
        return self.table()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from gridsample.explanation.html import html  # noqa: PLC0415  (only what is shown is imported)

        return html(self, self.language)


USUAL = {
    "mode": "bilinear",
    "padding_mode": "zeros",
    "align_corners": False,
    "coords": "normalized",
    "fill_value": 0.0,
    "outside": "pad",
    "nan_places": "nan",
    "channels": "first",
    "derivative": None,
}
"""The options' defaults."""


def plain(value: Any) -> Any:
    """Return records as dicts, and what no such format has as text."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, Axis | AxisTap | Tap):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    return str(value)
