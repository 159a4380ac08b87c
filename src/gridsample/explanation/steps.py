"""``explain``: the steps of one sample, taken by the definitions, and its result, by the engine that serves it."""

import functools
import itertools
import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsample.checks import check_orders, check_pull
from gridsample.definitions.dtypes import DTYPES, name_of, position_of
from gridsample.engines.footprints import axis_steps, quiet
from gridsample.explanation.record import Axis, AxisTap, Explanation, Tap
from gridsample.explanation.words import check_language
from gridsample.faces import numpy as numpy_face
from gridsample.faces.find import common_face
from gridsample.sampling import absolute
from gridsample.spec import Spec, check_channels, check_derivative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridsample.definitions.filling import FillValue, NanPlaces, Outside
    from gridsample.explanation.words import Language
    from gridsample.spec import Channels, Coords, Mode, PaddingMode

MOST_TAPS = 2**16
AXIS_NAMES = "xyz"


def explain(
    input: Any,
    grid: Any,
    index: "int | Sequence[int] | None" = None,
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
    language: "Language" = "en",
) -> Explanation:
    """Explain one sample of :func:`grid_sample`: every position, tap and weight, and the sum that they give.

    Parameters
    ----------
    input : array, shape (N, C, *size)
        As in :func:`grid_sample`.
    grid : array, shape (N, *out, D)
        As in :func:`grid_sample`.
    index : int or sequence of int, optional
        Which point of the grid: an index into (*out) where N is 1, or into (N, *out). Negative ones count from the end.
        It may be omitted if there is only one point.
    mode, padding_mode, align_corners, coords, fill_value, outside, nan_places, channels, derivative
        As in :func:`grid_sample`.
    language : {"en", "zh"}
        The language of tables and pictures: English or Chinese.

    Returns
    -------
    Explanation
        Printed, it is a table; a notebook shows it as HTML; ``.plot()`` draws it (with Matplotlib). ``.axes`` has the
        steps on each axis, ``.taps`` all neighbours, ``.blend`` the sum of their products and ``.result`` what
        ``grid_sample`` returns there, by the engine that serves the call: the same, but for rounding. Weights and
        positions are those of the dtypes that :func:`grid_sample` computes in. NaN places have no taps, nor have those
        that ``outside`` fills.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does; and for more than 65536 taps.
    IndexError
        For a point that is not in the grid.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> row = np.array([[[10.0, 20.0, 30.0, 40.0]]])
    >>> sample = gs.explain(row, np.array([[[0.75], [1.1]]]), 1, padding_mode="border")
    >>> print(sample)
    Linear, border: output point [0, 1] reads at x = 1.1
    gs.grid_sample(input, grid, mode='bilinear', padding_mode='border', align_corners=False)
    <BLANKLINE>
    axis  pixels  kernel  boundary  coordinate  position  folded  distance t
    x          4  linear  border           1.1       3.7       3           0
    <BLANKLINE>
    tap [x]  lies     reads    weight  value  weight × value
    [3]      inside   [3]           1     40              40
    [4]      outside  nothing       0      0               0
    sum                             1                     40
    <BLANKLINE>
    result  40
    border folds x = 3.7 to 3.
    1 of 2 taps lie where there is nothing and count 0; the weights that are left sum to 1.
    >>> sample.axes[0].position.__round__(6), sample.formula()
    (3.7, '1 × 40 = 40')
    """
    face, input, grid = common_face(input=input, grid=grid)
    spec = face.parse(mode, padding_mode, align_corners, coords, fill_value, outside, nan_places)
    last = check_channels(channels)
    check_language(language)
    orders = None if derivative is None else check_derivative(derivative, spec)
    check_pull(tuple(input.shape), tuple(grid.shape), spec, last)
    check_orders(orders, grid.shape[-1])
    place = check_index(index, batch_of(input, grid), tuple(grid.shape[1:-1]))
    options = {
        "mode": mode,
        "padding_mode": padding_mode,
        "align_corners": align_corners,
        "coords": coords,
        "fill_value": spec.filling.values[0] if len(spec.filling.values) == 1 else spec.filling.values,
        "outside": outside,
        "nan_places": nan_places,
        "channels": channels,
        "derivative": orders,
    }
    places = absolute(face, grid, align_corners, coords, nan_places, input)
    entry, point = entry_of(input, place[0]), point_of(places, place)
    result = flat(face.sample(entry, point, spec, last, None, orders))
    pixels = pixels_of(entry, spec, last)
    axes = axes_of(point_of(grid, place), point, pixels.shape[1:], read_as(input.dtype), spec, orders)
    fill = fill_of(pixels, spec)
    taps = taps_of(axes, pixels, fill, spec)
    return Explanation(
        index=place,
        shape=tuple(map(int, input.shape)),
        options=options,
        dtype=name_of(input.dtype),
        axes=axes,
        taps=taps,
        blend=blend_of(taps, result, orders),
        result=result,
        filtered=spec.weighing is not None,
        pixels=pixels,
        fill=fill,
        language=language,
    )


