"""What a mistake of shape or dtype looks like, with the line to write instead.

Called only once a check has failed: a good call pays nothing. Each function returns the end of a message, or '' where
nothing comes to mind. Shapes are in the caller's order.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

Shape = tuple[int, ...]

FEW = 4  # channels, as pictures have them: an axis that short is taken for the channels if another is longer

KINDS = {1: ("signal", "W"), 2: ("image", "H, W"), 3: ("volume", "D, H, W")}


def of_numbers(hint: Callable[..., str]) -> Callable[..., str]:
    """Return a hint that is '' where lengths are a compiler's symbols, which nothing can be told from."""

    @functools.wraps(hint)
    def guarded(*arguments: Any) -> str:
        lengths = [length for shape in arguments if isinstance(shape, tuple) for length in shape]
        return hint(*arguments) if all(type(length) is int for length in lengths) else ""

    return guarded


class Single(NamedTuple):
    """What an array without its batch axis looks like.

    Attributes
    ----------
    sure : bool
        Whether it looks like nothing else.
    text : str
    """

    sure: bool
    text: str


def single(argument: str, shape: Shape, axes: int, last: bool) -> Single | None:
    """Return what an array looks like that lacks its batch axis, or channels too, if it has so many spatial axes."""
    kind, letters = KINDS.get(axes, ("array", "*size"))
    if axes < 1 or len(shape) not in (axes, axes + 1):
        return None
    if len(shape) == axes:
        line = f"{argument}[None, ..., None]" if last else f"{argument}[None, None]"
        return Single(False, f"if it is one {kind} ({letters}) without batch and channels, pass {line}")
    ends_in_few, begins_with_few = shape[-1] <= FEW < shape[0], shape[0] <= FEW < shape[-1]
    if last:
        return Single(True, f"it looks like one {kind} without its batch axis; pass {argument}[None]")
    if ends_in_few:
        return Single(
            True,
            f"it looks like one {kind} ({letters}, C) without its batch axis; pass {argument}[None] with "
            f'channels="last"',
        )
    if begins_with_few:
        return Single(False, f"if it is one {kind} (C, {letters}) without its batch axis, pass {argument}[None]")
    return Single(
        False,
        f'if it is one {kind} without its batch axis, pass {argument}[None], with channels="last" if they are last',
    )


@of_numbers
def of_array(argument: str, shape: Shape, grid: Shape, last: bool) -> str:
    """Return a hint about an array of too few axes."""
    axes = grid[-1] if len(grid) > 1 and grid[-1] in (len(shape), len(shape) - 1) else len(shape)
    found = single(argument, shape, axes, last)
    return f"; {found.text}" if found else ""


@of_numbers
def of_places(argument: str, shape: Shape, grid: Shape, axes: int, last: bool) -> str:
    """Return a hint about a grid with another number of coordinates than an array has spatial axes."""
    found = single(argument, shape, grid[-1], last) if len(grid) > 1 else None
    if found:
        return f"; {argument} {shape}: {found.text}"
    if len(grid) > 2 and shape and shape[-1] == len(grid) - 2:
        return f"; {argument} and grid look swapped; pass the array first, and its places second"
    return of_grid(grid, axes)


@of_numbers
def lacks_batch(argument: str, shape: Shape, grid: Shape, last: bool) -> str:
    """Return what an array looks like that is the one to blame for another number of axes than coordinates, or ''."""
    found = single(argument, shape, grid[-1], last) if len(grid) > 1 else None
    likely = found is not None and len(shape) == grid[-1] + 1 and (found.sure or grid[0] == 1 != shape[0])
    return found.text if found and likely else ""


@of_numbers
def of_grid(grid: Shape, axes: int) -> str:
    """Return a hint about a grid alone, whose coordinates should come last."""
    if grid == (axes,):
        return "; if it is one place without a batch axis, pass grid[None]"
    if len(grid) > 2 and grid[1] == axes:
        return (
            "; it looks like (N, D, *out), as flows are kept; pass moveaxis(grid, 1, -1), with "
            'coords="relative" if it is a flow in pixels'
        )
    if len(grid) > 1 and grid[0] == axes:
        return (
            "; it looks like (D, *out), as SciPy's coordinates are; pass moveaxis(grid, 0, -1)[None], turned round by "
            '[..., ::-1] if the first is y, and with coords="pixel" if it counts pixels'
        )
    return ""


@of_numbers
def of_batches(grid: Shape, axes: int) -> str:
    """Return a hint about a grid whose batch does not fit: its first axis may not be one."""
    if 2 <= len(grid) <= axes + 1:
        points = " x ".join(map(str, grid[1:-1])) or "1"
        return (
            f"; grid {grid} is read as a batch of {grid[0]} with {points} points each; "
            f"if its batch axis is missing, pass grid[None]"
        )
    return ""


