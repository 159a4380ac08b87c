"""What the page lets one choose, and the options of a request, checked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from gridsample.cli.refusal import Refusal
from gridsample.definitions.boundaries import BOUNDARIES
from gridsample.definitions.kernel import Kernel
from gridsample.definitions.kernels import KINDS, Keys, Lanczos
from gridsample.definitions.splines import BSpline
from gridsample.explanation.words import LANGUAGES, Language, boundary_title, kernel_title
from gridsample.spec import MAP_COORDS, PADDING_MODES

if TYPE_CHECKING:
    from gridsample.spec import MapCoords, PaddingMode

OTHERS = (Keys(-0.5), Lanczos(2), Lanczos(4), BSpline(2), BSpline(5), BSpline(7))
"""Kernels of other numbers than the usual ones, of those that people compare."""


def name_of(kernel: Kernel) -> str:
    """Return what a kernel is called on pictures: bilinear or bicubic, where it has a name for two axes."""
    return next((name for name in kernel.names if name.startswith("bi")), kernel.names[0])


KERNELS: dict[str, Kernel] = {
    name_of(kernel) if kernel == kind() else str(kernel): kernel
    for kind in KINDS
    for kernel in (kind(), *(other for other in OTHERS if type(other) is kind))
}
"""By what requests call them."""

MOST_SIDE = 1024
"""Pixels along a side of the warped picture."""


@dataclass(frozen=True)
class Options:
    """What a request asks with.

    Attributes
    ----------
    kernel : Kernel
    padding_mode : str
    align_corners : bool
    coords : str
    fill_value : float
        0 where the boundary does not fill: ``grid_sample`` takes no other then.
    language : {"en", "zh"}
    """

    kernel: Kernel
    padding_mode: "PaddingMode"
    align_corners: bool
    coords: "MapCoords"
    fill_value: float
    language: Language

    @property
    def call(self) -> dict[str, Any]:
        """Return them as ``grid_sample`` takes them."""
        return {
            "mode": self.kernel,
            "padding_mode": self.padding_mode,
            "align_corners": self.align_corners,
            "coords": self.coords,
            "fill_value": self.fill_value,
        }

    @property
    def code(self) -> str:
        """Return them as one writes them."""
        parts = [
            f"mode={kernel_code(self.kernel)}",
            f"padding_mode={quoted(str(self.padding_mode))}",
            f"align_corners={self.align_corners}",
        ]
        if self.coords != MAP_COORDS[0]:
            parts.append(f"coords={quoted(self.coords)}")
        if self.fill_value:
            parts.append(f"fill_value={self.fill_value!r}")
        return ", ".join(parts)


def quoted(name: str) -> str:
    """Return a name as a string in code."""
    return f'"{name}"'


def kernel_code(kernel: Kernel) -> str:
    """Return a kernel as one writes it: its name, or a call with the numbers that are not the usual ones."""
    usual = type(kernel)()
    if kernel == usual:
        return quoted(name_of(kernel))
    numbers = [
        f"{part.name}={getattr(kernel, part.name)!r}"
        for part in fields(kernel)  # type: ignore[arg-type]  # all of ours are dataclasses
        if getattr(kernel, part.name) != getattr(usual, part.name)
    ]
    return f"gs.{type(kernel).__name__}({', '.join(numbers)})"


def choices() -> dict[str, Any]:
    """Return what there is to choose, with what it is called in each language."""
    return {
        "mode": [
            {"value": name, **{language: kernel_title(kernel, 2, language) for language in LANGUAGES}}
            for name, kernel in KERNELS.items()
        ],
        "padding_mode": [{"value": name, **boundary_words(name)} for name in PADDING_MODES],
        "coords": list(MAP_COORDS),
    }


def boundary_words(name: str) -> dict[Language, str]:
    """Return what a boundary is called in each language."""
    boundary = BOUNDARIES.get(name)
    return {language: boundary_title(boundary, language) if boundary else name for language in LANGUAGES}


def options_of(given: Any) -> Options:
    """Return the options of a request, or say what is wrong with them."""
    given = mapping(given, "options")
    padding_mode = one_of(given, "padding_mode", PADDING_MODES)
    fill_value = number(given.get("fill_value", 0.0), "fill_value")
    fills = padding_mode in BOUNDARIES and BOUNDARIES[padding_mode].fills
    return Options(
        kernel=KERNELS[one_of(given, "mode", tuple(KERNELS))],
        padding_mode=padding_mode,
        align_corners=one_of(given, "align_corners", (True, False)),
        coords=one_of(given, "coords", MAP_COORDS),
        fill_value=fill_value if fills else 0.0,
        language=one_of(given, "language", LANGUAGES),
    )


def mapping(given: Any, what: str) -> Mapping[str, Any]:
    """Return an object of JSON."""
    if not isinstance(given, Mapping):
        raise Refusal(f"{what} must be an object; got {given!r:.60}")
    return given


def one_of(given: Mapping[str, Any], name: str, possible: Sequence[Any]) -> Any:
    """Return an option that is one of those possible."""
    value = given.get(name)
    if not any(value is other or (isinstance(value, str) and value == other) for other in possible):
        raise Refusal(f"{name} must be one of {', '.join(map(str, possible))}; got {value!r:.60}")
    return value


def number(given: Any, what: str) -> float:
    """Return a finite number."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise Refusal(f"{what} must be a finite number; got {given!r:.60}")
    return float(given)


def places_of(given: Any, count: int) -> tuple[str, list[list[float]]]:
    """Return what the places of a request count in, "grid" or "pixels", and the x and y of each."""
    given = mapping(given, "place")
    points = given.get("points")
    if not isinstance(points, list) or len(points) != count:
        raise Refusal(f"points must be a list of {count}; got {points!r:.60}")
    if not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise Refusal(f"a point must be its x and y; got {points!r:.60}")
    unit = one_of(given, "unit", ("grid", "pixels"))
    return unit, [[number(part, "a coordinate") for part in point] for point in points]


def size_of(given: Any) -> tuple[int, int]:
    """Return the width and height of the warped picture."""
    sides: list[Any] = given if isinstance(given, list) and len(given) == 2 else [None]
    if not all(type(side) is int and 2 <= side <= MOST_SIDE for side in sides):
        raise Refusal(f"the size must be a width and a height of 2 to {MOST_SIDE} pixels; got {given!r:.60}")
    width, height = sides
    return width, height
