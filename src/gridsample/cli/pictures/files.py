"""Files and pipes: bytes in whole, and out whole or not at all."""

import contextlib
import os
import secrets
import shutil
import sys
from pathlib import Path

from gridsample.cli.pictures.format import Picture
from gridsample.cli.pictures.reading import format_of, read
from gridsample.cli.refusal import Refusal
from gridsample.cli.stopping import Stop

AT_ONCE = 2**24  # bytes written between two questions whether to stop
PIPE = "-"  # the name of standard input, and of standard output


def words(path: str, direction: str) -> str:
    """Return what a file is called in messages."""
    return f"standard {direction}" if path == PIPE else repr(path)


def content(path: str) -> bytes:
    """Return a file's bytes, if the first of them are a picture's."""
    try:
        if path == PIPE:
            data: bytes = sys.stdin.buffer.read()
            format_of(data[:12])
            return data
        with Path(path).open("rb") as file:
            start = file.read(12)
            format_of(start)  # a large file that is none need not be read
            return start + file.read()
    except OSError as error:
        raise Refusal(str(error.strerror)) from None


def first_picture(path: str) -> Picture:
    """Return the first picture of a file, upright, as other commands may want it."""
    try:
        return read(content(path), 1, Stop()).pictures[0]
    except Refusal as refusal:
        raise Refusal(f"cannot read {words(path, 'input')}: {refusal}") from None


def check_target(path: str) -> None:
    """Refuse to write where that cannot end well, before anything is computed."""
    if path == PIPE:
        if sys.stdout.isatty():
            raise Refusal("it is a terminal; send it to a file or a program: > FILE or | PROGRAM")
        return
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise Refusal("not a regular file; for a pipe write to -, standard output")
    if target.exists() and not os.access(target, os.W_OK):
        raise Refusal("write-protected")
    if not target.parent.is_dir():
        raise Refusal(f"No such directory: {os.fspath(target.parent)!r}")


def write(path: str, data: bytes, stop: Stop) -> None:
    """Put bytes into a file that appears whole or not at all, or into a pipe."""
    try:
        if path == PIPE:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            replace(Path(os.path.realpath(path)), data, stop)  # what a link points to is replaced, not the link
    except OSError as error:
        if isinstance(error, BrokenPipeError) and path == PIPE:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing more is said at the end
        raise Refusal(str(error.strerror)) from None


def replace(target: Path, data: bytes, stop: Stop) -> None:
    """Replace a file by a new one, whose bytes were all written before it gets the name."""
    temporary = target.with_name(f".gridsample-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                stop.check()
                rest = rest[file.write(rest[:AT_ONCE]) :]
        if target.exists():
            shutil.copymode(target, temporary)
        stop.check()
        temporary.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def same(a: str, b: str) -> bool:
    """Return whether two names are of one file."""
    try:
        return PIPE not in (a, b) and os.path.samefile(a, b)
    except OSError:
        return False
