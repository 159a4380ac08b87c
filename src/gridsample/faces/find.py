"""Which face serves a caller's arrays, found by looking at their type: nothing is imported for it."""

import sys
from types import ModuleType
from typing import Any

import numpy as np

from gridsample.checks import refuse_masked
from gridsample.faces import array_api
from gridsample.faces import numpy as numpy_face

POSSIBLE = (
    "a NumPy array, a torch tensor, or an array of a library that follows the array-API standard (such as JAX or CuPy)"
)

NOT_HERE = (
    "overrides torch's functions, as a proxy of torch.fx does, but this one cannot be overridden; grid_sample, "
    "grid_splat, affine_grid, normalize and to_pixels can; torch.fx.wrap makes a function of yours one step of a trace"
)

FACES: dict[type, ModuleType] = {np.ndarray: numpy_face}
"""Types known without a closer look. The face for torch adds its own."""


def face_of(argument: str, array: Any) -> ModuleType:
    """Return the face for an array, or refuse it by the name of its argument."""
    known = FACES.get(type(array))
    if known is not None:
        return known
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        from gridsample.faces.torch import face  # noqa: PLC0415  (importing gridsample must not import torch)

        return face
    if overrides(array):
        raise TypeError(f"{argument} of {type(array).__module__}.{type(array).__qualname__} {NOT_HERE}")
    refuse_masked(argument, array)
    if isinstance(array, np.ndarray):
        return numpy_face
    if hasattr(array, "__array_namespace__") and not isinstance(array, np.generic | type):
        return array_api
    if type(array).__module__.partition(".")[0] == "cupy":
        return array_api
    raise TypeError(f"{argument} must be {POSSIBLE}; got {type(array).__module__}.{type(array).__qualname__}")


def common_face(**arrays: Any) -> ModuleType:
    """Return the one face of all arguments, or say which differ."""
    faces = [face_of(argument, array) for argument, array in arrays.items()]
    same = len(set(faces)) == 1
    if array_api in faces:
        same = len({type(array) for array in arrays.values()}) == 1
    if not same:
        got = " and ".join(
            f"{argument} of {type(array).__module__}.{type(array).__qualname__}" for argument, array in arrays.items()
        )
        raise TypeError(f"{' and '.join(arrays)} must be arrays of one library; got {got}")
    return faces[0]


def overridable_face(**arrays: Any) -> ModuleType:
    """Return the face of all arguments, or that for what is no tensor but overrides torch's functions."""
    if any(overrides(array) for array in arrays.values()):
        from gridsample.faces.torch import overriding  # noqa: PLC0415

        return overriding
    return common_face(**arrays)


def overrides(array: Any) -> bool:
    """Whether something is no tensor but overrides torch's functions."""
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(type(array), "__torch_function__") and not isinstance(array, torch.Tensor)
