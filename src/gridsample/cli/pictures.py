"""Picture files: read with everything worth keeping, and written whole or not at all.

All of it goes through pyvips (libvips), which really reads and writes 16 bits. It is an optional dependency, imported
when a file is read or written.
"""

import contextlib
import importlib
import mmap
import os
import re
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from gridsample.cli.refusal import Refusal

MOST_PIXELS = 2**28  # 16384 x 16384; as RGBA samples they take 4 GiB


@dataclass(frozen=True)
class Picture:
    """A picture as it was read.

    Attributes
    ----------
    pixels : array (height, width, bands)
        uint8 or uint16; grey or RGB, with or without alpha.
    has_alpha : bool
        Whether the last band is alpha.
    header : pyvips.Image
        Everything else: colour space, resolution, ICC profile, EXIF data.
    """

    pixels: Any
    has_alpha: bool
    header: Any

    @property
    def is_grey(self) -> bool:
        """Whether there is one band beside alpha."""
        return bool(self.pixels.shape[2] - self.has_alpha == 1)


@dataclass(frozen=True)
class Format:
    """A kind of picture file.

    Attributes
    ----------
    name : str
        In messages, and in lower case that of libvips' functions.
    signature : bytes
        A pattern for the first bytes of a file.
    endings : tuple of str
        Of file names.
    holds_alpha, holds_16_bits, holds_grey : bool
        What can be written.
    strictness : str
        The least complaint of the decoder that means a broken file.
    end : bytes
        What a whole file has at its end, where the decoder does not look for it.
    saving : mapping
        Options of libvips' writer.
    """

    name: str
    signature: bytes
    endings: tuple[str, ...]
    holds_alpha: bool = True
    holds_16_bits: bool = True
    holds_grey: bool = True
    strictness: str = "error"
    end: bytes = b""
    saving: Mapping[str, Any] = field(default_factory=dict)

    def check(self, picture: Picture) -> None:
        """Refuse a picture that this format cannot hold."""
        if picture.has_alpha and not self.holds_alpha:
            raise Refusal(f"{self.name} cannot hold alpha; write {_others('holds_alpha')}")
        if picture.pixels.dtype == np.uint16 and not self.holds_16_bits:
            raise Refusal(f"{self.name} cannot hold 16 bits; write {_others('holds_16_bits')}")
        if picture.is_grey and _get(picture.header, "icc-profile-data") is not None and not self.holds_grey:
            raise Refusal(f"{self.name} cannot hold grey with an ICC profile; write {_others('holds_grey')}")


FORMATS = (
    Format("PNG", rb"\x89PNG\r\n\x1a\n", (".png",), end=b"IEND\xae\x42\x60\x82"),
    Format(
        "JPEG",
        rb"\xff\xd8\xff",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        holds_alpha=False,
        holds_16_bits=False,
        strictness="warning",  # its decoder only warns of corrupt data
        saving={"Q": 95},
    ),
    Format(
        "TIFF",
        rb"II[*+]\0|MM\0[*+]",
        (".tif", ".tiff"),
        saving={"compression": "deflate", "predictor": "horizontal"},
    ),
    Format(
        "WebP",
        rb"RIFF....WEBP",
        (".webp",),
        holds_16_bits=False,
        holds_grey=False,
        saving={"lossless": True, "exact": True},
    ),
)

SAMPLES = {"uchar": np.uint8, "ushort": np.uint16}
COLOURS = {"b-w": 1, "grey16": 1, "srgb": 3, "rgb": 3, "rgb16": 3}  # libvips' names, and bands beside alpha
UPRIGHT = 1  # EXIF's number


def format_of_name(path: str) -> Format:
    """Return the format that a file name asks for."""
    ending = Path(path).suffix.lower()
    for format in FORMATS:
        if ending in format.endings:
            return format
    endings = ", ".join(ending for format in FORMATS for ending in format.endings)
    raise Refusal(f"the name of OUT must end in one of {endings}; got {path!r}")


def check_size(what: str, size: tuple[int, int]) -> None:
    """Refuse an absurd size before anything of it is decoded or computed."""
    width, height = size
    if width * height > MOST_PIXELS:
        raise Refusal(f"{what} is too large: {width}x{height} are more than {MOST_PIXELS} pixels")


def read(path: str) -> Picture:
    """Read a picture, upright."""
    vips = _pyvips()
    try:
        with Path(path).open("rb", buffering=0) as file:
            format = _format_of_content(path, file)
            _check_end(path, format, file)
            return _decode(vips, path, format, file)
    except OSError as error:
        raise Refusal(f"cannot read {path!r}: {error.strerror}") from None


