"""How the command says no, or what it could not do: one line on standard error each."""

import contextlib
import importlib
import sys
from typing import Any


class Refusal(Exception):
    """What cannot be done, in words that name what was got and what is possible."""


class Stopped(Exception):
    """Work was given up since somebody interrupted it."""


def one_line(message: str) -> str:
    """Return a message, whatever it quotes, as one line."""
    return " ".join(message.split()) + "\n"


def say(message: str) -> None:
    """Write one line to standard error; where a progress bar is shown, above it."""
    tqdm = sys.modules.get("tqdm")
    with tqdm.tqdm.external_write_mode(sys.stderr) if tqdm else contextlib.nullcontext():
        sys.stderr.write(one_line(message))


def needed(module: str) -> Any:
    """Return a library of the command's, or say how to get it."""
    try:
        return importlib.import_module(module)
    except (ImportError, OSError):  # OSError: there, but a library that it is made on is not
        raise Refusal(f'reading and writing pictures needs {module}: pip install "gridsample[cli]"') from None
