"""Dtypes that no engine computes in: arrays are taken apart into floats that carry them, and results are put together.

What is carried is said once here for all faces; each lends the few functions of its library that this needs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from gridsample.checks import check_filling
from gridsample.definitions.dtypes import CARRIED, Carried, name_of
from gridsample.spec import Spec, filled_with

HALF = 0xFFFFFFFF  # of 64 bits


class Library(NamedTuple):
    """What a face lends.

    Attributes
    ----------
    xp : namespace
        With ``where``, ``isnan``, ``round``, ``clip``, ``real`` and ``imag``.
    cast : function (array, name of a dtype) -> array
    join : function (real, imaginary) -> complex array
    to_float : str
        How a user makes an array one of floats.
    """

    xp: Any
    cast: Callable[[Any, str], Any]
    join: Callable[[Any, Any], Any]
    to_float: str


def carried(dtype: Any) -> Carried | None:
    """Return how a dtype is carried, or None if an engine computes in it, or nothing does."""
    return CARRIED.get(name_of(dtype))


def sample(
    pull: Callable[[Any, Spec], Any],
    input: Any,
    how: Carried,
    spec: Spec,
    orders: tuple[int, ...] | None,
    library: Library,
) -> Any:
    """Return the samples of ``input``; ``pull`` returns those of floats. Undefined places give the fill value."""
    check_sample(how, spec, orders, library)
    values = spec.filling.values
    if how.kind == "complex":
        parts = (
            (library.xp.real(input), tuple(value.real for value in values)),
            (library.xp.imag(input), tuple(value.imag for value in values)),
        )
        return library.join(*(pull(part, filled_with(spec, fill)) for part, fill in parts))
    values, spec = tuple(map(int, values)), filling_undefined(spec)
    if not spec.copies:
        return rounded(pull(library.cast(input, how.by), spec), how, library)
    if how.halves:
        parts = (
            (input >> 32, tuple(value >> 32 for value in values)),
            (input & HALF, tuple(value & HALF for value in values)),
        )
        upper, lower = (
            whole(pull(library.cast(half, how.by), filled_with(spec, fill)), how, library) for half, fill in parts
        )
        return (upper << 32) | lower
    return whole(pull(library.cast(input, how.by), spec), how, library)


def filling_undefined(spec: Spec) -> Spec:
    """Return the options for whole numbers, where undefined places have the fill value; NaN becomes 0 by itself."""
    return spec if spec.filling.is_zero else filled_with(spec, tuple(map(int, spec.filling.values)), True)


def splat(push: Callable[[Any], Any], values: Any, how: Carried, library: Library) -> Any:
    """Return the sums of ``values``; ``push`` returns those of floats."""
    check_splat(how, library)
    if how.kind == "complex":
        return library.join(push(library.xp.real(values)), push(library.xp.imag(values)))
    return rounded(push(library.cast(values, how.by)), how, library)


def check_sample(how: Carried, spec: Spec, orders: tuple[int, ...] | None, library: Library) -> None:
    """Refuse what a dtype cannot be asked for."""
    check_filling(spec.filling, how.name)
    if how.kind == "complex":
        return
    if orders is not None and any(orders):
        refuse("input", how, "has no derivatives", library)
    if how.kind == "label" and not spec.copies:
        refuse("input", how, "can only be copied, by mode='nearest'", library)


def check_splat(how: Carried, library: Library) -> None:
    """Refuse a dtype that cannot be added up."""
    if how.kind == "label":
        refuse("values", how, "cannot be added up", library)


def whole(samples: Any, how: Carried, library: Library) -> Any:
    """Return elements that were carried as they are, and 0 for NaN."""
    xp = library.xp
    return library.cast(xp.where(xp.isnan(samples), xp.zeros_like(samples), samples), how.name)


def rounded(samples: Any, how: Carried, library: Library) -> Any:
    """Return the nearest numbers, of two the even one, within the dtype's limits."""
    low, high = how.limits
    return whole(library.xp.clip(library.xp.round(samples), float(low), float(high)), how, library)


def refuse(argument: str, how: Carried, what: str, library: Library) -> NoReturn:
    """Refuse a dtype that can be copied but not computed with."""
    raise TypeError(f"{argument} of dtype {how.name} {what}; make it a float first: {argument}.{library.to_float}")