def batch_of(input: Any, grid: Any) -> int:
    """Return how many batch entries there are."""
    return int(grid.shape[0] if input.shape[0] == 1 else input.shape[0])


def check_index(index: Any, batch: int, out: tuple[int, ...]) -> tuple[int, ...]:
    """Return the batch entry and the place in the output axes of a point."""
    if index is None:
        if batch * math.prod(out) != 1:
            raise TypeError(f"index must say which point of the grid is meant, one of N = {batch} and *out = {out}")
        return (0,) * (1 + len(out))
    try:
        entries = tuple(int(entry.__index__()) for entry in (index if hasattr(index, "__len__") else (index,)))
    except (TypeError, AttributeError):
        raise TypeError(f"index must be a whole number or a sequence of them; got {index!r}") from None
    lengths = (batch, *out)
    if batch == 1 and len(entries) == len(out):
        entries = (0, *entries)
    if len(entries) != len(lengths):
        also = f", or {len(out)} for a place in {out}" if batch == 1 else ""
        raise ValueError(
            f"index must have {len(lengths)} entries, for a place in (N, *out) = {lengths}{also}; got {index!r}"
        )
    if not all(-length <= entry < length for entry, length in zip(entries, lengths, strict=True)):
        raise IndexError(f"index must be a place in (N, *out) = {lengths} of the grid; got {index!r}")
    return tuple(entry % length for entry, length in zip(entries, lengths, strict=True))


def entry_of(input: Any, n: int) -> Any:
    """Return the one batch entry that is sampled."""
    return input if input.shape[0] == 1 else input[n : n + 1, ...]


def point_of(grid: Any, place: tuple[int, ...]) -> Any:
    """Return a grid (1, 1, D) of one of a grid's points."""
    n, *out = place
    return grid[(n if grid.shape[0] > 1 else 0, *out, slice(None))][None, None, :]


def as_numpy(array: Any) -> Any:
    """Return any library's array as NumPy's, from wherever it lies."""
    if hasattr(array, "detach"):  # torch
        array = array.detach().cpu().resolve_conj().resolve_neg()
        own = DTYPES.get(name_of(array.dtype))
        array = array.float() if own is not None and own.only else array
    elif hasattr(array, "get"):  # CuPy
        array = array.get()
    return np.asarray(array)


def read_as(dtype: Any) -> Any:
    """Return a dtype as engines see it: moments and durations are the integers that they are."""
    return "int64" if getattr(dtype, "kind", "") in ("m", "M") else dtype


def flat(samples: Any) -> tuple[Any, ...]:
    """Return the samples of one point, one for each channel."""
    return tuple(as_numpy(samples).reshape(-1).tolist())


def pixels_of(entry: Any, spec: Spec, last: bool) -> Any:
    """Return what there is to weigh, (C, *size): the input's values, or the coefficients made of them."""
    pixels = as_numpy(entry)
    if spec.weighing is not None:
        real = position_of(pixels.dtype) if pixels.dtype.kind != "c" else pixels.dtype
        pixels = coefficients(pixels, real, spec, last)
    return np.moveaxis(pixels, -1, 1)[0] if last else pixels[0]


def coefficients(pixels: Any, real: Any, spec: Spec, last: bool) -> Any:
    """Return the coefficients of B-splines; of complex numbers, part by part."""
    if pixels.dtype.kind == "c":
        real, imaginary = (coefficients(part, part.dtype, spec, last) for part in (pixels.real, pixels.imag))
        return real + 1j * imaginary
    return numpy_face.coefficients(pixels.astype(real), spec, last)


