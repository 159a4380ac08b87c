"""Arrays of the array-API standard. They may not be writable, so an engine makes the result."""

import math
from typing import Any, Protocol

from gridsample.checks import (
    caller_order,
    check_center,
    check_dtype,
    check_points,
    check_pull,
    check_relative,
    check_theta,
    layout,
    refuse_out,
    whole_numbers,
)
from gridsample.definitions.affine import by_axis, displaced, places
from gridsample.definitions.conventions import Convention
from gridsample.definitions.dtypes import Carried, name_of, real_of
from gridsample.faces import carrying
from gridsample.faces.filtering import filtered
from gridsample.faces.plan import plan_pull, plan_push, plan_vote
from gridsample.namespaces import device_of, dtype_of_positions, has_float64, library_of, namespace
from gridsample.spec import Spec, parse_options

parse = parse_options


class StandardArray(Protocol):
    """What a type checker takes for an array of the standard.

    The standard has versions as any string; NumPy's arrays, whose stubs list the versions, are not among these and keep
    to the signatures of their own.
    """

    def __array_namespace__(self, *, api_version: str | None = ...) -> Any:
        """Return the library's functions."""


def sample(
    input: Any, grid: Any, spec: Spec, last: bool, out: Any = None, orders: tuple[int, ...] | None = None
) -> Any:
    """Sample; ``last`` says that the channels of ``input`` and of the result come last."""
    if out is not None:
        refuse_out("input", input)
    xp = namespace(input)
    how = carrying.carried(input.dtype)
    if how is not None:
        check_carrier("input", xp, how)

        def pull(part: Any, part_spec: Spec) -> Any:
            return sample(part, grid, part_spec, last, None, orders)

        return carrying.sample(pull, input, how, spec, orders, functions_of(xp))
    if spec.weighing is not None:
        check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
        coefficients = filtered(xp, as_reals(xp, input), spec, last, False)
        return xp.astype(sample(coefficients, grid, spec.weighing, last, None, orders), input.dtype)
    check_countable("input", xp, input.shape)
    plan = plan_pull(*place_of(xp, input), input.shape, input.dtype, grid.shape, grid.dtype, spec, last, orders)
    result = plan.engine.pull(xp.moveaxis(input, -1, 1) if last else input, grid, spec, plan.orders)
    return xp.moveaxis(result, 1, -1) if last else result


def vote(labels: Any, grid: Any, spec: Spec, last: bool, fill: int) -> Any:
    """Return the labels with the most votes; ``last`` says that the channels of labels and result come last."""
    xp = namespace(labels)
    check_countable("labels", xp, labels.shape)
    plan = plan_vote(*place_of(xp, labels), labels.shape, labels.dtype, grid.shape, grid.dtype, spec, last)
    result = plan.engine.vote(xp.moveaxis(labels, -1, 1) if last else labels, grid, spec, fill)
    return xp.moveaxis(result, 1, -1) if last else result


