"""What the command takes: its options, their types and its help."""

import argparse
import math
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from gridsample import __version__
from gridsample.cli.refusal import one_line
from gridsample.spec import MODES, PADDING_MODES

WARP = """\
Scale, then rotate about the centre, then translate a picture; or apply a
matrix to it.

IN and OUT are PNG, JPEG, TIFF or WebP files, IN by its content and OUT by its
ending; they may be the same file. Bit depth, alpha and ICC profile are kept,
an EXIF orientation is applied, and alpha is blended premultiplied."""

NOTES = """\
examples:
  gridsample warp cat.jpg turned.jpg --rotate 30
  gridsample warp cat.jpg upright.jpg --rotate 90 --size 300x451
  gridsample warp scan.tif larger.tif --scale 2 --size 1200x800 --mode bicubic
  gridsample warp cat.jpg moved.jpg --translate 40 -10 --padding reflection
  gridsample warp cat.jpg sheared.jpg --matrix 1 0.2 0 0 1 0

The centre of the picture goes to the centre of the output, and from there by
--translate. --size crops or extends the output around it; only --scale makes
anything larger or smaller, and below 0.5 it skips pixels. --matrix counts
pixels from the centre of the top left one, x to the right and y down, and
knows no centre.

JPEG is written with quality 95, TIFF and WebP without loss; WebP stores grey
as RGB. JPEG cannot hold alpha, and JPEG and WebP not 16 bits: that is refused.
EXIF data is kept, except in TIFF. The exit code is 0, or 2 after one line that
says what is wrong."""


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake gets one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Print the mistake and leave."""
        self.exit(2, one_line(f"{self.prog}: {message} (see {self.prog} --help)"))


def number(text: str) -> float:
    """Return a number, finite."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be finite; got {text.strip()}")
    return value


def factor(text: str) -> float:
    """Return a scale, above zero."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be above 0; got {text.strip()}")
    return value


def size(text: str) -> tuple[int, int]:
    """Return a width and a height."""
    match = re.fullmatch(r"([1-9]\d{0,9})x([1-9]\d{0,9})", text, re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be WxH in pixels, such as 640x480; got {text!r}")
    return int(match[1]), int(match[2])


def shielded(argument: str) -> str:
    """Return an argument that argparse will not take for an option if it is a number, such as -1e-5."""
    try:
        float(argument)
    except ValueError:
        return argument
    return f" {argument}" if argument.startswith("-") else argument


def parser(adding: Mapping[str, tuple[str, Callable[[Parser], None]]]) -> Parser:
    """Return the parser of the whole command; of further commands, a line of help and what adds the arguments."""
    top = Parser(prog="gridsample", description="Sampling of arrays at arbitrary places.")
    top.add_argument("--version", action="version", version=f"gridsample {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("info", help="print versions, engines, instruction set and threads")
    add_warp(commands)
    for name, (help, add) in adding.items():
        add(commands.add_parser(name, help=help, allow_abbrev=False))
    return top


def add_warp(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add ``gridsample warp`` and its options."""
    raw = argparse.RawDescriptionHelpFormatter
    warp = commands.add_parser("warp", help="warp a picture", description=WARP, epilog=NOTES, formatter_class=raw)
    warp.add_argument("input", metavar="IN", help="the picture to read")
    warp.add_argument("output", metavar="OUT", help="the picture to write; it appears whole or not at all")
    warp.add_argument("--scale", type=factor, metavar="S", help="how many times larger")
    warp.add_argument("--rotate", type=number, metavar="DEG", help="degrees, counter-clockwise as seen on the screen")
    warp.add_argument("--translate", type=number, nargs=2, metavar=("DX", "DY"), help="pixels to the right and down")
    warp.add_argument(
        "--matrix",
        type=number,
        nargs=6,
        metavar=tuple("ABCDEF"),
        help="from input to output pixels: x' = A x + B y + C, y' = D x + E y + F; instead of the three above",
    )
    warp.add_argument("--size", type=size, metavar="WxH", help="pixels of the output (default: as the input)")
    warp.add_argument("--mode", choices=MODES, default="bilinear", help="the kernel (default: bilinear)")
    warp.add_argument("--padding", choices=PADDING_MODES, default="zeros", help="what lies outside (default: zeros)")
    warp.add_argument(
        "--align-corners",
        action="store_true",
        help="make --padding reflection reflect about the centres of the edge pixels, not their outer edges",
    )
