"""Arrays of the array-API standard. They may not be writable, so an engine makes the result."""

from typing import Any, Protocol

from gridsample.checks import caller_order, check_dtype, check_theta, refuse_out, whole_numbers
from gridsample.definitions.affine import places
from gridsample.definitions.conventions import Convention
from gridsample.definitions.dtypes import real_of
from gridsample.faces.plan import Arrays, plan_pull, plan_push
from gridsample.namespaces import library_of, namespace
from gridsample.spec import Spec


class StandardArray(Protocol):
    """What a type checker takes for an array of the standard.

    The standard has versions as any string; NumPy's arrays, whose stubs list the versions, are not among these and keep
    to the signatures of their own.
    """

    def __array_namespace__(self, *, api_version: str | None = ...) -> Any:
        """Return the library's functions."""


def sample(input: Any, grid: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Sample; ``last`` says that the channels of ``input`` and of the result come last."""
    refuse_out(out, "input", input)
    xp = namespace(input)
    plan = plan_pull(arrays_of(xp, input, grid, last), input.shape, grid.shape, spec)
    result = plan.engine.pull(xp.moveaxis(input, -1, 1) if last else input, grid, spec, plan.orders)
    return xp.moveaxis(result, 1, -1) if last else result


def splat(values: Any, grid: Any, shape: Any, spec: Spec, last: bool, out: Any) -> Any:
    """Splat; ``last`` says that the channels of ``values`` and of ``shape`` come last."""
    refuse_out(out, "values", values)
    xp = namespace(values)
    target = whole_numbers("shape", shape, "(N, *size, C)" if last else "(N, C, *size)")
    plan = plan_push(arrays_of(xp, values, grid, last), values.shape, grid.shape, target, spec)
    given = xp.moveaxis(values, -1, 1) if last else values
    result = plan.engine.push(given, grid, plan.shape, spec, plan.orders)
    return xp.reshape(xp.moveaxis(result, 1, -1), caller_order(plan.shape, True)) if last else result


def affine_grid(theta: Any, size: Any, convention: Convention) -> Any:
    """Make the grid of an affine map, in float32 or better."""
    xp = namespace(theta)
    check_dtype("theta", theta.dtype, library_of(xp))
    out = check_theta(tuple(theta.shape), whole_numbers("size", size, "(N, C, *out)"))
    return xp.astype(places(xp, xp.astype(theta, getattr(xp, real_of(theta.dtype))), out, convention), theta.dtype)


def arrays_of(xp: Any, values: Any, grid: Any, last: bool) -> Arrays:
    """Say of arrays what their plan depends on, beside shapes."""
    return Arrays(library_of(xp), str(values.device), values.dtype, grid.dtype, last)
