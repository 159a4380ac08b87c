"""The filter that makes a B-spline's coefficients, as an operator of torch's and with its derivatives.

It is linear, so forward derivatives are the filter itself, and backward ones its transpose.
"""

from typing import Any

import torch

from gridsample.definitions.conventions import EDGES
from gridsample.faces.filtering import filtered, in_place
from gridsample.faces.torch.execution import check_tensors
from gridsample.faces.torch.torch_private import is_compiling, is_tracing
from gridsample.spec import from_text


@torch.library.custom_op("gridsample::spline_filter", mutates_args=())
def spline_filter(input: torch.Tensor, kernels: str, boundaries: str, transposed: bool, last: bool) -> torch.Tensor:
    """Return coefficients, or what the transposed map makes, in float32 or better and in C order."""
    check_tensors({"input": input})
    spec = from_text(kernels, boundaries, EDGES.numbers)  # coordinates have no part in it
    result: torch.Tensor = empty(input, kernels, boundaries, transposed, last)
    result.copy_(input)
    if result.device.type != "cpu":
        elsewhere: torch.Tensor = filtered(torch, result, spec, last, transposed)
        return elsewhere
    in_place(result, spec, last, transposed)
    return result


@spline_filter.register_fake
def empty(input: torch.Tensor, _kernels: str, _boundaries: str, _transposed: bool, _last: bool) -> torch.Tensor:
    """Return what the operator fills."""
    return torch.empty(input.shape, dtype=torch.promote_types(input.dtype, torch.float32), device=input.device)


class SplineFilter(torch.autograd.Function):
    """The operator with derivatives of every kind."""

    @staticmethod
    def forward(input: torch.Tensor, kernels: str, boundaries: str, transposed: bool, last: bool) -> torch.Tensor:
        """Filter."""
        result: torch.Tensor = spline_filter(input, kernels, boundaries, transposed, last)
        return result

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:  # noqa: ARG004
        """Keep the options."""
        input, *ctx.options = inputs
        ctx.dtype = input.dtype

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        """Return the transpose."""
        kernels, boundaries, transposed, last = ctx.options
        by_input = apply_filter(gradient, kernels, boundaries, not transposed, last)
        return by_input.to(ctx.dtype), None, None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: torch.Tensor, *_: None) -> Any:
        """Return the tangent, filtered."""
        return apply_filter(tangent, *ctx.options)

    @staticmethod
    def vmap(_info: Any, in_dims: tuple[int | None, ...], input: torch.Tensor, *options: Any) -> Any:
        """Filter all at once."""
        stacked = input.movedim(in_dims[0] or 0, 0)
        result = apply_filter(stacked.flatten(0, 1), *options)
        return result.unflatten(0, stacked.shape[:2]), 0


def apply_filter(input: torch.Tensor, kernels: str, boundaries: str, transposed: bool, last: bool) -> torch.Tensor:
    """Filter, with the record that fits: a compiler takes the operator's own, which knows no forward derivatives."""
    call = spline_filter if is_compiling() or is_tracing() else SplineFilter.apply
    result: torch.Tensor = call(input, kernels, boundaries, transposed, last)
    return result


def _keep(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
    SplineFilter.setup_context(ctx, inputs, output)


spline_filter.register_vmap(SplineFilter.vmap)
spline_filter.register_autograd(SplineFilter.backward, setup_context=_keep)
