"""From the bytes of a file to its pictures."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridsample.cli.parser import names
from gridsample.cli.pictures import FORMATS, libvips
from gridsample.cli.pictures.format import Broken, Contents, Format, Page, Picture, check_size
from gridsample.cli.pictures.lab import decoded_lab
from gridsample.cli.pictures.tiff import read_by_tifffile
from gridsample.cli.refusal import Refusal
from gridsample.cli.stopping import Stop

ALL = "all"  # pages
UPRIGHT: dict[int, Callable[[Any], Any]] = {  # by EXIF's numbers, what makes a picture upright
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


@dataclass(frozen=True)
class Document:
    """A file that was read.

    Attributes
    ----------
    format : Format
    pictures : list of Picture
        Those asked for.
    coding : dict
        How the format puts them together.
    left_out : str or None
        In words, the pictures of the file that were not asked for.
    """

    format: Format
    pictures: list[Picture]
    coding: dict[str, Any]
    left_out: str | None


def format_of(start: bytes) -> Format:
    """Return the format that a file's first bytes tell."""
    for format in FORMATS:
        if re.match(format.signature, start, re.DOTALL):
            return format
    raise Refusal(f"it is none of {names([format.name for format in FORMATS])}")


def read(data: bytes, page: int | str | None, stop: Stop) -> Document:
    """Return the pictures of a file, upright: all, or one by its number from 1."""
    format = format_of(data[:12])
    try:
        contents = format.inspect(data)
        wanted, left_out = _choice(contents, page)
        pictures = _pictures(data, format, contents, wanted, stop)
    except Broken as broken:
        cut = "truncated" in str(broken)
        words = f"truncated {format.name}" if cut else f"broken or truncated {format.name} ({broken})"
        raise Refusal(words) from None
    coding = contents.coding
    if left_out and "delay" in coding:
        coding = {}
    return Document(format, pictures, coding, left_out)


def _choice(contents: Contents, page: int | str | None) -> tuple[Sequence[int], str | None]:
    """Return which pages to read, from 0, and what is left out by that in words."""
    count = len(contents.pages)
    if contents.beside:
        if page != 1:
            raise Refusal(
                f"it holds {contents.beside}, of which only the first picture can be read: take it by --page 1"
            )
        return [0], contents.beside
    if page in (None, ALL):
        return range(count), None
    assert isinstance(page, int)
    if page > count:
        raise Refusal(f"it holds {count} page{'s' * (count > 1)}; got --page {page}")
    return [page - 1], f"{count - 1} other page{'s' * (count > 2)}" if count > 1 else None


def _pictures(data: bytes, format: Format, contents: Contents, wanted: Sequence[int], stop: Stop) -> list[Picture]:
    name, options = format.name.lower(), {"fail_on": format.strictness}
    pages = [contents.pages[index] for index in wanted]
    if "delay" in contents.coding:  # frames, each of which may need those before it
        count = max(wanted) + 1
        image = _loaded(data, name, stop, n=count, **options)
        height = image.height // count
        frames = [image.crop(0, index * height, image.width, height) for index in wanted]
        return [_picture(frame, page) for frame, page in zip(frames, pages, strict=True)]
    pictures = []
    for page in pages:
        if page.reader == "tifffile":
            pictures.append(_by_tifffile(data, page, stop))
        else:
            which = {"page": page.index} if format.holds_pages else {}
            pictures.append(_picture(_loaded(data, name, stop, **which, **options), page))
    return pictures


def _loaded(data: bytes, name: str, stop: Stop, **options: Any) -> Any:
    image = libvips.header(data, name, **options)
    check_size("it", (image.width, image.height))
    _check(image.interpretation, image.bands, bool(image.hasalpha()))
    return libvips.loaded(data, name, stop, **options)


def _picture(image: Any, page: Page) -> Picture:
    if image.get_typeof("icc-profile-data"):
        page = replace(page, metadata=replace(page.metadata, icc=image.get("icc-profile-data")))
    colours = libvips.SHALLOW.get(image.interpretation, image.interpretation)
    return Picture(libvips.pixels_of(image), colours, bool(image.hasalpha()), page)


def _by_tifffile(data: bytes, page: Page, stop: Stop) -> Picture:
    """Return a picture that libvips cannot read, or not as it is."""
    stop.check()
    pixels = read_by_tifffile(data, page)
    colours = "b-w" if pixels.shape[2] < 3 else "srgb"
    if "lab" in page.coding:
        pixels, colours = decoded_lab(pixels, *page.coding["lab"]), "lab"
    pixels = np.ascontiguousarray(UPRIGHT.get(page.orientation, UPRIGHT[1])(pixels))
    has_alpha = pixels.shape[2] in (2, 4)
    _check(colours, pixels.shape[2], has_alpha)
    return Picture(pixels.astype(pixels.dtype.newbyteorder("=")), colours, has_alpha, page)


def _check(colours: str, bands: int, has_alpha: bool) -> None:
    if bands != libvips.BANDS.get(colours, 0) + has_alpha:
        raise Refusal(
            f"its colours are {colours} in {bands} bands; possible are grey, RGB and Lab, each with or without alpha, "
            f"and CMYK"
        )
