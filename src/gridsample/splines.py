"""``spline_coefficients``: what a B-spline weighs, made once for many calls."""

from typing import TYPE_CHECKING, Any, TypeVar, overload

from gridsample.checks import few_axes
from gridsample.definitions.splines import BSpline
from gridsample.faces.find import face_of
from gridsample.spec import check_channels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

    from gridsample.faces.array_api import StandardArray
    from gridsample.spec import Channels, PaddingMode

    Float = TypeVar("Float", bound=np.floating[Any])
    Standard = TypeVar("Standard", bound=StandardArray)


@overload
def spline_coefficients(
    input: "npt.NDArray[Float]",
    order: int = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    channels: "Channels" = ...,
) -> "npt.NDArray[Float]": ...
@overload
def spline_coefficients(
    input: "torch.Tensor",
    order: int = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    channels: "Channels" = ...,
) -> "torch.Tensor": ...
@overload
def spline_coefficients(
    input: "Standard",
    order: int = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    channels: "Channels" = ...,
) -> "Standard": ...
def spline_coefficients(
    input: Any,
    order: int = 3,
    padding_mode: "PaddingMode" = "zeros",
    align_corners: bool | None = False,
    *,
    channels: "Channels" = "first",
) -> Any:
    """Return the coefficients of the B-spline that passes through an array's values.

    ``grid_sample(spline_coefficients(x, n, padding), grid, BSpline(n, prefilter=False), padding)`` is
    ``grid_sample(x, grid, BSpline(n), padding)``, and the coefficients need to be computed only once.

    Parameters
    ----------
    input : array of floats, shape (N, C, *size)
        As in :func:`grid_sample`.
    order : int
        The spline's, 0 to 7; coefficients of orders 0 and 1 are the values.
    padding_mode, align_corners, channels
        As in :func:`grid_sample`. Under boundaries that do not repeat, zeros and border, as under mirror.

    Returns
    -------
    array, shape (N, C, *size)
        Of the input's kind, device and dtype, except that half precision gives float32, which coefficients need.
        Differentiable in torch. A NaN or an infinity spreads along all of its lines.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does.

    Notes
    -----
    The recursive filter of M. Unser, A. Aldroubi and M. Eden, "B-spline signal processing", 1993, with initial values
    that are exact for axes of any length.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.spline_coefficients(np.array([[[0.0, 0.0, 6.0, 0.0, 0.0]]]), 3, "wrap").round(4)
    array([[[ 0.5455, -2.7273, 10.3636, -2.7273,  0.5455]]])
    """
    face = face_of("input", input)
    last = check_channels(channels)
    spec = face.parse(BSpline(order), padding_mode, align_corners, "normalized")
    shape = tuple(input.shape)
    if len(shape) < 3:
        raise ValueError(few_axes("input", shape, last))
    return face.coefficients(input, spec, last)
