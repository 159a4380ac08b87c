"""NumPy arrays: what must be made plain before an engine sees them, and what the result becomes."""

import functools
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gridsample.checks import caller_order, check_dtype, check_filling, check_out, check_pull, whole_numbers
from gridsample.definitions.conventions import Convention
from gridsample.definitions.dtypes import CARRIED, DTYPES, name_of, real_of
from gridsample.engines import quickest
from gridsample.faces import array_api, carrying, foreign
from gridsample.faces.filtering import in_place
from gridsample.faces.plan import Plan, plan_pull, plan_push, plan_vote, plan_whole
from gridsample.faces.touched import patches
from gridsample.spec import Spec, filled_with, is_time, parse_options

quick = quickest("numpy", "cpu")

parse = parse_options


def sample(
    input: Any, grid: Any, spec: Spec, last: bool, out: Any = None, orders: tuple[int, ...] | None = None
) -> Any:
    """Sample; ``last`` says that the channels of ``input`` and of the result come last."""
    if spec.weighing is not None:
        return sample_splines(input, grid, spec, last, out, orders)
    if out is None and orders is None and not last and type(input) is type(grid) is np.ndarray:
        result = quick.sample(input, grid, spec)
        if result is not None:
            return result
    if orders is None and must_be_copied(input):
        few = sample_few(input, grid, spec, last, out)
        if few is not None:
            return few
    if input.dtype.kind in OTHER_KINDS:
        return sample_others(input, grid, spec, last, out, orders)
    plan = plan_pull("numpy", "cpu", input.shape, input.dtype, grid.shape, grid.dtype, spec, last, orders)
    return pulled(plan, input, grid, spec, last, out)


