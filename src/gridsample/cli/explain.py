"""``gridsample explain``: how one sample comes about, as a table or a picture."""

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np

from gridsample.cli.given import DTYPES, INPUT, add_options, array_of, has_colours, options_of, put
from gridsample.cli.refusal import Refusal
from gridsample.definitions.filling import NAN_PLACES, OUTSIDE
from gridsample.explanation.words import LANGUAGES
from gridsample.spec import MAP_COORDS

ENDINGS = (".png", ".svg", ".pdf")

ABOUT = """\
Show how grid_sample finds one value: from the coordinate to a position in
pixels, what the boundary does with it, which pixels are read with which
weights, and what they add up to."""

NOTES = """\
examples:
  gridsample explain "85 63 51 26; 30 4 7 1; 17 81 64 91; 50 60 97 72" --at -1.2 1.3 --padding reflection
  gridsample explain "10 20 30 40" --at 1.25 --coords pixel --mode 'keys(-0.5)' --padding border
  gridsample explain cat.jpg --at 120.3 45.7 --coords pixel --mode bicubic
  gridsample explain "10 20 30 40" --at 0.9 --mode lanczos --out lanczos.png --language zh

Coordinates are those of grid_sample: -1 and 1 are the ends of an axis, or with
--coords pixel they count pixels from the centre of the first one. x comes
first, and runs along a row. Colours are for terminals alone, and not where
NO_COLOR is set. --out needs Matplotlib: pip install "gridsample[plot]"."""


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.usage = "gridsample explain IN --at X [Y [Z]] [options]"
    parser.description, parser.epilog = ABOUT, NOTES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("input", metavar="IN", help=INPUT)
    parser.add_argument("--at", nargs="+", type=float, required=True, metavar="X", help="the place: x, y, z")
    parser.add_argument("--coords", choices=MAP_COORDS, default="normalized", help="what --at counts in")
    add_options(parser, DTYPES, "float64, a picture's own")
    parser.add_argument("--fill-value", nargs="+", type=float, metavar="F", help="of all channels, or of each")
    parser.add_argument("--outside", choices=OUTSIDE, default="pad", help="at which places samples are the fill value")
    parser.add_argument("--nan-places", choices=NAN_PLACES, default="nan", help="what samples are where --at is nan")
    parser.add_argument("--derivative", nargs="+", type=int, metavar="N", help="how often to derive by x, y, z")
    parser.add_argument("--channel", type=int, default=0, metavar="C", help="whose values --out shows (default: 0)")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="English or Chinese")
    parser.add_argument("--out", metavar="FILE", help=f"draw it instead: {', '.join(ENDINGS)}")


def run(options: argparse.Namespace) -> None:
    """Print the table, or draw."""
    if options.out is not None and Path(options.out).suffix.lower() not in ENDINGS:
        raise Refusal(f"the name of --out must end in one of {', '.join(ENDINGS)}; got {options.out!r}")
    record = explained(options)
    if options.out is None:
        put(record.table(colours=has_colours()))
    else:
        draw(record, options.out, options.channel)


def explained(options: argparse.Namespace) -> Any:
    """Return the record, or say what is wrong with the options."""
    from gridsample import explain  # noqa: PLC0415  (the help needs none of it)

    array = array_of(options.input, options.dtype)
    axes = array.ndim - 2
    if len(options.at) != axes:
        raise Refusal(
            f"--at must have {axes} number{'s' * (axes > 1)}, x first, as IN has so many axes; got {len(options.at)}"
        )
    place = np.array(options.at).reshape(1, 1, axes)
    derivative = tuple(options.derivative) if options.derivative else None
    fill = options.fill_value or [0.0]
    filling = {
        "fill_value": fill[0] if len(fill) == 1 else fill,
        "outside": options.outside,
        "nan_places": options.nan_places,
    }
    others = {**filling, "coords": options.coords, "derivative": derivative, "language": options.language}
    try:
        return explain(array, place, 0, **options_of(options), **others)
    except (TypeError, ValueError) as error:
        raise Refusal(str(error)) from None


def draw(record: Any, path: str, channel: int) -> None:
    """Write the picture to a file."""
    try:
        import matplotlib as mpl  # noqa: PLC0415  (which is optional)

        mpl.use("agg")  # files need no window
        figure = record.plot(channel=channel).figure
    except (ModuleNotFoundError, IndexError) as error:
        raise Refusal(str(error)) from None
    held = io.BytesIO()
    figure.savefig(held, format=Path(path).suffix[1:].lower(), dpi=144, bbox_inches="tight")
    try:
        Path(path).write_bytes(held.getvalue())
    except OSError as error:
        raise Refusal(f"cannot write {path!r}: {error.strerror}") from None
