"""Splats divided by the weights that went into them: what came to each pixel on average, for all faces."""

from typing import Any

from gridsample.checks import caller_order, channels_first, check_number, whole_numbers
from gridsample.definitions.dtypes import CARRIED, DTYPES, name_of
from gridsample.namespaces import device_of
from gridsample.spec import Spec


def splat_means(
    face: Any, values: Any, grid: Any, shape: Any, spec: Spec, last: bool, out: Any, eps: float | None
) -> Any:
    """Return the means of ``values`` (N or 1, C, *out) at ``grid``, in ``shape``; 0 where no more than eps came."""
    asked = getattr(face, "means", None)  # of what overrides torch's functions
    if asked is not None:
        return asked(values, grid, shape, spec, last, out, eps)
    target = whole_numbers("shape", shape, "(N, *size, C)" if last else "(N, C, *size)")
    if spec.weighing is not None:
        raise ValueError(
            "mode must weigh pixels themselves for normalize=True, so that their sum says what came to a pixel; "
            "a B-spline's filter spreads that over all of them, unless it has prefilter=False"
        )
    name = name_of(values.dtype)
    if name not in DTYPES and (name not in CARRIED or CARRIED[name].kind != "complex"):
        raise TypeError(f"values must be of floats or complex numbers, whose sums can be divided; got {name}")
    if out is not None:
        face.check_early(out, target, values)
    real = DTYPES[name].real if name in DTYPES else CARRIED[name].by
    least = DTYPES[real].eps if eps is None else check_number("eps", eps)
    xp, cast, *_ = face.functions(values)
    given = cast(values, real) if name in DTYPES else values  # half precision is divided before it is rounded
    sums = face.splat(given, grid, target, spec, last, None)
    batch, _, *points = channels_first(tuple(values.shape), last)
    ones = xp.ones(caller_order((batch, 1, *points), last), dtype=getattr(xp, real), device=device_of(values))
    total, _, *size = channels_first(target, last)
    weights = face.splat(ones, grid, caller_order((total, 1, *size), last), spec, last, None)
    enough = xp.abs(weights) > least
    means = sums / xp.where(enough, weights, xp.ones_like(weights))
    means = cast(xp.where(enough, means, xp.zeros_like(means)), name)
    if out is None:
        return means
    out[...] = means
    return out
