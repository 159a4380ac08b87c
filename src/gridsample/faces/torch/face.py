"""What the public functions do with torch tensors."""

import functools
from typing import Any

import torch

from gridsample.checks import (
    channels_first,
    check_center,
    check_orders,
    check_points,
    check_pull,
    check_relative,
    check_target,
    check_theta,
    layout,
    refuse_out,
    whole_numbers,
)
from gridsample.definitions.affine import by_axis, displaced, places
from gridsample.definitions.boundaries import Boundary
from gridsample.definitions.conventions import Convention
from gridsample.definitions.kernel import Kernel
from gridsample.engines import quickest
from gridsample.engines.portable import PORTABLE
from gridsample.faces import carrying
from gridsample.faces.plan import plan_vote, plan_whole
from gridsample.faces.torch.execution import check_tensors, new_tensor
from gridsample.faces.torch.operators import NO_TEXT, pull, push, to_plain
from gridsample.faces.torch.splines import apply_filter
from gridsample.faces.torch.torch_private import (
    DOUBLE_POSITIONS,
    FLOATS,
    OTHERS,
    is_compiling,
    is_plain,
    is_tracing,
    route_of,
)
from gridsample.spec import Spec, is_ours, parse_options


def parse(mode: object, padding_mode: object, align_corners: object, coords: object, *filling: Any) -> Spec:
    """Call :func:`parse_options`; under a compiler, which takes its result for a constant, with names and texts alone.

    The kernels and boundaries that a compiler has traced the making of are not made before the compiled code runs.
    What is refused is raised in the code that is compiled: within :func:`parse_options` the compiler would take it for
    an error of its own.
    """
    if not is_compiling():
        return parse_options(mode, padding_mode, align_corners, coords, *filling)
    if not (type(mode) is type(padding_mode) is str):
        mode, padding_mode = as_text(mode), as_text(padding_mode)
    wrong_type, wrong_value = refusal(mode, padding_mode, align_corners, coords, *filling)
    if wrong_type:
        raise TypeError(wrong_type)
    if wrong_value:
        raise ValueError(wrong_value)
    return parse_options(mode, padding_mode, align_corners, coords, *filling)


def refusal(*options: Any) -> tuple[str, str]:
    """Return what is said of wrong options: in a TypeError, and in a ValueError."""
    try:
        parse_options(*options)
    except TypeError as error:
        return str(error), ""
    except ValueError as error:
        return "", str(error)
    return "", ""


def as_text(option: object) -> object:
    """Return an option with the texts of kernels and boundaries in their place."""
    if isinstance(option, tuple):
        return tuple(as_text(entry) for entry in option)
    if isinstance(option, Kernel | Boundary):
        if not is_ours(option):
            raise TypeError(NO_TEXT)
        return str(option)
    return option


quick = quickest("torch", "cpu")

FUNCTIONS = carrying.Library(torch, lambda tensor, name: tensor.to(getattr(torch, name)), torch.complex, "double()")


def sample(
    input: torch.Tensor,
    grid: torch.Tensor,
    spec: Spec,
    last: bool,
    out: Any = None,
    orders: tuple[int, ...] | None = None,
    *,
    contiguous: bool = False,
) -> torch.Tensor:
    """Sample tensors.

    ``last`` says that the channels of ``input`` and of the result come last, ``contiguous`` that the result is to be
    C-contiguous whatever the layout of ``input``.
    """
    if out is not None:
        refuse_out("input", input)
    route = route_of(input, grid)
    if route == "engine" and not last and orders is None and spec.weighing is None:
        samples: torch.Tensor | None = quick.sample(input, grid, spec)
        if samples is not None:
            return samples
    if route == "dispatcher" and input.dtype in OTHERS:  # which never are plain
        whole = None if orders and any(orders) else sample_whole(input, grid, spec, last, contiguous)
        if whole is not None:
            return whole

        def pull_floats(part: torch.Tensor, part_spec: Spec) -> torch.Tensor:
            return sample(part, grid, part_spec, last, None, orders, contiguous=contiguous)

        carried: torch.Tensor = carrying.sample(pull_floats, input, OTHERS[input.dtype], spec, orders, FUNCTIONS)
        return carried
    if spec.weighing is not None:
        check_tensors({"input": input, "grid": grid})
        if not has_symbols(input.shape + grid.shape):
            check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
        filtered = coefficients(input, spec, last)
        return sample(filtered, grid, spec.weighing, last, None, orders, contiguous=contiguous).to(input.dtype)
    check_orders(orders, input.ndim - 2)
    orders = orders or (0,) * (input.ndim - 2)
    if not last:
        return pull.by(route, input, grid, orders, False if contiguous else None, spec)
    if not has_symbols(input.shape + grid.shape):
        check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
    return pull.by(route, input.movedim(-1, 1), grid, orders, True, spec).movedim(1, -1)


def sample_whole(
    input: torch.Tensor, grid: torch.Tensor, spec: Spec, last: bool, contiguous: bool
) -> torch.Tensor | None:
    """Sample plain tensors of whole numbers by the engine that rounds them itself, if there is one."""
    how = OTHERS[input.dtype]
    if how.kind != "integer" or spec.weighing is not None or not is_plain(input, grid, dtypes=FLOATS | {input.dtype}):
        return None
    carrying.check_sample(how, spec, None, FUNCTIONS)
    filled, given = carrying.filling_undefined(spec), input.movedim(-1, 1) if last else input
    arrays = tuple(input.shape), input.dtype, tuple(grid.shape), grid.dtype
    plan = plan_whole("torch", input.device.type, *arrays, filled, last)
    if plan is None:
        return None
    result = new_tensor(plan.shape, True if last else False if contiguous else None, given)
    plan.engine.pull(given, grid.detach(), filled, plan.orders, result)
    return result.movedim(1, -1) if last else result


