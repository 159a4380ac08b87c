"""Refusals: what must hold of the shapes and dtypes of a call, for arrays of any library.

Everything here looks at shapes and dtypes alone and runs before anything is computed. Lengths may be a compiler's
symbols. Each message names the argument, what was got and what is possible.
"""

import math
from numbers import Complex
from typing import Any, NoReturn

from gridsample import hints
from gridsample.definitions.dtypes import CARRIED, DTYPES, name_of, names_in
from gridsample.definitions.filling import Filling
from gridsample.spec import Spec, check_axes

Shape = tuple[int, ...]


def layout(channels_last: bool, *, out: bool = False) -> str:
    """Return how a shape is written in messages."""
    spatial = "*out" if out else "*size"
    return f"(N, {spatial}, C)" if channels_last else f"(N, C, {spatial})"


def channels_first(shape: Shape, channels_last: bool) -> Shape:
    """Return a shape with its channels second, whichever way the caller orders them."""
    return (shape[0], shape[-1], *shape[1:-1]) if channels_last else tuple(shape)


def caller_order(shape: Shape, channels_last: bool) -> Shape:
    """Return a channels-first shape in the caller's order."""
    return (shape[0], *shape[2:], shape[1]) if channels_last else tuple(shape)


def check_dtype(argument: str, dtype: Any, library: str = "") -> None:
    """Refuse a dtype that is not one of those that a library's arrays may have."""
    possible = names_in(library)
    if name_of(dtype) not in possible:
        others = ", or of integers, bool or complex numbers" if argument in ("input", "values") else ""
        fields = getattr(dtype, "names", None)
        advice = f"; sample its fields one by one, as in {argument}[{fields[0]!r}]" if fields else ""
        raise TypeError(
            f"{argument} must be of dtype {', '.join(possible[:-1])} or {possible[-1]}{others}; "
            f"got {name_of(dtype)}{advice or hints.of_dtype(argument, name_of(dtype), library)}"
        )


def few_axes(argument: str, shape: Shape, channels_last: bool, grid: Shape = ()) -> str:
    """Return the message about an array of too few axes."""
    return (
        f"{argument} must have the shape {layout(channels_last)}, a batch axis, channels and at least one spatial "
        f"axis; got {shape}{hints.of_array(argument, shape, grid, channels_last)}"
    )


def check_pull(input: Shape, grid: Shape, spec: Spec, channels_last: bool = False, argument: str = "input") -> Shape:
    """Return the result's shape (N, C, *out) for the caller's shapes of input and grid."""
    if len(input) < 3:
        raise ValueError(few_axes(argument, input, channels_last, grid))
    batch, channels, *size = channels_first(input, channels_last)
    if not fits(grid, len(size)):
        lacking = hints.lacks_batch(argument, input, grid, channels_last)
        if lacking:
            raise ValueError(
                f"{argument} must have the shape {layout(channels_last)} with {grid[-1]} spatial axes, as many as grid "
                f"{grid} has coordinates; got {input}: {lacking}"
            )
        hint = hints.of_places(argument, input, grid, len(size), channels_last)
        raise wrong_grid(grid, len(size), f"{argument} {input} has {len(size)}", hint)
    out = grid[1:-1]
    check_axes(spec, len(size))
    batch = check_batch(argument, batch, input, grid, len(size))
    if 0 in size and 0 not in (batch, channels, *out):
        raise ValueError(
            f"{argument} {input} has a spatial axis of size 0, so there is nothing to sample at grid {grid}"
        )
    return (batch, channels, *out)


def check_orders(orders: tuple[int, ...] | None, axes: int) -> None:
    """Refuse derivatives for another number of axes."""
    if orders is not None and len(orders) != axes:
        raise ValueError(
            f"derivative must have {axes} entries, one for each component of the grid, x first; got {orders}"
        )


def whole_numbers(argument: str, lengths: Any, meaning: str) -> Shape:
    """Return a complete shape that a caller gave."""
    try:
        return tuple(int(length.__index__()) for length in lengths)
    except (TypeError, AttributeError):
        raise TypeError(f"{argument} must be a sequence of whole numbers {meaning}; got {lengths!r}") from None


