"""The compiled core: 1-D to 3-D, NumPy arrays and torch CPU tensors, without a copy.

Arrays come with their channels second and with any strides. The result is the caller's to allocate.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gridsample import _core
from gridsample.engines import CAPABILITIES
from gridsample.spec import Spec

Orders = tuple[int, ...]

AXES = CAPABILITIES["cpu"].axes
LONGEST = 2**31 - 66  # indices on an axis are 32-bit numbers, with room for the taps


def supports(size: tuple[int, ...]) -> bool:
    """Whether the core samples arrays of such spatial axes."""
    return len(size) in AXES and max(size) <= LONGEST


def sample(input: Any, grid: Any, spec: Spec) -> Any:
    """Return the samples of two NumPy arrays, or of two plain torch tensors, or None if there is more to look at.

    It makes the result too, and so saves small calls most of what they cost: for arrays in C order, of floats as the
    core reads them, whose shapes fit together. Every other call goes the long way, through the checks.
    """
    return _core.sample(input, grid, *spec.codes)


def pull(input: Any, grid: Any, result: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``result`` (N, C, *out) with samples of ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D)."""
    _core.pull(input, grid, result, *spec.codes, orders)


def push(values: Any, grid: Any, result: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``result`` (N or 1, C, *size) with ``values`` (N or 1, C, *out) added at ``grid`` (N or 1, *out, D).

    Half-precision values are added up in a float32 array of the result's shape.
    """
    total = _accumulator(result)
    _core.push(values, grid, total, *spec.codes, orders)
    _round_into(result, total)


def grid_gradient(values: Any, input: Any, grid: Any, result: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``result``, shaped as ``grid``, with the sum over channels of ``values`` times the samples' slopes."""
    if 0 in values.shape:  # a sum over nothing
        result[...] = 0
        return
    _core.grid_gradient(values, input, grid, result, *spec.codes, orders)


def gradients(values: Any, input: Any, grid: Any, by_input: Any, by_grid: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``by_input`` and ``by_grid`` as :func:`push` and :func:`grid_gradient` do, in one sweep if it can be."""
    total = _accumulator(by_input)
    if 0 in values.shape or _strides(total) != _strides(input):
        push(values, grid, by_input, spec, orders)
        grid_gradient(values, input, grid, by_grid, spec, orders)
        return
    _core.gradients(values, input, grid, total, by_grid, *spec.codes, orders)
    _round_into(by_input, total)


def gradients_along(
    input_step: Any,
    grid_step: Any,
    values: Any,
    input: Any,
    grid: Any,
    by_values: Any,
    by_input: Any,
    by_grid: Any,
    spec: Spec,
    orders: Orders,
) -> None:
    """Fill how a pull, its transpose and its slopes change along a direction of input and grid (core/along.h).

    That is what is left to compute in a double backward. All are of one dtype, float32 or float64, and in C order, but
    for ``input``, its step, and ``by_input`` with the input's strides. A step that is None is zero; a result that is
    None is left out, and so must ``by_input`` be without a step of the grid.
    """
    _core.gradients_along(input_step, grid_step, values, input, grid, by_values, by_input, by_grid, *spec.codes, orders)


@contextmanager
def watch_paths() -> Iterator[dict[str, int]]:
    """Count which ways through the core the calls inside take (core/paths.h says what they are), for tests."""
    counts: dict[str, int] = {}
    _core.watch(True)
    try:
        yield counts
    finally:
        counts.update(_core.watched())
        _core.watch(False)


def _accumulator(result: Any) -> Any:
    """Return ``result`` itself or, in half precision, a float32 array of its shape, layout and library."""
    if result.itemsize >= 4:
        return result
    return np.empty_like(result, dtype=np.float32) if isinstance(result, np.ndarray) else result.float()


def _round_into(result: Any, total: Any) -> None:
    if total is not result:
        with np.errstate(over="ignore"):  # what is too large for the dtype is infinite
            result[...] = total


def _strides(array: Any) -> tuple[int, ...]:
    """Return the strides of all axes but the first, in elements."""
    if isinstance(array, np.ndarray):
        return tuple(stride // array.itemsize for stride in array.strides[1:])
    return tuple(array.stride()[1:])


def instruction_set() -> str:
    """Return the name of the instruction set in use."""
    return _core.instruction_set()


def instruction_sets() -> list[str]:
    """Return those that this build has and this processor knows, best first."""
    return _core.instruction_sets()


def use_instruction_set(name: str) -> None:
    """Use another instruction set than the best; for tests and comparisons."""
    if not _core.use_instruction_set(name):
        raise ValueError(
            f"the instruction set must be one that this build has and this processor knows, "
            f"{', '.join(instruction_sets())}; got {name!r}"
        )


if "GRIDSAMPLE_ISA" in os.environ:
    use_instruction_set(os.environ["GRIDSAMPLE_ISA"])
