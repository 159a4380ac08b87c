"""The operators under ``torch.func.vmap``: how a mapped axis B of independent calls joins the batch axis N.

Nothing is expanded in memory. Where B and N lie as one axis, as they always do with N = 1, there is one call with B N
in place of N, for which a tensor that has neither broadcasts. Otherwise there is one call, over B, for each n.
"""

import functools
from typing import Any

import torch

from gridsample.faces.torch.operators import LIBRARY, Operator, from_plain, grid_gradient, pull, push

Tensor = torch.Tensor


def rule(op: Operator, info: Any, in_dims: tuple[int | None, ...], *arguments: Any) -> tuple[Tensor, int]:
    """Serve all entries of a mapped axis; called as :func:`torch.library.register_vmap` says."""
    arguments = from_plain(arguments)
    count, mapped = len(op.tensors), info.batch_size
    options = arguments[count:]
    tensors = [
        tensor.unsqueeze(0) if dim is None else tensor.movedim(dim, 0)
        for tensor, dim in zip(arguments[:count], in_dims[:count], strict=True)
    ]  # each (B or 1, N or 1, ...)
    batch = next((tensor.shape[1] for tensor in tensors if tensor.shape[1] != 1), 1)
    if batch == 0:  # all calls are the same
        result = op(*(tensor[0] for tensor in tensors), *options)
        return result.expand(mapped, *result.shape), 0
    kept = result_batch(op, batch, tensors, options) == batch
    if kept and all(lie_as_one(tensor, mapped, batch) for tensor in tensors):
        result = call(op, mapped * batch, [tensor.flatten(0, 1) for tensor in tensors], options)
        return result.unflatten(0, (mapped, batch)), 0
    parts = [call(op, mapped, [entry(tensor, n) for tensor in tensors], options) for n in range(batch)]
    if kept:
        return torch.stack(parts, 1), 0
    return functools.reduce(torch.add, parts).unsqueeze(1), 0


def result_batch(op: Operator, batch: int, tensors: list[Tensor], options: tuple[Any, ...]) -> int:
    """Return the N of a call's result: what is pushed, and a gradient of places, may be summed into one."""
    if op is push:
        shape: tuple[int, ...] = options[0]
        return shape[0]
    return tensors[-1].shape[1] if op is grid_gradient else batch


def lie_as_one(tensor: Tensor, mapped: int, batch: int) -> bool:
    """Whether the first two axes can be seen as one of length B N, or of length 1."""
    if tensor.shape[0] == tensor.shape[1] == 1:
        return True
    if tensor.shape[:2] != (mapped, batch):
        return False
    return 1 in (mapped, batch) or tensor.stride(0) == batch * tensor.stride(1)


def entry(tensor: Tensor, n: int) -> Tensor:
    """Return the n-th batch entry (B or 1, ...) of a tensor (B or 1, N or 1, ...)."""
    return tensor.select(1, n if tensor.shape[1] > 1 else 0)


def call(op: Operator, batch: int, tensors: list[Tensor], options: tuple[Any, ...]) -> Tensor:
    """Call an operator whose tensors have the batch sizes ``batch`` or 1 for a result of batch size ``batch``."""
    if op is push:
        shape, *rest = options
        return push(*tensors, (batch, *shape[1:]), *rest)
    if op is grid_gradient:
        values, input, grid = tensors
        return grid_gradient(values, input, grid.expand(batch, *grid.shape[1:]), *options)
    return op(*tensors, *options)


def register() -> None:
    """Give the operators their rules."""
    for op in (pull, push, grid_gradient):
        torch.library.register_vmap(op.overload, functools.partial(rule, op), lib=LIBRARY)
