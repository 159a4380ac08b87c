"""``Spec``: all options of a call in one frozen, hashable record, parsed and checked once.

Strings, aliases, defaults and their refusals live here. Past this file nothing is parsed and nothing can be invalid.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from gridsample.boundaries import BOUNDARIES, MIRROR, SYMMETRIC, Boundary
from gridsample.kernels import KERNELS, Kernel

MODES = tuple(KERNELS)
PADDING_MODES = ("zeros", "border", "reflection", "mirror", "symmetric")
CHANNELS = ("first", "last")


@dataclass(frozen=True, slots=True)
class Spec:
    """What every engine receives beside the arrays."""

    kernel: Kernel
    boundary: Boundary
    align_corners: bool
    codes: tuple[int, int, bool] = field(init=False, repr=False, compare=False)
    """The same record in the compiled core's numbers."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", (self.kernel.code, self.boundary.code, self.align_corners))


def _one_of(argument: str, got: object, possible: tuple[str, ...]) -> None:
    names = ", ".join(map(repr, possible))
    if not isinstance(got, str):
        raise TypeError(f"{argument} must be a string, one of {names}; got {got!r} of type {type(got).__name__}")
    if got not in possible:
        raise ValueError(f"{argument} must be one of {names}; got {got!r}")


def check_align_corners(align_corners: object) -> bool:
    """Return whether -1 and 1 are the centres of the corner pixels."""
    if align_corners is None or type(align_corners) is bool:
        return bool(align_corners)
    raise TypeError(
        f"align_corners must be True, False or None (which means False); got {align_corners!r} "
        f"of type {type(align_corners).__name__}"
    )


@lru_cache(maxsize=256, typed=True)
def parse(mode: str, padding_mode: str, align_corners: bool | None) -> Spec:
    """Return the record for a call's options, or say which of them is wrong and what is possible."""
    _one_of("mode", mode, MODES)
    _one_of("padding_mode", padding_mode, PADDING_MODES)
    align = check_align_corners(align_corners)
    reflection = MIRROR if align else SYMMETRIC
    return Spec(KERNELS[mode], BOUNDARIES.get(padding_mode, reflection), align)


def parse_options(mode: object, padding_mode: object, align_corners: object) -> Spec:
    """Call :func:`parse` for options that may not even be hashable."""
    try:
        return parse(mode, padding_mode, align_corners)
    except TypeError:
        _one_of("mode", mode, MODES)
        _one_of("padding_mode", padding_mode, PADDING_MODES)
        check_align_corners(align_corners)
        raise


def check_channels(channels: object) -> bool:
    """Return whether the channels come last."""
    if channels == "first":
        return False
    _one_of("channels", channels, CHANNELS)
    return True
