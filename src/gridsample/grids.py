"""Builders of grids, and the same places in other coordinates."""

from typing import TYPE_CHECKING, Any, TypeVar, overload

from gridsample.faces.find import overridable_face
from gridsample.names import closed, refuse_keywords
from gridsample.spec import MAP_COORDS, check_channels, convention_of, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import torch

    from gridsample.faces.array_api import StandardArray
    from gridsample.spec import Channels, MapCoords

    Float = TypeVar("Float", bound=np.floating[Any])
    Standard = TypeVar("Standard", bound=StandardArray)


@overload
def affine_grid(
    theta: "npt.NDArray[Float]",
    size: "Sequence[int]",
    align_corners: bool | None = ...,
    *,
    coords: "MapCoords" = ...,
    center: "Sequence[float] | None" = ...,
    channels: "Channels" = ...,
) -> "npt.NDArray[Float]": ...
@overload
def affine_grid(
    theta: "torch.Tensor",
    size: "Sequence[int]",
    align_corners: bool | None = ...,
    *,
    coords: "MapCoords" = ...,
    center: "Sequence[float] | None" = ...,
    channels: "Channels" = ...,
) -> "torch.Tensor": ...
@overload
def affine_grid(
    theta: "Standard",
    size: "Sequence[int]",
    align_corners: bool | None = ...,
    *,
    coords: "MapCoords" = ...,
    center: "Sequence[float] | None" = ...,
    channels: "Channels" = ...,
) -> "Standard": ...
@closed
def affine_grid(
    theta: Any,
    size: "Sequence[int]",
    align_corners: bool | None = False,
    *,
    coords: "MapCoords" = "normalized",
    center: "Sequence[float] | None" = None,
    channels: "Channels" = "first",
    **unknown: Any,
) -> Any:
    """Return the grid of an affine map: where each output point lies in the input.

    As :func:`torch.nn.functional.affine_grid`, in any number of dimensions, and in pixels if you like.

    Parameters
    ----------
    theta : array, shape (N, D, D+1)
        One matrix for each batch entry, from output coordinates (x first, then a 1) to input coordinates. Kinds of
        arrays and float dtypes as in :func:`grid_sample`.
    size : sequence of int
        The complete shape of the output to come, (N, C, *out) with D output axes, as torch calls it; elsewhere here
        ``size`` is that of the spatial axes alone. (N, *out, C) with ``channels="last"``.
    align_corners : bool or None
        Whether -1 and 1 are the centres of the corner points (True) or their outer edges (False; None means the same).
    coords : {"normalized", "pixel"}
        What both kinds of coordinates count in. In -1...1 all axes have the same length, so a rotation shears a
        picture that is not square; in pixels it is a rotation. Sample with the same ``coords``.
    center : sequence of D numbers, optional
        The fixed point of ``theta`` without its last column, x first: the matrix is applied to differences from it. By
        default the origin, which is the middle in -1...1 and the centre of the first pixel in pixels.
    channels : {"first", "last"}
        Where the channels are in ``size``.

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

    A quarter turn about the middle, and what it makes of a picture:

    >>> picture = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    >>> turn = np.array([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]])
    >>> grid = gs.affine_grid(turn, picture.shape, coords="pixel", center=(1, 1))
    >>> gs.grid_sample(picture, grid, coords="pixel")[0, 0]
    array([[3., 6., 9.],
           [2., 5., 8.],
           [1., 4., 7.]])
    """
    if unknown:
        refuse_keywords(affine_grid, unknown)
    if type(coords) is not str or coords not in MAP_COORDS:
        one_of("coords", coords, MAP_COORDS)
    convention = convention_of(align_corners, coords)
    face, theta = overridable_face(theta=theta)
    return face.affine_grid(theta, size, convention, center, check_channels(channels))


@overload
def normalize(
    points: "npt.NDArray[Float]", size: "Sequence[int]", align_corners: bool | None = ...
) -> "npt.NDArray[Float]": ...
@overload
def normalize(points: "torch.Tensor", size: "Sequence[int]", align_corners: bool | None = ...) -> "torch.Tensor": ...
@overload
def normalize(points: "Standard", size: "Sequence[int]", align_corners: bool | None = ...) -> "Standard": ...
def normalize(points: Any, size: "Sequence[int]", align_corners: bool | None = False) -> Any:
    """Return the normalized coordinates of positions in pixels: the inverse of :func:`to_pixels`.

    Parameters
    ----------
    points : array, shape (..., D)
        Positions, x first, from the centre of the first pixel on.
    size : sequence of D ints
        The lengths of the spatial axes, in the array's order: (H, W) for x and y.
    align_corners : bool or None
        As in :func:`grid_sample`.

    Returns
    -------
    array, shape (..., D)
        (2 p + 1) / S - 1, or with ``align_corners`` 2 p / (S - 1) - 1, where an axis of one pixel gives 0. Of the
        points' kind, device and dtype; computed in float32 or better; NaN and infinities propagate as in arithmetic.

    Raises
    ------
    TypeError, ValueError
        For anything but an array of floats, and for another number of coordinates than of axes.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.normalize(np.array([[0.0, 0.0], [3.0, 1.0]]), (2, 4))
    array([[-0.75, -0.5 ],
           [ 0.75,  0.5 ]])
    """
    face, points = overridable_face(points=points)
    return face.converted("points", points, size, convention_of(align_corners).coordinate)


@overload
def to_pixels(
    grid: "npt.NDArray[Float]", size: "Sequence[int]", align_corners: bool | None = ...
) -> "npt.NDArray[Float]": ...
@overload
def to_pixels(grid: "torch.Tensor", size: "Sequence[int]", align_corners: bool | None = ...) -> "torch.Tensor": ...
@overload
def to_pixels(grid: "Standard", size: "Sequence[int]", align_corners: bool | None = ...) -> "Standard": ...
def to_pixels(grid: Any, size: "Sequence[int]", align_corners: bool | None = False) -> Any:
    """Return the positions in pixels of normalized coordinates, as sampling finds them.

    Parameters
    ----------
    grid : array, shape (..., D)
        Normalized coordinates, x first.
    size : sequence of D ints
        The lengths of the spatial axes, in the array's order: (H, W) for x and y.
    align_corners : bool or None
        As in :func:`grid_sample`.

    Returns
    -------
    array, shape (..., D)
        (g + 1) S / 2 - 1/2, or with ``align_corners`` (g + 1) (S - 1) / 2. Of the grid's kind, device and dtype;
        computed in float32 or better; NaN and infinities propagate as in arithmetic.

    Raises
    ------
    TypeError, ValueError
        For anything but an array of floats, and for another number of coordinates than of axes.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.to_pixels(np.array([[-1.0, -1.0], [0.0, 0.5]]), (2, 4))
    array([[-0.5, -0.5],
           [ 1.5,  1. ]])
    """
    face, grid = overridable_face(grid=grid)
    return face.converted("grid", grid, size, convention_of(align_corners).locate)
