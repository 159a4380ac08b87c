"""From a picture and a map to the warped picture."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

import gridsample as gs
from gridsample.cli.pictures import libvips
from gridsample.cli.pictures.format import Format, Picture
from gridsample.cli.refusal import Refusal
from gridsample.cli.stopping import Stop
from gridsample.cli.warp.colours import BLACK, Colour, most, samples_of
from gridsample.cli.warp.coverage import coverage, shows_outside
from gridsample.cli.warp.maps import FARTHEST, Map, Size
from gridsample.cli.warp.shrinking import shrinking_kernel
from gridsample.definitions.kernels import KERNELS

Samples = npt.NDArray[np.floating[Any]]
Pixels = npt.NDArray[Any]

BAND = 2**18  # output pixels sampled at a time: a grid of 4 MiB
OUTSIDE = "background"  # the padding that shows the picture's own area, and a background beside it
HALF = 0.5  # of the weight of what has data is the least that a sample is made of


@dataclass(frozen=True)
class How:
    """How to sample.

    Attributes
    ----------
    mode, padding : str
        As the library has them, and besides "background".
    align_corners : bool
    background : Colour or None
        What is outside, if it was asked for.
    """

    mode: Any
    padding: Any
    align_corners: bool
    background: Colour | None


def warped(picture: Picture, backward: Map, size: Size, how: How, format: Format, stop: Stop) -> Picture:
    """Return the warped picture as a format holds it: what is seen beside it transparent, or a background."""
    with np.errstate(all="ignore"):  # of measurements, which may be infinite or no numbers at all
        nodata = format.nodata(picture.page)
        if nodata is not None and not picture.has_alpha and is_sample(nodata, picture.pixels.dtype):
            return _around_holes(picture, backward, size, how, nodata, stop)
        return _whole(picture, backward, size, how, format, stop)


def _whole(picture: Picture, backward: Map, size: Size, how: How, format: Format, stop: Stop) -> Picture:
    """Return a picture all of whose pixels are there."""
    outside = shows_outside(backward, picture.size, size) and how.padding == OUTSIDE
    fades = outside and not picture.has_alpha and how.background is None and format.holds_alpha and can_fade(picture)
    flat = picture.has_alpha and not format.holds_alpha
    has_alpha = (picture.has_alpha or fades) and not flat
    dtype, whole = picture.pixels.dtype, most(picture.pixels.dtype)
    background = samples_of(how.background or BLACK, picture)

    def finish(samples: Samples, covered: Samples | None) -> Pixels:
        """Return some rows as pixels."""
        if fades:
            samples = np.concatenate([samples, np.full_like(samples[..., :1], whole)], axis=-1)
        if covered is not None:
            samples = np.where(covered > 0, samples * covered, 0)  # 0 times what is infinite is 0 here
            if how.background is not None or not (picture.has_alpha or fades):
                filled = np.append(background, whole) if picture.has_alpha else background
                samples += (1 - covered) * filled.astype(samples.dtype)
        if flat:
            samples = samples[..., :-1] + (1 - samples[..., -1:] / whole) * background.astype(samples.dtype)
        return to_pixels(samples, has_alpha, dtype, picture.page.depth)

    source = premultiplied(picture.pixels, picture.has_alpha)
    pixels = _sampled(source, backward, size, how, can_fade(picture), finish, stop)
    return replace(picture, pixels=pixels, has_alpha=has_alpha)


def can_fade(picture: Picture) -> bool:
    """Return whether a picture is one to look at, whose edge may be smooth and beside which it may be transparent."""
    return (
        picture.pixels.dtype in (np.uint8, np.uint16) and picture.page.depth == 8 and picture.colours in ("b-w", "srgb")
    )


def is_sample(number: float, dtype: np.dtype[Any]) -> bool:
    """Return whether a sample can be a number."""
    limits = np.iinfo(dtype) if dtype.kind in "iu" else None
    return limits is None or (number == np.rint(number) and limits.min <= number <= limits.max)


def _around_holes(picture: Picture, backward: Map, size: Size, how: How, nodata: float, stop: Stop) -> Picture:
    """Return a picture whose pixels without data have no part in others, nor get a value of others.

    As with alpha, pixels are weighted by 0 or 1, and the sums divided by that of the weights (normalized convolution).
    """
    if isinstance(KERNELS[how.mode], gs.BSpline):
        raise Refusal(
            f"--mode {how.mode} filters all pixels, those without data among them; take another, such as bicubic"
        )
    bands, dtype = picture.pixels.shape[2], picture.pixels.dtype
    missing = np.array(nodata).astype(dtype)
    there = ~np.isnan(picture.pixels) if np.isnan(nodata) else picture.pixels != missing
    values = premultiplied(np.where(there, picture.pixels, 0).astype(dtype), False)
    source = np.concatenate([values, there.astype(values.dtype)], axis=-1)

    def finish(samples: Samples, covered: Samples | None) -> Pixels:
        if covered is not None:
            samples = np.where(covered > 0, samples * covered, 0)
        values, weights = samples[..., :bands], samples[..., bands:]
        enough = weights > HALF
        pixels = to_pixels(np.divide(values, weights, out=np.zeros_like(values), where=enough), False, dtype, 8)
        return np.where(enough, pixels, missing)

    return replace(picture, pixels=_sampled(source, backward, size, how, False, finish, stop))


def _sampled(
    source: Samples,
    backward: Map,
    size: Size,
    how: How,
    smooth: bool,
    finish: Callable[[Samples, Samples | None], Pixels],
    stop: Stop,
) -> Pixels:
    """Return the pixels that ``finish`` makes of samples, and of how much of each is inside if not all is."""
    whole = source.shape[1], source.shape[0]
    kernel = shrinking_kernel(how.mode, backward, whole, size)
    if kernel is not None:
        return finish(libvips.resized(source, size, kernel, stop), None)
    outside = shows_outside(backward, whole, size)
    padding = "border" if how.padding == OUTSIDE else how.padding
    smooth = smooth and how.mode != "nearest"
    source, mode = filtered(source, how, padding)
    width, height = size
    rows = max(1, BAND // width)
    result: Pixels | None = None
    for top in range(0, height, rows):
        stop.check()
        band = range(top, min(top + rows, height))
        positions = positions_of(backward, band, width, ties_up=how.mode == "nearest")
        options: Any = (mode, padding, how.align_corners)
        samples: Samples = gs.grid_sample(source[np.newaxis], positions, *options, coords="pixel", channels="last")[0]
        covered = None
        if outside and how.padding == OUTSIDE:
            covered = coverage(backward, whole, band, width, smooth=smooth).astype(samples.dtype)
        pixels = finish(samples, covered)
        if result is None:
            result = np.empty((height, *pixels.shape[1:]), pixels.dtype)
        result[band.start : band.stop] = pixels
    assert result is not None  # there is a row
    return result


def filtered(source: Samples, how: How, padding: Any) -> tuple[Samples, Any]:
    """Return what a kernel weighs, and the kernel: a spline filters all of a picture, but once, not for each band."""
    kernel = KERNELS[how.mode]
    if not isinstance(kernel, gs.BSpline):
        return source, how.mode
    coefficients = gs.spline_coefficients(source[np.newaxis], kernel.order, padding, how.align_corners, channels="last")
    return coefficients[0], gs.BSpline(kernel.order, prefilter=False)


def positions_of(backward: Map, rows: range, width: int, *, ties_up: bool) -> npt.NDArray[np.float64]:
    """Return where some rows of the output come from; a point comes out the same whatever the rows around it.

    In float64, as a position in float32 may be off by 1/2000 of a pixel, which is seen in 16 bits. The nearest pixel's
    ties (half the size: every pixel) are all decided to the same side, as ``ties_up`` says.
    """
    u, v = np.arange(width, dtype=np.float64), np.arange(rows.start, rows.stop, dtype=np.float64)[:, np.newaxis]
    x, y, w = (row[0] * u + row[1] * v + row[2] for row in backward)
    positions = np.stack([x, y], axis=-1)[np.newaxis]
    if backward[2, 0] or backward[2, 1]:
        ahead = (w > 0)[np.newaxis, ..., np.newaxis]  # of the horizon
        positions = np.divide(
            positions, w[np.newaxis, ..., np.newaxis], out=np.full_like(positions, -FARTHEST), where=ahead
        )
        positions = positions.clip(-FARTHEST, FARTHEST)
    return np.floor(positions + 0.5) if ties_up else positions


def premultiplied(pixels: Pixels, has_alpha: bool) -> Samples:
    """Return pixels as floats, colours weighted by alpha: so that what is not seen does not shine through.

    Of more than 8 bits in float64, since weights have the samples' own precision, and that of float32 would be seen.
    """
    precision = np.float32 if pixels.dtype.itemsize == 1 or pixels.dtype in (np.float16, np.float32) else np.float64
    samples: Samples = pixels.astype(precision)
    if has_alpha:
        samples[..., :-1] *= samples[..., -1:] / precision(most(pixels.dtype))
    return samples


def to_pixels(samples: Samples, has_alpha: bool, dtype: np.dtype[Any], depth: int) -> Pixels:
    """Return samples as pixels: alpha divided out again, rounded, and clipped, as cubic sampling overshoots."""
    whole = most(dtype)
    if has_alpha:
        alpha = samples[..., -1:]
        seen = (np.rint(alpha) if dtype.kind in "iu" else alpha) > 0  # the rest gets no colour
        samples[..., :-1] *= np.divide(whole, alpha, out=np.zeros_like(alpha), where=seen)
    if dtype.kind == "f":
        return samples.astype(dtype)
    limits = np.iinfo(dtype)
    if depth < 8:
        levels = whole / (2**depth - 1)
        samples = np.rint(samples / levels) * levels
    return np.rint(np.clip(samples, limits.min, limits.max)).astype(dtype)