def vote(labels: torch.Tensor, grid: torch.Tensor, spec: Spec, last: bool, fill: int) -> torch.Tensor:
    """Return the labels with the most votes; ``last`` says that the channels of labels and result come last.

    Compilers, transforms and modes see the portable engine's steps.
    """
    given = labels.movedim(-1, 1) if last else labels
    if is_plain(labels, grid, dtypes=FLOATS | {labels.dtype}):
        arrays = tuple(labels.shape), labels.dtype, tuple(grid.shape), grid.dtype
        plan = plan_vote("torch", labels.device.type, *arrays, spec, last)
        result = new_tensor(plan.shape, True if last else None, given)
        plan.engine.vote(given, grid.detach(), spec, fill, result)
    else:
        check_pull(tuple(labels.shape), tuple(grid.shape), spec, last, "labels")
        result = PORTABLE.vote(given, grid.detach(), spec, fill)
    return result.movedim(1, -1) if last else result


def splat(
    values: torch.Tensor, grid: torch.Tensor, shape: Any, spec: Spec, last: bool, out: Any = None
) -> torch.Tensor:
    """Splat tensors; ``last`` says that the channels of ``values`` and of ``shape`` come last."""
    if out is not None:
        refuse_out("values", values)
    if values.dtype in OTHERS:
        push_floats = functools.partial(splat, grid=grid, shape=shape, spec=spec, last=last)
        sums: torch.Tensor = carrying.splat(push_floats, values, OTHERS[values.dtype], FUNCTIONS)
        return sums
    if spec.weighing is not None:
        real = values.to(torch.promote_types(values.dtype, torch.float32))
        kernels, boundaries, *_ = to_plain(spec)
        total = splat(real, grid, shape, spec.weighing, last)
        return apply_filter(total, kernels, boundaries, True, last).to(values.dtype)
    if has_symbols(shape):
        target = channels_first(tuple(shape), last)
    else:
        target = whole_numbers("shape", shape, "(N, *size, C)" if last else "(N, C, *size)")
        if last:  # in the caller's order; the operator checks its own
            target = check_target(tuple(values.shape), tuple(grid.shape), target, spec, last)
    orders = (0,) * (len(target) - 2)
    if not last:
        return push(values, grid, target, orders, None, spec)
    return push(values.movedim(-1, 1), grid, target, orders, True, spec).movedim(1, -1)


def coefficients(input: torch.Tensor, spec: Spec, last: bool) -> torch.Tensor:
    """Return the coefficients of splines."""
    check_tensors({"input": input})
    kernels, boundaries, *_ = to_plain(spec)
    return apply_filter(input, kernels, boundaries, False, last)


def check_early(_out: Any, _shape: Any, like: Any) -> None:
    """Refuse any ``out``."""
    refuse_out("values", like)


def functions(_: torch.Tensor) -> carrying.Library:
    """Return torch's functions."""
    return FUNCTIONS


def affine_grid(theta: torch.Tensor, size: Any, convention: Convention, center: Any, last: bool) -> torch.Tensor:
    """Make the grid of an affine map."""
    check_tensors({"theta": theta})
    lengths = tuple(size) if has_symbols(size) else whole_numbers("size", size, layout(last, out=True))
    out = check_theta(tuple(theta.shape), lengths, last)
    real = torch.promote_types(theta.dtype, torch.float32)
    grid: torch.Tensor = places(torch, theta.to(real), out, convention, check_center(center, len(out)))
    return grid.to(theta.dtype)


def absolute(grid: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
    """Return the places in pixels of a grid relative to its points, in the dtype of positions."""
    check_tensors({"grid": grid})
    if not is_tracing():  # which warns of every length that is looked at
        check_relative(tuple(grid.shape))
    position = torch.float64 if any(other.dtype in DOUBLE_POSITIONS for other in (grid, *others)) else torch.float32
    places: torch.Tensor = displaced(torch, grid.to(position))
    return places


def without_nan(grid: torch.Tensor, edge: float) -> torch.Tensor:
    """Return a grid with a number in the place of NaN."""
    check_tensors({"grid": grid})
    return torch.where(grid.isnan(), edge, grid)


def converted(argument: str, points: torch.Tensor, size: Any, convert: Any) -> torch.Tensor:
    """Return points whose components ``convert`` has changed, computed in float32 or better."""
    check_tensors({argument: points})
    lengths = tuple(size) if has_symbols(size) else whole_numbers("size", size, "of the spatial axes")
    lengths = check_points(argument, tuple(points.shape), lengths)
    result: torch.Tensor = by_axis(torch, points.to(torch.promote_types(points.dtype, torch.float32)), lengths, convert)
    return result.to(points.dtype)


def has_symbols(lengths: Any) -> bool:
    """Whether lengths stand for others, as in a compiler or a trace: then the operators check what they are given."""
    if is_compiling() or is_tracing():
        return True
    return isinstance(lengths, tuple | list) and any(isinstance(length, torch.SymInt) for length in lengths)
