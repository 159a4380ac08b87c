"""The operators in standard ones, for those who know no others."""

from collections.abc import Callable
from typing import Any

import torch

from gridsample.definitions.conventions import EDGES
from gridsample.engines import quickest
from gridsample.faces.filtering import filtered
from gridsample.faces.torch.execution import Layout, Orders, Shape, Tensor
from gridsample.faces.torch.operators import from_plain, grid_gradient, pull, push
from gridsample.spec import from_text

ENGINE = quickest("torch", "meta")  # for tensors without memory: all that it does it asks torch for


def decompositions() -> dict[Any, Callable[..., Tensor]]:
    """Return what the operators of this package are made of, in standard operators of torch's.

    An exported program holds ``torch.ops.gridsample.pull`` and the like, which run as fast as the functions do. Where a
    program goes to somebody who knows only ATen's operators, lower it with this table.

    Returns
    -------
    dict
        For ``torch.export.ExportedProgram.run_decompositions``, ``make_fx`` and others that take such tables: functions
        that compute the same, tap by tap, by the same definitions of kernels, boundaries and coordinates.

    Examples
    --------
    >>> import torch
    >>> import gridsample.torch as gst
    >>> tensors = torch.rand(1, 3, 5, 7), torch.rand(1, 4, 6, 2)
    >>> program = torch.export.export(gst.GridSample("bicubic", "border"), tensors)
    >>> lowered = program.run_decompositions(gst.decompositions())
    >>> {node.target.namespace for node in lowered.graph.nodes if node.op == "call_function"}
    {'aten'}
    """
    return {
        pull.overload: pull_of_standard_operators,
        pull.traced: pull_of_standard_operators,
        push.overload: push_of_standard_operators,
        push.traced: push_of_standard_operators,
        grid_gradient.overload: grid_gradient_of_standard_operators,
        grid_gradient.traced: grid_gradient_of_standard_operators,
        torch.ops.gridsample.spline_filter.default: filter_of_standard_operators,
    }


def laid_out(result: Tensor, layout: Layout) -> Tensor:
    """Return a result as its operator lays it out in memory."""
    return result.movedim(1, -1).contiguous().movedim(-1, 1) if layout else result.contiguous()


def pull_of_standard_operators(input: Tensor, grid: Tensor, orders: Orders, layout: Layout, *text: Any) -> Tensor:
    """Sample."""
    orders, spec = from_plain((orders, *text))
    return laid_out(ENGINE.pull(input, grid, spec, orders), layout)


def push_of_standard_operators(
    values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, *text: Any
) -> Tensor:
    """Splat."""
    shape, orders, spec = from_plain((shape, orders, *text))
    return laid_out(ENGINE.push(values, grid, shape, spec, orders), layout)


def grid_gradient_of_standard_operators(
    values: Tensor, input: Tensor, grid: Tensor, orders: Orders, *text: Any
) -> Tensor:
    """Return the slopes."""
    orders, spec = from_plain((orders, *text))
    result: Tensor = ENGINE.grid_gradient(values, input, grid, spec, orders)
    return result


def filter_of_standard_operators(input: Tensor, kernels: str, boundaries: str, transposed: bool, last: bool) -> Tensor:
    """Filter."""
    spec = from_text(kernels, boundaries, EDGES.numbers)  # coordinates have no part in it
    real = input.to(torch.promote_types(input.dtype, torch.float32))
    result: Tensor = filtered(torch, real, spec, last, transposed)
    return result
