"""``replacing_functional``: models that nobody here wrote, sampling with this package.

Replaced are names at two levels. ``torch.nn.functional.grid_sample`` is what models say, and what compilers see that
they say. ``torch.grid_sampler`` is what torch's own ``grid_sample`` calls: so its very function computes with this
package too, for those who took hold of it before, and for subclasses and modes that are asked about that function.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, contextmanager
from types import TracebackType
from typing import Any

import torch
from torch.overrides import handle_torch_function, has_torch_function_unary, has_torch_function_variadic

from gridsample.faces.torch import face
from gridsample.faces.torch.torch_private import (
    FLOATS,
    exporting_by_trace,
    is_being_lowered,
    know_functions,
    route_of,
    script_instead,
    without_subclass,
)
from gridsample.notices import warn_once
from gridsample.spec import convention_of, parse_options

Tensor = torch.Tensor

_DEVICES = ("cpu",)  # those with a fast engine of ours
MODES = ("bilinear", "nearest", "bicubic")  # as torch.grid_sampler counts them
PADDINGS = ("zeros", "border", "reflection")

EXPORT = (
    "the old exporter to ONNX knows torch's operators alone, so that inside replacing_functional() too it exports "
    "torch's own grid_sample; torch.onnx.export(..., dynamo=True) exports this package's"
)

functional: Any = torch.nn.functional
ORIGINALS: dict[str, Callable[..., Tensor]] = {
    "grid_sample": functional.grid_sample,
    "affine_grid": functional.affine_grid,
    "grid_sampler": torch.grid_sampler,
    "affine_grid_generator": torch.affine_grid_generator,
}


class Names:
    """The names that are replaced, while any block is open. Bound methods keep all that they need at the very end."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.places: list[tuple[Any, str, Any, Any]] = []  # a module, a name, the original and ours
        self.open = self.asked = 0

    def replace(self) -> None:
        """Enter a block."""
        with self.lock:
            self.open += 1
            if self.open == 1:
                know_functions()
            self._set()

    def restore(self) -> None:
        """Leave a block."""
        with self.lock:
            self.open -= 1
            self._set()

    @contextmanager
    def original_functional(self) -> Iterator[None]:
        """Let the names in torch.nn.functional be the originals while somebody is asked about them."""
        with self.lock:
            self.asked += 1
            self._set()
        try:
            yield
        finally:
            with self.lock:
                self.asked -= 1
                self._set()

    def _set(self) -> None:
        for module, name, original, ours in self.places:
            hidden = self.asked and module.__name__ != "torch"
            setattr(module, name, ours if self.open and not hidden else original)


NAMES = Names()


class replacing_functional(ContextDecorator):
    """Make ``torch.nn.functional.grid_sample`` and ``affine_grid`` those of this package inside a ``with`` block.

    Results have torch's shape, memory layout (always C-contiguous) and, under autocast, its dtype, and NaN in a grid
    counts as -1, as torch documents (``nan_places="edge"`` in :func:`gridsample.grid_sample`). Tensors that no fast
    engine here can take (of another device, sparse, quantized or not of floats) still go to torch's own function, and
    so does what the old exporter to ONNX (``dynamo=False``) traces, with a warning. Code that has taken hold of a
    function before (``from torch.nn.functional import grid_sample``) samples with this package too, but for what
    ``torch.compile`` and ``torch.jit.script`` make of it.

    The change is seen by the whole process. Blocks may nest, and may overlap in several threads: the first one to enter
    replaces, the last one to leave restores.

    Examples
    --------
    >>> import torch
    >>> import gridsample.torch as gst
    >>> image = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> with gst.replacing_functional():
    ...     torch.nn.functional.grid_sample(image, torch.zeros(1, 1, 1, 2), align_corners=False)
    tensor([[[[1.5000]]]])
    """

    names = NAMES

    def __enter__(self) -> None:
        self.names.replace()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.names.restore()


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sample as ``torch.nn.functional.grid_sample`` does: its signature, layout and autocast."""
    if has_torch_function_variadic(input, grid):
        options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
        return ask("grid_sample", (input, grid), input, grid, **options)
    if not takes(input, grid):
        return ORIGINALS["grid_sample"](input, grid, mode, padding_mode, align_corners)
    return sampled(input, grid, mode, padding_mode, align_corners)


def affine_grid(theta: Tensor, size: list[int], align_corners: bool | None = None) -> Tensor:
    """Make a grid as ``torch.nn.functional.affine_grid`` does."""
    if has_torch_function_unary(theta):
        return ask("affine_grid", (theta,), theta, size, align_corners=align_corners)
    if not takes(theta):
        return ORIGINALS["affine_grid"](theta, size, align_corners)
    return grid_of(theta, size, align_corners)


def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """Sample as ``torch.grid_sampler`` does, which torch's own ``grid_sample`` calls."""
    if takes_below(input, grid) and interpolation_mode in range(3) and padding_mode in range(3):
        return sampled(input, grid, MODES[interpolation_mode], PADDINGS[padding_mode], align_corners)
    return ORIGINALS["grid_sampler"](input, grid, interpolation_mode, padding_mode, align_corners)


