"""``grid_sample`` and its transpose ``grid_splat``: signatures, docstrings, and the hand-over to the caller's face."""

from typing import TYPE_CHECKING, Any, TypeVar, overload

from gridsample.faces.find import FACES, overridable_face
from gridsample.faces.means import splat_means
from gridsample.names import closed, refuse_keywords
from gridsample.spec import check_align_corners, check_channels, check_derivative

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import torch

    from gridsample.definitions.filling import FillValue, NanPlaces, Outside
    from gridsample.faces.array_api import StandardArray
    from gridsample.spec import Channels, Coords, Mode, PaddingMode

    Element = TypeVar("Element", bound=np.generic)
    Standard = TypeVar("Standard", bound=StandardArray)


@overload
def grid_sample(
    input: "npt.NDArray[Element]",
    grid: "npt.NDArray[np.floating[Any]]",
    mode: "Mode" = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    coords: "Coords" = ...,
    fill_value: "FillValue" = ...,
    outside: "Outside" = ...,
    nan_places: "NanPlaces" = ...,
    channels: "Channels" = ...,
    derivative: "Sequence[int] | None" = ...,
    out: "npt.NDArray[Element] | None" = ...,
) -> "npt.NDArray[Element]": ...
@overload
def grid_sample(
    input: "torch.Tensor",
    grid: "torch.Tensor",
    mode: "Mode" = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    coords: "Coords" = ...,
    fill_value: "FillValue" = ...,
    outside: "Outside" = ...,
    nan_places: "NanPlaces" = ...,
    channels: "Channels" = ...,
    derivative: "Sequence[int] | None" = ...,
) -> "torch.Tensor": ...
@overload
def grid_sample(
    input: "Standard",
    grid: "Standard",
    mode: "Mode" = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    coords: "Coords" = ...,
    fill_value: "FillValue" = ...,
    outside: "Outside" = ...,
    nan_places: "NanPlaces" = ...,
    channels: "Channels" = ...,
    derivative: "Sequence[int] | None" = ...,
) -> "Standard": ...
@closed
def grid_sample(
    input: Any,
    grid: Any,
    mode: "Mode" = "bilinear",
    padding_mode: "PaddingMode" = "zeros",
    align_corners: bool | None = False,
    *,
    coords: "Coords" = "normalized",
    fill_value: "FillValue" = 0.0,
    outside: "Outside" = "pad",
    nan_places: "NanPlaces" = "nan",
    channels: "Channels" = "first",
    derivative: "Sequence[int] | None" = None,
    out: Any = None,
    **unknown: Any,
) -> Any:
    """Sample an array at arbitrary points.

    The first five parameters are those of :func:`torch.nn.functional.grid_sample`, with the same meaning.

    Parameters
    ----------
    input : array, shape (N, C, *size)
        The array to sample, with one or more spatial axes; (N, *size, C) with ``channels="last"``. A NumPy array, a
        torch tensor or any array of the array-API standard, of dtype float16, bfloat16 (torch), float32 or float64;
        or of integers, bool, complex numbers or (NumPy) times, see below.
    grid : array, shape (N, *out, D)
        The places, one for each output point, in normalized coordinates: -1 and 1 are the two ends of an axis; or, by
        ``coords``, in pixels. D is the number of spatial axes; the last axis is ordered x, y, z, and x runs along the
        last spatial axis. There may be any number of output axes: (N, K, D) is a list of points. Its dtype may differ
        from ``input``'s. Where N is 1 in ``input`` or ``grid``, it broadcasts without a copy.
    mode : {"bilinear", "nearest", "bicubic", "lanczos", "mitchell", "bspline"}, Kernel, or tuple of them
        The kernel. "linear", "trilinear", "cubic", "keys" and "tricubic" are the same under other names; each works in
        any number of dimensions. Nearest rounds ties to the even index; cubic is Keys' convolution with a = -0.75, and
        ``Keys(a)`` any other; "lanczos" is ``Lanczos(3)``, "bspline" ``BSpline(3)``, which passes through the values by
        a filter of the whole array. A tuple has a kernel for each axis: x, y, z.
    padding_mode : {"zeros", "fill", "border", "reflection", "mirror", "symmetric", "wrap"}, Boundary, or tuple of them
        What lies outside: nothing, ``fill_value``, the edge pixel, or the array reflected or repeated. "mirror"
        reflects about the centres of the edge pixels and "symmetric" about their outer edges; "reflection" is the first
        with ``align_corners``, else the second.
    align_corners : bool or None
        Whether -1 and 1 are the centres of the corner pixels (True) or their outer edges (False; None means the same).
    coords : {"normalized", "pixel", "relative"}
        What ``grid`` counts in: half axes; pixels from the centre of the first one, where a whole coordinate is a pixel
        exactly; or pixels from the output point's own index, as an optical flow does, for as many output axes as
        spatial ones. In pixels ``align_corners`` only decides what "reflection" means.
    fill_value : number, or sequence of C numbers
        What pixels outside hold under ``padding_mode="fill"``, and samples at places that ``outside`` or ``nan_places``
        fill. It must be a number of ``input``'s dtype, and takes no part in gradients.
    outside : {"pad", "fill", "fill_centres"}
        At which places samples are ``fill_value``, whatever the boundary: at none; outside the array's pixels, that is
        more than half a pixel beyond a centre; or outside the pixels' centres (SciPy's "constant"). Derivatives and
        gradients are 0 there.
    nan_places : {"nan", "fill", "edge"}
        What a sample is where a coordinate is NaN, or infinite under a reflection or wrap: NaN; ``fill_value``; or what
        it is where -1 stands for NaN, as torch documents it.
    channels : {"first", "last"}
        Where the channels of ``input`` and of the result are.
    derivative : sequence of D ints, optional
        The order of the derivative by each component of the grid, x first: (1, 0) is the slope along x, (1, 1) the
        mixed second derivative, in units of the grid's own coordinates. For floats and complex numbers, and kernels
        that have it.
    out : numpy.ndarray, optional
        For NumPy arrays: where to put the result; of its shape and dtype. It may overlap the inputs.

    Returns
    -------
    array, shape (N, C, *out)
        ``input``'s kind of array, on its device and of its dtype; (N, *out, C) with ``channels="last"``. Positions are
        computed in float64 if ``input`` or ``grid`` is float64, weights and sums if ``input`` is; else in float32.
        Where a coordinate is NaN, or infinite under a reflection or wrap, every channel is NaN (``fill_value`` if
        ``input`` is not of floats). Other infinite and huge coordinates lie outside.

    Raises
    ------
    TypeError
        For anything that is not an array, for arrays of different libraries or devices, and for other dtypes.
    ValueError
        For shapes that do not fit together, unknown names, a spatial axis of size 0 that would have to be sampled, a
        derivative of nearest, and a fill value that is not used, or that the dtype cannot hold.

    See Also
    --------
    grid_splat : the transpose.
    affine_grid : places for an affine map.
    normalize, to_pixels : the same places in other coordinates.

    Notes
    -----
    The result is the sum over the kernel's taps of the product over axes of the weights, times the pixel::

        out[n, c, p] = sum_k prod_a w_a(k_a) * input[n, c, resolve(first_a + k_a)]

    ``zeros`` is not "0 outside [-1, 1]": it blends with zeros up to one pixel past the last centre. ``outside="fill"``
    does not blend.

    Nearest copies elements of every dtype as they are. For other kernels integers of up to 32 bits are computed in
    float64, those of 8 bits in float32, and rounded, halves to even, and saturated; 64-bit integers and bool are
    refused. Complex numbers are sampled by their real and imaginary parts.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> row = np.array([[[10.0, 20.0, 30.0, 40.0]]])                   # N = 1, C = 1, size = (4,)
    >>> places = np.array([[[-1.0], [0.0], [0.75], [1.5]]])            # N = 1, four points, D = 1
    >>> gs.grid_sample(row, places)[0, 0]
    array([ 5., 25., 40.,  0.])
    >>> gs.grid_sample(row, places, padding_mode="border")[0, 0]
    array([10., 25., 40., 40.])
    >>> gs.grid_sample(row, np.array([[[0.0], [1.5], [3.0]]]), coords="pixel")[0, 0]
    array([10., 25., 40.])
    >>> gs.grid_sample(row, np.array([[[-0.25], [-0.75]]]), padding_mode="fill", fill_value=8.0, coords="pixel")[0, 0]
    array([9.5, 8.5])
    >>> far = np.array([[[-0.25], [-0.75]]])
    >>> gs.grid_sample(row, far, padding_mode="border", coords="pixel", outside="fill", fill_value=np.nan)[0, 0]
    array([10., nan])
    >>> gs.grid_sample(row.astype("uint8"), np.array([[[0.25], [1.75]]]), coords="pixel")[0, 0]
    array([12, 28], dtype=uint8)
    >>> gs.grid_sample(row, np.array([[[0.5], [2.5]]]), "cubic", "border", coords="pixel", derivative=(1,))[0, 0]
    array([9.375, 9.375])
    """
    if unknown:
        refuse_keywords(grid_sample, unknown)
    face = FACES.get(type(input)) if type(input) is type(grid) else None
    if face is None:
        face, input, grid = overridable_face(input=input, grid=grid)
    plain = type(fill_value) is float and not fill_value and outside == "pad" and nan_places == "nan"
    filling = () if plain else (fill_value, outside, nan_places)
    spec = face.parse(mode, padding_mode, align_corners, coords, *filling)
    if coords == "relative" or nan_places == "edge":
        grid = absolute(face, grid, align_corners, coords, nan_places, input)
    orders = None if derivative is None else check_derivative(derivative, spec)
    return face.sample(input, grid, spec, check_channels(channels), out, orders)


