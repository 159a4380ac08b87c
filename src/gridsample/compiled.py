"""What the compiled core has, in its own words: nothing here knows of any kernel, boundary or dtype by itself."""

from numbers import Real
from typing import TYPE_CHECKING, Any

from gridsample import _core
from gridsample.definitions import boundaries, kernels

if TYPE_CHECKING:
    from collections.abc import Collection

    from gridsample.definitions.boundaries import Boundary
    from gridsample.definitions.conventions import Convention
    from gridsample.definitions.filling import Filling
    from gridsample.definitions.kernel import Kernel

if not hasattr(_core, "definitions"):
    raise ImportError(f"the compiled core {_core.__file__} is older than the Python code beside it; install it anew")

DEFINITIONS: dict[str, Any] = _core.definitions()


def lacks(kernel: "Kernel", boundary: "Boundary") -> str | None:
    """Return what the core lacks of an axis' options, or None if it has both."""
    known = DEFINITIONS["kernels"].get(kernel.names[0]) if kernels.is_registered(kernel) else None
    if known is None or len(known["parameters"]) != len(kernel.weighing):
        return f"it has no kernel {kernel}"
    for name, number in zip(known["parameters"], kernel.weighing, strict=True):
        if number not in known["values"].get(name, (number,)):
            return f"it has no kernel {kernel}"
    if not boundaries.is_registered(boundary) or boundary.name not in DEFINITIONS["boundaries"]:
        return f"it has no boundary {boundary}"
    return None


def options(
    axes: "Collection[tuple[Kernel, Boundary]]", convention: "Convention", filling: "Filling"
) -> _core.Options | None:
    """Return the core's own record of a call's options, or None if it lacks any of them."""
    if len(axes) > DEFINITIONS["axes"] or any(lacks(kernel, boundary) for kernel, boundary in axes):
        return None
    named = [(kernel.names[0], kernel.weighing, boundary.name) for kernel, boundary in axes]
    real = all(isinstance(value, Real) for value in filling.values)  # what is not is taken apart before
    values = tuple(map(float, filling.values)) if real and not filling.is_zero else ()
    return _core.Options(named, convention.numbers, values, filling.margin, filling.undefined)


def highest_order(kernel: "Kernel") -> int | None:
    """Return the highest order of derivative that the core computes of a kernel it has; None: every order."""
    highest: int | None = DEFINITIONS["kernels"][kernel.names[0]]["orders"]
    return highest
