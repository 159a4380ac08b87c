"""What ``torch.onnx.export(dynamo=True)`` makes of the operators: ONNX's own ``GridSample`` node."""

import math
from typing import Any, NoReturn

import torch

from gridsample.boundaries import MIRROR, SYMMETRIC
from gridsample.spec import Spec
from gridsample.torch.compute import Layout, Orders

# Opset 16 knows images only and has names of its own for the kernels. An image is written in these; the exporter
# translates them for a later opset. Opset 20 has any number of dimensions.
_OLD_NAMES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}


def pull(input: torch.Tensor, grid: torch.Tensor, orders: Orders, _layout: Layout, spec: Spec) -> torch.Tensor:
    """Return ``GridSample`` of ONNX, with its batch sizes made equal and as many output axes as spatial ones."""
    axes, out = input.ndim - 2, grid.shape[1:-1]
    if any(orders):
        refuse(f"a derivative (orders {orders})")
    batch = grid.shape[0] if input.shape[0] == 1 else input.shape[0]
    input, grid = input.expand(batch, *input.shape[1:]), grid.expand(batch, *grid.shape[1:])
    inner = out if len(out) == axes else (*(1,) * (axes - 1), math.prod(out))
    version = 16 if axes == 2 else 20
    attributes: dict[str, Any] = {
        "mode": _OLD_NAMES[spec.kernel.name] if version == 16 else spec.kernel.name,
        "padding_mode": padding_mode(spec),
        "align_corners": int(spec.align_corners),
    }
    node = torch.onnx.ops.symbolic(
        "::GridSample",
        (input, grid.reshape(batch, *inner, axes)),
        attributes,
        dtype=input.dtype,
        shape=(*input.shape[:2], *inner),
        version=version,
    )
    return node.reshape(*input.shape[:2], *out)


def padding_mode(spec: Spec) -> str:
    """Return ONNX's name of a boundary: it has one reflection, of which ``align_corners`` decides."""
    if spec.boundary is (MIRROR if spec.align_corners else SYMMETRIC):
        return "reflection"
    if spec.boundary in (MIRROR, SYMMETRIC):
        refuse(f"padding_mode={spec.boundary.name!r} with align_corners={spec.align_corners}")
    return spec.boundary.name


def push(*_arguments: Any) -> NoReturn:
    """Refuse: ONNX has no such operator."""
    refuse("grid_splat")


def grid_gradient(*_arguments: Any) -> NoReturn:
    """Refuse: ONNX has no such operator."""
    refuse("the gradient by a grid")


def refuse(what: str) -> NoReturn:
    """Say what cannot be exported."""
    raise ValueError(
        f"{what} has no equivalent in ONNX; its GridSample takes modes nearest, linear and cubic, padding modes zeros, "
        f"border and reflection, and align_corners"
    )
