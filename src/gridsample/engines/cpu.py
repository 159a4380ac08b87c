"""The compiled core: NumPy arrays and torch CPU tensors, without a copy, of any strides.

What it serves, it says itself (``compiled.py``).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gridsample import _core
from gridsample.compiled import DEFINITIONS, highest_order, lacks
from gridsample.engines.interface import Call, Engine, Orders, Shape
from gridsample.spec import Spec
from gridsample.threads import count_for


def kernels_in_words() -> list[str]:
    """Return the kernels that the core has, and of which parameters if not of all."""
    words = []
    for name, known in DEFINITIONS["kernels"].items():
        only = [
            f"{parameter} = {', '.join(f'{number:g}' for number in values)}"
            for parameter, values in known["values"].items()
        ]
        words.append(f"{name} ({'; '.join(only)})" if only else name)
    return words


LOW_BITS = 2**64 - 1  # in which the core takes a label, whatever its sign
NARROW = 4  # bytes: numbers of fewer are of half precision


class Cpu(Engine):
    """The compiled core."""

    name = "cpu"
    arrays = "NumPy arrays, torch CPU tensors"
    axes = range(1, DEFINITIONS["axes"] + 1)
    dtypes = tuple(name for name, known in DEFINITIONS["dtypes"].items() if not known["whole"])
    whole = tuple(name for name, known in DEFINITIONS["dtypes"].items() if known["whole"] and known["sampled"])
    labels = tuple(name for name, known in DEFINITIONS["dtypes"].items() if known["whole"])
    kernels = ", ".join(kernels_in_words())
    boundaries = ", ".join(DEFINITIONS["boundaries"])
    splats = "yes"

    def reads(self, library: str, device: str) -> str | None:
        """Say no to other memory."""
        if library in ("numpy", "torch") and device == "cpu":
            return None
        return f"it reads {self.arrays}, not those of {library} on {device}"

    def serves(self, call: Call) -> str | None:
        """Say no to long axes, and to what the core lacks."""
        general = super().serves(call)
        if general is not None:
            return general
        if max(call.size) > DEFINITIONS["longest"]:
            return f"it takes axes of at most {DEFINITIONS['longest']} pixels, not {max(call.size)}"
        for component, order in enumerate(call.orders):
            kernel, boundary = call.spec.axis(component)
            lacking = lacks(kernel, boundary)
            if lacking is not None:
                return lacking
            highest = highest_order(kernel)
            if highest is not None and order > highest:
                return f"it has derivatives of {kernel} up to order {highest}, not {order}"
        return None

    def sample(self, input: Any, grid: Any, spec: Spec) -> Any:
        """Return the samples of two NumPy arrays, or of two plain torch tensors, or None if there is more to look at.

        It makes the result too, and so saves small calls most of what they cost: for arrays in C order, of floats as
        the core reads them, whose shapes fit together, at places not of half precision, which the checks may have to
        warn of, and without a fill value, of which they ask whether the dtype holds it. Every other call goes the long
        way, through the checks.
        """
        if spec.core is None or grid.itemsize < NARROW or not spec.filling.is_zero:
            return None
        try:
            return _core.sample(input, grid, spec.core, count_for(grid))
        except ValueError:  # options by axis for another number of axes, which the long way puts into words
            return None

    def pull(self, input: Any, grid: Any, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Fill ``result`` with samples."""
        _core.pull(input, grid, result, spec.core, orders, count_for(grid))  # type: ignore[arg-type]  # chosen for having it
        return result

    def vote(self, labels: Any, grid: Any, spec: Spec, fill: int, result: Any = None) -> Any:
        """Fill ``result`` with labels."""
        _core.vote(labels, grid, result, spec.core, fill & LOW_BITS, count_for(grid))  # type: ignore[arg-type]
        return result

    def push(self, values: Any, grid: Any, shape: Shape, spec: Spec, orders: Orders, result: Any = None) -> Any:  # noqa: ARG002
        """Fill ``result`` with values added up."""
        _core.push(values, grid, result, spec.core, orders, count_for(grid))  # type: ignore[arg-type]
        return result

    def grid_gradient(self, values: Any, input: Any, grid: Any, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Fill ``result`` with slopes."""
        _core.grid_gradient(values, input, grid, result, spec.core, orders, count_for(grid))  # type: ignore[arg-type]
        return result

    def gradients(
        self, values: Any, input: Any, grid: Any, spec: Spec, orders: Orders, by_input: Any, by_grid: Any
    ) -> None:
        """Fill both in one sweep, if the planes of input and gradient lie alike."""
        if strides(by_input) != strides(input):
            super().gradients(values, input, grid, spec, orders, by_input, by_grid)
            return
        _core.gradients(values, input, grid, by_input, by_grid, spec.core, orders, count_for(grid))  # type: ignore[arg-type]

    def gradients_along(
        self,
        steps: tuple[Any, Any],
        values: Any,
        input: Any,
        grid: Any,
        spec: Spec,
        orders: Orders,
        results: tuple[Any, Any, Any],
    ) -> bool:
        """Fill what is left to compute in a double backward, which knows nothing of fill values."""
        if not spec.filling.is_zero:
            return False
        _core.gradients_along(*steps, values, input, grid, *results, spec.core, orders, count_for(grid))  # type: ignore[arg-type]
        return True


CPU = Cpu()


def strides(array: Any) -> tuple[int, ...]:
    """Return the strides of all axes but the first, in elements."""
    if hasattr(array, "stride"):
        return tuple(array.stride()[1:])
    return tuple(stride // array.itemsize for stride in array.strides[1:])


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
