"""The public functions in TorchScript, which knows operators but neither this package nor keyword-only parameters.

For each public function there is an operator, which calls it, and a function of the same name below, which calls the
operator. The latter is what ``torch.jit.script`` compiles where it meets the public one.
"""

from collections.abc import Callable
from typing import Any

import torch

from gridsample.faces.torch.face import as_text
from gridsample.faces.torch.operators import LIBRARY
from gridsample.faces.torch.torch_private import script_instead
from gridsample.grids import affine_grid as public_affine_grid
from gridsample.sampling import grid_sample as public_grid_sample
from gridsample.sampling import grid_splat as public_grid_splat
from gridsample.spec import by_axis

Tensor = torch.Tensor

OPTIONS = "str mode, str padding_mode, bool? align_corners, str coords"
PLACES = "str outside, str nan_places, str channels"
SCHEMAS: dict[Callable[..., Any], str] = {
    public_grid_sample: f"Tensor input, Tensor grid, {OPTIONS}, float[] fill_value, {PLACES}, int[]? derivative",
    public_grid_splat: f"Tensor values, Tensor grid, int[] shape, {OPTIONS}, {PLACES}, bool normalize, float? eps",
    public_affine_grid: "Tensor theta, int[] size, bool? align_corners, str coords, float[]? center, str channels",
}


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = False,
    coords: str = "normalized",
    fill_value: float = 0.0,
    outside: str = "pad",
    nan_places: str = "nan",
    channels: str = "first",
    derivative: list[int] | None = None,
) -> Tensor:
    """Sample."""
    return torch.ops.gridsample.grid_sample(  # type: ignore[no-any-return]
        input, grid, mode, padding_mode, align_corners, coords, [fill_value], outside, nan_places, channels, derivative
    )


def grid_splat(
    values: Tensor,
    grid: Tensor,
    shape: list[int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = False,
    coords: str = "normalized",
    outside: str = "pad",
    nan_places: str = "nan",
    channels: str = "first",
    normalize: bool = False,
    eps: float | None = None,
) -> Tensor:
    """Splat."""
    return torch.ops.gridsample.grid_splat(  # type: ignore[no-any-return]
        values,
        grid,
        shape,
        mode,
        padding_mode,
        align_corners,
        coords,
        outside,
        nan_places,
        channels,
        normalize,
        eps,
    )


def affine_grid(
    theta: Tensor,
    size: list[int],
    align_corners: bool | None = False,
    coords: str = "normalized",
    center: list[float] | None = None,
    channels: str = "first",
) -> Tensor:
    """Make a grid."""
    return torch.ops.gridsample.affine_grid(  # type: ignore[no-any-return]
        theta, size, align_corners, coords, center, channels
    )


def text_of(option: Any) -> str:
    """Return a mode or padding mode as one text."""
    return ";".join(map(str, by_axis(as_text(option))))


def from_text(text: str) -> Any:
    """Return the option whose text this is."""
    entries = tuple(text.split(";"))
    return entries if len(entries) > 1 else text


def operator_for(function: Callable[..., Tensor], names: list[str]) -> Callable[..., Tensor]:
    """Return a public function of arguments as a schema has them."""

    def call(*values: Any) -> Tensor:
        arguments = dict(zip(names, values, strict=True))
        for option in arguments.keys() & {"mode", "padding_mode"}:
            arguments[option] = from_text(arguments[option])
        return function(**arguments)

    return call


def register() -> None:
    """Define the operators, and have them scripted in place of the public functions."""
    for function, schema in SCHEMAS.items():
        name = function.__name__
        LIBRARY.define(f"{name}({schema}) -> Tensor")
        names = [argument.split()[-1] for argument in schema.split(", ")]
        LIBRARY.impl(name, operator_for(function, names), "CompositeImplicitAutograd")
        script_instead(function, globals()[name])
