"""The five steps in the array-API standard: any library's arrays, any number of dimensions."""

import functools
import itertools
import math
import operator
from typing import Any, NamedTuple

import numpy as np

from gridsample.coordinates import locate, scale_and_shift
from gridsample.spec import Spec

Orders = tuple[int, ...]

quiet = np.errstate(all="ignore")  # NaN and infinity are input like any other: no warnings about their arithmetic


class Tap(NamedTuple):
    """One neighbour on one axis, for every point: arrays of shape (N, P)."""

    index: Any
    inside: Any
    weight: Any


def namespace(array: Any) -> Any:
    """Return the array-API namespace of an array: its own, or array-api-compat's for torch and the like."""
    if isinstance(array, np.ndarray):
        return np
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    from array_api_compat import array_namespace  # noqa: PLC0415  (only arrays that need it pay for it)

    return array_namespace(array)


def compute_dtype(xp: Any, *dtypes: Any) -> Any:
    """Return the dtype of positions and weights: float64 if any is float64, never less than float32."""
    return xp.float64 if xp.float64 in dtypes else xp.float32


def axis_taps(xp: Any, coordinate: Any, size: int, spec: Spec, order: int) -> tuple[list[Tap], Any]:
    """Return the taps of one axis, and where the coordinate is undefined."""
    kernel, boundary = spec.kernel, spec.boundary
    position = locate(coordinate, size, spec.align_corners)
    undefined = boundary.undefined(xp, position)
    position, sign = boundary.reduce(xp, xp.where(undefined, xp.zeros_like(position), position), size)
    if kernel.folds:
        position, sign = boundary.fold(xp, position, size)
    first = kernel.first(xp, position)
    scale, _ = scale_and_shift(size, spec.align_corners)
    weights = kernel.weights(xp, position - xp.floor(position), order)
    taps = []
    for k, weight in enumerate(weights):
        index = xp.astype(first, xp.int64) + k
        if kernel.folds:  # what a fold leaves outside is skipped
            index, inside = xp.clip(index, 0, size - 1), (index >= 0) & (index < size)
        else:
            index, inside = boundary.resolve(xp, index, size)
        taps.append(Tap(index, inside, weight * (sign * scale) ** order if order else weight))
    return taps, undefined


def footprint(xp: Any, grid: Any, size: tuple[int, ...], spec: Spec, orders: Orders, dtype: Any) -> tuple[Any, Any]:
    """Return an iterator over the taps of all axes together, and where the place is undefined.

    A tap comes as its linear index, whether it is inside, and its weight, each of shape (N, P).
    """
    points = xp.astype(xp.reshape(grid, (grid.shape[0], -1, len(size))), dtype)
    axes = [  # grid component d belongs to array axis D-1-d
        axis_taps(xp, points[..., d], size[-1 - d], spec, orders[d]) for d in reversed(range(len(size)))
    ]
    undefined = functools.reduce(operator.or_, (bad for _, bad in axes))
    strides = [math.prod(size[a + 1 :]) for a in range(len(size))]

    def product() -> Any:
        for taps in itertools.product(*(taps for taps, _ in axes)):
            index = sum(tap.index * stride for tap, stride in zip(taps, strides, strict=True))
            inside = functools.reduce(operator.and_, (tap.inside for tap in taps))
            weight = functools.reduce(operator.mul, (tap.weight for tap in taps))
            yield index, inside, weight

    return product(), undefined


@quiet
def pull(input: Any, grid: Any, spec: Spec, orders: Orders) -> Any:
    """Sample ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D), with derivatives of the given orders."""
    xp = namespace(input)
    dtype = compute_dtype(xp, input.dtype, grid.dtype)
    channels, size, out = input.shape[1], tuple(input.shape[2:]), tuple(grid.shape[1:-1])
    shape = (broadcast_batch(input.shape[0], grid.shape[0]), channels, math.prod(out))
    result = xp.zeros(shape, dtype=dtype, device=input.device)
    if 0 not in shape:
        taps, undefined = footprint(xp, grid, size, spec, orders, dtype)
        for index, inside, weight in taps:
            product = weight[:, None, :] * gather(xp, input, index, shape, dtype)
            result = result + xp.where(inside[:, None, :], product, xp.zeros_like(product))
        nothing = xp.full_like(result, 0.0 if any(orders) else math.nan)
        result = xp.where(undefined[:, None, :], nothing, result)
    return xp.reshape(xp.astype(result, input.dtype), (*shape[:2], *out))


