"""What of a sample is there: how much of each footprint lies inside, how much each pixel is read, pixels left out."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from gridsample.checks import caller_order, check_grid, check_mask, check_number, layout, whole_numbers
from gridsample.definitions.dtypes import DTYPES, name_of, position_of, real_of
from gridsample.faces.find import common_face, face_of
from gridsample.faces.foreign import refuse_unit
from gridsample.names import closed, refuse_keywords
from gridsample.namespaces import device_of
from gridsample.sampling import absolute
from gridsample.spec import Spec, check_channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridsample.definitions.filling import NanPlaces, Outside
    from gridsample.spec import Channels, Coords, Mode, PaddingMode


class Masked(NamedTuple):
    """What :func:`sample_masked` returns.

    Attributes
    ----------
    values : array, shape (N, C, *out)
    weight : array, shape (N, 1, *out)
    """

    values: Any
    weight: Any


def coverage(
    size: "Sequence[int]",
    grid: Any,
    mode: "Mode" = "bilinear",
    align_corners: bool | None = False,
    *,
    coords: "Coords" = "normalized",
    channels: "Channels" = "first",
) -> Any:
    """Return how much of each place's footprint lies inside an array: the sum of the weights of the taps that do.

    Parameters
    ----------
    size : sequence of D ints
        The lengths of the array's spatial axes.
    grid, mode, align_corners, coords
        As in :func:`grid_sample`.
    channels : {"first", "last"}
        Where the result has its one channel.

    Returns
    -------
    array, shape (N, 1, *out)
        1 inside up to rounding, 0 far outside, in between at the edges; a cubic's goes a little beyond both. Of the
        grid's kind, float64 if the grid is, else float32; differentiable by the grid in torch. NaN at NaN places.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.coverage((4,), np.array([[[-0.75], [2.0], [3.25], [9.0]]]), coords="pixel")
    array([[[0.25, 1.  , 0.75, 0.  ]]])
    """
    lengths, last = whole_numbers("size", size, "of the spatial axes"), check_channels(channels)
    face, grid, spec = weights_at(grid, (mode, "zeros", align_corners, coords), "pad", "nan")
    return face.sample(ones(face, grid, (1, 1, *lengths), last), grid, spec, last)


def grid_count(
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
) -> Any:
    """Return how much each pixel is read by sampling at some places: the splat of ones.

    A splat divided by it is the weighted mean of the values added to each pixel.

    Parameters
    ----------
    grid, mode, padding_mode, align_corners, coords, outside, nan_places, channels
        As in :func:`grid_splat`.
    shape : sequence of int
        The complete shape of the result, (N, 1, *size), or (N, *size, 1) with ``channels="last"``; with N = 1 the
        places of all batch entries are counted together.

    Returns
    -------
    array, shape ``shape``
        The sums of weights. Of the grid's kind, float64 if the grid is, else float32; differentiable by the grid in
        torch. Places without a pixel, such as NaN, are not counted.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_splat` does.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> gs.grid_count(np.array([[[0.0], [0.25], [2.0]]]), (1, 1, 4), coords="pixel")
    array([[[1.75, 0.25, 1.  , 0.  ]]])
    """
    last = check_channels(channels)
    target = whole_numbers("shape", shape, layout(last))
    face, grid, spec = weights_at(grid, (mode, padding_mode, align_corners, coords), outside, nan_places)
    out = check_grid(tuple(grid.shape), len(target) - 2, f"shape {target} has {len(target) - 2}")
    return face.splat(ones(face, grid, (grid.shape[0], 1, *out), last), grid, target, spec, last, None)


def weights_at(grid: Any, options: tuple[Any, ...], outside: str, nan_places: str) -> tuple[Any, Any, Spec]:
    """Return a grid's face, its places as engines take them, and the options that weights depend on."""
    face = face_of("grid", grid)
    spec = face.parse(*options, 0.0, outside, nan_places)
    return face, absolute(face, grid, *options[2:], nan_places), spec.weighing or spec


def ones(face: Any, grid: Any, shape: tuple[int, ...], last: bool) -> Any:
    """Return ones of a channels-first shape in the caller's order, in the dtype of the grid's positions."""
    xp = face.functions(grid).xp
    dtype = getattr(xp, position_of(grid.dtype) if name_of(grid.dtype) in DTYPES else "float32")  # the face refuses
    return xp.ones(caller_order(shape, last), dtype=dtype, device=device_of(grid))


@closed
def sample_masked(
    input: Any,
    mask: Any,
    grid: Any,
    mode: "Mode" = "bilinear",
    padding_mode: "PaddingMode" = "zeros",
    align_corners: bool | None = False,
    *,
    coords: "Coords" = "normalized",
    outside: "Outside" = "pad",
    nan_places: "NanPlaces" = "nan",
    channels: "Channels" = "first",
    min_weight: float = 0.5,
    fill_value: float = math.nan,
    **unknown: Any,
) -> Masked:
    """Sample an array in which some pixels do not count, such as those without data.

    Pixels that are left out add nothing, even if they are NaN or infinite, and the weights of the others are divided by
    their sum. So a constant stays constant at the border of a hole, and at the array's edge under zeros.

    Parameters
    ----------
    input : array of floats, shape (N, C, *size)
        As in :func:`grid_sample`.
    mask : array of bool, shape (N, 1, *size) or (1, 1, *size)
        Where pixels count; (N, *size, 1) with ``channels="last"``. Of the input's kind.
    grid, mode, padding_mode, align_corners, coords, outside, nan_places, channels
        As in :func:`grid_sample`. The boundary applies to the mask too: a pixel that is repeated outside counts there
        if it counts inside.
    min_weight : float
        Where the sum of the weights is at most this, or a rounding error, the value is ``fill_value``. With one half, a
        value always comes from more than half of its footprint.
    fill_value : float
        The value where too few pixels count.

    Returns
    -------
    values : array, shape (N, C, *out)
        Of the input's kind and dtype; in torch differentiable by input and grid. Computed in float32 or better.
    weight : array, shape (N, 1, *out)
        The sum of the weights that count; NaN at undefined places, where the value is ``fill_value``.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does, and for a mask of another dtype or shape.

    Notes
    -----
    ``pull(input where mask else 0) / pull(1 where mask else 0)``: the normalized convolution of H. Knutsson and C.-F.
    Westin (1993), with a mask for certainty.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> row = np.array([[[1.0, np.nan, 3.0, 5.0]]])
    >>> places = np.array([[[0.25], [1.0], [1.75], [2.5]]])
    >>> values, weight = gs.sample_masked(row, ~np.isnan(row), places, coords="pixel")
    >>> values, weight
    (array([[[ 1., nan,  3.,  4.]]]), array([[[0.75, 0.  , 0.75, 1.  ]]]))
    """
    if unknown:
        refuse_keywords(sample_masked, unknown)
    face, input, mask, grid = common_face(input=input, mask=mask, grid=grid)
    refuse_unit("input", input, "which fill_value lacks")
    spec = face.parse(mode, padding_mode, align_corners, coords, 0.0, outside, nan_places)
    last = check_channels(channels)
    if spec.weighing is not None:
        raise ValueError(
            f"mode must weigh pixels themselves, so that some can be left out; {mode} filters them all first, unless "
            f"it has prefilter=False"
        )
    if name_of(input.dtype) not in DTYPES:
        raise TypeError(f"input must be of floats, whose weights can be divided; got {name_of(input.dtype)}")
    check_mask(tuple(mask.shape), name_of(mask.dtype), tuple(input.shape), last)
    least = check_number("min_weight", min_weight)
    fill = check_number("fill_value", fill_value)
    grid = absolute(face, grid, align_corners, coords, nan_places, input)
    xp, cast, *_ = face.functions(input)
    real = real_of(input.dtype)
    kept = cast(input, real)
    kept = xp.where(mask, kept, xp.zeros_like(kept))
    weight = face.sample(cast(mask, real), grid, spec, last)
    total = face.sample(kept, grid, spec, last)
    enough = weight > max(least, DTYPES[real].eps)
    values = total / xp.where(enough, weight, xp.ones_like(weight))
    values = xp.where(enough, values, xp.full_like(values, fill))
    return Masked(cast(values, name_of(input.dtype)), weight)