@quiet
def axes_of(
    given: Any, point: Any, size: tuple[int, ...], dtype: Any, spec: Spec, orders: tuple[int, ...] | None
) -> tuple[Axis, ...]:
    """Return the steps on every axis; ``given`` is the grid's point, ``point`` the same in ``spec``'s coordinates."""
    real = np.dtype(position_of(dtype))
    places = as_numpy(point)[0].astype(position_of(dtype, point.dtype))
    axes = []
    for component, length in enumerate(reversed(size)):
        kernel, boundary = spec.axis(component)
        coordinate, order = places[:, component], orders[component] if orders else 0
        steps = axis_steps(np, coordinate, length, spec.axis(component), spec, order, real)
        undefined, beyond = bool(steps.place.undefined[0]), steps.place.beyond
        taps = (
            AxisTap(
                index=index,
                read=int(tap.index[0]) if tap.inside[0] else None,
                inside=0 <= index < length,
                filled=tap.filled is not None and bool(tap.filled[0]),
                weight=float(tap.weight[0]),
            )
            for index, tap in enumerate(steps.taps, int(steps.first[0]))
        )
        axes.append(
            Axis(
                name=AXIS_NAMES[component] if len(size) <= len(AXIS_NAMES) else f"x{component}",
                size=length,
                kernel=kernel,
                boundary=boundary,
                coordinate=float(as_numpy(given)[0, 0, component]),
                position=float(steps.position[0]),
                folded=math.nan if undefined else float(steps.folded[0]),
                folds=kernel.folds and boundary.folds,
                distance=math.nan if undefined else float(steps.distance[0]),
                undefined=undefined,
                beyond=beyond is not None and bool(beyond[0]),
                taps=() if undefined else tuple(taps),
            )
        )
    return tuple(axes)


def fill_of(pixels: Any, spec: Spec) -> tuple[Any, ...]:
    """Return the fill value of each channel, as pixels are."""
    values = [int(value) if value == 0 else value for value in spec.filling.of(pixels.shape[0])]
    return tuple(np.array(values).astype(pixels.dtype).tolist())


def blend_of(taps: tuple[Tap, ...], result: tuple[Any, ...], orders: tuple[int, ...] | None) -> tuple[Any, ...]:
    """Return the sum of the products; without taps, and where only the fill value is there, what there is instead."""
    if not taps:
        return result
    if all(tap.filled for tap in taps):  # their weights sum to 1, or those of a derivative to 0, exactly
        return tuple(type(value)() if orders and any(orders) else value for value in taps[0].values)
    return tuple(functools.reduce(operator.add, column) for column in zip(*(tap.products for tap in taps), strict=True))


def taps_of(axes: tuple[Axis, ...], pixels: Any, fill: tuple[Any, ...], spec: Spec) -> tuple[Tap, ...]:
    """Return the taps of all axes together."""
    if any(axis.beyond for axis in axes):
        return ()
    count = math.prod(len(axis.taps) for axis in axes)
    if count > MOST_TAPS:
        raise ValueError(f"explain lists every tap, at most {MOST_TAPS}; this sample has {count}")
    nothing = (np.zeros((), pixels.dtype).tolist(),) * pixels.shape[0]
    taps = []
    for along in itertools.product(*(axis.taps for axis in reversed(axes))):
        weights, read = tuple(tap.weight for tap in along), tuple(tap.read for tap in along if tap.read is not None)
        weight, there = math.prod(weights), len(read) == len(along)
        filled = any(tap.filled for tap in along)
        values = tuple(pixels[(slice(None), *read)].tolist()) if there else fill if filled else nothing
        taps.append(
            Tap(
                index=tuple(tap.index for tap in along),
                read=read if there else None,
                inside=all(tap.inside for tap in along),
                filled=filled,
                weights=weights,
                weight=weight,
                values=values,
                products=products_of(weight, values, spec.copies) if there or (filled and weight) else nothing,
            )
        )
    return tuple(taps)


def products_of(weight: float, values: tuple[Any, ...], copies: bool) -> tuple[Any, ...]:
    """Return weight times each value; what is only copied may be nothing that can be multiplied."""
    return values if copies else tuple(weight * value for value in values)
