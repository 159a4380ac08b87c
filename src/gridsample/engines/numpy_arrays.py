"""NumPy arrays: what must be made plain before an engine sees them, and what the result becomes."""

from typing import Any

import numpy as np

from gridsample.arrays import family_of
from gridsample.checks import caller_order, check_dtype, check_out, check_pull, check_push
from gridsample.engines import cpu, portable
from gridsample.spec import Spec


def grid_sample(input: Any, grid: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Sample NumPy arrays."""
    check_dtype("input", input.dtype)
    check_dtype("grid", grid.dtype)
    shape = check_pull(input.shape, grid.shape, last)
    result = new_result(out, shape, last, input, keeps_layout_of=input, beside=(input, grid))
    pull(plain(channels_second(input, last)), plain(grid), channels_second(result, last), spec)
    return finish(result, out, input)


def grid_splat(values: Any, grid: Any, shape: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Splat NumPy arrays."""
    check_dtype("values", values.dtype)
    check_dtype("grid", grid.dtype)
    target = check_push(values.shape, grid.shape, shape, last)
    result = new_result(out, target, last, values, keeps_layout_of=None, beside=(values, grid))
    push(plain(channels_second(values, last)), plain(grid), channels_second(result, last), spec)
    return finish(result, out, values)


def pull(input: Any, grid: Any, result: Any, spec: Spec) -> None:
    """Fill ``result`` with samples, by the first engine that can."""
    orders = (0,) * grid.shape[-1]
    if cpu.supports(input.shape[2:]):
        cpu.pull(input, grid, result, spec, orders)
    else:
        result[...] = portable.pull(input, grid, spec, orders)


def push(values: Any, grid: Any, result: Any, spec: Spec) -> None:
    """Fill ``result`` with splatted values, by the first engine that can."""
    orders = (0,) * grid.shape[-1]
    if cpu.supports(result.shape[2:]):
        cpu.push(values, grid, result, spec, orders)
    else:
        result[...] = portable.push(values, grid, result.shape, spec, orders)


def plain(array: Any) -> Any:
    """Return an array as the engines read it: native byte order, aligned, strides in whole elements.

    A view of the caller's memory wherever that is possible; else, a copy.
    """
    array = np.asarray(array)
    flags = array.flags
    if array.dtype.isnative and flags.aligned:
        itemsize = array.itemsize
        if flags.c_contiguous or not any(stride % itemsize for stride in array.strides):
            return array
    return array.astype(array.dtype.newbyteorder("="), order="K")


def channels_second(array: Any, last: bool) -> Any:
    """Return a view with the channels second."""
    return np.moveaxis(array, -1, 1) if last else array


def new_result(out: Any, shape: tuple[int, ...], last: bool, like: Any, keeps_layout_of: Any, beside: Any) -> Any:
    """Return an array to fill: ``out`` itself where that is safe, else a new one of the caller's order."""
    dtype = like.dtype if like.dtype.isnative else like.dtype.newbyteorder("=")
    ordered = caller_order(shape, last)
    if out is not None:
        if not isinstance(out, np.ndarray):
            raise TypeError(f"out must be a NumPy array; got {type(out).__module__}.{type(out).__qualname__}")
        family_of("out", out)  # refuses masked arrays
        check_out(out, ordered, dtype)
        if not any(np.may_share_memory(out, array) for array in beside) and plain(out) is out:
            return out
    if keeps_layout_of is not None and not last and is_channels_last(keeps_layout_of):
        return np.moveaxis(np.empty(caller_order(shape, True), dtype), -1, 1)
    return np.empty(ordered, dtype)


def is_channels_last(array: Any) -> bool:
    """Whether (N, C, *size) lies in memory as (N, *size, C), and not also as it is."""
    return not array.flags.c_contiguous and np.moveaxis(array, 1, -1).flags.c_contiguous


def finish(result: Any, out: Any, like: Any) -> Any:
    """Return the result in the caller's ``out``, or wrapped as NumPy wraps results of ``like``'s class."""
    if out is not None:
        if out is not result:
            out[...] = result
        return out
    return result if type(like) is np.ndarray else like.__array_wrap__(result)
