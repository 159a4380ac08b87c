"""``Spec``: all options of a call in one frozen, hashable record, parsed and checked once.

Names, aliases, defaults and their refusals live here. Past this file nothing is parsed and nothing can be invalid.
"""

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from numbers import Number, Real
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from gridsample import _core, compiled, names
from gridsample.definitions import boundaries, kernels
from gridsample.definitions.boundaries import BOUNDARIES, MIRROR, SYMMETRIC, Boundary, BoundaryName
from gridsample.definitions.conventions import CORNERS, EDGES, PIXEL, Convention
from gridsample.definitions.filling import NAN_PLACES, NOTHING, OUTSIDE, Filling
from gridsample.definitions.kernel import Kernel
from gridsample.definitions.kernels import KERNELS, KernelName, kernel_of

PaddingName = BoundaryName | Literal["reflection"]

Mode: TypeAlias = KernelName | Kernel | tuple[KernelName | Kernel, ...]
PaddingMode: TypeAlias = PaddingName | Boundary | tuple[PaddingName | Boundary, ...]
Coords: TypeAlias = Literal["normalized", "pixel", "relative"]
MapCoords: TypeAlias = Literal["normalized", "pixel"]
Channels: TypeAlias = Literal["first", "last"]
Text: TypeAlias = tuple[str, str, tuple[float, ...], str, tuple[float, ...]]

MODES = tuple(KERNELS)
PADDING_MODES = (*BOUNDARIES, "reflection")
COORDS = ("normalized", "pixel", "relative")
MAP_COORDS = ("normalized", "pixel")
CHANNELS = ("first", "last")


class AxisSpec(NamedTuple):
    """The options of one axis."""

    kernel: Kernel
    boundary: Boundary


@dataclass(frozen=True, slots=True)
class Spec:
    """What every engine receives beside the arrays. Options of one meaning are one object of late: see ``spec_of``.

    Attributes
    ----------
    axes : tuple of AxisSpec
        One for all axes, or one for each component of the grid: x, y, z.
    convention : Convention
    filling : Filling
    core : object or None
        The same record as the compiled core has it; None if it lacks any of the options.
    text : tuple or None
        The same in types that any schema has: kernels, boundaries, the convention's numbers, what is filled, and the
        fill values; None if it has something of a user's own, which no text describes.
    copies : bool
        Whether samples are elements of the input as they are: every kernel has one tap.
    weighing : Spec or None
        The same for what is filtered already, where a kernel weighs coefficients that a filter makes of the array.
    linear : Spec
        The same with the fill value 0, which makes sampling linear: for tangents.
    """

    axes: tuple[AxisSpec, ...]
    convention: Convention
    filling: Filling = NOTHING
    core: _core.Options | None = field(init=False, repr=False, compare=False)
    text: Text | None = field(init=False, repr=False, compare=False)
    copies: bool = field(init=False, repr=False, compare=False)
    weighing: "Spec | None" = field(init=False, repr=False, compare=False)
    linear: "Spec" = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ours = all(is_ours(axis.kernel) and is_ours(axis.boundary) for axis in self.axes)
        chosen, padding = (",".join(str(axis[i]) for axis in self.axes) for i in range(2))
        object.__setattr__(self, "core", compiled.options(self.axes, self.convention, self.filling))
        values, outside, undefined = self.filling
        filled = f"{outside},undefined" if undefined else outside
        text = (chosen, padding, self.convention.numbers, filled, values)
        object.__setattr__(self, "text", text if ours else None)
        single = all(axis.kernel.taps == 1 and not axis.kernel.has_slopes for axis in self.axes)
        object.__setattr__(self, "copies", single)
        weighing = None
        if any(axis.kernel.filters for axis in self.axes):
            plain = tuple(AxisSpec(axis.kernel.unfiltered(), axis.boundary) for axis in self.axes)
            weighing = Spec(plain, self.convention, self.filling)
        object.__setattr__(self, "weighing", weighing)
        without = (
            None if self.filling.is_zero else Spec(self.axes, self.convention, self.filling._replace(values=(0.0,)))
        )
        object.__setattr__(self, "linear", without or self)
        object.__setattr__(self, "_hash", hash((self.axes, self.convention, self.filling)))

    def __hash__(self) -> int:
        return self._hash

    def axis(self, component: int) -> AxisSpec:
        """Return the options of the axis that a component of the grid runs along."""
        return self.axes[component if len(self.axes) > 1 else 0]

    @property
    def fills(self) -> bool:
        """Whether there may be a sample that the fill value has a part in."""
        return self.filling.undefined or self.filling.outside != "pad" or any(axis.boundary.fills for axis in self.axes)


