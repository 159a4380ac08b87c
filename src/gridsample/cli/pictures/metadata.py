"""What a picture file says beside its pixels, in the terms that formats share."""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

IRB = b"8BIM"  # starts each of Photoshop's image resources
IPTC = 0x0404  # the one of them that IPTC's records are in

ORIENTATION, EXIF_IFD, GPS_IFD, WIDTH, HEIGHT = 0x0112, 0x8769, 0x8825, 0xA002, 0xA003  # EXIF's tags
UPRIGHT = 1


@dataclass(frozen=True)
class Resolution:
    """Pixels for each unit of length, across and down.

    Attributes
    ----------
    x, y : float
    unit : float
        In metres.
    """

    x: float
    y: float
    unit: float

    def per(self, unit: float) -> tuple[float, float]:
        """Return the same for another unit of length."""
        return self.x / self.unit * unit, self.y / self.unit * unit

    def __str__(self) -> str:
        """Return the words for a message."""
        return f"resolution ({self.per(INCH)[0]:.4g} dpi)"


INCH, CENTIMETRE, METRE = 0.0254, 0.01, 1.0


@dataclass(frozen=True)
class Part:
    """A piece of a file that only its own format can hold.

    Attributes
    ----------
    name : str
        In messages.
    kind : hashable
        What its format calls it.
    content : object
        As its format keeps it.
    changes_colours : bool
        Whether the same numbers look different without it.
    """

    name: str
    kind: Any
    content: Any
    changes_colours: bool = False


KINDS = ("exif", "xmp", "resources", "comment", "resolution")  # that formats share


@dataclass
class Metadata:
    """What a file says beside its pixels.

    Attributes
    ----------
    exif : bytes or None
        A TIFF structure, as EXIF is.
    xmp, icc : bytes or None
    resources : bytes or None
        Photoshop's image resources, in which IPTC's records are.
    comment : str or None
    resolution : Resolution or None
    parts : list of Part
        What only the file's own format can hold.
    lost : list of str
        What cannot be kept, though nothing says that it is out of date.
    outdated : list of str
        What is not kept since it describes the pixels as they were.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    icc: bytes | None = None
    resources: bytes | None = None
    comment: str | None = None
    resolution: Resolution | None = None
    parts: list[Part] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)

    def names(self, holds: Sequence[str]) -> list[str]:
        """Return in words what there is beside some kinds, and beside parts and ICC profiles."""
        words = {
            "exif": "EXIF",
            "xmp": "XMP",
            "resources": "IPTC" if self.iptc() else "Photoshop's image resources",
            "comment": "comment",
            "resolution": str(self.resolution),
        }
        return [word for kind, word in words.items() if kind not in holds and getattr(self, kind) is not None]

    def only(self, holds: Sequence[str]) -> "Metadata":
        """Return what there is of some kinds, and parts and ICC profile."""
        left_out: dict[str, Any] = {kind: None for kind in KINDS if kind not in holds}
        return replace(self, **left_out)

    def iptc(self) -> bytes | None:
        """Return IPTC's records."""
        return next((content for kind, content in resources_of(self.resources or b"") if kind == IPTC), None)


def resources_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the content of each of Photoshop's image resources."""
    at = 0
    while data[at : at + 4] == IRB and at + 12 <= len(data):
        (kind,) = struct.unpack(">H", data[at + 4 : at + 6])
        at += 6 + (data[at + 6] + 2) // 2 * 2  # a name, its length in front, both filled up to an even number
        (length,) = struct.unpack(">I", data[at : at + 4].rjust(4, b"\0"))
        yield kind, data[at + 4 : at + 4 + length]
        at += 4 + (length + 1) // 2 * 2


def resource(kind: int, content: bytes) -> bytes:
    """Return one of Photoshop's image resources."""
    return IRB + struct.pack(">HHI", kind, 0, len(content)) + content + b"\0" * (len(content) % 2)


def upright(exif: bytes, size: tuple[int, int]) -> bytes | None:
    """Return EXIF for an upright picture of another size, or None if it is no EXIF.

    What changes is changed in its place, as whatever a camera's maker has put in there counts from the block's start:
    orientation and size, and the link to the thumbnail, which shows the picture as it was.
    """
    data = bytearray(exif)
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (start,) = struct.unpack_from(order + "I", data, 4)
        inner, end = _set(data, order, start, {ORIENTATION: UPRIGHT})
        if EXIF_IFD in inner:
            _set(data, order, inner[EXIF_IFD], dict(zip((WIDTH, HEIGHT), size, strict=True)))
        struct.pack_into(order + "I", data, end, 0)
    except (struct.error, KeyError):
        return None
    return bytes(data)


def upright_xmp(xmp: bytes) -> bytes:
    """Return XMP for an upright picture."""
    return re.sub(rb"""(tiff:Orientation(?:=["']|>))[2-8](?=["'<])""", rb"\g<1>1", xmp)


def has_thumbnail(exif: bytes) -> bool:
    """Return whether EXIF holds a small copy of the picture, in its second directory."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        return bool(struct.unpack_from(order + "I", exif, start + 2 + 12 * count)[0])
    except (struct.error, KeyError):
        return False


def _set(data: bytearray, order: str, start: int, values: dict[int, int]) -> tuple[dict[int, int], int]:
    """Set whole numbers in a directory of EXIF; return its other directories, and where its link to the next is."""
    (count,) = struct.unpack_from(order + "H", data, start)
    directories = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, type = struct.unpack_from(order + "HH", data, at)
        if tag in values:
            packing, filling = {3: ("HH", [0]), 4: ("I", list[int]())}[type]  # short, filled up; or long
            struct.pack_into(order + packing, data, at + 8, values[tag], *filling)
        if tag in (EXIF_IFD, GPS_IFD):
            (directories[tag],) = struct.unpack_from(order + "I", data, at + 8)
    return directories, start + 2 + 12 * count
