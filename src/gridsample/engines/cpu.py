"""The compiled core: 1-D to 3-D, NumPy arrays and torch CPU tensors, without a copy.

Arrays come with their channels second and with any strides. The result is the caller's to allocate.
"""

import os
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


def pull(input: Any, grid: Any, result: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``result`` (N, C, *out) with samples of ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D)."""
    _core.pull(input, grid, result, *spec.codes, orders)


def push(values: Any, grid: Any, result: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``result`` (N or 1, C, *size) with ``values`` (N or 1, C, *out) added at ``grid`` (N or 1, *out, D).

    Half-precision values are added up in a float32 array of the result's shape.
    """
    total = result if result.itemsize >= 4 else _wider(result)
    total[...] = 0
    _core.push(values, grid, total, *spec.codes, orders)
    if total is not result:
        with np.errstate(over="ignore"):  # what is too large for the dtype is infinite
            result[...] = total


def grid_gradient(values: Any, input: Any, grid: Any, result: Any, spec: Spec, orders: Orders) -> None:
    """Fill ``result``, shaped as ``grid``, with the sum over channels of ``values`` times the samples' slopes."""
    if 0 in values.shape:  # a sum over nothing
        result[...] = 0
        return
    _core.grid_gradient(values, input, grid, result, *spec.codes, orders)


def _wider(result: Any) -> Any:
    """Return a float32 array of a half-precision one's shape, layout and library."""
    return result.float() if hasattr(result, "float") else result.astype("float32")


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
