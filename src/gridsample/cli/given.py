"""What commands that show numbers are given: an array typed on the command line or a picture; the call's options."""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gridsample.cli.refusal import Refusal
from gridsample.definitions.kernels import kernel_of
from gridsample.spec import MODES, PADDING_MODES

FLOATS = ("float16", "float32", "float64")
DTYPES = (*FLOATS, "uint8", "int8", "uint16", "int16", "uint32", "int32")
INPUT = """an array, as "1 2 3" or "1 2; 3 4" (rows, and ;; between slices) or in JSON, or a picture file"""


class Kernels(tuple[str, ...]):
    """The names of kernels; with numbers in brackets, such as keys(-0.5), they are among them too."""

    def __contains__(self, text: object) -> bool:
        """Whether a text is a kernel's."""
        try:
            return isinstance(text, str) and kernel_of(text) is not None
        except (TypeError, ValueError):
            return False


def add_options(parser: argparse.ArgumentParser, dtypes: tuple[str, ...], usual: str) -> None:
    """Add the options of a call of ``grid_sample``, as ``gridsample warp`` names them, and the array's dtype."""
    by_axis = "one for all axes, or one each for x, y, z"
    parser.add_argument(
        "--mode",
        nargs="+",
        choices=Kernels(MODES),
        default=["bilinear"],
        metavar="M",
        help=f"the kernel, {by_axis} (default: bilinear): {', '.join(MODES)}; or with numbers, such as 'keys(-0.5)'",
    )
    parser.add_argument(
        "--padding",
        nargs="+",
        choices=PADDING_MODES,
        default=["zeros"],
        metavar="P",
        help=f"how to continue the array outside, {by_axis} (default: zeros): {', '.join(PADDING_MODES)}",
    )
    parser.add_argument("--align-corners", action="store_true", help="-1 and 1 are the centres of the corner pixels")
    parser.add_argument(
        "--dtype", choices=dtypes, metavar="T", help=f"of the array (default: {usual}): {', '.join(dtypes)}"
    )


def options_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options as ``grid_sample`` takes them."""
    return {
        "mode": single(options.mode),
        "padding_mode": single(options.padding),
        "align_corners": options.align_corners,
    }


def single(entries: list[str]) -> str | tuple[str, ...]:
    """Return one for all axes, or one each."""
    return entries[0] if len(entries) == 1 else tuple(entries)


def array_of(given: str, dtype: str | None) -> Any:
    """Return what was given as (1, C, *size): a file of that name is read as a picture, and all else is an array."""
    if Path(given).is_file():
        pixels = picture_of(given)
        return np.moveaxis(pixels if dtype is None else cast(pixels, dtype), -1, 0)[np.newaxis]
    numbers = typed(given)
    if numbers is None:
        raise Refusal(f"IN must be {INPUT}; got {given!r}")
    return cast(numbers, dtype or "float64")[np.newaxis, np.newaxis]


def typed(text: str) -> Any:
    """Return a typed array, or None if it is none."""
    try:
        rows: Any = json.loads(text) if text.lstrip().startswith("[") else list(nested(text))
        array = np.array(rows[0] if not text.lstrip().startswith("[") and len(rows) == 1 else rows, float)
    except (ValueError, TypeError):
        return None
    while not text.lstrip().startswith("[") and array.ndim > 1 and len(array) == 1:
        array = array[0]
    return array if array.ndim and array.size else None


def nested(text: str) -> Iterator[list[list[float]]]:
    """Return slices of rows of numbers."""
    for part in text.split(";;"):
        yield [[float(number) for number in re.split(r"[\s,]+", row.strip())] for row in part.split(";")]


def cast(array: Any, dtype: str) -> Any:
    """Return numbers of a dtype that holds them."""
    with np.errstate(all="ignore"):
        made = array.astype(dtype)
    if np.dtype(dtype).kind in "iu" and not np.array_equal(made, array):
        raise Refusal(f"--dtype {dtype} cannot hold all of the numbers")
    return made


def picture_of(path: str) -> Any:
    """Return the pixels of a picture (height, width, bands)."""
    from gridsample.cli.pictures import files  # noqa: PLC0415  (pictures alone need what this imports)

    return files.first_picture(path).pixels


def has_colours() -> bool:
    """Whether the output is a terminal that shows colours, and nobody has asked for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def put(text: str) -> None:
    """Print a text, also where the output has not all of its letters."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))
