"""What ``gridsample.grid_sample`` and ``gridsample.grid_splat`` do with torch tensors."""

from typing import Any

import torch

from gridsample.arrays import FAMILIES
from gridsample.checks import channels_first, check_pull, check_push
from gridsample.engines import cpu
from gridsample.grids import check_size, places, whole_numbers
from gridsample.spec import Spec
from gridsample.torch import batching, derivatives  # noqa: F401  (they complete the operators)
from gridsample.torch.compute import check_tensors
from gridsample.torch.internals import is_plain, is_tracing, needs_graph
from gridsample.torch.operators import pull, push

FAMILIES[torch.Tensor] = "torch"


def sample(
    input: torch.Tensor, grid: torch.Tensor, spec: Spec, last: bool, *, contiguous: bool = False
) -> torch.Tensor:
    """Sample tensors.

    ``last`` says that the channels of ``input`` and of the result come last, ``contiguous`` that the result is to be
    C-contiguous whatever the layout of ``input``.
    """
    if not last and is_plain(input, grid) and not needs_graph(input, grid):
        samples: torch.Tensor | None = cpu.sample(input, grid, spec)
        if samples is not None:
            return samples
    orders = (0,) * (input.ndim - 2)
    if not last:
        return pull(input, grid, orders, False if contiguous else None, spec)
    if not has_symbols(input.shape + grid.shape):
        check_pull(tuple(input.shape), tuple(grid.shape), last)
    return pull(input.movedim(-1, 1), grid, orders, True, spec).movedim(1, -1)


def splat(values: torch.Tensor, grid: torch.Tensor, shape: Any, spec: Spec, last: bool) -> torch.Tensor:
    """Splat tensors; ``last`` says that the channels of ``values`` and of ``shape`` come last."""
    if has_symbols(shape):
        target = channels_first(tuple(shape), last)
    else:
        target = check_push(tuple(values.shape), tuple(grid.shape), shape, last)
    orders = (0,) * (len(target) - 2)
    if not last:
        return push(values, grid, target, orders, None, spec)
    return push(values.movedim(-1, 1), grid, target, orders, True, spec).movedim(1, -1)


def affine_grid(theta: torch.Tensor, size: Any, align_corners: bool) -> torch.Tensor:
    """Make the grid of an affine map."""
    check_tensors({"theta": theta})
    lengths = tuple(size) if has_symbols(size) else whole_numbers(size)
    out = check_size(tuple(theta.shape), lengths)
    compute = torch.promote_types(theta.dtype, torch.float32)
    grid: torch.Tensor = places(torch, theta.to(compute), out, align_corners)
    return grid.to(theta.dtype)


def has_symbols(lengths: Any) -> bool:
    """Whether lengths stand for others, as in a compiler or a trace: then the operators check what they are given."""
    if torch.compiler.is_compiling() or is_tracing():
        return True
    return isinstance(lengths, tuple | list) and any(isinstance(length, torch.SymInt) for length in lengths)