def affine_grid_generator(theta: Tensor, size: list[int], align_corners: bool) -> Tensor:
    """Make a grid as ``torch.affine_grid_generator`` does, which torch's own ``affine_grid`` calls."""
    if takes_below(theta):
        return grid_of(theta, size, align_corners)
    return ORIGINALS["affine_grid_generator"](theta, size, align_corners)


def ask(name: str, tensors: tuple[Any, ...], *arguments: Any, **options: Any) -> Tensor:
    """Ask what overrides torch's functions about a very function of torch's."""
    answer: Callable[..., Tensor] = functools.partial(handle_torch_function, ORIGINALS[name], tensors)
    if torch.compiler.is_dynamo_compiling():
        return answer(*arguments, **options)
    with NAMES.original_functional():
        return answer(*arguments, **options)


def sampled(input: Tensor, grid: Tensor, mode: str, padding_mode: str, align_corners: bool | None) -> Tensor:
    """Return samples in torch's layout and dtype."""
    if torch.is_autocast_enabled("cpu"):  # whose list says: at least float32
        input = input.to(torch.promote_types(input.dtype, torch.float32))
    input, grid = without_subclass(input), without_nan(without_subclass(grid))
    return face.sample(input, grid, parse_options(mode, padding_mode, align_corners), False, contiguous=True)


def without_nan(grid: Tensor) -> Tensor:
    """Return a grid with -1 in the place of NaN, as torch documents; a copy only where there is any."""
    if route_of(grid) != "dispatcher" and not grid.detach().sum().isnan():
        return grid
    return face.without_nan(grid, -1.0)


def grid_of(theta: Tensor, size: list[int], align_corners: bool | None) -> Tensor:
    """Return places in torch's dtype."""
    grid = face.affine_grid(without_subclass(theta), size, convention_of(align_corners), None, False)
    if torch.is_autocast_enabled("cpu") and theta.dtype != torch.float64:  # which casts torch's product of matrices
        return grid.to(torch.get_autocast_dtype("cpu"))
    return grid


def takes(*tensors: Any) -> bool:
    """Whether a fast engine of ours can take tensors, and nobody is at work who wants torch's own operators."""
    for tensor in tensors:
        if not (
            isinstance(tensor, Tensor)
            and tensor.device.type in _DEVICES
            and tensor.layout is torch.strided
            and tensor.dtype in FLOATS
            and not tensor.is_nested
        ):
            return False
    if torch.compiler.is_dynamo_compiling():
        return True
    if is_being_lowered():  # a graph that says torch's function; caches take it for the same within a block and without
        return False
    if exporting_by_trace():
        warn_once("export", EXPORT)
        return False
    return True


def takes_below(*tensors: Any) -> bool:
    """Whether we compute what torch's own function asks torch for; a compiler that sees it ask keeps torch's."""
    return not torch.compiler.is_dynamo_compiling() and not has_torch_function_variadic(*tensors) and takes(*tensors)


def scripted_grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sample in TorchScript, as ``grid_sample`` does."""
    align = False
    if align_corners is not None:
        align = align_corners
    if input.is_cpu and input.is_floating_point():
        result = torch.ops.gridsample.grid_sample(
            input, grid, mode, padding_mode, align, "normalized", [0.0], "pad", "edge", "first", None
        ).contiguous()
    else:
        modes, paddings = ["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"]
        result = torch.ops.aten.grid_sampler(input, grid, modes.index(mode), paddings.index(padding_mode), align)
    return result  # type: ignore[no-any-return]


def scripted_affine_grid(theta: Tensor, size: list[int], align_corners: bool | None = None) -> Tensor:
    """Make a grid in TorchScript: torch's own."""
    align = False
    if align_corners is not None:
        align = align_corners
    return torch.ops.aten.affine_grid_generator(theta, size, align)  # type: ignore[no-any-return]


def scripted_grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """Sample in TorchScript: torch's own."""
    return torch.ops.aten.grid_sampler(  # type: ignore[no-any-return]
        input, grid, interpolation_mode, padding_mode, align_corners
    )


def scripted_affine_grid_generator(theta: Tensor, size: list[int], align_corners: bool) -> Tensor:
    """Make a grid in TorchScript: torch's own."""
    return torch.ops.aten.affine_grid_generator(theta, size, align_corners)  # type: ignore[no-any-return]


def register() -> None:
    """Say what is replaced by what, and what TorchScript compiles in its place."""
    for module, ours, scripted in (
        (functional, grid_sample, scripted_grid_sample),
        (functional, affine_grid, scripted_affine_grid),
        (torch, grid_sampler, scripted_grid_sampler),
        (torch, affine_grid_generator, scripted_affine_grid_generator),
    ):
        NAMES.places.append((module, ours.__name__, ORIGINALS[ours.__name__], ours))
        script_instead(ours, scripted)