def check_target(values: Shape, grid: Shape, target: Shape, spec: Spec, channels_last: bool = False) -> Shape:
    """Return the target's shape (N, C, *size), its channels second, for a splat of the caller's shapes."""
    if len(target) < 3 or any(length < 0 for length in target):
        hint = f"; {hints.of_lengths('shape', target, grid[-1], channels_last)}" if len(grid) > 1 else ""
        raise ValueError(
            f"shape must be {layout(channels_last)}, a batch, channels and at least one spatial axis, none negative; "
            f"got {target}{hint}"
        )
    total, channels, *size = channels_first(target, channels_last)
    if not fits(grid, len(size)):
        hint = hints.of_target(values, grid, target, len(size), channels_last)
        raise wrong_grid(grid, len(size), f"shape {target} has {len(size)}", hint)
    out = grid[1:-1]
    check_axes(spec, len(size))
    if len(values) != len(out) + 2 or channels_first(values, channels_last)[2:] != out:
        raise ValueError(
            f"values must have the shape {layout(channels_last, out=True)} with *out = {out} of grid {grid}; "
            f"got {values}{hints.of_values(values, grid, channels_last)}"
        )
    got = channels_first(values, channels_last)
    if got[1] != channels:
        raise ValueError(f"values {values} have {got[1]} channels but shape {target} has {channels}")
    batch = check_batch("values", got[0], values, grid, len(size))
    if total not in (1, batch):
        raise ValueError(
            f"shape {target} must have N = {batch}, as values {values} and grid {grid} together, or N = 1 to sum over "
            f"them; got N = {total}"
        )
    if 0 in size and 0 not in (batch, channels, *out):
        raise ValueError(f"shape {target} has a spatial axis of size 0, so there is no place for values {values}")
    return (total, channels, *size)


def fits(grid: Shape, axes: int) -> bool:
    """Whether a grid has places for so many spatial axes."""
    return len(grid) >= 2 and grid[-1] == axes


def wrong_grid(grid: Shape, axes: int, owner: str, hint: str) -> ValueError:
    """Return the refusal of a grid for another number of spatial axes."""
    return ValueError(
        f"grid must have the shape (N, *out, {axes}), a batch axis, those of the output, and a last one as long as the "
        f"number of spatial axes ({owner}); got {grid}{hint}"
    )


def check_grid(grid: Shape, axes: int, owner: str) -> Shape:
    """Return the output axes of a grid for so many spatial axes."""
    if not fits(grid, axes):
        raise wrong_grid(grid, axes, owner, hints.of_grid(grid, axes))
    return tuple(grid[1:-1])


def check_batch(argument: str, batch: int, shape: Shape, grid: Shape, axes: int) -> int:
    """Return the batch size of an argument and a grid that broadcast."""
    if batch != grid[0] and 1 not in (batch, grid[0]):
        raise ValueError(
            f"batch sizes of {argument} {shape} and grid {grid} must be equal, or one of them 1; "
            f"got {batch} and {grid[0]}{hints.of_batches(grid, axes)}"
        )
    return grid[0] if batch == 1 else batch


def refuse_out(argument: str, array: Any) -> NoReturn:
    """Refuse an ``out`` for arrays whose library has no use for it."""
    raise TypeError(f"out is for NumPy arrays only; got it with {argument} of {type(array).__module__} arrays")


def check_out(out: Any, shape: Shape, dtype: Any) -> None:
    """Refuse an ``out`` that cannot take the result as it is."""
    if tuple(out.shape) != shape:
        raise ValueError(f"out must have the result's shape {shape}; got {tuple(out.shape)}")
    if out.dtype != dtype:
        raise TypeError(f"out must have the result's dtype {dtype}; got {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out is read-only; pass a writable array")


def check_labels(fill_value: Any, dtype: str, limits: tuple[int, int]) -> int:
    """Return a label that a dtype can hold."""
    try:
        label = int(fill_value.__index__())
    except (AttributeError, TypeError):
        raise TypeError(f"fill_value must be a whole number, as labels are; got {fill_value!r}") from None
    if not limits[0] <= label <= limits[1]:
        raise ValueError(f"fill_value must be from {limits[0]} to {limits[1]}, as labels of {dtype} are; got {label}")
    return label


def check_filling(filling: Filling, name: str, channels: int | None = None) -> None:
    """Refuse fill values that a dtype cannot hold, or that are not one for all channels, or for each."""
    values = filling.values
    if channels is not None and len(values) not in (1, channels):
        raise ValueError(
            f"fill_value must be one number, or one for each of the {channels} channels; got {len(values)}: {values}"
        )
    for value in values if name in DTYPES or name in CARRIED else ():
        if not can_hold(name, value):
            raise ValueError(f"fill_value {value!r} cannot be held by input of dtype {name}{limits_of(name)}")


