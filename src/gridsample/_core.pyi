"""The compiled core; see the directory core/ of the sources."""

from typing import Any

def sample(input: Any, grid: Any, kernel: int, boundary: int, align_corners: bool) -> Any: ...
def pull(
    input: Any, grid: Any, result: Any, kernel: int, boundary: int, align_corners: bool, orders: tuple[int, ...]
) -> None: ...
def push(
    values: Any, grid: Any, sum: Any, kernel: int, boundary: int, align_corners: bool, orders: tuple[int, ...]
) -> None: ...
def grid_gradient(
    values: Any,
    input: Any,
    grid: Any,
    result: Any,
    kernel: int,
    boundary: int,
    align_corners: bool,
    orders: tuple[int, ...],
) -> None: ...
def gradients(
    values: Any,
    input: Any,
    grid: Any,
    sum: Any,
    gradient: Any,
    kernel: int,
    boundary: int,
    align_corners: bool,
    orders: tuple[int, ...],
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
    kernel: int,
    boundary: int,
    align_corners: bool,
    orders: tuple[int, ...],
) -> None: ...
def watch(on: bool) -> None: ...
def watched() -> dict[str, int]: ...
def set_threads(count: int) -> None: ...
def get_threads() -> int: ...
def instruction_sets() -> list[str]: ...
def instruction_set() -> str: ...
def use_instruction_set(name: str) -> bool: ...
