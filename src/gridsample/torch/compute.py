"""What the operators do to the memory of tensors: check, make a result of the right shape and layout, call an engine.

Each comes twice, with one signature: as ``empty_...``, all that fake tensors need, and complete. Tensors come first,
``spec`` last; ``layout`` says whether the result is to be channels-last in memory (None: as the first tensor is). An
``empty_...`` has no use for ``orders`` and ``spec``.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import torch

from gridsample.checks import FLOATS_OF_TORCH, check_dtype, check_pull, check_target
from gridsample.engines import cpu, portable
from gridsample.spec import Spec
from gridsample.torch.internals import FLOATS

Tensor: TypeAlias = torch.Tensor
Shape: TypeAlias = tuple[int, ...]
Orders: TypeAlias = tuple[int, ...]
Layout: TypeAlias = bool | None


# Shapes of late are remembered with what the checks said of them: small calls spend a good part of their time there.


@lru_cache(maxsize=256)
def _checked_pull(input: Shape, grid: Shape) -> tuple[Shape, bool]:
    """Return the result's shape, and whether the compiled core can do it."""
    return check_pull(input, grid, False), cpu.supports(input[2:])


@lru_cache(maxsize=256)
def _checked_push(values: Shape, grid: Shape, target: Shape) -> tuple[Shape, bool]:
    """Return the result's shape, and whether the compiled core can do it."""
    return check_target(values, grid, target, False), cpu.supports(target[2:])


def check_tensors(arguments: Mapping[str, Any]) -> None:
    """Refuse tensors that no engine can read, or that are not all on one device; other arguments may be among them."""
    first = ""
    for name, tensor in arguments.items():
        if not isinstance(tensor, Tensor):
            continue
        if tensor.is_nested or tensor.layout is not torch.strided:
            kind = "nested" if tensor.is_nested else str(tensor.layout).removeprefix("torch.").strip("_")
            raise TypeError(
                f"{name} must be a strided tensor, neither nested nor sparse nor of MKL-DNN; got a {kind} one"
            )
        if tensor.dtype not in FLOATS:
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


def empty_pull(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:  # noqa: ARG001
    """Return what :func:`pull` fills."""
    check = check_pull.__wrapped__  # lengths may be symbols, which no cache takes
    return new_tensor(check(tuple(input.shape), tuple(grid.shape), False), layout, input)


def pull(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Sample ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D), with derivatives of the given orders."""
    shape, core_can = _checked_pull(tuple(input.shape), tuple(grid.shape))
    result = new_tensor(shape, layout, input)
    if core_can and grid.is_cpu:
        cpu.pull(input, grid, result, spec, orders)
        return result
    return result.copy_(portable.pull(input, grid, spec, orders))


def empty_push(
    values: Tensor,
    grid: Tensor,
    shape: Shape,
    orders: Orders,  # noqa: ARG001
    layout: Layout,
    spec: Spec,  # noqa: ARG001
) -> Tensor:
    """Return what :func:`push` fills."""
    return new_tensor(check_target(tuple(values.shape), tuple(grid.shape), shape, False), layout, values)


def push(values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Add ``values`` (N or 1, C, *out) at ``grid`` into zeros of ``shape`` (N or 1, C, *size): the pull's transpose."""
    shape, core_can = _checked_push(tuple(values.shape), tuple(grid.shape), tuple(shape))
    result = new_tensor(shape, layout, values)
    if core_can and grid.is_cpu:
        cpu.push(values, grid, result, spec, orders)
        return result
    return result.copy_(portable.push(values, grid, shape, spec, orders))


def empty_grid_gradient(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:  # noqa: ARG001
    """Return what :func:`grid_gradient` fills."""
    check_target(tuple(values.shape), tuple(grid.shape), tuple(input.shape), False)
    return torch.empty_like(grid)


def grid_gradient(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:
    """Return the gradient by ``grid`` of the sum of ``values`` (N or 1, C, *out) times the pull, in one sweep."""
    _, core_can = _checked_push(tuple(values.shape), tuple(grid.shape), tuple(input.shape))
    result = torch.empty_like(grid)
    if values.dtype != input.dtype:  # only second derivatives of mixed dtypes come here; the core wants one
        common = torch.promote_types(values.dtype, input.dtype)
        values, input = values.to(common), input.to(common)
    if core_can and grid.is_cpu:
        cpu.grid_gradient(values, input, grid, result, spec, orders)
        return result
    return result.copy_(portable.grid_gradient(values, input, grid, spec, orders))


def gradients(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> tuple[Tensor, Tensor]:
    """Return, in one sweep, what :func:`push` and :func:`grid_gradient` do: both gradients of a pull of ``input``."""
    _, core_can = _checked_push(tuple(values.shape), tuple(grid.shape), tuple(input.shape))
    layout = is_channels_last(input)
    if not core_can or not grid.is_cpu or values.dtype != input.dtype:
        by_input = push(values, grid, tuple(input.shape), orders, layout, spec)
        return by_input, grid_gradient(values, input, grid, orders, spec)
    by_input, by_grid = new_tensor(tuple(input.shape), layout, values), torch.empty_like(grid)
    cpu.gradients(values, input, grid, by_input, by_grid, spec, orders)
    return by_input, by_grid


def gradients_along(
    steps: tuple[Tensor | None, Tensor | None],
    values: Tensor,
    input: Tensor,
    grid: Tensor,
    needed: Sequence[bool],
    orders: Orders,
    spec: Spec,
) -> tuple[Tensor | None, ...] | None:
    """Return the derivatives that are needed of :func:`gradients`, weighed by ``steps``, by its three tensors.

    None where the core cannot: they can be put together of the operators as well.
    """
    _, core_can = _checked_push(tuple(values.shape), tuple(grid.shape), tuple(input.shape))
    tensors = [tensor for tensor in (*steps, values, input, grid) if tensor is not None]
    alike = all(tensor.dtype == values.dtype for tensor in tensors) and values.itemsize >= 4
    whole = all(tensor.numel() for tensor in tensors) and values.shape[0] == max(input.shape[0], grid.shape[0])
    if not (core_can and grid.is_cpu and alike and whole and grid.is_contiguous()):
        return None
    input_step, grid_step = steps
    pushed = needed[1] and grid_step is not None
    by_input = new_tensor(tuple(input.shape), is_channels_last(input), input) if pushed else None
    if by_input is not None and by_input.stride()[1:] != input.stride()[1:]:
        return None
    results = (
        values.new_empty(values.shape) if needed[0] else None,
        by_input,
        torch.empty_like(grid) if needed[2] else None,
    )
    grid_step = None if grid_step is None else grid_step.contiguous()
    cpu.gradients_along(input_step, grid_step, values.contiguous(), input, grid, *results, spec, orders)
    return results
