"""The derivatives of the operators, which are made of the same operators.

With e_a raising the order of component a by one, and sums over components::

    d pull(x, g, o)             =  pull(dx, g, o)  +  sum_a dg_a pull(x, g, o + e_a)
    d push(v, g, o)             =  push(dv, g, o)  +  sum_a push(dg_a v, g, o + e_a)
    d grid_gradient(v, x, g, o) =  grid_gradient(dv, x, g, o)  +  grid_gradient(v, dx, g, o)
                                   +  sum_a dg_a grid_gradient(v, x, g, o + e_a)

Each class below holds one of these lines (``jvp``) and its transpose (``backward``). Being closed, they give every
order, forward, reverse and mixed. The fill value is constant: tangents, and what they are pulled from, have 0 in its
place. Saved are the tensors that an operator was given, and its options.
"""

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from gridsample.faces.torch import execution
from gridsample.faces.torch.execution import Layout, Orders, Shape, Tensor, is_channels_last
from gridsample.faces.torch.operators import grid_gradient, pull, push
from gridsample.faces.torch.torch_private import may_carry_tangents, record, route_of, tangent_rule
from gridsample.spec import Spec

Tangents = Sequence[Tensor | None]
Gradients = tuple[Tensor | None, ...]


def raised(orders: Orders) -> list[Orders]:
    """Return the orders raised by one, for each component in turn."""
    return [(*orders[:a], order + 1, *orders[a + 1 :]) for a, order in enumerate(orders)]


def add(terms: Iterable[Tensor], dtype: torch.dtype) -> Tensor:
    """Return the sum of at least one term."""
    return functools.reduce(operator.add, terms).to(dtype)


