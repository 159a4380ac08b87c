"""``Spec``: all options of a call in one frozen, hashable record, parsed and checked once.

Names, aliases, defaults and their refusals live here. Past this file nothing is parsed and nothing can be invalid.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

from gridsample import _core, compiled
from gridsample.definitions import boundaries, kernels
from gridsample.definitions.boundaries import BOUNDARIES, MIRROR, SYMMETRIC, Boundary, BoundaryName
from gridsample.definitions.conventions import CORNERS, EDGES, PIXEL, Convention
from gridsample.definitions.kernel import Kernel
from gridsample.definitions.kernels import KERNELS, KernelName, kernel_of

PaddingName = BoundaryName | Literal["reflection"]

Mode: TypeAlias = KernelName | Kernel | tuple[KernelName | Kernel, ...]
PaddingMode: TypeAlias = PaddingName | Boundary | tuple[PaddingName | Boundary, ...]
Coords: TypeAlias = Literal["normalized", "pixel", "relative"]
MapCoords: TypeAlias = Literal["normalized", "pixel"]
Channels: TypeAlias = Literal["first", "last"]
Text: TypeAlias = tuple[str, str, tuple[float, ...]]

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
    core : object or None
        The same record as the compiled core has it; None if it lacks any of the options.
    text : tuple or None
        The same in types that any schema has: kernels, boundaries, and the convention's numbers; None if it has
        something of a user's own, which no text describes.
    copies : bool
        Whether samples are elements of the input as they are: every kernel has one tap.
    weighing : Spec or None
        The same for what is filtered already, where a kernel weighs coefficients that a filter makes of the array.
    """

    axes: tuple[AxisSpec, ...]
    convention: Convention
    core: _core.Options | None = field(init=False, repr=False, compare=False)
    text: Text | None = field(init=False, repr=False, compare=False)
    copies: bool = field(init=False, repr=False, compare=False)
    weighing: "Spec | None" = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ours = all(is_ours(axis.kernel) and is_ours(axis.boundary) for axis in self.axes)
        chosen, padding = (",".join(str(axis[i]) for axis in self.axes) for i in range(2))
        object.__setattr__(self, "core", compiled.options(self.axes, self.convention))
        object.__setattr__(self, "text", (chosen, padding, self.convention.numbers) if ours else None)
        single = all(axis.kernel.taps == 1 and not axis.kernel.has_slopes for axis in self.axes)
        object.__setattr__(self, "copies", single)
        weighing = None
        if any(axis.kernel.filters for axis in self.axes):
            plain = tuple(AxisSpec(axis.kernel.unfiltered(), axis.boundary) for axis in self.axes)
            weighing = Spec(plain, self.convention)
        object.__setattr__(self, "weighing", weighing)
        object.__setattr__(self, "_hash", hash((self.axes, self.convention)))

    def __hash__(self) -> int:
        return self._hash

    def axis(self, component: int) -> AxisSpec:
        """Return the options of the axis that a component of the grid runs along."""
        return self.axes[component if len(self.axes) > 1 else 0]


def is_ours(option: Kernel | Boundary) -> bool:
    """Whether a kernel or a boundary is of this package, so that its text describes it."""
    return kernels.is_registered(option) if isinstance(option, Kernel) else boundaries.is_registered(option)


PADDING_WORDS = {
    "reflect": "'mirror' (NumPy's reflect) or 'symmetric' (SciPy's)",
    "reflect101": "'mirror'",
    "grid-mirror": "'symmetric'",
    **dict.fromkeys(("edge", "replicate", "nearest", "clamp"), "'border'"),
    **dict.fromkeys(("constant", "grid-constant"), "'zeros'"),
    **dict.fromkeys(("circular", "periodic", "grid-wrap", "repeat"), "'wrap'"),
}
"""What other libraries call ours."""


def one_of(
    argument: str, got: object, possible: tuple[str, ...], other: str = "", words: Mapping[str, str] | None = None
) -> None:
    """Refuse what is no string, or not one of those possible; ``other`` says what else there is, ``words`` is meant."""
    names = ", ".join(map(repr, possible))
    if not isinstance(got, str):
        raise TypeError(f"{argument} must be a string, one of {names}{other}; got {got!r} of type {type(got).__name__}")
    if got not in possible:
        near = difflib.get_close_matches(got.lower(), possible, 1, 0.7)
        meant = (words or {}).get(got.lower(), "" if not near else repr(near[0]))
        question = f"; did you mean {meant}?" if meant else ""
        raise ValueError(f"{argument} must be one of {names}{other}; got {got!r}{question}")


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
        one_of("mode", mode, MODES, ", a kernel such as Keys(-0.5), or a tuple of them, one for each axis x, y, z")
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
def spec_of(axes: tuple[AxisSpec, ...], convention: Convention) -> Spec:
    """Return the record of some options: one object, however they were named."""
    return Spec(axes, convention)


def _parse(mode: object, padding_mode: object, align_corners: object, coords: object = "normalized") -> Spec:
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
    return spec_of(tuple(AxisSpec(*axis) for axis in axes), convention_of(align, coords))


parse = lru_cache(maxsize=256, typed=True)(_parse)
"""Return the record for a call's options, or say which of them is wrong and what is possible."""


def parse_options(mode: object, padding_mode: object, align_corners: object, coords: object = "normalized") -> Spec:
    """Call :func:`parse` for options that may not even be hashable."""
    try:
        return parse(mode, padding_mode, align_corners, coords)
    except TypeError:
        return _parse(mode, padding_mode, align_corners, coords)


@lru_cache(maxsize=256)
def from_text(kernel_texts: str, boundary_texts: str, numbers: tuple[float, ...]) -> Spec:
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
    return spec_of(tuple(map(AxisSpec, chosen, padding)), Convention(*numbers))


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
