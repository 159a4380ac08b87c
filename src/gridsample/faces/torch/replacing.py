"""``replacing_functional``: models that nobody here wrote, sampling with this package."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from gridsample.faces.torch import face
from gridsample.faces.torch.torch_private import FLOATS
from gridsample.spec import convention_of, parse_options

_DEVICES = ("cpu",)  # those with a fast engine of ours
_lock = threading.Lock()
_depth = 0
_originals: dict[str, Callable[..., torch.Tensor]] = {}


@contextmanager
def replacing_functional() -> Iterator[None]:
    """Make ``torch.nn.functional.grid_sample`` and ``affine_grid`` those of this package inside a ``with`` block.

    Results have torch's shape, memory layout (always C-contiguous) and, under autocast, its dtype. Tensors that no fast
    engine here can take (of another device, sparse, quantized or not of floats) still go to torch's own function. Code
    that has taken hold of a function before (``from torch.nn.functional import grid_sample``) keeps the one it has.

    The change is seen by the whole process. Blocks may nest, and may overlap in several threads: the first one to enter
    replaces, the last one to leave restores.

    Examples
    --------
    >>> import torch
    >>> import gridsample.torch as gst
    >>> image, grid = torch.ones(1, 1, 2, 2), torch.full((1, 1, 1, 2), float("nan"))
    >>> with gst.replacing_functional():
    ...     torch.nn.functional.grid_sample(image, grid, padding_mode="border", align_corners=False)
    tensor([[[[nan]]]])
    """
    global _depth  # noqa: PLW0603  (torch has one such function a process)
    functional: Any = torch.nn.functional
    with _lock:
        if _depth == 0:
            for replacement in (grid_sample_as_torch, affine_grid_as_torch):
                name = replacement.__name__.removesuffix("_as_torch")
                _originals[name] = getattr(functional, name)
                setattr(functional, name, replacement)
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                for name, original in _originals.items():
                    setattr(functional, name, original)


def grid_sample_as_torch(
    input: torch.Tensor,
    grid: torch.Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> torch.Tensor:
    """Sample as ``torch.nn.functional.grid_sample`` does: its signature, layout and autocast."""
    if not (takes(input) and takes(grid)):
        return _originals["grid_sample"](input, grid, mode, padding_mode, align_corners)
    if torch.is_autocast_enabled("cpu"):  # whose list says: at least float32
        input = input.to(torch.promote_types(input.dtype, torch.float32))
    return face.sample(input, grid, parse_options(mode, padding_mode, align_corners), False, contiguous=True)


def affine_grid_as_torch(theta: torch.Tensor, size: list[int], align_corners: bool | None = None) -> torch.Tensor:
    """Make a grid as ``torch.nn.functional.affine_grid`` does."""
    if not takes(theta):
        return _originals["affine_grid"](theta, size, align_corners)
    grid = face.affine_grid(theta, size, convention_of(align_corners), None, False)
    if torch.is_autocast_enabled("cpu") and theta.dtype != torch.float64:  # which casts torch's product of matrices
        return grid.to(torch.get_autocast_dtype("cpu"))
    return grid


def takes(tensor: Any) -> bool:
    """Whether a fast engine of ours can take a tensor."""
    return (
        isinstance(tensor, torch.Tensor)
        and tensor.device.type in _DEVICES
        and tensor.layout is torch.strided
        and tensor.dtype in FLOATS
        and not tensor.is_nested
    )