def _format_of_content(path: str, file: IO[bytes]) -> Format:
    start = file.read(12)
    file.seek(0)
    for format in FORMATS:
        if re.match(format.signature, start, re.DOTALL):
            return format
    raise Refusal(f"cannot read {path!r}: it is none of {_names(FORMATS)}")


def _check_end(path: str, format: Format, file: IO[bytes]) -> None:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.rfind(format.end) < 0:
            raise Refusal(f"cannot read {path!r}: truncated {format.name}")


def _decode(vips: Any, path: str, format: Format, file: IO[bytes]) -> Picture:
    load = getattr(vips.Image, f"{format.name.lower()}load_source")
    try:
        with uninterrupted():
            source = vips.Source.new_from_descriptor(file.fileno())
            image = load(source, access="sequential", fail_on=format.strictness)
            check_size(repr(path), (image.width, image.height))
            _check_kind(path, image)
            upright = image.copy_memory().autorot()
            pixels = upright.numpy().reshape(upright.height, upright.width, upright.bands)
    except vips.Error as error:
        raise Refusal(f"cannot read {path!r}: broken or truncated {format.name}{_reason(error)}") from None
    return Picture(pixels, bool(image.hasalpha()), image)


def _check_kind(path: str, image: Any) -> None:
    colours = COLOURS.get(image.interpretation)
    if image.format not in SAMPLES:
        raise Refusal(f"cannot warp {path!r}: its samples are {image.format}; possible are 8 and 16 bits, unsigned")
    if colours is None or image.bands != colours + image.hasalpha():
        raise Refusal(
            f"cannot warp {path!r}: its colours are {image.interpretation} in {image.bands} bands; possible are grey "
            f"and RGB, each with or without alpha"
        )
    pages = _get(image, "n-pages") or 1
    if pages > 1:
        raise Refusal(f"cannot warp {path!r}: it holds {pages} pictures; possible is one")


def write(path: str, format: Format, pixels: Any, like: Picture) -> None:
    """Write pixels with the profile, EXIF data and resolution of another picture."""
    vips = _pyvips()
    try:
        with replacing(path) as file, uninterrupted():
            image = _with_header(vips, pixels, like.header)
            save = getattr(image, f"{format.name.lower()}save_target")
            save(vips.Target.new_to_descriptor(file.fileno()), **format.saving)
    except OSError as error:
        raise Refusal(f"cannot write {path!r}: {error.strerror}") from None
    except vips.Error as error:
        raise Refusal(f"cannot write {path!r}{_reason(error)}") from None


def _with_header(vips: Any, pixels: Any, header: Any) -> Any:
    height, width, bands = pixels.shape
    sample = next(name for name, dtype in SAMPLES.items() if dtype == pixels.dtype)
    image = vips.Image.new_from_memory(pixels.data, width, height, bands, sample)
    image = image.copy(interpretation=header.interpretation, xres=header.xres, yres=header.yres)
    for name in header.get_fields():
        if name == "icc-profile-data" or name.startswith("exif-"):
            image.set_type(header.get_typeof(name), name, header.get(name))
    if _get(header, "orientation") is not None:
        image.set_type(vips.GValue.gint_type, "orientation", UPRIGHT)
    return image


@contextlib.contextmanager
def replacing(path: str) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of ``path`` if the block ends well, and is removed if not."""
    target = Path(os.path.realpath(path))  # what a link points to is replaced, not the link
    exists = target.exists()
    if exists and not target.is_file():
        raise Refusal(f"cannot write {path!r}: not a regular file")
    if exists and not os.access(target, os.W_OK):
        raise Refusal(f"cannot write {path!r}: write-protected")
    temporary = target.with_name(f".gridsample-{secrets.token_hex(8)}")
    try:
        with temporary.open("x+b", buffering=0) as file:
            yield file
        if exists:
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off to the end of the block: libvips calls back into Python to log, where it would be lost."""
    if threading.current_thread() is not threading.main_thread():  # which never sees Ctrl-C, nor may set this
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)


def _pyvips() -> Any:
    """Return pyvips, or say how to get it."""
    try:
        return importlib.import_module("pyvips")
    except (ImportError, OSError):  # OSError: there, but its library libvips is not
        raise Refusal('reading and writing pictures needs pyvips: pip install "gridsample[cli]"') from None


def _get(image: Any, field: str) -> Any:
    return image.get(field) if image.get_typeof(field) else None


def _reason(error: Any) -> str:
    """Return the last thing that libvips said, which is the nearest to the cause, in brackets."""
    said = [line.strip() for line in error.detail.splitlines() if line.strip()]
    return f" ({said[-1]})" if said else ""


def _others(ability: str) -> str:
    return _names([format for format in FORMATS if getattr(format, ability)])


def _names(formats: Any) -> str:
    *names, last = [format.name for format in formats]
    return f"{', '.join(names)} or {last}"