def is_ours(option: Kernel | Boundary) -> bool:
    """Whether a kernel or a boundary is of this package, so that its text describes it."""
    return kernels.is_registered(option) if isinstance(option, Kernel) else boundaries.is_registered(option)


PADDING_WORDS: dict[object, str] = {
    **names.OPENCV_BORDERS,
    "reflect": "'mirror' (NumPy's reflect) or 'symmetric' (SciPy's)",
    "reflect101": "'mirror'",
    "grid-mirror": "'symmetric'",
    **dict.fromkeys(("edge", "replicate", "nearest", "clamp"), "'border'"),
    **dict.fromkeys(("constant", "grid-constant"), "'fill' (with fill_value) or 'zeros'"),
    **dict.fromkeys(("circular", "periodic", "grid-wrap", "repeat"), "'wrap'"),
}
"""What other libraries call ours."""


MODE_WORDS: dict[object, str] = {
    **{name: f"padding_mode={name!r}" for name in PADDING_MODES},
    **{word: f"padding_mode={meant}" for word, meant in PADDING_WORDS.items()},
    **names.KERNELS,
}
"""What other libraries call kernels, and boundaries, which some of them call modes."""


def one_of(
    argument: str, got: object, possible: tuple[str, ...], other: str = "", words: Mapping[object, str] | None = None
) -> None:
    """Refuse what is no string, or not one of those possible; ``other`` says what else there is, ``words`` is meant."""
    listed = ", ".join(map(repr, possible))
    if not isinstance(got, str):
        number = (words or {}).get(got) if type(got) is int else None
        meant = f"; did you mean {number}?" if number else ""
        raise TypeError(
            f"{argument} must be a string, one of {listed}{other}; got {got!r} of type {type(got).__name__}{meant}"
        )
    if got not in possible:
        raise ValueError(f"{argument} must be one of {listed}{other}; got {got!r}{question(got, possible, words)}")


def question(got: str, possible: tuple[str, ...], words: Mapping[object, str] | None) -> str:
    """Return what to ask of a name that is none, if something is near it."""
    near = difflib.get_close_matches(got.lower(), possible, 1, 0.7)
    meant = (words or {}).get(got.lower(), "" if not near else repr(near[0]))
    return f"; did you mean {meant}?" if meant else ""


def check_align_corners(align_corners: object) -> bool:
    """Return whether -1 and 1 are the centres of the corner pixels."""
    if align_corners is None or type(align_corners) is bool:
        return bool(align_corners)
    raise TypeError(
        f"align_corners must be True, False or None (which means False); got {align_corners!r} "
        f"of type {type(align_corners).__name__}"
    )


def convention_of(align_corners: object, coords: object = "normalized") -> Convention:
    """Return what coordinates mean."""
    normalized = CORNERS if check_align_corners(align_corners) else EDGES
    if type(coords) is not str or coords not in COORDS:
        one_of("coords", coords, COORDS)
    return normalized if coords == "normalized" else PIXEL


def check_kernel(mode: object) -> Kernel:
    """Return the kernel of one axis."""
    if isinstance(mode, Kernel):
        if type(mode).__hash__ is None:
            raise TypeError(f"mode {mode!r} must be hashable, such as an object of a frozen dataclass")
        return mode
    kernel = kernel_of(mode) if isinstance(mode, str) else None
    if kernel is None:
        one_of(
            "mode",
            mode,
            MODES,
            ", a kernel such as Keys(-0.5), or a tuple of them, one for each axis x, y, z",
            MODE_WORDS,
        )
        raise AssertionError("unreachable: every name has a kernel")
    return kernel


