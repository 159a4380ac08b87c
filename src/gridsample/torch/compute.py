"""What the operators do to the memory of tensors: check, make a result of the right shape and layout, call an engine.

Each comes twice, with one signature: as ``empty_...``, all that fake tensors need, and complete. Tensors come first,
``spec`` last; ``layout`` says whether the result is to be channels-last in memory (None: as the first tensor is).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import torch

from gridsample.checks import FLOATS_OF_TORCH, check_dtype, check_pull, check_target
from gridsample.engines import CAPABILITIES, cpu, portable
from gridsample.spec import Spec

Tensor: TypeAlias = torch.Tensor
Shape: TypeAlias = tuple[int, ...]
Orders: TypeAlias = tuple[int, ...]
Layout: TypeAlias = bool | None

_CORE = CAPABILITIES["cpu"].axes
# The same checks, remembered for the shapes of late: small calls spend a good part of their time there.
_check_pull = lru_cache(maxsize=256)(check_pull)
_check_target = lru_cache(maxsize=256)(check_target)


def check_tensors(arguments: Mapping[str, Any]) -> None:
    """Refuse tensors that no engine can read, or that are not all on one device; other arguments may be among them."""
    first = ""
    for name, tensor in arguments.items():
        if not isinstance(tensor, Tensor):
            continue
        if tensor.is_nested or tensor.layout is not torch.strided:
            kind = "nested" if tensor.is_nested else str(tensor.layout).removeprefix("torch.").strip("_")
            raise TypeError(f"{name} must be a strided tensor, neither nested nor sparse nor of MKL-DNN; got a {kind} one")
        check_dtype(name, tensor.dtype, FLOATS_OF_TORCH)
        first = first or name
        if tensor.device != arguments[first].device:
            raise TypeError(
                f"{first} and {name} must be on the same device; got {arguments[first].device} and {tensor.device}"
            )


def check_orders(arguments: Mapping[str, Any]) -> None:
    """Refuse orders that are not one number for each spatial axis; shapes are checked elsewhere."""
    orders = arguments["orders"]
    axes = len(arguments["shape"] if "shape" in arguments else arguments["input"].shape) - 2
    if axes > 0 and (len(orders) != axes or any(order < 0 for order in orders)):
        raise ValueError(f"orders must be {axes} whole numbers of at least 0, one for each spatial axis; got {orders}")


def is_channels_last(tensor: Tensor) -> bool:
    """Whether (N, C, *size) lies in memory with the channels innermost, and not also as it is written."""
    if tensor.is_contiguous():
        return False
    inner, *spatial = tensor.stride()[1:]
    channels = tensor.shape[1]
    return inner == 1 and channels > 1 and all(stride >= channels for stride in spatial)


def new_tensor(shape: Shape, layout: Layout, like: Tensor) -> Tensor:
    """Return an empty tensor (N, C, *size) of ``like``'s dtype and device."""
    if is_channels_last(like) if layout is None else layout:
        batch, channels, *size = shape
        return like.new_empty((batch, *size, channels)).movedim(-1, 1)
    return like.new_empty(shape)


def empty_pull(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Return what :func:`pull` fills."""
    return new_tensor(check_pull(tuple(input.shape), tuple(grid.shape), False), layout, input)


def pull(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Sample ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D), with derivatives of the given orders."""
    result = new_tensor(_check_pull(tuple(input.shape), tuple(grid.shape), False), layout, input)
    if _core_takes(grid):
        cpu.pull(input, grid, result, spec, orders)
        return result
    return result.copy_(portable.pull(input, grid, spec, orders))


def empty_push(values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Return what :func:`push` fills."""
    return new_tensor(check_target(tuple(values.shape), tuple(grid.shape), shape, False), layout, values)


def push(values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Add ``values`` (N or 1, C, *out) at ``grid`` into zeros of ``shape`` (N or 1, C, *size): the pull's transpose."""
    result = new_tensor(_check_target(tuple(values.shape), tuple(grid.shape), shape, False), layout, values)
    if _core_takes(grid):
        cpu.push(values, grid, result, spec, orders)
        return result
    return result.copy_(portable.push(values, grid, shape, spec, orders))


def empty_grid_gradient(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:
    """Return what :func:`grid_gradient` fills."""
    check_target(tuple(values.shape), tuple(grid.shape), tuple(input.shape), False)
    return torch.empty_like(grid)


def grid_gradient(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:
    """Return the gradient by ``grid`` of the sum of ``values`` (N or 1, C, *out) times the pull, in one sweep."""
    _check_target(tuple(values.shape), tuple(grid.shape), tuple(input.shape), False)
    result = torch.empty_like(grid)
    if values.numel() == 0:
        return result.zero_()
    if values.dtype != input.dtype:  # only second derivatives of mixed dtypes come here; the core wants one
        common = torch.promote_types(values.dtype, input.dtype)
        values, input = values.to(common), input.to(common)
    if _core_takes(grid):
        cpu.grid_gradient(values, input, grid, result, spec, orders)
        return result
    return result.copy_(portable.grid_gradient(values, input, grid, spec, orders))


def _core_takes(grid: Tensor) -> bool:
    return grid.is_cpu and grid.shape[-1] in _CORE
