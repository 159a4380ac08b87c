"""Pictures: an array that was typed, or a file, within limits; and as the browser shows them."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from gridsample.cli.refusal import Refusal

MOST_BYTES = 2**26
MOST_PIXELS = 2**24
MOST_SHOWN = 640
"""Pixels along the longer side of what the browser shows of a picture."""

ARRAY = "85 63 51 26; 30 4 7 1; 17 81 64 91; 50 60 97 72"
"""What is shown where no picture is given: few enough numbers to add up by oneself."""


class TooLarge(Refusal):
    """More bytes or pixels than the explorer takes."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What is sampled.

    Attributes
    ----------
    name : str
    values : ndarray of float32, shape (1, C, H, W)
        Grey, grey and alpha, RGB, or RGB and alpha.
    low, high : float
        What is shown as black, and as white.
    shown : ndarray of float32, shape (1, C, h, w)
        The same, or a smaller copy to show.
    """

    name: str
    values: npt.NDArray[np.float32]
    low: float
    high: float
    shown: npt.NDArray[np.float32]

    @property
    def size(self) -> tuple[int, int]:
        """Return height and width."""
        return self.values.shape[2], self.values.shape[3]


def from_array(array: npt.NDArray[Any], name: str) -> Picture:
    """Return a typed array, (1, 1, H, W), from its lowest number as black to its highest as white."""
    if array.ndim != 4:
        raise Refusal(f"the explorer shows arrays of rows and columns, such as {ARRAY!r}; got {array.ndim - 2} axes")
    check_pixels(array.shape[3], array.shape[2])
    return picture(array.astype(np.float32), name)


def from_bytes(data: bytes, name: str) -> Picture:
    """Return the first picture of a file, upright, with its own numbers."""
    from gridsample.cli.pictures import libvips, reading  # noqa: PLC0415  (arrays need none of it)
    from gridsample.cli.pictures.format import Broken  # noqa: PLC0415
    from gridsample.cli.stopping import Stop  # noqa: PLC0415

    check_bytes(len(data))
    format = reading.format_of(data[:12])
    try:
        header = libvips.header(data, format.name.lower(), fail_on=format.strictness)
    except Broken as broken:
        raise Refusal(f"broken or truncated {format.name} ({broken})") from None
    check_pixels(header.width, header.height)
    found = reading.read(data, 1, Stop()).pictures[0]
    pixels, colours = found.pixels, found.colours
    if colours not in ("b-w", "srgb"):
        with libvips.refusing():
            pixels = libvips.pixels_of(libvips.image_of(pixels, colours).colourspace("srgb"))
    return picture(np.moveaxis(pixels, -1, 0)[np.newaxis], PurePath(name).name)


def check_bytes(count: int) -> None:
    """Refuse a file that is too large to be read."""
    if count > MOST_BYTES:
        raise TooLarge(f"it has {count:,} bytes; the explorer takes {MOST_BYTES:,} (64 MiB)")


def check_pixels(width: int, height: int) -> None:
    """Refuse a picture of too many pixels before any of them is decoded."""
    if width * height > MOST_PIXELS:
        raise TooLarge(
            f"it has {width} x {height} pixels; the explorer takes {MOST_PIXELS:,}, such as 4096 x 4096: "
            f"gridsample warp IN OUT --scale 0.5 makes it smaller"
        )


def picture(array: npt.NDArray[Any], name: str) -> Picture:
    """Return an array (1, C, H, W) as a picture."""
    if array.dtype in (np.uint8, np.uint16):
        low, high = 0.0, float(np.iinfo(array.dtype).max)
    else:
        numbers = array[np.isfinite(array)]
        low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)
    values = np.ascontiguousarray(array, np.float32)
    return Picture(name, values, low, high if high > low else low + 1.0, smaller(values))


def smaller(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return pictures at most as large as what is shown, their pixels averaged."""
    height, width = values.shape[2:]
    factor = MOST_SHOWN / max(height, width)
    if factor >= 1:
        return values
    from gridsample.cli.pictures import libvips  # noqa: PLC0415  (arrays that are typed are small)
    from gridsample.cli.stopping import Stop  # noqa: PLC0415

    size = max(round(width * factor), 1), max(round(height * factor), 1)
    pixels = np.ascontiguousarray(np.moveaxis(values[0], 0, -1))
    return np.ascontiguousarray(np.moveaxis(libvips.resized(pixels, size, "linear", Stop()), -1, 0)[np.newaxis])


def colours(values: npt.NDArray[Any], picture: Picture) -> npt.NDArray[np.uint8]:
    """Return values (C, ...) as the browser shows them, (..., 4): red, green, blue, and how opaque; NaN is clear."""
    scaled = (values - np.float32(picture.low)) * np.float32(255 / (picture.high - picture.low))
    known = ~np.isnan(scaled).any(axis=0)
    bytes_of = np.nan_to_num(np.rint(np.clip(scaled, 0, 255))).astype(np.uint8)
    result = np.empty((*values.shape[1:], 4), np.uint8)
    has_alpha = len(values) in (2, 4)
    for band in range(3):
        result[..., band] = bytes_of[band if len(values) > 2 else 0]
    result[..., 3] = np.where(known, bytes_of[-1] if has_alpha else 255, 0)
    return result
