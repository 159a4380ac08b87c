"""The compiled core; see the directory core/ of the sources.

Every operation takes its arrays, then the options, then the orders: one whole number for each component of the grid;
last, what it asks for the number of threads that it may use, if there is enough to do for more than one. A vote takes
the label of what lies outside in the place of the orders, as the unsigned number of its bits.
"""

from collections.abc import Callable, Sequence
from typing import Any

class Options:
    """All options of a call: (kernel, its parameters, boundary) for all axes or each component, the convention, and the
    fill values, the margin within which places are sampled, and whether undefined places are filled.
    """

    def __init__(
        self,
        axes: Sequence[tuple[str, tuple[float, ...], str]],
        convention: tuple[float, float, float, float],
        fill: tuple[float, ...],
        margin: float,
        fills_undefined: bool,
    ) -> None: ...

Orders = tuple[int, ...]
Threads = Callable[[], int]

def definitions() -> dict[str, Any]: ...
def sample(input: Any, grid: Any, options: Options, threads: Threads) -> Any: ...
def pull(input: Any, grid: Any, result: Any, options: Options, orders: Orders, threads: Threads) -> None: ...
def vote(labels: Any, grid: Any, result: Any, options: Options, fill: int, threads: Threads) -> None: ...
def push(values: Any, grid: Any, sum: Any, options: Options, orders: Orders, threads: Threads) -> None: ...
def grid_gradient(
    values: Any, input: Any, grid: Any, result: Any, options: Options, orders: Orders, threads: Threads
) -> None: ...
def gradients(
    values: Any, input: Any, grid: Any, sum: Any, gradient: Any, options: Options, orders: Orders, threads: Threads
) -> None: ...
def gradients_along(
    input_step: Any,
    grid_step: Any,
    values: Any,
    input: Any,
    grid: Any,
    by_values: Any,
    by_input: Any,
    by_grid: Any,
    options: Options,
    orders: Orders,
    threads: Threads,
) -> None: ...
def filter(array: Any, axis: int, recursions: Sequence[Any], gain: float, edge: float, threads: Threads) -> None: ...
def watch(on: bool) -> None: ...
def watched() -> dict[str, int]: ...
def watched_threads() -> tuple[int, int]:
    """Return how many threads the last call from this thread might use, and how many took part."""

def instruction_sets() -> list[str]: ...
def instruction_set() -> str: ...
def use_instruction_set(name: str) -> bool: ...
