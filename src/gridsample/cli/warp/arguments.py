"""What ``gridsample warp`` takes, and its help."""

import argparse
from typing import Any

from gridsample.cli.parser import Once, Parser, degrees, factor, number, point, size, whole
from gridsample.cli.warp.colours import colour
from gridsample.definitions.boundaries import BOUNDARIES
from gridsample.spec import MODES, PADDING_MODES

PADDINGS = [name for name in PADDING_MODES if name not in BOUNDARIES or not BOUNDARIES[name].fills]  # see --background
FORMATS = ("png", "jpeg", "tiff", "webp")
BACKGROUND = "background"

USAGE = """gridsample warp IN OUT [options]
       gridsample warp IN ... --out-dir D [options]"""

ABOUT = """\
Scale, then rotate about the centre, then translate pictures; or apply a matrix
or a perspective to them.

IN and OUT are PNG, JPEG, TIFF or WebP files, IN by its content and OUT by its
ending; they may be the same file. - is standard input or output. Every page of
a TIFF and every frame of an animated WebP is warped alike."""

NOTES = """\
examples:
  gridsample warp cat.jpg turned.png --rotate 30
  gridsample warp cat.jpg upright.jpg --rotate 90 --expand
  gridsample warp scan.tif larger.tif --scale 2 --mode bicubic
  gridsample warp cat.jpg small.webp --scale 0.25 --quality 80
  gridsample warp cat.jpg moved.jpg --translate 40 -10 --padding reflection
  gridsample warp cat.jpg sheared.jpg --matrix 1 0.2 0 0 1 0 --background white
  gridsample warp page.jpg flat.jpg --size 210x297 --perspective 12,9 0,0 190,14 209,0 205,280 209,296 3,270 0,296
  gridsample warp a.jpg b.jpg c.jpg --out-dir turned --rotate 90 --expand
  gridsample warp - - --format png --scale 2 < small.png > large.png

geometry:
  --scale alone makes the picture larger or smaller, edges and all; made
  smaller, it is averaged by libvips' resampler and skips no pixels. The other
  maps sample: where they make it smaller they skip pixels, and say so.
  --size crops or extends around the centre; --expand makes the output as large
  as the turned picture needs. The centre of the picture goes to the centre of
  the output, and from there by --translate. --matrix and --perspective count
  pixels from the centre of the top left one, x to the right and y down, and
  know no centre.

outside the picture:
  The picture's own area is opaque to its outer edge. What is beside it, after
  a rotation or in a larger --size, is transparent in PNG, TIFF and WebP, else
  of the --background; the edge itself is smooth.

        +---------------+     .  transparent, or --background
        | . . . /\\ . . .|     #  the picture, warped
        | . . / ## \\ . .|
        | . / ###### \\ .|     --padding border, reflection, wrap and so on
        | . \\ ###### / .|     fill the dots from the picture instead
        | . . \\ ## / . .|
        +---------------+

  Where samples are measurements (floating-point, signed, 32 bits) or 1 to 4
  bits deep, the outside is filled with --background, and the edge is hard.
  Where GDAL names a no-data value, the outside is filled with that instead,
  and pixels without data do not count.

kept:
  samples     1, 2, 4, 8 and 16 bits; in TIFF signed, 32 bits, floating-point of
              16, 32 and 64 bits; grey, RGB, alpha (blended premultiplied), and
              CMYK and Lab where the format has them
  colours     ICC profile; PNG's gAMA, cHRM, sRGB and cICP
  metadata    EXIF (its orientation is applied), XMP, IPTC, comments, resolution,
              PNG's texts, TIFF's tags, GeoTIFF's place (made true of the output);
              nothing is invented where there was none
  coding      JPEG's quality, progressive or not, chroma; WebP with or without
              loss; TIFF's compression, tiles, BigTIFF; PNG interlaced or not
  pages       all of TIFF's; WebP's frames with their times

changed, with a message: a palette becomes RGB; CMYK becomes sRGB by its profile in
  PNG and WebP, Lab in PNG, WebP and JPEG.
dropped, with a message: in another format, what only the old one holds; what
  describes the old pixels (thumbnails, smaller copies, content credentials).
refused: animated PNG, MPO and gain-map JPEG (unless --page 1); alpha in JPEG without
  --background; more bits than the format has; colours that only PNG's gAMA or
  cICP tell in another format; and, where OUT is IN, losing anything.

The exit code is 0; 1 if some of many files failed, the others being done; or 2
after one line that says what is wrong."""