def can_hold(name: str, value: Any) -> bool:
    """Whether a dtype has a number, but for rounding to a float."""
    if name not in DTYPES and CARRIED[name].kind == "complex":
        return isinstance(value, Complex)
    if not isinstance(value, int | float):
        return False
    if name in DTYPES:
        return not math.isfinite(value) or abs(value) <= DTYPES[name].largest
    low, high = CARRIED[name].limits
    return math.isfinite(value) and value == int(value) and low <= value <= high


def limits_of(name: str) -> str:
    """Return what numbers a dtype has, as the end of a sentence."""
    if name in DTYPES:
        return f", which has real numbers up to {DTYPES[name].largest:g}"
    if CARRIED[name].kind == "complex":
        return ""
    low, high = CARRIED[name].limits
    return f", which has whole numbers from {low} to {high}"


def check_number(argument: str, number: Any) -> float:
    """Return a number as a float."""
    if isinstance(number, str) or not hasattr(number, "__float__"):
        raise TypeError(f"{argument} must be a number; got {number!r} of type {type(number).__name__}")
    return float(number)


def check_mask(mask: Shape, dtype: str, input: Shape, channels_last: bool) -> None:
    """Refuse a mask that does not say of each of the input's pixels whether it counts."""
    if dtype != "bool":
        raise TypeError(f"mask must be of bool, true where a pixel counts; got {dtype}; pass mask != 0")
    whole = channels_first(input, channels_last)
    if len(input) < 3 or len(mask) != len(input) or channels_first(mask, channels_last)[1:] != (1, *whole[2:]):
        shape = caller_order((whole[0], 1, *whole[2:]), channels_last) if len(input) >= 3 else "(N, 1, *size)"
        raise ValueError(
            f"mask must have the shape {shape} for input {input}, or N = 1; got {mask}"
            f"{hints.of_mask(mask, input, channels_last)}"
        )
    if mask[0] not in (1, whole[0]) and whole[0] != 1:
        raise ValueError(f"batch sizes of mask {mask} and input {input} must be equal, or one of them 1")


def check_theta(theta: Shape, lengths: Shape, channels_last: bool = False) -> Shape:
    """Return the output axes of a complete shape that fits the shape of ``theta``."""
    axes = len(lengths) - 2
    if axes < 1 or any(length < 0 for length in lengths):
        raise ValueError(
            f"size must be {layout(channels_last, out=True)}, a batch, channels and at least one axis, none negative; "
            f"got {lengths}{hints.of_theta(theta, lengths, channels_last) if lengths else ''}"
        )
    if theta != (lengths[0], axes, axes + 1):
        raise ValueError(
            f"theta must have the shape (N, D, D+1) = {(lengths[0], axes, axes + 1)} for size {lengths}; got {theta}"
            f"{hints.of_theta(theta, lengths, channels_last)}"
        )
    return channels_first(lengths, channels_last)[2:]


def check_center(center: Any, axes: int) -> tuple[float, ...] | None:
    """Return the center of a map as numbers, x first; None is the origin."""
    if center is None:
        return None
    try:
        numbers = tuple(float(number) for number in center)
    except (TypeError, ValueError):
        raise TypeError(f"center must be {axes} numbers, x first; got {center!r}") from None
    if len(numbers) != axes or not all(map(math.isfinite, numbers)):
        raise ValueError(f"center must be {axes} finite numbers, x first, one for each axis; got {center!r}")
    return numbers


def check_relative(grid: Shape) -> None:
    """Refuse a relative grid whose output axes are not the spatial ones."""
    if len(grid) < 3 or len(grid) - 2 != grid[-1]:
        raise ValueError(
            f"grid must have the shape (N, *out, D) with D output axes for coords='relative', one for each spatial "
            f"axis, as each place counts from its own output point; got {grid}{hints.of_relative(grid)}"
        )


def check_points(argument: str, points: Shape, size: Shape) -> Shape:
    """Return the lengths of the axes that points have coordinates on."""
    if not size or any(length < 1 for length in size):
        raise ValueError(f"size must be the lengths of the spatial axes, all positive; got {size}")
    if not points or points[-1] != len(size):
        raise ValueError(
            f"{argument} must have the shape (..., {len(size)}), one coordinate for each axis of size {size}; "
            f"got {points}{hints.of_points(points, len(size))}"
        )
    return size
