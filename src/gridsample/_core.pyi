"""The compiled core; see the directory core/ of the sources."""

from typing import Any

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
def set_threads(count: int) -> None: ...
def get_threads() -> int: ...
def instruction_sets() -> list[str]: ...
def instruction_set() -> str: ...
def use_instruction_set(name: str) -> bool: ...
