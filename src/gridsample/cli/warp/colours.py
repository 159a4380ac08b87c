"""The colour of what is outside a picture."""

import argparse
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridsample.cli.parser import number
from gridsample.cli.pictures import libvips
from gridsample.cli.pictures.format import Picture
from gridsample.cli.refusal import Refusal

NAMED = {"black": (0.0, 0.0, 0.0), "grey": (0.5, 0.5, 0.5), "gray": (0.5, 0.5, 0.5), "white": (1.0, 1.0, 1.0)}
LUMINANCE = 0.2126, 0.7152, 0.0722  # of sRGB's primaries (ITU-R BT.709)


@dataclass(frozen=True)
class Colour:
    """A colour that was asked for.

    Attributes
    ----------
    text : str
        As it was written.
    rgb : tuple of float or None
        Red, green and blue from 0 to 1.
    samples : tuple of float or None
        Or a picture's own numbers: one for all bands, or one each.
    """

    text: str
    rgb: tuple[float, ...] | None = None
    samples: tuple[float, ...] | None = None


BLACK = Colour("black", NAMED["black"])


def colour(text: str) -> Colour:
    """Return a colour from the command line."""
    text = text.strip()
    if text.lower() in NAMED:
        return Colour(text, NAMED[text.lower()])
    if re.fullmatch(r"#([0-9a-fA-F]{3}){1,2}", text):
        digits = len(text) // 3
        parts = [int(text[at : at + digits] * (3 - digits), 16) / 255 for at in range(1, len(text), digits)]
        return Colour(text, tuple(parts))
    try:
        return Colour(text, samples=tuple(number(part) for part in text.split(",")))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be black, grey, white, #RRGGBB, or the picture's own numbers such as 255,128,0; got {text!r}"
        ) from None


def samples_of(wanted: Colour, picture: Picture) -> Any:
    """Return a colour as samples of a picture's bands beside alpha."""
    bands = picture.pixels.shape[2] - picture.has_alpha
    if wanted.samples is not None:
        if len(wanted.samples) not in (1, bands):
            raise Refusal(
                f"--background {wanted.text} has {len(wanted.samples)} numbers for {bands} bands; give 1 or {bands}"
            )
        return np.broadcast_to(np.array(wanted.samples), (bands,))
    assert wanted.rgb is not None
    rgb = np.array(wanted.rgb)
    if picture.colours == "cmyk":
        return 255 * np.append((1 - rgb - (1 - rgb.max())) / max(rgb.max(), 1e-9), 1 - rgb.max())
    if picture.colours in ("lab", "labs", "xyz"):
        image = libvips.image_of(np.rint(255 * rgb).astype(np.uint8).reshape(1, 1, 3), "srgb")
        return libvips.pixels_of(image.colourspace(picture.colours))[0, 0]
    return most(picture.pixels.dtype) * (rgb if bands == 3 else np.full(bands, rgb @ LUMINANCE))


def most(dtype: np.dtype[Any]) -> float:
    """Return the sample that means all of a colour, and opaque."""
    return float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0
