"""The five steps in the array-API standard: any library's arrays, any number of dimensions."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gridsample.definitions.dtypes import CARRIED, DTYPES, real_of
from gridsample.engines import votes
from gridsample.engines.footprints import Tap, broadcast_batch, either, footprint, quiet
from gridsample.engines.interface import Call, Engine, Orders, Shape
from gridsample.namespaces import device_of, index_dtype, library_of, namespace
from gridsample.spec import Spec


class Share:
    """How much of each sample is the fill value: the weights of the taps that have it, or all. Adds up tap by tap."""

    def __init__(self, xp: Any, spec: Spec, orders: Orders, beyond: Any) -> None:
        self.xp, self.whole = xp, 0.0 if any(orders) else 1.0
        self.none = spec.filling.is_zero
        self.beyond, self.total, self.everywhere, self.some = beyond, None, None, None

    def add(self, tap: Tap) -> None:
        """Count a tap."""
        if self.none or tap.filled is None:
            return
        weight = self.xp.where(tap.filled, tap.weight, self.xp.zeros_like(tap.weight))
        self.total = weight if self.total is None else self.total + weight
        self.everywhere = tap.filled if self.everywhere is None else self.everywhere & tap.filled
        self.some = either(self.some, tap.filled & (tap.weight != 0))

    def times(self, numbers: Callable[[], Any]) -> Any:
        """Return the share (N, 1, P) times numbers (1 or N, C, 1 or P), or None if it is 0 throughout."""
        xp, share = self.xp, self.total
        if self.none or (share is None and self.beyond is None):
            return None
        values = numbers()
        everywhere, some = either(self.everywhere, self.beyond), self.some
        if share is None:
            share, some = xp.zeros(everywhere.shape, dtype=values.dtype, device=device_of(values)), everywhere
        share = xp.where(everywhere, xp.full_like(share, self.whole), share)  # rounding of weights has no part in it
        some = some & ~everywhere if self.whole == 0 else some | everywhere
        product = share[:, None, :] * values
        return xp.where(some[:, None, :], product, xp.zeros_like(product))  # 0 times NaN is NaN, but nothing is nothing


def fill_values(xp: Any, spec: Spec, channels: int, real: Any, device: Any) -> Any:
    """Return the fill value of each channel, of shape (1, C, 1)."""
    return xp.reshape(xp.asarray(spec.filling.of(channels), dtype=real, device=device), (1, channels, 1))


def weighed_fill(xp: Any, values: Any, spec: Spec, real: Any) -> Any:
    """Return the sum over channels of values (N, C, P) times the fill value, of shape (N, 1, P)."""
    return xp.sum(values * fill_values(xp, spec, values.shape[1], real, device_of(values)), axis=1, keepdims=True)


def is_flat(spec: Spec, orders: Orders) -> bool:
    """Whether a derivative is 0 everywhere, whatever the pixels hold: that of a kernel without slopes."""
    return any(order and not spec.axis(d).kernel.has_slopes for d, order in enumerate(orders))


class Portable(Engine):
    """The five steps on whole arrays."""

    name = "portable"
    arrays = "array-API arrays, torch tensors on any device"
    axes = range(1, 33)
    dtypes = tuple(DTYPES)
    labels = tuple(name for name, how in CARRIED.items() if how.kind != "complex")
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
        total = xp.zeros(shape, dtype=real, device=device_of(input))
        if 0 not in shape and not is_flat(spec, orders):
            taps, undefined, beyond = footprint(xp, places, size, spec, orders, real)
            share = Share(xp, spec, orders, beyond)
            for tap in taps:
                product = tap.weight[:, None, :] * gather(xp, input, tap.index, shape, real)
                total = total + xp.where(tap.inside[:, None, :], product, xp.zeros_like(product))
                share.add(tap)
            if beyond is not None:
                total = xp.where(beyond[:, None, :], xp.zeros_like(total), total)
            filled = share.times(lambda: fill_values(xp, spec, channels, real, device_of(input)))
            total = total if filled is None else total + filled
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
        total = xp.zeros((shape[0] * channels * pixels,), dtype=real, device=device_of(values))
        if 0 not in (batch, channels, points, pixels) and not is_flat(spec, orders):
            flat = xp.astype(xp.reshape(values, (values.shape[0], channels, points)), real)
            planes = xp.arange(shape[0] * channels, dtype=index_dtype(xp), device=device_of(values)) * pixels
            planes = xp.reshape(planes, (shape[0], channels, 1))
            taps, undefined, beyond = footprint(xp, places, size, spec, orders, real)
            nowhere = either(undefined, beyond)
            for tap in taps:
                lands = (tap.inside & ~nowhere)[:, None, :]
                product = tap.weight[:, None, :] * flat
                product = xp.where(lands, product, xp.zeros_like(product))
                target = xp.broadcast_to(planes + tap.index[:, None, :], (batch, channels, points))
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
            total = xp.zeros((batch, points), dtype=real, device=device_of(input))
            if 0 not in shape and not is_flat(spec, raised):
                taps, undefined, beyond = footprint(xp, places, size, spec, raised, real)
                nowhere, share = either(undefined, beyond), Share(xp, spec, raised, beyond)
                for tap in taps:
                    product = tap.weight * xp.sum(flat * gather(xp, input, tap.index, shape, real), axis=1)
                    total = total + xp.where(tap.inside & ~nowhere, product, xp.zeros_like(product))
                    share.add(tap)
                filled = share.times(lambda: weighed_fill(xp, flat, spec, real))
                if filled is not None:
                    total = total + xp.where(nowhere, xp.zeros_like(total), filled[:, 0, :])
            components.append(xp.sum(total, axis=0, keepdims=True) if grid.shape[0] == 1 else total)
        return stored(xp, xp.reshape(xp.stack(components, axis=-1), grid.shape), grid.dtype, result)

    @quiet
    def vote(self, labels: Any, grid: Any, spec: Spec, fill: int, result: Any = None) -> Any:
        """Compare the labels of all taps, some points at a time."""
        xp = namespace(labels)
        return stored(xp, votes.vote(xp, labels, grid, spec, fill), labels.dtype, result)


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
    index = xp.broadcast_to(index[:, None, :], shape)
    if library_of(xp) == "torch":  # whose own take_along_axis makes numbers of a compiler's symbols
        return xp.astype(flat.gather(2, index), real)
    return xp.astype(xp.take_along_axis(flat, index, axis=2), real)


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
