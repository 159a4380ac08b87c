"""The derivatives of the operators, which are made of the same operators.

With e_a raising the order of component a by one, and sums over components::

    d pull(x, g, o)           =  pull(dx, g, o)                +  sum_a dg_a pull(x, g, o + e_a)
    d push(v, g, o)           =  push(dv, g, o)                +  sum_a push(dg_a v, g, o + e_a)
    d grid_gradient(v, x, g)  =  grid_gradient(dv, x, g, o) + grid_gradient(v, dx, g, o)
                                                               +  sum_a dg_a grid_gradient(v, x, g, o + e_a)

and the transposes of these lines are the backward rules. Being closed, they give every order, forward, reverse and
mixed. Saved are the tensors the operator was given, nothing else.
"""

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from gridsample.spec import Spec
from gridsample.torch.compute import Layout, Orders, Shape, is_channels_last
from gridsample.torch.internals import may_carry_tangents, tangent_rule
from gridsample.torch.operators import grid_gradient, pull, push

Tensor = torch.Tensor
Compute = Callable[..., Tensor]
Gradients = tuple[Tensor | None, ...]


def remember(ctx: Any, tensors: Sequence[Tensor], *options: Any) -> None:
    """Keep what the derivative needs: the operator's own arguments."""
    ctx.options = options
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*tensors)
    if may_carry_tangents():
        ctx.save_for_forward(*tensors)


def raised(orders: Orders) -> list[Orders]:
    """Return the orders raised by one, for each component in turn."""
    return [(*orders[:a], order + 1, *orders[a + 1 :]) for a, order in enumerate(orders)]


def add(terms: Iterable[Tensor], dtype: torch.dtype) -> Tensor:
    """Return the sum of at least one term."""
    return functools.reduce(operator.add, terms).to(dtype)


def pull_along(input: Tensor, grid: Tensor, direction: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Return the pull's derivative along a direction given at each place: sum_a direction_a pull(o + e_a)."""
    pairs = zip(direction.unbind(-1), raised(orders), strict=True)
    return add((along.unsqueeze(1) * pull(input, grid, up, layout, spec) for along, up in pairs), input.dtype)


def push_along(
    values: Tensor, grid: Tensor, direction: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec
) -> Tensor:
    """Return the push's derivative along a direction given at each place: sum_a push(direction_a values, o + e_a)."""
    pairs = zip(direction.unbind(-1), raised(orders), strict=True)
    return add(
        (push(values * along.unsqueeze(1), grid, shape, up, layout, spec) for along, up in pairs), values.dtype
    )


def match_batch(gradient: Tensor, batch: int) -> Tensor:
    """Return a gradient for a tensor of batch size ``batch`` that was broadcast, or that was summed."""
    if gradient.shape[0] == batch:
        return gradient
    if batch == 1:
        return gradient.sum(0, keepdim=True)
    return gradient.expand(batch, *gradient.shape[1:])


class Pull(torch.autograd.Function):
    """The derivative of ``pull``."""

    @staticmethod
    def forward(
        ctx: Any, compute: Compute, input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec
    ) -> Tensor:
        remember(ctx, (input, grid), orders, spec)
        return compute(input, grid, orders, layout, spec)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None) -> Gradients:
        (input, grid), (orders, spec) = ctx.saved_tensors, ctx.options
        by_input = by_grid = None
        if gradient is not None:
            _, needs_input, needs_grid, *_ = ctx.needs_input_grad
            if needs_input:
                by_input = push(gradient, grid, input.shape, orders, is_channels_last(input), spec)
            if needs_grid:
                by_grid = grid_gradient(gradient, input, grid, orders, spec)
        return None, by_input, by_grid, None, None, None

    @staticmethod
    def jvp(ctx: Any, _: None, input_tangent: Tensor | None, grid_tangent: Tensor | None, *__: None) -> Tensor:
        orders, spec = ctx.options
        with tangent_rule(ctx.saved_tensors) as (input, grid):
            terms = []
            if input_tangent is not None:
                terms.append(pull(input_tangent, grid, orders, None, spec))
            if grid_tangent is not None:
                terms.append(pull_along(input, grid, grid_tangent, orders, None, spec))
            return add(terms, input.dtype)


class Push(torch.autograd.Function):
    """The derivative of ``push``."""

    @staticmethod
    def forward(
        ctx: Any, compute: Compute, values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec
    ) -> Tensor:
        remember(ctx, (values, grid), shape, orders, spec)
        return compute(values, grid, shape, orders, layout, spec)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None) -> Gradients:
        (values, grid), (_, orders, spec) = ctx.saved_tensors, ctx.options
        by_values = by_grid = None
        if gradient is not None:
            _, needs_values, needs_grid, *_ = ctx.needs_input_grad
            if needs_values:
                by_values = match_batch(pull(gradient, grid, orders, is_channels_last(values), spec), values.shape[0])
            if needs_grid:
                by_grid = grid_gradient(values, gradient, grid, orders, spec)
        return None, by_values, by_grid, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, _: None, values_tangent: Tensor | None, grid_tangent: Tensor | None, *__: None) -> Tensor:
        shape, orders, spec = ctx.options
        with tangent_rule(ctx.saved_tensors) as (values, grid):
            terms = []
            if values_tangent is not None:
                terms.append(push(values_tangent, grid, shape, orders, None, spec))
            if grid_tangent is not None:
                terms.append(push_along(values, grid, grid_tangent, shape, orders, None, spec))
            return add(terms, values.dtype)


class GridGradient(torch.autograd.Function):
    """The derivative of ``grid_gradient``."""

    @staticmethod
    def forward(
        ctx: Any, compute: Compute, values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec
    ) -> Tensor:
        remember(ctx, (values, input, grid), orders, spec)
        return compute(values, input, grid, orders, spec)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None) -> Gradients:
        (values, input, grid), (orders, spec) = ctx.saved_tensors, ctx.options
        by_values = by_input = by_grid = None
        if gradient is not None:
            _, needs_values, needs_input, needs_grid, *_ = ctx.needs_input_grad
            if needs_values:
                layout = is_channels_last(values)
                by_values = match_batch(pull_along(input, grid, gradient, orders, layout, spec), values.shape[0])
                by_values = by_values.to(values.dtype)
            if needs_input:
                layout = is_channels_last(input)
                by_input = push_along(values, grid, gradient, input.shape, orders, layout, spec).to(input.dtype)
            if needs_grid:
                pairs = zip(gradient.unbind(-1), raised(orders), strict=True)
                terms = (grid_gradient(values * along.unsqueeze(1), input, grid, up, spec) for along, up in pairs)
                by_grid = add(terms, grid.dtype)
        return None, by_values, by_input, by_grid, None, None

    @staticmethod
    def jvp(
        ctx: Any,
        _: None,
        values_tangent: Tensor | None,
        input_tangent: Tensor | None,
        grid_tangent: Tensor | None,
        *__: None,
    ) -> Tensor:
        orders, spec = ctx.options
        with tangent_rule(ctx.saved_tensors) as (values, input, grid):
            terms = []
            if values_tangent is not None:
                terms.append(grid_gradient(values_tangent, input, grid, orders, spec))
            if input_tangent is not None:
                terms.append(grid_gradient(values, input_tangent, grid, orders, spec))
            if grid_tangent is not None:
                pairs = zip(grid_tangent.unbind(-1), raised(orders), strict=True)
                terms += [along.unsqueeze(-1) * grid_gradient(values, input, grid, up, spec) for along, up in pairs]
            return add(terms, grid.dtype)


pull.function, push.function, grid_gradient.function = Pull, Push, GridGradient
