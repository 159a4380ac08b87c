"""Builders of grids."""

from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from gridsample.arrays import family_of
from gridsample.checks import check_dtype
from gridsample.engines.numpy_arrays import plain
from gridsample.engines.portable import compute_dtype, namespace
from gridsample.spec import check_align_corners

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import torch

    Float = TypeVar("Float", bound=np.floating[Any])

Array = TypeVar("Array")


@overload
def affine_grid(
    theta: "npt.NDArray[Float]", size: "Sequence[int]", align_corners: bool | None = ...
) -> "npt.NDArray[Float]": ...
@overload
def affine_grid(theta: "torch.Tensor", size: "Sequence[int]", align_corners: bool | None = ...) -> "torch.Tensor": ...
@overload
def affine_grid(theta: Array, size: "Sequence[int]", align_corners: bool | None = ...) -> Array: ...
def affine_grid(theta: Any, size: "Sequence[int]", align_corners: bool | None = False) -> Any:
    """Return the grid of an affine map: where each output point lies in the input.

    As :func:`torch.nn.functional.affine_grid`, in any number of dimensions.

    Parameters
    ----------
    theta : array, shape (N, D, D+1)
        One matrix for each batch entry, from normalized output coordinates (x first, then a 1) to normalized input
        coordinates. Kinds of arrays and dtypes as in :func:`grid_sample`.
    size : sequence of int
        The complete shape of the output to come, (N, C, *out) with D output axes.
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
    align = check_align_corners(align_corners)
    family = family_of("theta", theta)
    if family == "torch":
        from gridsample.torch import functional  # noqa: PLC0415  (importing gridsample must not import torch)

        return functional.affine_grid(theta, size, align)
    check_dtype("theta", theta.dtype)
    lengths = check_size(tuple(theta.shape), whole_numbers(size))
    theta = plain(theta) if family == "numpy" else theta
    xp = namespace(theta)
    return xp.astype(places(xp, xp.astype(theta, compute_dtype(xp, theta.dtype)), lengths, align), theta.dtype)


def places(xp: Any, theta: Any, out: tuple[int, ...], align_corners: bool) -> Any:
    """Return the places (N, *out, D): for component i, sum_j theta_ij coordinate_j + theta_iD.

    Made of products of numbers, not of matrices, which torch's autocast would round to half precision.
    """
    axes = len(out)
    ones = (1,) * axes
    result = xp.reshape(theta[..., axes], (-1, *ones, axes))
    for a, length in enumerate(out):
        centres = xp.reshape(_centres(xp, length, align_corners, theta), (*ones[:a], length, *ones[a:]))
        result = result + centres * xp.reshape(theta[..., axes - 1 - a], (-1, *ones, axes))
    return result


def whole_numbers(size: Any) -> tuple[int, ...]:
    """Return the complete shape that a caller gave."""
    try:
        return tuple(int(length.__index__()) for length in size)
    except (TypeError, AttributeError):
        raise TypeError(f"size must be a sequence of whole numbers (N, C, *out); got {size!r}") from None


def check_size(theta: tuple[int, ...], lengths: tuple[int, ...]) -> tuple[int, ...]:
    """Return the output axes of a complete shape that fits the shape of ``theta``."""
    axes = len(lengths) - 2
    if axes < 1 or any(length < 0 for length in lengths):
        raise ValueError(f"size must be (N, C, *out), at least three lengths, none negative; got {lengths}")
    if theta != (lengths[0], axes, axes + 1):
        raise ValueError(
            f"theta must have the shape (N, D, D+1) = {(lengths[0], axes, axes + 1)} for size {lengths}; got {theta}"
        )
    return lengths[2:]


def _centres(xp: Any, length: int, align_corners: bool, theta: Any) -> Any:
    """Return the normalized coordinates of the points of an axis; a single one lies in the middle."""
    index = xp.arange(length, dtype=theta.dtype, device=theta.device)
    if align_corners:
        return 2 * index / (length - 1) - 1 if length > 1 else xp.zeros_like(index)
    return (2 * index + 1) / length - 1 if length > 0 else index
