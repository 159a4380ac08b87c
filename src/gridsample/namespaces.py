"""What differs between array libraries: the namespace of an array, its library's name, its device, its integers."""

from typing import Any

import numpy as np

from gridsample.definitions.dtypes import position_of


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


def device_of(array: Any) -> Any:
    """Return the device of an array; None where it has none, as under JAX's transformations."""
    return getattr(array, "device", None)


def index_dtype(xp: Any) -> Any:
    """Return the widest integers that a library has: JAX has 64 bits only where the user wants them."""
    return xp.asarray(0).dtype if library_of(xp) == "jax" else xp.int64


def has_float64(xp: Any) -> bool:
    """Whether a library computes in double precision: JAX only where the user wants it."""
    return library_of(xp) != "jax" or bool(xp.asarray(0.0).dtype == xp.float64)


def dtype_of_positions(xp: Any, *dtypes: Any) -> Any:
    """Return the dtype that positions are computed in, of arrays of some dtypes, as far as a library has it."""
    return getattr(xp, position_of(*dtypes) if has_float64(xp) else "float32")
