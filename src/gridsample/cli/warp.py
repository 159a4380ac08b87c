"""``gridsample warp``: from what was asked to a map, and from the map to pixels.

A map here goes backward, from a pixel of the output to where it comes from in the input, as sampling needs it. It is
a row (a, b, c, d, e, f) with ``x' = a x + b y + c`` and ``y' = d x + e y + f``. Pixels count from the centre of the top
left one, x to the right and y down.
"""

import argparse
import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

import gridsample as gs
from gridsample.cli import pictures
from gridsample.cli.refusal import Refusal

Map = tuple[float, float, float, float, float, float]
Size = tuple[int, int]  # width, height
Samples = npt.NDArray[np.floating[Any]]
Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

FARTHEST = 1e9  # pixels from the origin; fractions of a pixel are sure to be exact enough this side of it
BAND = 2**18  # output pixels sampled at a time: a grid of 4 MiB


def run(options: argparse.Namespace) -> None:
    """Read, warp and write a picture."""
    format = pictures.format_of_name(options.output)
    picture = pictures.read(options.input)
    format.check(picture)
    height, width = picture.pixels.shape[:2]
    size = options.size or (width, height)
    pictures.check_size("the output", size)
    backward = map_of(options, (width, height), size)
    pixels = warp(picture, backward, size, options.mode, options.padding, options.align_corners)
    pictures.write(options.output, format, pixels, picture)


def map_of(options: argparse.Namespace, source: Size, target: Size) -> Map:
    """Return the backward map that was asked for."""
    given = [name for name in ("scale", "rotate", "translate") if getattr(options, name) is not None]
    if options.matrix and given:
        raise Refusal(f"--matrix says it all; it cannot be combined with --{' and --'.join(given)}")
    if options.matrix:
        backward = inverse(options.matrix)
    else:
        backward = about_centre(source, target, options.scale or 1, options.rotate or 0, options.translate or (0, 0))
    check_reach(backward, target)
    return backward


def about_centre(source: Size, target: Size, scale: float, degrees: float, translate: tuple[float, float]) -> Map:
    """Return the inverse of: scale, rotate counter-clockwise, move the centres onto each other, translate."""
    cos, sin = (part / scale for part in cos_and_sin(degrees))
    x, y = ((length - 1) / 2 for length in source)
    u, v = ((length - 1) / 2 + shift for length, shift in zip(target, translate, strict=True))
    return (cos, -sin, x - cos * u + sin * v, sin, cos, y - sin * u - cos * v)


def cos_and_sin(degrees: float) -> tuple[float, float]:
    """Return cosine and sine, exact for quarter turns, so that these move pixels onto pixels."""
    quarters, rest = divmod(degrees, 90)
    cos, sin = math.cos(math.radians(rest)), math.sin(math.radians(rest))
    for _ in range(int(quarters) % 4):
        cos, sin = -sin, cos
    return cos, sin


def inverse(matrix: Map) -> Map:
    """Return the inverse of an affine map."""
    a, b, c, d, e, f = matrix
    determinant = a * e - b * d
    if not abs(determinant) > sys.float_info.epsilon * (abs(a * e) + abs(b * d)):
        raise Refusal(f"--matrix has no inverse: A E - B D is {determinant:g} for {' '.join(f'{m:g}' for m in matrix)}")
    a, b, d, e = e / determinant, -b / determinant, -d / determinant, a / determinant
    return (a, b, -a * c - b * f, d, e, -d * c - e * f)


def check_reach(backward: Map, target: Size) -> None:
    """Refuse a map under which a corner of the output, so any of it, lies too far away to be computed."""
    a, b, c, d, e, f = backward
    width, height = target
    for x, y in ((0, 0), (width, 0), (0, height), (width, height)):
        if not max(abs(a * x + b * y + c), abs(d * x + e * y + f)) <= FARTHEST:
            raise Refusal(f"the output would come from pixels more than {FARTHEST:g} away; take less extreme numbers")


def warp(picture: pictures.Picture, backward: Map, size: Size, *options: Any) -> Pixels:
    """Return the warped pixels (height, width, bands), computed some rows at a time to save memory."""
    width, height = size
    pixels, has_alpha = picture.pixels, picture.has_alpha
    source = premultiplied(pixels, has_alpha)[np.newaxis]
    result: Pixels = np.empty((height, width, pixels.shape[2]), pixels.dtype)
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        band = range(top, min(top + rows, height))
        positions = positions_of(backward, band, width, ties_up=options[0] == "nearest")
        samples: Samples = gs.grid_sample(source, positions, *options, coords="pixel", channels="last")
        result[band.start : band.stop] = to_pixels(samples[0], has_alpha, pixels.dtype)
    return result


def positions_of(backward: Map, rows: range, width: int, *, ties_up: bool) -> npt.NDArray[np.float64]:
    """Return where some rows of the output come from; a point comes out the same whatever the rows around it.

    In float64, as a position in float32 may be off by 1/2000 of a pixel, which is seen in 16 bits. The nearest pixel's
    ties (half the size: every pixel) are all decided to the same side, as ``ties_up`` says.
    """
    a, b, c, d, e, f = backward
    x, y = np.arange(width, dtype=np.float64), np.arange(rows.start, rows.stop, dtype=np.float64)[:, np.newaxis]
    positions = np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1)[np.newaxis]
    return np.floor(positions + 0.5) if ties_up else positions


def premultiplied(pixels: Pixels, has_alpha: bool) -> Samples:
    """Return pixels as floats, colours weighted by alpha: so that what is not seen does not shine through.

    Of 16 bits in float64, since weights have the samples' own precision, and that of float32 would be seen.
    """
    precision: type[np.floating[Any]] = np.float32 if pixels.dtype == np.uint8 else np.float64
    samples: Samples = pixels.astype(precision)
    if has_alpha:
        samples[..., :-1] *= samples[..., -1:] / np.iinfo(pixels.dtype).max
    return samples


def to_pixels(samples: Samples, has_alpha: bool, dtype: np.dtype[Any]) -> Pixels:
    """Return samples as pixels: alpha divided out again, rounded, and clipped, as cubic sampling overshoots."""
    most = np.iinfo(dtype).max
    if has_alpha:
        alpha = samples[..., -1:]
        seen = np.rint(alpha) > 0  # the rest gets no colour
        samples[..., :-1] *= np.divide(most, alpha, out=np.zeros_like(alpha), where=seen)
    pixels: Pixels = np.rint(np.clip(samples, 0, most)).astype(dtype)
    return pixels
