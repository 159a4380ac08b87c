"""Which face serves a caller's arrays, found by looking at their type: nothing is imported for it."""

import sys
from types import ModuleType
from typing import Any

import numpy as np

from gridsample.faces import array_api, foreign
from gridsample.faces import numpy as numpy_face
from gridsample.namespaces import library_of, namespace

NOT_HERE = (
    "overrides torch's functions, as a proxy of torch.fx does, but this one cannot be overridden; grid_sample, "
    "grid_splat, affine_grid, normalize and to_pixels can; torch.fx.wrap makes a function of yours one step of a trace"
)

FACES: dict[type, ModuleType] = {np.ndarray: numpy_face}
"""Types known without a closer look. The face for torch adds its own."""

TAKE_NUMPY = ("jax",)
"""Libraries whose own functions take NumPy arrays beside theirs."""


def face_of(argument: str, array: Any, library: str = "numpy") -> ModuleType:
    """Return the face for an array, or refuse it by the name of its argument, with a line for arrays of a library."""
    known = known_face(array)
    if known is not None:
        return known
    if overrides(array):
        raise TypeError(f"{argument} of {foreign.type_name(array)} {NOT_HERE}")
    if isinstance(array, np.ndarray):
        foreign.check_subclass(argument, array)
        return numpy_face
    if foreign.package_of(array) is None:
        if hasattr(array, "__array_namespace__") and not isinstance(array, np.generic | type):
            return array_api
        if "cupy" in foreign.packages_of(array):
            return array_api
    raise foreign.refusal(argument, array, library)


def known_face(array: Any) -> ModuleType | None:
    """Return the face for plain NumPy arrays and for torch tensors, as most calls have them."""
    face = FACES.get(type(array))
    if face is None and is_tensor(array):
        from gridsample.faces.torch import face as torch_face  # noqa: PLC0415  (importing gridsample must not import torch)

        return torch_face
    return face


def is_tensor(array: Any) -> bool:
    """Whether an array is torch's."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(array, torch.Tensor)


def common_face(**arrays: Any) -> tuple[Any, ...]:
    """Return the one face of all arguments, and these as arrays of one library, or say which differ."""
    known = [known_face(array) for array in arrays.values()]
    if known[0] is not None and all(face is known[0] for face in known):
        return (known[0], *arrays.values())
    likely = next((library for library in map(likely_library, arrays.values()) if library), "numpy")
    faces = [face_of(argument, array, likely) for argument, array in arrays.items()]
    libraries = [face_library(face, array) for face, array in zip(faces, arrays.values(), strict=True)]
    if len(set(libraries)) == 1:
        return (faces[0], *arrays.values())
    for library in TAKE_NUMPY:
        if set(libraries) == {library, "numpy"}:
            xp = namespace(list(arrays.values())[libraries.index(library)])
            return (array_api, *(taken_by(xp, argument, array) for argument, array in arrays.items()))
    raise foreign.different(arrays, libraries)


def taken_by(xp: Any, argument: str, array: Any) -> Any:
    """Return an argument as an array of a library that takes NumPy's."""
    if not isinstance(array, np.ndarray):
        return array
    foreign.refuse_unit(argument, array)
    return xp.asarray(numpy_face.own_memory(array))


def face_library(face: ModuleType, array: Any) -> str:
    """Return the name of the library that an array is of, by its face."""
    if face is array_api:
        return library_of(namespace(array))
    return "numpy" if face is numpy_face else "torch"


def likely_library(array: Any) -> str | None:
    """Return the name of the library of a neighbour, if it is one of those that lines of advice know."""
    if is_tensor(array):
        return "torch"
    return "jax" if {"jax", "jaxlib"} & set(foreign.packages_of(array)) else None


def overridable_face(**arrays: Any) -> tuple[Any, ...]:
    """Return the same, or the face for what is no tensor but overrides torch's functions."""
    if any(overrides(array) for array in arrays.values()):
        from gridsample.faces.torch import overriding  # noqa: PLC0415

        return (overriding, *arrays.values())
    return common_face(**arrays)


def overrides(array: Any) -> bool:
    """Whether something is no tensor but overrides torch's functions."""
    return "torch" in sys.modules and hasattr(type(array), "__torch_function__") and not is_tensor(array)