def check_boundary(padding_mode: object, align: bool) -> Boundary:
    """Return the boundary of one axis."""
    if isinstance(padding_mode, Boundary):
        return padding_mode
    other = ", a Boundary, or a tuple of them, one for each axis x, y, z"
    one_of("padding_mode", padding_mode, PADDING_MODES, other, PADDING_WORDS)
    return BOUNDARIES.get(str(padding_mode), MIRROR if align else SYMMETRIC)


def by_axis(value: object) -> tuple[object, ...]:
    """Return the entries of an option, one for all axes or one for each."""
    return value if type(value) is tuple and value else (value,)


@lru_cache(maxsize=256)
def spec_of(axes: tuple[AxisSpec, ...], convention: Convention, filling: Filling = NOTHING) -> Spec:
    """Return the one record of some options."""
    return Spec(axes, convention, filling)


def filled_with(spec: Spec, values: tuple[Any, ...], undefined: bool = False) -> Spec:
    """Return the same options with other fill values, where these are not 0, and perhaps at undefined places too."""
    if spec.filling.is_zero:
        return spec
    filled = f"{spec.filling.outside},undefined" if undefined or spec.filling.undefined else spec.filling.outside
    if spec.text is not None:
        return spelled(*spec.text[:3], filled, values)
    filling = Filling(values, spec.filling.outside, undefined or spec.filling.undefined)
    return spec_of(spec.axes, spec.convention, filling)


def spelled(*text: Any) -> Spec:
    """Call :func:`from_text`; compilers take this for a constant."""
    return from_text(*text)


def filling_of(fill_value: Any, outside: object, nan_places: object) -> Filling:
    """Return what the options about the fill value say."""
    if type(outside) is not str or outside not in OUTSIDE:
        one_of("outside", outside, OUTSIDE)
    if type(nan_places) is not str or nan_places not in NAN_PLACES:
        one_of("nan_places", nan_places, NAN_PLACES)
    return Filling(check_fill_value(fill_value), outside, nan_places == "fill")  # type: ignore[arg-type]


def check_fill_value(fill_value: Any) -> tuple[Any, ...]:
    """Return the numbers of a fill value: one for all channels, or one for each."""
    value = fill_value
    if hasattr(value, "tolist") and value.ndim <= 1 and not is_time(value):  # whose unit a list would forget
        value = value.tolist()
    numbers = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not numbers or not all(isinstance(number, Number) or is_time(number) for number in numbers):
        raise TypeError(
            f"fill_value must be a number, or one for each channel: a sequence of numbers, or an array with one axis; "
            f"got {fill_value!r} of type {type(fill_value).__name__}"
        )
    return tuple(math.nan if is_nan(number) else number for number in numbers)  # one NaN, which caches find again


def is_nan(number: Any) -> bool:
    """Whether a number is not one."""
    return isinstance(number, Real) and math.isnan(number)


def is_time(number: Any) -> bool:
    """Whether something is one of NumPy's moments or durations."""
    return isinstance(number, np.datetime64 | np.timedelta64)


