"""Builders of grids."""

from typing import TYPE_CHECKING, Any, TypeVar, overload

from gridsample.faces.find import face_of
from gridsample.spec import convention_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import torch

    from gridsample.faces.array_api import StandardArray

    Float = TypeVar("Float", bound=np.floating[Any])
    Standard = TypeVar("Standard", bound=StandardArray)


@overload
def affine_grid(
    theta: "npt.NDArray[Float]", size: "Sequence[int]", align_corners: bool | None = ...
) -> "npt.NDArray[Float]": ...
@overload
def affine_grid(theta: "torch.Tensor", size: "Sequence[int]", align_corners: bool | None = ...) -> "torch.Tensor": ...
@overload
def affine_grid(theta: "Standard", size: "Sequence[int]", align_corners: bool | None = ...) -> "Standard": ...
def affine_grid(theta: Any, size: "Sequence[int]", align_corners: bool | None = False) -> Any:
    """Return the grid of an affine map: where each output point lies in the input.

    As :func:`torch.nn.functional.affine_grid`, in any number of dimensions.

    Parameters
    ----------
    theta : array, shape (N, D, D+1)
        One matrix for each batch entry, from normalized output coordinates (x first, then a 1) to normalized input
        coordinates. Kinds of arrays and dtypes as in :func:`grid_sample`.
    size : sequence of int
        The complete shape of the output to come, (N, C, *out) with D output axes, as torch calls it; elsewhere here
        ``size`` is that of the spatial axes alone.
    align_corners : bool or None
        Whether -1 and 1 are the centres of the corner points (True) or their outer edges (False; None means the same).

    Returns
    -------
    array, shape (N, *out, D)
        Of ``theta``'s kind, device and dtype; computed in float32 or better. Differentiable by ``theta`` in torch. NaN
        and infinities in ``theta`` go through the arithmetic as they are.

    Raises
    ------
    TypeError, ValueError
        For anything but an array of floats, and for shapes that do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> identity = np.array([[[1.0, 0.0]]])
    >>> gs.affine_grid(identity, (1, 1, 4))[0, :, 0]
    array([-0.75, -0.25,  0.25,  0.75])
    >>> gs.affine_grid(identity, (1, 1, 3), align_corners=True)[0, :, 0]
    array([-1.,  0.,  1.])
    """
    return face_of("theta", theta).affine_grid(theta, size, convention_of(align_corners))
