"""The five steps in the array-API standard: any library's arrays, any number of dimensions."""

import functools
import itertools
import math
import operator
from typing import Any, NamedTuple

import numpy as np

from gridsample.definitions.dtypes import DTYPES, real_of
from gridsample.engines.interface import Call, Engine, Orders, Shape
from gridsample.namespaces import library_of, namespace
from gridsample.spec import AxisSpec, Spec

quiet = np.errstate(all="ignore")  # NaN and infinity are input like any other: no warnings about their arithmetic


class Tap(NamedTuple):
    """One neighbour on one axis, for every point: arrays of shape (N, P)."""

    index: Any
    inside: Any
    weight: Any


def axis_taps(
    xp: Any, coordinate: Any, size: int, axis: AxisSpec, spec: Spec, order: int, real: Any
) -> tuple[list[Tap], Any]:
    """Return the taps of one axis, and where the coordinate is undefined.

    Positions and distances are of the coordinate's dtype; a distance is rounded once to the ``real`` of the weights.
    """
    kernel, boundary = axis
    position = spec.convention.locate(coordinate, size)
    undefined = boundary.undefined(xp, position)
    position = xp.where(undefined, xp.zeros_like(position), position)
    position, sign = boundary.reduce(xp, position, size, kernel.taps)
    folds = kernel.folds and boundary.folds
    if folds:
        position, sign = boundary.fold(xp, position, size)
    first, distance = kernel.place(xp, position)
    weights = kernel.weights(xp, xp.astype(distance, real), order)
    if order:
        slope = (sign if isinstance(sign, float) else xp.astype(sign, real)) * spec.convention.scale(size)
        weights = [weight * slope**order for weight in weights]
    taps = []
    for k, weight in enumerate(weights):
        index = xp.astype(first, xp.int64) + k
        if folds:  # what a fold leaves outside is skipped
            index, inside = xp.clip(index, 0, size - 1), (index >= 0) & (index < size)
        else:
            index, inside = boundary.resolve(xp, index, size)
        taps.append(Tap(index, inside, weight))
    return taps, undefined


def footprint(xp: Any, grid: Any, size: Shape, spec: Spec, orders: Orders, real: Any) -> tuple[Any, Any]:
    """Return an iterator over the taps of all axes together, and where the place is undefined.

    A tap comes as its linear index, whether it is inside, and its weight, each of shape (N, P).
    """
    points = xp.reshape(grid, (grid.shape[0], -1, len(size)))
    axes = [  # grid component d belongs to array axis D-1-d
        axis_taps(xp, points[..., d], size[-1 - d], spec.axis(d), spec, orders[d], real) for d in range(len(size))
    ][::-1]
    undefined = functools.reduce(operator.or_, (bad for _, bad in axes))
    strides = [math.prod(size[a + 1 :]) for a in range(len(size))]

    def product() -> Any:
        for taps in itertools.product(*(taps for taps, _ in axes)):
            index = sum(tap.index * stride for tap, stride in zip(taps, strides, strict=True))
            inside = functools.reduce(operator.and_, (tap.inside for tap in taps))
            weight = functools.reduce(operator.mul, (tap.weight for tap in taps))
            yield index, inside, weight

    return product(), undefined


def is_flat(spec: Spec, orders: Orders) -> bool:
    """Whether a derivative is 0 everywhere, whatever the pixels hold: that of a kernel without slopes."""
    return any(order and not spec.axis(d).kernel.has_slopes for d, order in enumerate(orders))