def pulled(plan: Plan, input: Any, grid: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Sample as planned."""
    result = new_result(out, plan.shape, last, input, keeps_layout_of=input, beside=(input, grid))
    given = own_memory(channels_second(input, last))
    plan.engine.pull(given, own_memory(grid), spec, plan.orders, channels_second(result, last))
    return finish(result, out, input)


def vote(labels: Any, grid: Any, spec: Spec, last: bool, fill: int) -> Any:
    """Return the labels with the most votes; ``last`` says that the channels of labels and result come last."""
    plan = plan_vote("numpy", "cpu", labels.shape, labels.dtype, grid.shape, grid.dtype, spec, last)
    few = None
    if must_be_copied(labels):
        few = patches(channels_second(np.asarray(labels), last), own_memory(grid), spec)
    if few is not None:
        return finish(of_patches(vote(few.pixels, few.places, few.spec, False, fill), plan.shape, last), None, labels)
    result = new_result(None, plan.shape, last, labels, keeps_layout_of=labels, beside=())
    given = own_memory(channels_second(labels, last))
    plan.engine.vote(given, own_memory(grid), spec, fill, channels_second(result, last))
    return finish(result, None, labels)


def splat(values: Any, grid: Any, shape: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Splat; ``last`` says that the channels of ``values`` and of ``shape`` come last."""
    target = whole_numbers("shape", shape, "(N, *size, C)" if last else "(N, C, *size)")
    how = carrying.carried(values.dtype)
    if how is not None:
        carrying.check_splat(how, FUNCTIONS)
        check_early(out, target, values)
        parts = own_memory(values)
        return finish(
            carrying.splat(lambda part: splat(part, grid, target, spec, last, None), parts, how, FUNCTIONS), out, values
        )
    if spec.weighing is not None:
        given = np.asarray(values, dtype=real_dtype("values", values))
        check_early(out, target, values)
        sums = splat(given, grid, target, spec.weighing, last, None)
        in_place(sums, spec, last, True)
        return finish(rounded(sums, values.dtype), out, values)
    plan = plan_push("numpy", "cpu", values.shape, values.dtype, grid.shape, grid.dtype, target, spec, last)
    result = new_result(out, plan.shape, last, values, keeps_layout_of=None, beside=(values, grid))
    total = result if plan.sum is None else np.empty_like(result, dtype=plan.sum)
    given = own_memory(channels_second(values, last))
    plan.engine.push(given, own_memory(grid), plan.shape, spec, plan.orders, channels_second(total, last))
    if total is not result:
        with np.errstate(over="ignore"):  # what is too large for the dtype is infinite
            result[...] = total
    return finish(result, out, values)


FUNCTIONS = array_api.functions_of(np)

OTHER_KINDS = "biucmM"  # NumPy's letters for dtypes that are no floats: bool, integers, complex, times


def sample_few(input: Any, grid: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Return the samples of an array that would have to be copied for few points, of what these touch; else None."""
    if name_of(grid.dtype) not in DTYPES or name_of(input.dtype) not in (*DTYPES, *CARRIED):
        return None
    shape = check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
    check_early(out, caller_order(shape, last), input)
    found = patches(channels_second(np.asarray(input), last), own_memory(grid), spec)
    if found is None:
        return None
    return finish(of_patches(sample(found.pixels, found.places, found.spec, False), shape, last), out, input)


def of_patches(samples: Any, shape: tuple[int, ...], last: bool) -> Any:
    """Return the samples of patches, one each, as those of an array: of a shape with its channels second."""
    samples = np.moveaxis(samples.reshape(shape[0], -1, shape[1]), -1, 1).reshape(shape)
    return np.ascontiguousarray(np.moveaxis(samples, 1, -1) if last else samples)


def sample_splines(input: Any, grid: Any, spec: Spec, last: bool, out: Any, orders: tuple[int, ...] | None) -> Any:
    """Sample the coefficients that are made of an array."""
    if input.dtype.kind in OTHER_KINDS:
        return sample_others(input, grid, spec, last, out, orders)
    real_dtype("input", input)
    shape = check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
    check_early(out, caller_order(shape, last), input)
    samples = sample(filtered(input, spec, last), grid, spec.weighing, last, None, orders)  # type: ignore[arg-type]
    return finish(rounded(samples, input.dtype), out, input)


def coefficients(array: Any, spec: Spec, last: bool) -> Any:
    """Return the coefficients of splines."""
    return finish(filtered(array, spec, last), None, array)


def filtered(array: Any, spec: Spec, last: bool) -> Any:
    """Return the coefficients of splines, in plain memory of their own."""
    result = np.array(own_memory(array), dtype=real_dtype("input", array), order="C", subok=False)
    in_place(result, spec, last, False)
    return result


def real_dtype(argument: str, array: Any) -> Any:
    """Return the dtype that an array's elements are weighed in."""
    check_dtype(argument, array.dtype, "numpy")
    return np.dtype(real_of(array.dtype))


def rounded(result: Any, dtype: Any) -> Any:
    """Return a result in the caller's dtype; what is too large for it is infinite."""
    with np.errstate(over="ignore"):
        return result.astype(dtype.newbyteorder("="), copy=False)


def sample_others(input: Any, grid: Any, spec: Spec, last: bool, out: Any, orders: tuple[int, ...] | None) -> Any:
    """Sample an array whose dtype is carried by floats; moments and durations are the integers that they are."""
    given = own_memory(input)
    dtype = given.dtype
    if dtype.kind in "mM":
        if not spec.copies:
            raise TypeError(f"input of dtype {dtype} can only be copied, by mode='nearest'")
        given, spec = (
            given.view("int64"),
            filled_with(spec, tuple(moment(value, dtype) for value in spec.filling.values)),
        )
    how = CARRIED[given.dtype.name]
    carrying.check_sample(how, spec, orders, FUNCTIONS)
    check_early(out, caller_order(check_pull(given.shape, tuple(grid.shape), spec, last), last), input)
    if how.kind == "integer" and spec.weighing is None:
        filled = carrying.filling_undefined(spec)
        plan = plan_whole("numpy", "cpu", given.shape, given.dtype, grid.shape, grid.dtype, filled, last)
        if plan is not None:
            return pulled(plan, input, grid, filled, last, out)
    if how.kind == "complex" and spec.weighing is None:
        return sample_complex(input, grid, spec, last, out, orders)
    pull = functools.partial(sample_given, grid=grid, last=last, orders=orders)
    samples = carrying.sample(pull, given, how, spec, orders, FUNCTIONS)
    return finish(samples.view(dtype), out, input)


def sample_complex(input: Any, grid: Any, spec: Spec, last: bool, out: Any, orders: tuple[int, ...] | None) -> Any:
    """Sample complex numbers where they are: both parts of a channel together, as two channels; one after another."""
    shape = check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
    check_filling(spec.filling, name_of(input.dtype), shape[1])
    result = new_result(out, shape, last, input, keeps_layout_of=input, beside=(input, grid))
    source, target = (parts_of(channels_second(array, last)) for array in (own_memory(input), result))
    places, fill = own_memory(grid), spec.filling.of(shape[1])
    for channel in range(shape[1]):
        pixels, samples = source[:, :, channel], target[:, :, channel]
        filled = filled_with(spec, (fill[channel].real, fill[channel].imag))
        arrays = pixels.shape, pixels.dtype, places.shape, places.dtype
        plan = plan_pull("numpy", "cpu", *arrays, filled, False, orders)
        plan.engine.pull(pixels, places, filled, plan.orders, samples)
    return finish(result, out, input)


def parts_of(array: Any) -> Any:
    """Return complex numbers (N, C, ...) as real ones (N, 2, C, ...), of the same memory."""
    shape, strides = array.shape, array.strides
    half = array.itemsize // 2
    return as_strided(array.real, (shape[0], 2, *shape[1:]), (strides[0], half, *strides[1:]))


def sample_given(input: Any, spec: Spec, grid: Any, last: bool, orders: tuple[int, ...] | None) -> Any:
    """Sample what carries an array."""
    return sample(input, grid, spec, last, None, orders)


def moment(value: Any, dtype: Any) -> int:
    """Return the integer that a moment or duration is in a dtype's unit; NaN is NaT, and 0 is 0."""
    if not is_time(value):
        if value == 0:
            return 0
        value = np.array("NaT", dtype) if value != value else value  # noqa: PLR0124
    try:
        return int(np.asarray(value).astype(dtype, casting="same_kind").view("int64"))
    except TypeError:
        raise TypeError(f"fill_value {value!r} cannot be held by input of dtype {dtype}") from None


def check_early(out: Any, shape: tuple[int, ...], like: Any) -> None:
    """Refuse an ``out`` of another shape or dtype before anything is computed."""
    if out is not None:
        check_caller_out(out, shape, like.dtype.newbyteorder("="), like)


def functions(_: Any) -> carrying.Library:
    """Return NumPy's functions."""
    return FUNCTIONS


def affine_grid(theta: Any, size: Any, convention: Convention, center: Any, last: bool) -> Any:
    """Make the grid of an affine map."""
    return array_api.affine_grid(own_memory(theta), size, convention, center, last)


def absolute(grid: Any, *others: Any) -> Any:
    """Return the places in pixels of a grid relative to its points."""
    return array_api.absolute(own_memory(grid), *others)


def without_nan(grid: Any, edge: float) -> Any:
    """Return a grid with a number in the place of NaN."""
    return array_api.without_nan(own_memory(grid), edge)


def converted(argument: str, points: Any, size: Any, convert: Any) -> Any:
    """Return points whose components ``convert`` has changed."""
    return array_api.converted(argument, own_memory(points), size, convert)


def own_memory(array: Any) -> Any:
    """Return an array as the engines read it: native byte order, aligned, strides in whole elements.

    A view of the caller's memory wherever that is possible; else, a copy.
    """
    array = np.asarray(array)
    if must_be_copied(array):
        return array.astype(array.dtype.newbyteorder("="), order="K")
    return array if array.dtype.byteorder in "=|" else array.view(array.dtype.newbyteorder("="))


def must_be_copied(array: Any) -> bool:
    """Whether engines cannot read an array where it is."""
    flags = array.flags
    if not (array.dtype.isnative and flags.aligned):
        return True
    itemsize = array.itemsize
    return not flags.c_contiguous and any(stride % itemsize for stride in array.strides)


def channels_second(array: Any, last: bool) -> Any:
    """Return a view with the channels second."""
    return np.moveaxis(array, -1, 1) if last else array


def new_result(out: Any, shape: tuple[int, ...], last: bool, like: Any, keeps_layout_of: Any, beside: Any) -> Any:
    """Return an array to fill: ``out`` itself where that is safe, else a new one of the caller's order."""
    dtype = like.dtype if like.dtype.byteorder in "=|" else like.dtype.newbyteorder("=")
    ordered = caller_order(shape, last)
    if out is not None:
        check_caller_out(out, ordered, dtype, like)
        if not any(np.may_share_memory(out, array) for array in beside) and own_memory(out) is out:
            return out
    if keeps_layout_of is not None and not last and is_channels_last(keeps_layout_of):
        return np.moveaxis(np.empty(caller_order(shape, True), dtype), -1, 1)
    return np.empty(ordered, dtype)


def check_caller_out(out: Any, shape: tuple[int, ...], dtype: Any, like: Any) -> None:
    """Refuse an ``out`` that is no NumPy array, or cannot take the result as it is."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array; got {type(out).__module__}.{type(out).__qualname__}")
    if type(out) is not np.ndarray:
        foreign.check_subclass("out", out)
    if type(like) is not np.ndarray:
        foreign.refuse_unit("the array", like, "which out would lack")
    check_out(out, shape, dtype)


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
