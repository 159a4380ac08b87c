"""``gridsample explore``: a page in the browser that shows how samples come about while one drags."""

import argparse
import contextlib
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from gridsample.cli.given import INPUT, array_of
from gridsample.cli.parser import whole
from gridsample.cli.refusal import Refusal, one_line
from gridsample.cli.stopping import terminating
from gridsample.explanation.words import LANGUAGES

if TYPE_CHECKING:
    from gridsample.explorer.pictures import Picture

ABOUT = """\
Open a page that shows how grid_sample finds its values: drag a point over a
picture, or the corners of a mesh that warps it, choose kernel and boundary, and
see the pixels that are read, their weights, the sum, and the line of code."""

NOTES = """\
examples:
  gridsample explore
  gridsample explore cat.jpg
  gridsample explore "85 63 51 26; 30 4 7 1; 17 81 64 91; 50 60 97 72" --language zh
  gridsample explore cat.jpg --no-browser --port 8123

The page is served to this machine alone, on 127.0.0.1, and to the browser that
opens its address first. Nothing is written, and nothing is sent elsewhere.
Ctrl-C ends it. It needs Starlette and uvicorn: pip install "gridsample[explore]"."""


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description, parser.epilog = ABOUT, NOTES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("input", metavar="IN", nargs="?", help=f"{INPUT} (default: a small array)")
    parser.add_argument(
        "--port", type=whole(0, 65535), default=0, metavar="N", help="where to listen (default: a free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    parser.add_argument("--language", choices=LANGUAGES, help="English or Chinese (default: the browser's)")


def run(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    try:
        from gridsample.explorer import security, server  # noqa: PLC0415  (which need what is optional)
    except ModuleNotFoundError as error:
        raise Refusal(f'explore needs {str(error.name).partition(".")[0]}: pip install "gridsample[explore]"') from None
    picture = picture_of(options.input)
    with server.listening(options.port) as socket, terminating():
        port = socket.getsockname()[1]
        keys = security.Keys(port)
        address = f"http://127.0.0.1:{port}/?token={keys.token}"
        print(f"{address}\nOpen it once, in a browser on this machine. Ctrl-C ends it.", flush=True)
        if not options.no_browser:  # in a thread of its own, as some browsers of terminals end before they return
            threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve(server.application(picture, keys, options.language), socket)


def picture_of(given: str | None) -> "Picture":
    """Return what was given, or the small array."""
    from gridsample.explorer import pictures  # noqa: PLC0415  (the help needs none of it)

    if given is None or not Path(given).is_file():
        typed = pictures.ARRAY if given is None else given
        return pictures.from_array(array_of(typed, None), one_line(typed).strip())
    try:
        with Path(given).open("rb") as file:
            return pictures.from_bytes(file.read(pictures.MOST_BYTES + 1), given)
    except OSError as error:
        raise Refusal(f"cannot read {given!r}: {error.strerror}") from None
    except Refusal as refusal:
        raise Refusal(f"cannot read {given!r}: {refusal}") from None
