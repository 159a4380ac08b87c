"""``gridsample compare``: one call through the reference, each engine and each installed peer."""

import argparse
import re
from typing import Any

from gridsample.cli.given import FLOATS, INPUT, add_options
from gridsample.cli.refusal import Refusal

ABOUT = """\
Sample one array at the same places by everything there is: the reference in
loops, each engine, and other libraries that are installed. Print how far each
is from the reference, and how long it takes."""

NOTES = """\
examples:
  gridsample compare
  gridsample compare --mode bicubic --padding reflection --size 1024x768
  gridsample compare cat.jpg --mode lanczos
  gridsample compare "85 63 51 26; 30 4 7 1; 17 81 64 91" --padding border

Without IN, noise of --size is sampled, in three channels. Places are those of a
turned and larger picture, so that some lie outside. The reference is Python:
it computes --checked of the points, and all others are compared to it there.
Times are the best of some calls after a first. Libraries that count positions
in float32 are that much further off; a difference as large as a pixel's value
is a tie of nearest that is decided the other way."""


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.usage = "gridsample compare [IN] [options]"
    parser.description, parser.epilog = ABOUT, NOTES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("input", metavar="IN", nargs="?", help=f"{INPUT} (default: noise)")
    parser.add_argument("--size", type=lengths, default=(640, 480), metavar="WxH", help="of the noise: W, WxH, WxHxD")
    add_options(parser, FLOATS, "float32, of what is typed float64")
    parser.add_argument(
        "--checked", type=count, default=2000, metavar="N", help="points of the reference (default: 2000)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise and the points (default: 0)")


def lengths(text: str) -> tuple[int, ...]:
    """Return the lengths of axes x, y, z."""
    if not re.fullmatch(r"[1-9]\d{0,5}([xX×][1-9]\d{0,5})*", text):
        raise argparse.ArgumentTypeError(f"must be W, WxH or WxHxD in pixels, such as 640x480; got {text!r}")
    return tuple(map(int, re.split("[xX×]", text)))


def count(text: str) -> int:
    """Return a number of points."""
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on; got {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> None:
    """Compare, a line for each as it is done."""
    from gridsample.cli.compare.measuring import compare  # noqa: PLC0415  (the help needs none of it)

    try:
        compare(options)
    except (TypeError, ValueError) as error:
        raise Refusal(str(error)) from None


__all__: list[Any] = ["add", "run"]