def _parse(
    mode: object,
    padding_mode: object,
    align_corners: object,
    coords: object = "normalized",
    fill_value: Any = 0.0,
    outside: object = "pad",
    nan_places: object = "nan",
) -> Spec:
    filling = filling_of(fill_value, outside, nan_places)
    chosen = [check_kernel(entry) for entry in by_axis(mode)]
    align = check_align_corners(align_corners)
    padding = [check_boundary(entry, align) for entry in by_axis(padding_mode)]
    count = max(len(chosen), len(padding))
    if not {len(chosen), len(padding)} <= {1, count}:
        raise ValueError(
            f"mode and padding_mode must have an entry for each axis or one for all; "
            f"got {len(chosen)} and {len(padding)} entries: {mode!r} and {padding_mode!r}"
        )
    axes = zip(chosen * (count // len(chosen)), padding * (count // len(padding)), strict=True)
    spec = spec_of(tuple(AxisSpec(*axis) for axis in axes), convention_of(align, coords), filling)
    if not filling.is_zero and not spec.fills:
        got = filling.values[0] if len(filling.values) == 1 else filling.values
        raise ValueError(
            f"fill_value {got!r} would not be used: padding_mode='fill' has it in the place of pixels outside, "
            f"outside='fill' at places outside, and nan_places='fill' at undefined ones"
        )
    return spec


parse = lru_cache(maxsize=256, typed=True)(_parse)
"""Return the record for a call's options, or say which of them is wrong and what is possible."""


def parse_options(
    mode: object,
    padding_mode: object,
    align_corners: object,
    coords: object = "normalized",
    *filling: Any,
) -> Spec:
    """Call :func:`parse` for options that may not even be hashable; ``filling`` is fill_value, outside, nan_places."""
    try:
        return parse(mode, padding_mode, align_corners, coords, *filling)
    except TypeError:
        return _parse(mode, padding_mode, align_corners, coords, *filling)


@lru_cache(maxsize=256)
def from_text(
    kernel_texts: str,
    boundary_texts: str,
    numbers: tuple[float, ...],
    filled: str = "pad",
    fill_values: tuple[float, ...] = NOTHING.values,
) -> Spec:
    """Return the record whose ``text`` this is."""
    chosen = [check_kernel(text) for text in re.findall(r"[^,(]+(?:\([^)]*\))?", kernel_texts) or [kernel_texts]]
    padding = []
    for name in boundary_texts.split(","):
        one_of("padding_mode", name, tuple(BOUNDARIES))
        padding.append(BOUNDARIES[name])
    if len(chosen) != len(padding) or len(numbers) != len(EDGES.numbers):
        raise ValueError(
            f"options must name a kernel and a boundary for each axis, or one for all, and have {len(EDGES.numbers)} "
            f"numbers; got {kernel_texts!r}, {boundary_texts!r} and {numbers}"
        )
    outside, _, undefined = filled.partition(",")
    one_of("filled", outside, OUTSIDE)
    one_of("filled", undefined, ("", "undefined"))
    filling = Filling(check_fill_value(fill_values), outside, bool(undefined))  # type: ignore[arg-type]
    return spec_of(tuple(map(AxisSpec, chosen, padding)), Convention(*numbers), filling)


def check_channels(channels: object) -> bool:
    """Return whether the channels come last."""
    if type(channels) is not str or channels != "first":
        one_of("channels", channels, CHANNELS)
    return bool(channels == "last")


def check_derivative(derivative: Any, spec: Spec) -> tuple[int, ...]:
    """Return how often to derive by each component of the grid."""
    try:
        orders = tuple(int(order.__index__()) for order in derivative)
    except (TypeError, AttributeError):
        raise TypeError(
            f"derivative must be whole numbers, one for each component x, y, z of the grid; got {derivative!r}"
        ) from None
    if any(order < 0 for order in orders):
        raise ValueError(f"derivative must be whole numbers of at least 0; got {derivative!r}")
    check_axes(spec, len(orders))
    flat = [spec.axis(component).kernel for component, order in enumerate(orders) if order]
    for kernel in flat:
        if not kernel.has_slopes:
            raise ValueError(
                f"mode {str(kernel)!r} is constant between pixels and has no derivative; got {derivative!r}"
            )
    return orders


def same_axes(spec: Spec) -> AxisSpec | None:
    """Return the options of all axes, if they are the same."""
    return spec.axes[0] if len(set(spec.axes)) == 1 else None


def check_axes(spec: Spec, axes: Any) -> None:
    """Refuse options by axis for another number of axes."""
    if len(spec.axes) not in (1, axes):
        raise ValueError(
            f"mode and padding_mode must have one entry or {axes}, one for each axis x, y, z of the grid; "
            f"got {len(spec.axes)} entries"
        )
