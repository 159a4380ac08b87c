"""What kind of array a caller brought, found by looking at its type: nothing is imported for it."""

import sys
from typing import Any, Literal

import numpy as np

Family = Literal["numpy", "torch", "array-api"]

POSSIBLE = (
    "a NumPy array, a torch tensor, or an array of a library that follows the array-API standard (such as JAX or CuPy)"
)


def family_of(argument: str, array: Any) -> Family:
    """Return which family an array belongs to, or refuse it by the name of its argument."""
    if type(array) is np.ndarray:
        return "numpy"
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        return "torch"
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(
            f"{argument} is a masked array, and its mask would be lost; pass {argument}.filled(value), or "
            f"{argument}.data if the mask does not matter"
        )
    if isinstance(array, np.ndarray):
        return "numpy"
    if hasattr(array, "__array_namespace__") and not isinstance(array, np.generic | type):
        return "array-api"
    if type(array).__module__.partition(".")[0] == "cupy":
        return "array-api"
    raise TypeError(f"{argument} must be {POSSIBLE}; got {type(array).__module__}.{type(array).__qualname__}")


# Types known without a closer look. The face for torch adds its own when it is imported.
FAMILIES: dict[type, Family] = {np.ndarray: "numpy"}


def known_family(first: Any, second: Any) -> Family | None:
    """Return the family of two arrays of one type that is known; None calls for :func:`common_family`."""
    return FAMILIES.get(type(first)) if type(first) is type(second) else None


def common_family(**arrays: Any) -> Family:
    """Return the one family of all arguments, or say which differ."""
    families = {argument: family_of(argument, array) for argument, array in arrays.items()}
    same = len(set(families.values())) == 1
    if "array-api" in families.values():
        same = len({type(array) for array in arrays.values()}) == 1
    if not same:
        got = " and ".join(
            f"{argument} of {type(array).__module__}.{type(array).__qualname__}" for argument, array in arrays.items()
        )
        raise TypeError(f"{' and '.join(arrays)} must be arrays of one library; got {got}")
    return next(iter(families.values()))