def sum_of(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    """Return a sum, of which None is nothing."""
    if a is None or b is None:
        return b if a is None else a
    return a + b


def along(direction: Tensor, orders: Orders) -> Iterable[tuple[Tensor, Orders]]:
    """Return for each component the direction's (N, 1, *out) and the raised orders."""
    return zip(direction.unsqueeze(1).unbind(-1), raised(orders), strict=True)


def pull_along(direction: Tensor, input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
    """Return the pull's derivative in a direction (N, *out, D): sum_a direction_a pull(o + e_a)."""
    return add((step * pull(input, grid, up, layout, spec) for step, up in along(direction, orders)), input.dtype)


def push_along(
    direction: Tensor, values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec
) -> Tensor:
    """Return the push's derivative in a direction (N, *out, D): sum_a push(direction_a values, o + e_a)."""
    pairs = along(direction, orders)
    return add((push(step * values, grid, shape, up, layout, spec) for step, up in pairs), values.dtype)


def match_batch(gradient: Tensor, batch: int) -> Tensor:
    """Return a gradient for a tensor of batch size ``batch`` that was broadcast, or that was summed."""
    if gradient.shape[0] == batch:
        return gradient
    if batch == 1:
        return gradient.sum(0, keepdim=True)
    return gradient.expand(batch, *gradient.shape[1:])


class Derivative(torch.autograd.Function):
    """What the derivatives of all operators have in common; subclasses have ``tangent`` and its transpose."""

    @staticmethod
    def forward(ctx: Any, compute: Callable[..., Tensor], *arguments: Any) -> Tensor:
        """Compute the result, and keep the operator's own arguments."""
        tensors = [argument for argument in arguments if isinstance(argument, Tensor)]
        ctx.options = arguments[len(tensors) :]
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors)
        if may_carry_tangents():
            ctx.save_for_forward(*tensors)
        return compute(*arguments)

    def __init_subclass__(cls) -> None:
        """Make the two methods that torch asks for; plain functions, or compiled autograd would not take them."""

        def jvp(ctx: Any, _: None, *tangents: Tensor | None) -> Tensor:
            with tangent_rule(ctx.saved_tensors) as tensors:
                return cls.tangent(tangents[: len(tensors)], *tensors, *ctx.options)

        def backward(ctx: Any, gradient: Tensor | None) -> tuple[Tensor | None, ...]:
            _, *needed = ctx.needs_input_grad
            if gradient is None:
                return (None,) * (1 + len(needed))
            gradients = cls.transpose(gradient, needed, *ctx.saved_tensors, *ctx.options)
            return None, *gradients, *(None,) * len(ctx.options)

        cls.jvp, cls.backward = staticmethod(jvp), staticmethod(backward)  # type: ignore[method-assign]

    @staticmethod
    def tangent(tangents: Tangents, *arguments: Any) -> Tensor:
        """Return the result's tangent for those of the tensors; None is zero."""
        raise NotImplementedError

    @staticmethod
    def transpose(gradient: Tensor, needed: Sequence[bool], *arguments: Any) -> Gradients:
        """Return the tensors' gradients, where they are needed, for that of the result."""
        raise NotImplementedError


class Pull(Derivative):
    """The derivative of ``pull``."""

    @staticmethod
    def tangent(tangents: Tangents, input: Tensor, grid: Tensor, orders: Orders, layout: Layout, spec: Spec) -> Tensor:
        by_input, by_grid = tangents
        terms = []
        if by_input is not None:
            terms.append(pull(by_input, grid, orders, layout, spec.linear))
        if by_grid is not None:
            terms.append(pull_along(by_grid, input, grid, orders, layout, spec))
        return add(terms, input.dtype)

    @staticmethod
    def transpose(
        gradient: Tensor,
        needed: Sequence[bool],
        input: Tensor,
        grid: Tensor,
        orders: Orders,
        _layout: Layout,
        spec: Spec,
    ) -> Gradients:
        for_input, for_grid, *_ = needed
        tensors = gradient, input, grid
        route = route_of(*tensors) if for_input and for_grid else "dispatcher"
        if route == "record":
            return record(BothGradients, *tensors, orders, spec)  # type: ignore[return-value]  # it has two results
        if route == "engine":
            return execution.gradients(*tensors, orders, spec)
        return (
            push(gradient, grid, input.shape, orders, is_channels_last(input), spec) if for_input else None,
            grid_gradient(gradient, input, grid, orders, spec) if for_grid else None,
        )


class Push(Derivative):
    """The derivative of ``push``."""

    @staticmethod
    def tangent(
        tangents: Tangents, values: Tensor, grid: Tensor, shape: Shape, orders: Orders, layout: Layout, spec: Spec
    ) -> Tensor:
        by_values, by_grid = tangents
        terms = []
        if by_values is not None:
            terms.append(push(by_values, grid, shape, orders, layout, spec))
        if by_grid is not None:
            terms.append(push_along(by_grid, values, grid, shape, orders, layout, spec))
        return add(terms, values.dtype)

    @staticmethod
    def transpose(
        gradient: Tensor,
        needed: Sequence[bool],
        values: Tensor,
        grid: Tensor,
        _shape: Shape,
        orders: Orders,
        _layout: Layout,
        spec: Spec,
    ) -> Gradients:
        for_values, for_grid, *_ = needed
        by_values = by_grid = None
        if for_values:
            samples = pull(gradient, grid, orders, is_channels_last(values), spec.linear)
            by_values = match_batch(samples, values.shape[0])
        if for_grid:
            by_grid = grid_gradient(values, gradient, grid, orders, spec.linear)
        return by_values, by_grid


class GridGradient(Derivative):
    """The derivative of ``grid_gradient``."""

    @staticmethod
    def tangent(tangents: Tangents, values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec) -> Tensor:
        by_values, by_input, by_grid = tangents
        terms = []
        if by_values is not None:
            terms.append(grid_gradient(by_values, input, grid, orders, spec))
        if by_input is not None:
            terms.append(grid_gradient(values, by_input, grid, orders, spec.linear))
        if by_grid is not None:
            pairs = zip(by_grid.split(1, -1), raised(orders), strict=True)
            terms += [step * grid_gradient(values, input, grid, up, spec) for step, up in pairs]
        return add(terms, grid.dtype)

    @staticmethod
    def transpose(
        gradient: Tensor,
        needed: Sequence[bool],
        values: Tensor,
        input: Tensor,
        grid: Tensor,
        orders: Orders,
        spec: Spec,
    ) -> Gradients:
        for_values, for_input, for_grid, *_ = needed
        tensors = gradient, values, input, grid
        if route_of(*tensors) == "engine":
            together = execution.gradients_along((None, gradient), values, input, grid, needed, orders, spec)
            if together is not None:
                return together
        by_values = by_input = by_grid = None
        if for_values:
            slopes = pull_along(gradient, input, grid, orders, is_channels_last(values), spec)
            by_values = match_batch(slopes, values.shape[0]).to(values.dtype)
        if for_input:
            layout = is_channels_last(input)
            by_input = push_along(gradient, values, grid, input.shape, orders, layout, spec).to(input.dtype)
        if for_grid:
            pairs = along(gradient, orders)
            by_grid = add((grid_gradient(step * values, input, grid, up, spec) for step, up in pairs), grid.dtype)
        return by_values, by_input, by_grid


class BothGradients(torch.autograd.Function):
    """Both gradients of a pull in one sweep, ``push`` and ``grid_gradient``, and their derivatives in another.

    For plain tensors alone; all others go through the two operators.
    """

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, input: Tensor, grid: Tensor, orders: Orders, spec: Spec
    ) -> tuple[Tensor, Tensor]:
        """Compute both, and keep the arguments."""
        ctx.options = orders, spec
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(values, input, grid)
        return execution.gradients(values, input, grid, orders, spec)

    @staticmethod
    def backward(ctx: Any, input_step: Tensor | None, grid_step: Tensor | None) -> Gradients:
        """Return the gradients by values, input and grid."""
        needed, (orders, spec), (values, input, grid) = ctx.needs_input_grad[:3], ctx.options, ctx.saved_tensors
        if input_step is None and grid_step is None:
            return (None,) * 5
        tensors = [tensor for tensor in (input_step, grid_step, values, input, grid) if tensor is not None]
        if route_of(*tensors) == "engine":
            together = execution.gradients_along((input_step, grid_step), values, input, grid, needed, orders, spec)
            if together is not None:
                return *together, None, None
        by_values = by_input = by_grid = None
        if grid_step is not None:
            by_values, by_input, by_grid = GridGradient.transpose(grid_step, needed, values, input, grid, orders, spec)
        if input_step is not None:
            options = input.shape, orders, None, spec
            terms = Push.transpose(input_step, (needed[0], needed[2]), values, grid, *options)
            by_values, by_grid = (sum_of(a, b) for a, b in zip((by_values, by_grid), terms, strict=True))
        return by_values, by_input, by_grid, None, None


def register() -> None:
    """Give the operators their derivatives."""
    pull.function, push.function, grid_gradient.function = Pull, Push, GridGradient
