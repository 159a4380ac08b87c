"""What ``torch.onnx.export(dynamo=True)`` makes of the operators: ONNX's own ``GridSample`` node."""

import math
from typing import Any, NoReturn

import torch

from gridsample.definitions.boundaries import BORDER, MIRROR, SYMMETRIC, ZEROS, Boundary
from gridsample.definitions.conventions import CORNERS, EDGES
from gridsample.definitions.filling import NOTHING
from gridsample.definitions.kernels import Keys, Linear, Nearest
from gridsample.faces.torch.execution import Layout, Orders
from gridsample.spec import Spec, same_axes

# The kernels that the standard has, and their names: in opset 16, which knows images only, and in opset 20, which has
# any number of dimensions. An image is written in the old ones; the exporter translates them for a later opset.
NAMES = {Nearest(): ("nearest", "nearest"), Linear(): ("bilinear", "linear"), Keys(-0.75): ("bicubic", "cubic")}


def pull(input: torch.Tensor, grid: torch.Tensor, orders: Orders, _layout: Layout, spec: Spec) -> torch.Tensor:
    """Return ``GridSample`` of ONNX, with its batch sizes made equal and as many output axes as spatial ones."""
    axes, out = input.ndim - 2, grid.shape[1:-1]
    if any(orders):
        refuse(f"a derivative (orders {orders})")
    options = attributes(spec, axes)
    batch = grid.shape[0] if input.shape[0] == 1 else input.shape[0]
    input, grid = input.expand(batch, *input.shape[1:]), grid.expand(batch, *grid.shape[1:])
    inner = out if len(out) == axes else (*(1,) * (axes - 1), math.prod(out))
    node = torch.onnx.ops.symbolic(
        "::GridSample",
        (input, grid.reshape(batch, *inner, axes)),
        options,
        dtype=input.dtype,
        shape=(*input.shape[:2], *inner),
        version=16 if axes == 2 else 20,
    )
    return node.reshape(*input.shape[:2], *out)


def attributes(spec: Spec, axes: int) -> dict[str, Any]:
    """Return the node's attributes, or refuse what the standard cannot say."""
    axis = same_axes(spec)
    if axis is None:
        refuse(f"an option by axis ({', '.join(f'{kernel} with {boundary}' for kernel, boundary in spec.axes)})")
    if axis.kernel not in NAMES:
        refuse(f"mode={axis.kernel!r}")
    if spec.filling != NOTHING:
        refuse(f"{spec.filling}")
    if spec.convention not in (EDGES, CORNERS):
        refuse(f"{spec.convention}")
    align_corners = spec.convention == CORNERS
    return {
        "mode": NAMES[axis.kernel][0 if axes == 2 else 1],
        "padding_mode": padding_mode(axis.boundary, align_corners),
        "align_corners": int(align_corners),
    }


def padding_mode(boundary: Boundary, align_corners: bool) -> str:
    """Return ONNX's name of a boundary: it has one reflection, of which ``align_corners`` decides."""
    if boundary is (MIRROR if align_corners else SYMMETRIC):
        return "reflection"
    if boundary not in (ZEROS, BORDER):
        refuse(f"padding_mode={boundary.name!r} with align_corners={align_corners}")
    return boundary.name


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
