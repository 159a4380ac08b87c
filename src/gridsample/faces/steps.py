"""Coordinates in half precision on long axes: a warning, once per process, that they cannot tell pixels apart."""

import math
from typing import Any

from gridsample.definitions.conventions import Convention
from gridsample.definitions.dtypes import DTYPES, name_of
from gridsample.notices import warn_once
from gridsample.spec import Spec

COARSE = 0.5  # pixels between neighbouring numbers: places are up to half of that off


def warn_of_steps(grid: Any, size: tuple[int, ...], spec: Spec, library: str) -> None:
    """Warn if the numbers of a grid's half-precision dtype lie far apart on an axis."""
    dtype = DTYPES[name_of(grid)]
    if dtype.real == dtype.name or 0 in size:
        return
    longest = max(size)
    step = step_at_the_end(dtype.eps, longest, spec.convention)
    if step > COARSE:
        to_float32 = "float()" if library == "torch" else 'astype("float32")'
        warn_once(
            "steps",
            f"a grid of {dtype.name} has steps of {step:.2g} pixels at the far end of an axis of {longest} pixels, so "
            f"that its places are up to {step / 2:.2g} pixels off; make it in float32 and pass it as it is: input and "
            f"grid may be of different dtypes: grid_sample(input, affine_grid(theta.{to_float32}, size))",
        )


def step_at_the_end(eps: float, size: int, convention: Convention) -> float:
    """Return how many pixels neighbouring numbers are apart, just before the last pixel's coordinate."""
    last = abs(convention.coordinate(size - 1, size))
    power = 2.0 ** math.ceil(math.log2(last)) / 2 if last else 0.0  # the spacing of numbers below this is eps times it
    return eps * power * convention.scale(size)
