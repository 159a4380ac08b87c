"""Look-alikes: what is nearly an array, with the line to write instead, and what must not be lost of what is one.

Packages are told by the names of modules, so that none is imported; nothing here runs for plain arrays.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

POSSIBLE = "a NumPy array, a torch tensor, or an array of the array-API standard (such as JAX's or CuPy's)"

LINES = {
    "xarray": "{0}.values",
    "dask": "{0}.compute()",
    "pandas": "{0}.to_numpy()",
    "polars": "{0}.to_numpy()",
    "pyarrow": "{0}.to_numpy()",
    "zarr": "{0}[...]",
    "h5py": "{0}[...]",
    "netCDF4": "{0}[...]",
    "scipy": "{0}.toarray()",
    "sparse": "{0}.todense()",
    "tensorflow": "{0}.numpy()",
    "PIL": "np.asarray({0})",
}
"""What makes an array of a package's objects."""

COPIES = {"numpy": "np.asarray({0})", "torch": "torch.as_tensor({0})", "jax": "jnp.asarray({0})"}
"""What makes a library's array of Python's own lists and of anything that converts to one."""

STACKS = {"numpy": "np.stack({0})", "torch": "torch.stack({0})", "jax": "jnp.stack({0})"}
"""What makes one of a list of arrays."""


def packages_of(array: Any) -> tuple[str, ...]:
    """Return the packages that an object's class and those it derives from are of."""
    return tuple(cls.__module__.partition(".")[0] for cls in type(array).__mro__)


def package_of(array: Any) -> str | None:
    """Return which of the packages above an object is of."""
    return next((package for package in packages_of(array) if package in LINES), None)


def type_name(array: Any) -> str:
    """Return the name of an object's type."""
    return f"{type(array).__module__}.{type(array).__qualname__}"


def refusal(argument: str, array: Any, library: str) -> TypeError:
    """Return the refusal of what no face takes, beside arrays of a library."""
    line = line_for(array, library)
    advice = f"; {line.format(argument)}" if line else ""
    return TypeError(f"{argument} must be {POSSIBLE}; got {type_name(array)}{advice}")


def line_for(array: Any, library: str) -> str | None:
    """Return the advice that makes an array of an object, or None if nothing is known that does."""
    package = package_of(array)
    if package is not None and not has(array, "data_vars"):
        return f"pass {LINES[package]}"
    return next((advice for meant, advice in advices(library) if meant(array)), None)


def advices(library: str) -> tuple[tuple[Callable[[Any], bool], str], ...]:
    """Return what objects may look like, each with the advice for it beside arrays of a library."""
    return (
        (lambda x: has(x, "data_vars"), "pass one of its variables, as in {0}['name'].values"),
        (
            lambda x: has(x, "magnitude", "units"),
            "its unit would be lost; pass {0}.magnitude, and give what comes back its unit",
        ),
        (
            lambda x: has(x, "data", "mask", "unit"),  # astropy's NDData
            "its mask and unit would be lost; pass {0}.data (gridsample.sample_masked leaves out what is masked)",
        ),
        (is_list_of_arrays, f"pass {STACKS[library]}"),
        (lambda x: isinstance(x, list | tuple | memoryview), f"pass {COPIES[library]}"),
        (lambda x: isinstance(x, str | bytes) or has(x, "__fspath__"), "read the file first"),
        (lambda x: has(x, "__array__") and not isinstance(x, type | np.generic), f"pass {COPIES[library]}"),
    )


def is_list_of_arrays(array: Any) -> bool:
    """Whether an object is a list of arrays, and of nothing else."""
    return isinstance(array, list | tuple) and bool(array) and all(has(entry, "shape") for entry in array)


def has(array: Any, *names: str) -> bool:
    """Whether an object has some attributes."""
    return all(hasattr(array, name) for name in names)


# ------------------------------------------------------------------------------------------------ what would be lost


def refuse_masked(argument: str, array: Any) -> None:
    """Refuse an array whose mask would be lost: NumPy's own, and others that derive from NumPy's arrays."""
    numpys = isinstance(array, np.ma.MaskedArray)
    if numpys or getattr(array, "mask", None) is not None:
        data = "data" if numpys or not hasattr(array, "unmasked") else "unmasked"
        raise TypeError(
            f"{argument} is a masked array, and its mask would be lost; pass {argument}.filled(value), or "
            f"{argument}.{data} if the mask does not matter; gridsample.sample_masked({argument}.{data}, mask, grid) "
            f"leaves out what is masked, with a mask that is true where pixels count"
        )


def unit_of(array: Any) -> Any:
    """Return the unit of an array's numbers, or None."""
    unit = getattr(array, "unit", None)
    return getattr(array, "units", None) if unit is None else unit


def refuse_unit(argument: str, array: Any, why: str = "which would be lost") -> None:
    """Refuse an array whose unit would be lost."""
    unit = unit_of(array)
    if unit is not None:
        raise TypeError(f"{argument} has a unit ({str(unit) or 'dimensionless'}), {why}; pass its .value")


def keeps_unit(array: Any) -> bool:
    """Whether arrays of another shape keep a unit as NumPy's functions wrap them."""
    wrapped = array.__array_wrap__(np.zeros((0,) * (array.ndim + 1), array.dtype))
    return bool(type(wrapped) is type(array) and unit_of(wrapped) == unit_of(array))


def check_subclass(argument: str, array: Any) -> None:
    """Refuse an array of a class derived from NumPy's if it has something to it that would be lost."""
    refuse_masked(argument, array)
    if argument not in ("input", "values"):
        refuse_unit(argument, array, "but must be plain numbers")
    elif unit_of(array) is not None and not keeps_unit(array):
        refuse_unit(argument, array)


# ------------------------------------------------------------------------------------------------ different libraries


def different(arrays: dict[str, Any], libraries: list[str]) -> TypeError:
    """Return the refusal of arrays of different libraries, with the line that makes them of the first one's."""
    names = list(arrays)
    got = " and ".join(f"{argument} of {type_name(array)}" for argument, array in arrays.items())
    other = next(i for i, library in enumerate(libraries) if library != libraries[0])
    line = into(names[other], libraries[other], names[0], libraries[0])
    return TypeError(f"{' and '.join(names)} must be arrays of one library; got {got}; pass {line}")


def into(argument: str, library: str, like: str, target: str) -> str:
    """Return the line that makes an argument an array of another library."""
    if target == "torch":
        return f"torch.as_tensor({argument}, device={like}.device)"
    if target == "numpy" and library == "torch":
        return f"{argument}.numpy(force=True)"
    if target == "numpy" and library == "cupy":
        return f"{argument}.get()"
    return f"{ALIASES.get(target, target)}.asarray({argument})"


ALIASES = {"numpy": "np", "jax": "jnp"}
"""What libraries are called in programs."""