def gather(xp: Any, input: Any, index: Any, shape: tuple[int, int, int], dtype: Any) -> Any:
    """Return the pixels of every channel at linear indices (N or 1, P), as (N, C, P)."""
    flat = xp.reshape(input, (*input.shape[:2], -1))
    flat = xp.broadcast_to(flat, (*shape[:2], flat.shape[2]))
    return xp.astype(xp.take_along_axis(flat, xp.broadcast_to(index[:, None, :], shape), axis=2), dtype)


@quiet
def push(values: Any, grid: Any, shape: tuple[int, ...], spec: Spec, orders: Orders) -> Any:
    """Add ``values`` (N or 1, C, *out) at ``grid`` (N or 1, *out, D) into zeros of ``shape`` (N or 1, C, *size)."""
    xp = namespace(values)
    add = scatter_add_for(xp)
    dtype = compute_dtype(xp, values.dtype, grid.dtype)
    channels, size = shape[1], tuple(shape[2:])
    batch = broadcast_batch(values.shape[0], grid.shape[0])
    points, pixels = math.prod(grid.shape[1:-1]), math.prod(size)
    total = xp.zeros((shape[0] * channels * pixels,), dtype=dtype, device=values.device)
    if 0 in (batch, channels, points, pixels):
        return xp.reshape(xp.astype(total, values.dtype), shape)
    flat = xp.astype(xp.reshape(values, (values.shape[0], channels, points)), dtype)
    planes = xp.arange(shape[0] * channels, dtype=xp.int64, device=values.device) * pixels
    planes = xp.reshape(planes, (shape[0], channels, 1))
    taps, undefined = footprint(xp, grid, size, spec, orders, dtype)
    for index, inside, weight in taps:
        lands = (inside & ~undefined)[:, None, :]
        product = weight[:, None, :] * flat
        product = xp.where(lands, product, xp.zeros_like(product))
        target = xp.broadcast_to(planes + index[:, None, :], (batch, channels, points))
        product = xp.broadcast_to(product, (batch, channels, points))
        total = add(total, xp.reshape(target, (-1,)), xp.reshape(product, (-1,)))
    return xp.reshape(xp.astype(total, values.dtype), shape)


@quiet
def grid_gradient(values: Any, input: Any, grid: Any, spec: Spec, orders: Orders) -> Any:
    """Return the sum over channels of ``values`` times the pull's derivative by each component: shape as ``grid``."""
    xp = namespace(input)
    dtype = compute_dtype(xp, input.dtype, grid.dtype)
    size, points = tuple(input.shape[2:]), math.prod(grid.shape[1:-1])
    shape = (broadcast_batch(values.shape[0], broadcast_batch(input.shape[0], grid.shape[0])), input.shape[1], points)
    if 0 in shape:
        return xp.zeros_like(grid)
    flat = xp.astype(xp.reshape(values, (*values.shape[:2], points)), dtype)
    components = []
    for d in range(len(size)):
        raised = tuple(order + (a == d) for a, order in enumerate(orders))
        taps, undefined = footprint(xp, grid, size, spec, raised, dtype)
        total = xp.zeros((shape[0], points), dtype=dtype, device=input.device)
        for index, inside, weight in taps:
            product = weight * xp.sum(flat * gather(xp, input, index, shape, dtype), axis=1)
            total = total + xp.where(inside & ~undefined, product, xp.zeros_like(product))
        components.append(xp.sum(total, axis=0, keepdims=True) if grid.shape[0] == 1 else total)
    return xp.reshape(xp.astype(xp.stack(components, axis=-1), grid.dtype), grid.shape)


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


def scatter_add_for(xp: Any) -> Any:
    """Return the library's scatter-add, which the array-API standard does not have."""
    library = xp.__name__.removeprefix("array_api_compat.").split(".")[0]
    if library not in SCATTER_ADD:
        raise TypeError(
            f"adding values at places needs a scatter-add, which the array-API standard does not have and {library!r} "
            f"is not known to; possible are arrays of {', '.join(SCATTER_ADD)}"
        )
    return SCATTER_ADD[library]
