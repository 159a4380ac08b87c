"""What other libraries call things: for refusals of keywords and of names, which say what these are called here."""

import difflib
import inspect
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

MODE = "mode here: 'nearest', 'linear', 'cubic', 'lanczos' or a kernel such as gridsample.BSpline(3)"
ORDER = "mode here: 'nearest' for 0, 'linear' for 1, gridsample.BSpline(order) for the others"
OPENCV = "mode here: 'nearest', 'linear', 'cubic' and gridsample.Lanczos(4) are OpenCV's INTER_NEAREST, INTER_LINEAR, "
PADDING = "padding_mode here, such as 'border', 'symmetric' or 'wrap'"
FILL = "fill_value here, with padding_mode='fill', or outside='fill_centres' where nothing is to blend with it"

KEYWORDS = {
    "order": ("mode", ORDER),
    "spline_order": ("mode", ORDER),
    "prefilter": ("mode", "a parameter of the kernel: mode=gridsample.BSpline(order, prefilter=False)"),
    "interpolation": ("mode", f"{OPENCV}INTER_CUBIC and INTER_LANCZOS4"),
    "flags": ("mode", f"{OPENCV}INTER_CUBIC and INTER_LANCZOS4"),
    **dict.fromkeys(("interp", "interpolator", "method", "resample", "kernel"), ("mode", MODE)),
    **dict.fromkeys(
        ("borderMode", "border_mode", "boundary", "bound", "padding", "pad_mode", "extrapolation"),
        ("padding_mode", PADDING),
    ),
    **dict.fromkeys(
        ("cval", "borderValue", "border_value", "fill", "padding_value", "constant_values", "default_value"),
        ("fill_value", FILL),
    ),
    "extrapolate": (
        "outside",
        "outside here: 'pad' to go on as the boundary says, 'fill' to give fill_value",
    ),
    "bounds_error": ("outside", "outside here: 'fill' gives fill_value to places outside"),
    **dict.fromkeys(("output", "dst"), ("out", "out here")),
    **dict.fromkeys(("data_format", "channel_axis", "multichannel"), ("channels", "channels here: 'first' or 'last'")),
    **dict.fromkeys(("dsize", "output_shape", "output_size"), ("grid", "the output axes of grid here, (N, *out, D)")),
}
"""Keywords of SciPy, OpenCV, scikit-image, Pillow, SimpleITK and torch-interpol: our parameter, and what to write."""

ORDERS: dict[object, str] = {
    0: "'nearest'",
    1: "'linear'",
    **{order: f"gridsample.BSpline({order})" for order in range(2, 8)},
}

KERNELS: dict[object, str] = {
    **ORDERS,
    "nearest-exact": "'nearest'",
    "slinear": "'linear'",
    **dict.fromkeys(("spline", "cubicspline", "cubic_spline", "spline3"), "gridsample.BSpline(3)"),
    "quadratic": "gridsample.BSpline(2)",
    "quintic": "gridsample.BSpline(5)",
    "catmullrom": "gridsample.Keys(-0.5)",
    "catmull-rom": "gridsample.Keys(-0.5)",
    "lanczos2": "gridsample.Lanczos(2)",
    "lanczos3": "'lanczos'",
    "lanczos4": "gridsample.Lanczos(4)",
}
"""What other libraries call our kernels; a number is a spline's order."""

OPENCV_BORDERS: dict[object, str] = {
    0: "'zeros' (OpenCV's BORDER_CONSTANT)",
    1: "'border' (OpenCV's BORDER_REPLICATE)",
    2: "'symmetric' (OpenCV's BORDER_REFLECT)",
    3: "'wrap' (OpenCV's BORDER_WRAP)",
    4: "'mirror' (OpenCV's BORDER_REFLECT_101)",
}


def closed(function: Function) -> Function:
    """Return a function as it is, but for what it shows: the parameter that collects unknown keywords is hidden."""
    signature = inspect.signature(function)
    shown = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    return function


def refuse_keywords(function: Callable[..., Any], unknown: dict[str, Any]) -> NoReturn:
    """Refuse keywords that a function does not have, by what they are called here."""
    possible = tuple(inspect.signature(function).parameters)
    name = next(iter(unknown))
    raise TypeError(f"{function.__name__}() got an unexpected keyword argument {name!r}; {meant(name, possible)}")


def meant(name: str, possible: tuple[str, ...]) -> str:
    """Return what a keyword is called among those that are possible, or which they are."""
    parameter, advice = KEYWORDS.get(name, ("", ""))
    if parameter in possible:
        return f"it is {advice}"
    near = difflib.get_close_matches(name.lower(), possible, 1, 0.6)
    return f"did you mean {near[0]!r}?" if near else f"possible are {', '.join(possible)}"