@overload
def grid_splat(
    values: "npt.NDArray[Element]",
    grid: "npt.NDArray[np.floating[Any]]",
    shape: "Sequence[int]",
    mode: "Mode" = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    coords: "Coords" = ...,
    outside: "Outside" = ...,
    nan_places: "NanPlaces" = ...,
    channels: "Channels" = ...,
    normalize: bool = ...,
    eps: float | None = ...,
    out: "npt.NDArray[Element] | None" = ...,
) -> "npt.NDArray[Element]": ...
@overload
def grid_splat(
    values: "torch.Tensor",
    grid: "torch.Tensor",
    shape: "Sequence[int]",
    mode: "Mode" = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    coords: "Coords" = ...,
    outside: "Outside" = ...,
    nan_places: "NanPlaces" = ...,
    channels: "Channels" = ...,
    normalize: bool = ...,
    eps: float | None = ...,
) -> "torch.Tensor": ...
@overload
def grid_splat(
    values: "Standard",
    grid: "Standard",
    shape: "Sequence[int]",
    mode: "Mode" = ...,
    padding_mode: "PaddingMode" = ...,
    align_corners: bool | None = ...,
    *,
    coords: "Coords" = ...,
    outside: "Outside" = ...,
    nan_places: "NanPlaces" = ...,
    channels: "Channels" = ...,
    normalize: bool = ...,
    eps: float | None = ...,
) -> "Standard": ...
@closed
def grid_splat(
    values: Any,
    grid: Any,
    shape: "Sequence[int]",
    mode: "Mode" = "bilinear",
    padding_mode: "PaddingMode" = "zeros",
    align_corners: bool | None = False,
    *,
    coords: "Coords" = "normalized",
    outside: "Outside" = "pad",
    nan_places: "NanPlaces" = "nan",
    channels: "Channels" = "first",
    normalize: bool = False,
    eps: float | None = None,
    out: Any = None,
    **unknown: Any,
) -> Any:
    """Add values to an array of zeros at arbitrary points: the transpose of :func:`grid_sample`.

    Each value goes to the pixels that sampling at its place would read, with the same weights; so for all arrays
    ``(grid_sample(x, grid) * y).sum() == (x * grid_splat(y, grid, x.shape)).sum()``, up to rounding.

    Parameters
    ----------
    values : array, shape (N, C, *out)
        The values to add, one for each place and channel; (N, *out, C) with ``channels="last"``. Kinds of arrays and
        dtypes as in :func:`grid_sample`, except those that it can only copy: they cannot be added up.
    grid : array, shape (N, *out, D)
        Their places, as in :func:`grid_sample`. Where N is 1 in ``values`` or ``grid``, it broadcasts without a copy.
    shape : sequence of int
        The complete shape of the result, (N, C, *size), or (N, *size, C) with ``channels="last"``. With N = 1 the
        values of all batch entries are added into one array.
    mode, padding_mode, align_corners, coords, outside, nan_places, channels
        As in :func:`grid_sample`. Where a sample would be the fill value, values go nowhere.
    normalize : bool
        Whether each pixel gets the weighted mean of the values added to it instead of their sum. For floats and complex
        numbers; derivatives flow through both sums.
    eps : float, optional
        With ``normalize``: a pixel whose weights sum to at most this is 0. One rounding error by default.
    out : numpy.ndarray, optional
        For NumPy arrays: where to put the result; what it held is overwritten. It may overlap the inputs.

    Returns
    -------
    array, shape ``shape``
        ``values``' kind of array, on its device and of its dtype. Sums are taken in float32 or better. Values at NaN
        places, and at infinite ones under a reflection, wrap or zeros, go nowhere.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> values = np.array([[[1.0, 8.0]]])
    >>> places = np.array([[[0.0], [0.75]]])
    >>> gs.grid_splat(values, places, (1, 1, 4))
    array([[[0. , 0.5, 0.5, 8. ]]])
    >>> gs.grid_splat(values, places, (1, 1, 4), normalize=True)
    array([[[0., 1., 1., 8.]]])
    """
    if unknown:
        refuse_keywords(grid_splat, unknown)
    face, values, grid = overridable_face(values=values, grid=grid)
    spec = face.parse(mode, padding_mode, align_corners, coords, 0.0, outside, nan_places)
    grid = absolute(face, grid, align_corners, coords, nan_places, values)
    last = check_channels(channels)
    if not normalize:
        if eps is not None:
            raise ValueError(f"eps is where a mean begins, so it needs normalize=True; got eps={eps!r} without it")
        return face.splat(values, grid, shape, spec, last, out)
    return splat_means(face, values, grid, shape, spec, last, out, eps)


def absolute(face: Any, grid: Any, align_corners: bool | None, coords: str, nan_places: str, *others: Any) -> Any:
    """Return a grid whose places no longer depend on their own output points, nor on NaN that counts as -1."""
    if coords == "relative":
        grid = face.absolute(grid, *others)
    if nan_places != "edge":
        return grid
    edge = -1.0 if coords == "normalized" else 0.0 if check_align_corners(align_corners) else -0.5  # -1, in pixels
    return face.without_nan(grid, edge)