def splat(values: Any, grid: Any, shape: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Splat; ``last`` says that the channels of ``values`` and of ``shape`` come last."""
    if out is not None:
        refuse_out("values", values)
    xp = namespace(values)
    how = carrying.carried(values.dtype)
    if how is not None:
        check_carrier("values", xp, how)
        return carrying.splat(lambda part: splat(part, grid, shape, spec, last, None), values, how, functions_of(xp))
    target = whole_numbers("shape", shape, "(N, *size, C)" if last else "(N, C, *size)")
    if spec.weighing is not None:
        sums = splat(as_reals(xp, values), grid, target, spec.weighing, last, None)
        return xp.astype(filtered(xp, sums, spec, last, True), values.dtype)
    check_countable("shape", xp, target)
    plan = plan_push(*place_of(xp, values), values.shape, values.dtype, grid.shape, grid.dtype, target, spec, last)
    given = xp.moveaxis(values, -1, 1) if last else values
    result = plan.engine.push(given, grid, plan.shape, spec, plan.orders)
    return xp.reshape(xp.moveaxis(result, 1, -1), caller_order(plan.shape, True)) if last else result


def check_carrier(argument: str, xp: Any, how: Carried) -> None:
    """Refuse a dtype that a library has no float to carry, as its numbers would be rounded."""
    if how.by == "float64" and not has_float64(xp):
        raise TypeError(
            f"{argument} of dtype {how.name} is computed in float64, which JAX has only after "
            f'jax.config.update("jax_enable_x64", True); {argument}.astype("float32") is exact below 2**24'
        )


def check_countable(argument: str, xp: Any, shape: tuple[int, ...]) -> None:
    """Refuse an array of more pixels than a library's integers can count."""
    if math.prod(shape) >= 2**31 and not has_float64(xp):
        raise ValueError(
            f"{argument} {tuple(shape)} has more pixels than 32-bit integers can count, and JAX has others only after "
            f'jax.config.update("jax_enable_x64", True)'
        )


def as_reals(xp: Any, array: Any) -> Any:
    """Return an array in the dtype that its elements are weighed in."""
    check_dtype("input", array.dtype, library_of(xp))
    return xp.astype(array, getattr(xp, real_of(array.dtype)))


def coefficients(array: Any, spec: Spec, last: bool) -> Any:
    """Return the coefficients of splines."""
    xp = namespace(array)
    return filtered(xp, as_reals(xp, array), spec, last, False)


def affine_grid(theta: Any, size: Any, convention: Convention, center: Any, last: bool) -> Any:
    """Make the grid of an affine map, in float32 or better."""
    xp = namespace(theta)
    check_dtype("theta", theta.dtype, library_of(xp))
    lengths = whole_numbers("size", size, f"{layout(last, out=True)}")
    out = check_theta(tuple(theta.shape), lengths, last)
    real = xp.astype(theta, getattr(xp, real_of(theta.dtype)))
    return xp.astype(places(xp, real, out, convention, check_center(center, len(out))), theta.dtype)


def absolute(grid: Any, *others: Any) -> Any:
    """Return the places in pixels of a grid relative to its points, in the dtype of positions."""
    xp = namespace(grid)
    check_dtype("grid", grid.dtype, library_of(xp))
    check_relative(tuple(grid.shape))
    return displaced(xp, xp.astype(grid, dtype_of_positions(xp, grid.dtype, *(other.dtype for other in others))))


def without_nan(grid: Any, edge: float) -> Any:
    """Return a grid with a number in the place of NaN."""
    xp = namespace(grid)
    check_dtype("grid", grid.dtype, library_of(xp))
    return xp.where(xp.isnan(grid), xp.asarray(edge, dtype=grid.dtype, device=device_of(grid)), grid)


def converted(argument: str, points: Any, size: Any, convert: Any) -> Any:
    """Return points whose components ``convert`` has changed, computed in float32 or better."""
    xp = namespace(points)
    check_dtype(argument, points.dtype, library_of(xp))
    lengths = check_points(argument, tuple(points.shape), whole_numbers("size", size, "of the spatial axes"))
    return xp.astype(by_axis(xp, xp.astype(points, getattr(xp, real_of(points.dtype))), lengths, convert), points.dtype)


def place_of(xp: Any, array: Any) -> tuple[str, str]:
    """Return whose array it is, and where."""
    return library_of(xp), str(device_of(array))


def check_early(_out: Any, _shape: Any, like: Any) -> None:
    """Refuse any ``out``."""
    refuse_out("values", like)


def functions(array: Any) -> carrying.Library:
    """Return the functions of an array's library."""
    return functions_of(namespace(array))


def functions_of(xp: Any) -> carrying.Library:
    """Return what carrying an array of a library needs of it."""
    join = JOIN.get(library_of(xp), joined)
    return carrying.Library(xp, lambda array, name: xp.astype(array, getattr(xp, name)), join, "astype('float64')")


def joined(real: Any, imaginary: Any) -> Any:
    """Return complex numbers of two parts; a product with i would make NaN of infinities."""
    xp = namespace(real)
    parts = xp.stack([real, imaginary], axis=-1)
    if hasattr(parts, "view"):
        return parts.view(COMPLEX_OF[name_of(real.dtype)])[..., 0]
    return xp.astype(real, getattr(xp, COMPLEX_OF[name_of(real.dtype)])) + 1j * imaginary


def _join_jax(real: Any, imaginary: Any) -> Any:
    import jax  # noqa: PLC0415  (the arrays are already JAX's)

    return jax.lax.complex(real, imaginary)


JOIN = {"jax": _join_jax}
COMPLEX_OF = {"float32": "complex64", "float64": "complex128"}
