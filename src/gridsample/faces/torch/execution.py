"""What the operators do to the memory of tensors: check, make a result of the right shape and layout, call an engine.

Each comes twice, with one signature: as ``empty_...``, all that fake tensors need, and complete. Tensors come first,
``spec`` last; ``layout`` says whether the result is to be channels-last in memory (None: as the first tensor is).
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import torch

from gridsample.checks import check_dtype, check_pull, check_target
from gridsample.faces.plan import Plan, plan_gradients, plan_pull, plan_push
from gridsample.faces.torch.torch_private import FLOATS
from gridsample.spec import Spec

Tensor: TypeAlias = torch.Tensor
Shape: TypeAlias = tuple[int, ...]
Orders: TypeAlias = tuple[int, ...]
Layout: TypeAlias = bool | None


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
            check_dtype(name, tensor.dtype, "torch")
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
    """Return an empty tensor (N, C, *size) of ``like``'s dtype and device, of which no subclass is asked."""
    if is_channels_last(like) if layout is None else layout:
        batch, channels, *size = shape
        return torch.empty((batch, *size, channels), dtype=like.dtype, device=like.device).movedim(-1, 1)
    return torch.empty(shape, dtype=like.dtype, device=like.device)


def empty_pull(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:  # noqa: ARG001
    """Return what :func:`pull` fills."""
    return new_tensor(check_pull(tuple(input.shape), tuple(grid.shape), spec), layout, input)


def pull(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Sample ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D), with derivatives of the given orders."""
    plan = plan_pull("torch", grid.device.type, input.shape, input.dtype, grid.shape, grid.dtype, spec, False, orders)
    result = new_tensor(plan.shape, layout, input)
    plan.engine.pull(input, grid, spec, orders, result)
    return result


def empty_push(
    values: Tensor,
    grid: Tensor,
    shape: Shape,
    orders: Orders,  # noqa: ARG001
    layout: Layout,
    spec: Spec,
) -> Tensor:
    """Return what :func:`push` fills."""
    return new_tensor(check_target(tuple(values.shape), tuple(grid.shape), shape, spec), layout, values)


def push(values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Add ``values`` (N or 1, C, *out) at ``grid`` into zeros of ``shape`` (N or 1, C, *size): the pull's transpose."""
    arrays = values.shape, values.dtype, grid.shape, grid.dtype
    plan = plan_push("torch", grid.device.type, *arrays, tuple(shape), spec, False, orders)
    result = new_tensor(plan.shape, layout, values)
    total = accumulator(result, plan.sum)
    plan.engine.push(values, grid, plan.shape, spec, orders, total)
    return rounded_into(result, total)


def accumulator(result: Tensor, dtype: str | None) -> Tensor:
    """Return ``result`` itself or, where splats add up in another dtype, a tensor of its shape and layout in that."""
    return result if dtype is None else torch.empty_like(result, dtype=getattr(torch, dtype))


def rounded_into(result: Tensor, total: Tensor) -> Tensor:
    """Return ``result`` with what was added up."""
    return result if total is result else result.copy_(total)


def empty_grid_gradient(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:  # noqa: ARG001
    """Return what :func:`grid_gradient` fills."""
    check_target(tuple(values.shape), tuple(grid.shape), tuple(input.shape), spec)
    return torch.empty_like(grid)


def gradients_plan(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec, raised: int) -> Plan:
    """Return the plan of derivatives by the grid, some orders above those given."""
    arrays = values.shape, values.dtype, input.shape, grid.shape, grid.dtype
    return plan_gradients("torch", grid.device.type, *arrays, spec, orders, raised)


def grid_gradient(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:
    """Return the gradient by ``grid`` of the sum of ``values`` (N or 1, C, *out) times the pull, in one sweep."""
    if values.dtype != input.dtype:  # only second derivatives of mixed dtypes come here; engines want one
        common = torch.promote_types(values.dtype, input.dtype)
        values, input = values.to(common), input.to(common)
    plan = gradients_plan(values, input, grid, orders, spec, 1)
    result = torch.empty_like(grid)
    if plan.empty:  # a sum over nothing
        return result.zero_()
    plan.engine.grid_gradient(values, input, grid, spec, orders, result)
    return result


def gradients(values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> tuple[Tensor, Tensor]:
    """Return, in one sweep, what :func:`push` and :func:`grid_gradient` do: both gradients of a pull of ``input``."""
    plan = gradients_plan(values, input, grid, orders, spec, 1)
    layout = is_channels_last(input)
    if plan.empty or values.dtype != input.dtype:
        by_input = push(values, grid, tuple(input.shape), orders, layout, spec)
        return by_input, grid_gradient(values, input, grid, orders, spec)
    by_input, by_grid = new_tensor(plan.shape, layout, values), torch.empty_like(grid)
    total = accumulator(by_input, plan.sum)
    plan.engine.gradients(values, input, grid, spec, orders, total, by_grid)
    return rounded_into(by_input, total), by_grid


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

    None where the engine does not: they can be put together of the operators as well.
    """
    plan = gradients_plan(values, input, grid, orders, spec, 2)
    tensors = [tensor for tensor in (*steps, values, input, grid) if tensor is not None]
    alike = plan.sum is None and all(tensor.dtype == values.dtype for tensor in tensors)
    whole = all(tensor.numel() for tensor in tensors) and values.shape[0] == max(input.shape[0], grid.shape[0])
    if not (alike and whole and grid.is_contiguous()):
        return None
    input_step, grid_step = steps
    pushed = needed[1] and grid_step is not None
    by_input = new_tensor(tuple(input.shape), is_channels_last(input), input) if pushed else None
    if by_input is not None and by_input.stride()[1:] != input.stride()[1:]:
        return None
    results = (
        torch.empty(values.shape, dtype=values.dtype, device=values.device) if needed[0] else None,
        by_input,
        torch.empty_like(grid) if needed[2] else None,
    )
    grid_step = None if grid_step is None else grid_step.contiguous()
    filled = plan.engine.gradients_along(
        (input_step, grid_step), values.contiguous(), input, grid, spec, orders, results
    )
    return results if filled else None