class SayFormat(argparse.Action):
    """Turn the name of a format into the format."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:  # noqa: ARG002
        """Store it."""
        from gridsample.cli.pictures import FORMATS as formats  # noqa: PLC0415  (only if it is asked for)

        setattr(namespace, self.dest, next(format for format in formats if format.name.lower() == values))


def add(parser: Parser) -> None:
    """Say what it takes."""
    parser.usage, parser.description, parser.epilog = USAGE, ABOUT, NOTES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.files = "files"
    parser.add_argument("files", metavar="IN OUT", nargs="*", help="the picture to read, and the one to write")

    def option(group: Any, *flags: str, **more: Any) -> None:
        group.add_argument(*flags, action=Once, **more)

    maps = parser.add_argument_group("maps")
    option(maps, "--scale", type=factor, metavar="S", help="magnification: 2 is twice as large")
    option(maps, "--rotate", type=degrees, metavar="DEG", help="degrees, counter-clockwise as seen on the screen")
    option(maps, "--translate", type=number, nargs=2, metavar=("DX", "DY"), help="pixels to the right and down")
    text = "from input to output pixels: x' = A x + B y + C, y' = D x + E y + F; instead of the three above"
    option(maps, "--matrix", type=number, nargs=6, metavar=tuple("ABCDEF"), help=text)
    text = "four corners X,Y in the input, each followed by the place U,V in the output where it goes"
    corners = tuple(word for index in "1234" for word in (f"X{index},Y{index}", f"U{index},V{index}"))
    option(maps, "--perspective", type=point, nargs=8, metavar=corners, help=text)
    text = "pixels of the output (default: as the input, times --scale)"
    sizes = maps.add_mutually_exclusive_group()
    option(sizes, "--size", type=size, metavar="WxH", help=text)
    sizes.add_argument(
        "--expand", action="store_true", help="make the output large enough for the whole warped picture"
    )

    sampling = parser.add_argument_group("sampling")
    sampling.add_argument(
        "--mode", choices=MODES, default="bilinear", metavar="KERNEL", help=f"{', '.join(MODES)} (default: bilinear)"
    )
    paddings = (BACKGROUND, *PADDINGS)
    text = f"how to fill outside the picture: {', '.join(paddings)} (default: background)"
    sampling.add_argument("--padding", choices=paddings, default=BACKGROUND, metavar="PADDING", help=text)
    text = "black, grey, white, #RRGGBB, or the picture's own numbers such as 255,128,0 (default: transparent or black)"
    option(sampling, "--background", type=colour, metavar="COLOUR", help=text)
    text = "make --padding reflection reflect about the centres of the edge pixels, not their outer edges"
    sampling.add_argument("--align-corners", action="store_true", help=text)

    files = parser.add_argument_group("files")
    text = "the folder to write to, for many files, each under its own name"
    option(files, "--out-dir", metavar="D", help=text)
    files.add_argument(
        "--format", choices=FORMATS, action=SayFormat, help="the output's (default: by its ending; for -, as the input)"
    )
    option(files, "--page", type=page, metavar="N|all", help="which page or frame to take, from 1 (default: all)")
    text = "1 to 100, of JPEG and WebP with loss (default: JPEG as the input, else 95; WebP 90)"
    option(files, "--quality", type=whole(1, 100), metavar="Q", help=text)
    files.add_argument(
        "--lossless",
        action="store_true",
        help="write WebP without loss (default: as the input; without, if that is no WebP)",
    )


def page(text: str) -> int | str:
    """Return which page to take."""
    return text if text == "all" else whole(1, float("inf"))(text)
