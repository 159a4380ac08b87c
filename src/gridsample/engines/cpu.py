"""The compiled core: 1-D to 3-D, NumPy arrays and torch CPU tensors, without a copy."""

from typing import Any

from gridsample.engines import portable
from gridsample.spec import Spec


def pull(input: Any, grid: Any, result: Any, spec: Spec, orders: tuple[int, ...]) -> None:
    """Fill ``result`` (N, C, *out) with samples of ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D)."""
    result[...] = portable.pull(input, grid, spec, orders)


def push(values: Any, grid: Any, result: Any, spec: Spec, orders: tuple[int, ...]) -> None:
    """Fill ``result`` (N or 1, C, *size) with ``values`` (N or 1, C, *out) added at ``grid`` (N or 1, *out, D)."""
    result[...] = portable.push(values, grid, result.shape, spec, orders)


def grid_gradient(values: Any, input: Any, grid: Any, result: Any, spec: Spec, orders: tuple[int, ...]) -> None:
    """Fill ``result``, shaped as ``grid``, with the sum over channels of ``values`` times the samples' slopes."""
    result[...] = portable.grid_gradient(values, input, grid, spec, orders)