@of_numbers
def of_relative(grid: Shape) -> str:
    """Return a hint about a displacement whose axes are not those of the pixels."""
    axes = len(grid) - 2
    if axes >= 1 and grid[1] == axes:
        return "; it looks like (N, D, *size), as flows are kept; pass moveaxis(grid, 1, -1)"
    if len(grid) > 1 and grid[-1] == len(grid) - 1:
        return "; it looks like one field (*size, D) without its batch axis; pass grid[None]"
    if len(grid) > 1 and grid[0] == len(grid) - 1:
        return "; it looks like one field (D, *size) without its batch axis; pass moveaxis(grid, 0, -1)[None]"
    return ""


@of_numbers
def of_values(values: Shape, grid: Shape, last: bool) -> str:
    """Return a hint about values that do not fit the output axes of a grid."""
    out = grid[1:-1]
    if len(grid) > 1 and (values[1:-1] if last else values[2:]) == grid[:-1]:
        return f"; grid {grid} lacks its batch axis; pass grid[None]"
    if len(values) == len(out) + 2:
        if not last and values[1:-1] == out:
            return '; their channels come last; pass channels="last", with a shape to match, or moveaxis(values, -1, 1)'
        if last and values[2:] == out:
            return '; their channels come second; leave out channels="last", or pass moveaxis(values, 1, -1)'
    if (values[:-1] if last else values[1:]) == out:
        return "; they lack their batch axis; pass values[None]"
    if values == out:
        return f"; they lack batch and channels; pass values[None, {'..., None' if last else 'None'}]"
    return ""


@of_numbers
def of_target(values: Shape, grid: Shape, target: Shape, axes: int, last: bool) -> str:
    """Return a hint about a grid with another number of coordinates than the complete shape of a splat has axes."""
    if len(grid) > 2 and values[-1:] == (axes,) and values[1:-1] == grid[2:]:
        return "; values and grid look swapped; pass the values first, and their places second"
    if len(grid) > 1 and len(target) in (grid[-1], grid[-1] + 1):
        return f"; {of_lengths('shape', target, grid[-1], last)}"
    return of_grid(grid, axes)


def of_lengths(argument: str, lengths: Shape, axes: int, last: bool) -> str:
    """Return a hint about a complete shape that lacks its batch axis, or channels too."""
    if len(lengths) == axes + 1:
        return f"{argument} begins with the batch; if that is missing, pass {(1, *lengths)}"
    whole = (1, *lengths, 1) if last else (1, 1, *lengths)
    return f"{argument} is complete, with batch and channels; if they are missing, pass {whole}"


@of_numbers
def of_theta(theta: Shape, lengths: Shape, last: bool) -> str:
    """Return a hint about matrices that do not fit the complete shape of an output."""
    batch, axes = lengths[0], len(lengths) - 2
    if theta == (axes, axes + 1):
        return "; it lacks its batch axis; pass theta[None]"
    if theta == (axes + 1, axes + 1):
        return f"; it lacks its batch axis, and the last row is left out; pass theta[None, :{axes}]"
    if theta == (batch, axes + 1, axes + 1):
        return f"; the last row is left out; pass theta[:, :{axes}]"
    if theta == (1, axes, axes + 1):
        return f"; for one map of all batch entries, pass {(1, *lengths[1:])}: its grid serves them all"
    if len(theta) == 3 and theta[2] == theta[1] + 1 and len(lengths) in (theta[1], theta[1] + 1):
        return f"; {of_lengths('size', lengths, theta[1], last)}"
    return ""


@of_numbers
def of_mask(mask: Shape, input: Shape, last: bool) -> str:
    """Return a hint about a mask that does not fit an array."""
    pixels = input[1:-1] if last else input[2:]
    if mask == input:
        axis = -1 if last else 1
        return f"; for pixels that count in every channel, pass mask.all({axis}, keepdims=True)"
    if mask in (pixels, (input[0], *pixels)):
        batch = "None, " if mask == pixels else ""
        line = f"[{batch}..., None]" if last else f"[{batch}None]" if batch else "[:, None]"
        return f"; it lacks {'batch and channel' if batch else 'its channel'}; pass mask{line}"
    return ""


@of_numbers
def of_points(points: Shape, axes: int) -> str:
    """Return a hint about coordinates that come first."""
    if len(points) > 1 and points[0] == axes:
        return "; coordinates come last; pass moveaxis(points, 0, -1)"
    return ""


def of_dtype(argument: str, name: str, library: str) -> str:
    """Return a hint about coordinates of a dtype that is no float."""
    line = f"{argument}.float()" if library == "torch" else f'{argument}.astype("float32")'
    if name in ("uint8", "bool") and argument == "grid":
        return "; if this is the array to sample, it comes first, and its places second"
    if name.startswith(("int", "uint")) and argument == "grid":
        return f'; normalized coordinates run from -1 to 1, pixels from 0 on with coords="pixel"; pass {line}'
    if name.startswith(("int", "uint", "bool")) and argument != "grid":
        return f"; pass {line}"
    return ""
