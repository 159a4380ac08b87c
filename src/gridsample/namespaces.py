"""The array-API namespace of an array, and the name of its library."""

from typing import Any

import numpy as np


def namespace(array: Any) -> Any:
    """Return the array-API namespace of an array: its own, or array-api-compat's for torch and the like."""
    if isinstance(array, np.ndarray):
        return np
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    from array_api_compat import array_namespace  # noqa: PLC0415  (only arrays that need it pay for it)

    return array_namespace(array)


def library_of(xp: Any) -> str:
    """Return the name of the library that a namespace is of."""
    name: str = xp.__name__
    return name.removeprefix("array_api_compat.").split(".")[0]