class Portable(Engine):
    """The five steps on whole arrays."""

    name = "portable"
    arrays = "array-API arrays, torch tensors on any device"
    axes = range(1, 33)
    dtypes = tuple(DTYPES)
    kernels = "all, your own too"
    boundaries = "all, your own too"

    @property
    def splats(self) -> str:  # type: ignore[override]
        """Where it splats."""
        return f"arrays of {', '.join(SCATTER_ADD)}"

    def serves(self, call: Call) -> str | None:
        """Say no to splats where nothing can add."""
        if call.operation == "push" and call.library not in SCATTER_ADD:
            return (
                f"adding values at places needs a scatter-add, which the array-API standard does not have and "
                f"{call.library!r} is not known to; possible are arrays of {', '.join(SCATTER_ADD)}"
            )
        return super().serves(call)

    @quiet
    def pull(self, input: Any, grid: Any, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Sample, by gathering the pixels of one tap of all points after another."""
        xp = namespace(input)
        real, places = dtypes_of(xp, grid, input)
        channels, size, out = input.shape[1], tuple(input.shape[2:]), tuple(grid.shape[1:-1])
        shape = (broadcast_batch(input.shape[0], grid.shape[0]), channels, math.prod(out))
        total = xp.zeros(shape, dtype=real, device=input.device)
        if 0 not in shape and not is_flat(spec, orders):
            taps, undefined = footprint(xp, places, size, spec, orders, real)
            for index, inside, weight in taps:
                product = weight[:, None, :] * gather(xp, input, index, shape, real)
                total = total + xp.where(inside[:, None, :], product, xp.zeros_like(product))
            nothing = xp.full_like(total, 0.0 if any(orders) else math.nan)
            total = xp.where(undefined[:, None, :], nothing, total)
        return stored(xp, xp.reshape(total, (*shape[:2], *out)), input.dtype, result)

    @quiet
    def push(self, values: Any, grid: Any, shape: Shape, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Splat, by adding the values of all points to one tap of theirs after another."""
        xp = namespace(values)
        add = SCATTER_ADD[library_of(xp)]
        real, places = dtypes_of(xp, grid, values)
        channels, size = shape[1], tuple(shape[2:])
        batch = broadcast_batch(values.shape[0], grid.shape[0])
        points, pixels = math.prod(grid.shape[1:-1]), math.prod(size)
        total = xp.zeros((shape[0] * channels * pixels,), dtype=real, device=values.device)
        if 0 not in (batch, channels, points, pixels) and not is_flat(spec, orders):
            flat = xp.astype(xp.reshape(values, (values.shape[0], channels, points)), real)
            planes = xp.arange(shape[0] * channels, dtype=xp.int64, device=values.device) * pixels
            planes = xp.reshape(planes, (shape[0], channels, 1))
            taps, undefined = footprint(xp, places, size, spec, orders, real)
            for index, inside, weight in taps:
                lands = (inside & ~undefined)[:, None, :]
                product = weight[:, None, :] * flat
                product = xp.where(lands, product, xp.zeros_like(product))
                target = xp.broadcast_to(planes + index[:, None, :], (batch, channels, points))
                product = xp.broadcast_to(product, (batch, channels, points))
                total = add(total, xp.reshape(target, (-1,)), xp.reshape(product, (-1,)))
        return stored(xp, xp.reshape(total, shape), values.dtype, result)

    @quiet
    def grid_gradient(self, values: Any, input: Any, grid: Any, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Weigh the pixels, one component after another."""
        xp = namespace(input)
        real, places = dtypes_of(xp, grid, values, input)
        size, points = tuple(input.shape[2:]), math.prod(grid.shape[1:-1])
        batch = broadcast_batch(values.shape[0], broadcast_batch(input.shape[0], grid.shape[0]))
        shape = (batch, input.shape[1], points)
        flat = xp.astype(xp.reshape(values, (*values.shape[:2], points)), real)
        components = []
        for d in range(len(size)):
            raised = tuple(order + (a == d) for a, order in enumerate(orders))
            total = xp.zeros((batch, points), dtype=real, device=input.device)
            if 0 not in shape and not is_flat(spec, raised):
                taps, undefined = footprint(xp, places, size, spec, raised, real)
                for index, inside, weight in taps:
                    product = weight * xp.sum(flat * gather(xp, input, index, shape, real), axis=1)
                    total = total + xp.where(inside & ~undefined, product, xp.zeros_like(product))
            components.append(xp.sum(total, axis=0, keepdims=True) if grid.shape[0] == 1 else total)
        return stored(xp, xp.reshape(xp.stack(components, axis=-1), grid.shape), grid.dtype, result)


PORTABLE = Portable()


def dtypes_of(xp: Any, grid: Any, *values: Any) -> tuple[Any, Any]:
    """Return the dtype of weights and sums, and the grid in the dtype of positions."""
    real = real_of(*(array.dtype for array in values))
    return getattr(xp, real), xp.astype(grid, getattr(xp, real_of(grid.dtype, real)))


def stored(xp: Any, total: Any, dtype: Any, result: Any) -> Any:
    """Return a result in the array given for it, or in a new one of a dtype."""
    if result is None:
        return xp.astype(total, dtype)
    result[...] = total
    return result


def gather(xp: Any, input: Any, index: Any, shape: tuple[int, int, int], real: Any) -> Any:
    """Return the pixels of every channel at linear indices (N or 1, P), as (N, C, P)."""
    flat = xp.reshape(input, (*input.shape[:2], -1))
    flat = xp.broadcast_to(flat, (*shape[:2], flat.shape[2]))
    return xp.astype(xp.take_along_axis(flat, xp.broadcast_to(index[:, None, :], shape), axis=2), real)


def broadcast_batch(a: int, b: int) -> int:
    """Return the batch size of two that broadcast."""
    return b if a == 1 else a


def _add_numpy(total: Any, index: Any, values: Any) -> Any:
    return total + np.bincount(index, values, minlength=total.shape[0]).astype(total.dtype)


def _add_torch(total: Any, index: Any, values: Any) -> Any:
    return total.index_add(0, index, values)


def _add_jax(total: Any, index: Any, values: Any) -> Any:
    return total.at[index].add(values)


def _add_cupy(total: Any, index: Any, values: Any) -> Any:
    import cupy  # noqa: PLC0415  (the array is already CuPy's)

    cupy.add.at(total, index, values)
    return total


SCATTER_ADD = {"numpy": _add_numpy, "torch": _add_torch, "jax": _add_jax, "cupy": _add_cupy}
