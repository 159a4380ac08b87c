"""JPEG: pixels by libvips, and every segment that outlives a change of the pixels as it was."""

import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gridsample.cli.pictures import libvips
from gridsample.cli.pictures.format import Broken, Contents, Format, Page, Picture, Wanted
from gridsample.cli.pictures.metadata import CENTIMETRE, INCH, Metadata, Part, Resolution, upright, upright_xmp
from gridsample.cli.refusal import Refusal
from gridsample.cli.stopping import Stop

START, SCAN, END, COMMENT = 0xD8, 0xDA, 0xD9, 0xFE
APP = range(0xE0, 0xF0)
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
FRAMES = (set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | PROGRESSIVE
TABLES = 0xDB

JFIF, EXIF, XMP, MORE_XMP = (
    b"JFIF\0",
    b"Exif\0\0",
    b"http://ns.adobe.com/xap/1.0/\0",
    b"http://ns.adobe.com/xmp/extension/\0",
)
ICC, PICTURES, PHOTOSHOP, ADOBE = b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0", b"Adobe"
GAIN_MAP = b"http://ns.adobe.com/hdr-gain-map/", b"urn:iso:std:iso:ts:21496:"
MOST = 65533  # bytes in a segment
QUALITY = 95  # where the input has none

# The luminance table of quality 50 in the standard's annex K, from which libjpeg makes those of all qualities.
LUMINANCE = [
    *(16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51),
    *(61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62),
    *(77, 113, 121, 112, 100, 120, 92, 101, 103, 99),
]


class Jpeg(Format):
    """JPEG files, JFIF or EXIF."""

    def inspect(self, data: bytes) -> Contents:
        """Return what a file holds."""
        segments, end = segments_of(data)
        metadata, coding = Metadata(), dict[str, Any]()
        beside: str | None = None
        extended = False
        for marker, content in segments:
            if marker in FRAMES:
                coding |= _kind(marker, content)
            elif marker == TABLES and "Q" not in coding:
                coding["Q"] = quality_of(content)
            elif marker == 0xE2 and content.startswith(PICTURES):
                beside = "several pictures (MPO)"
            elif marker == 0xE1 and content.startswith(MORE_XMP):
                extended = True
            elif marker == COMMENT or marker in APP:
                _take(metadata, marker, content)
        if any(word in data[:end] for word in GAIN_MAP) or b"hdrgm:" in (metadata.xmp or b""):
            beside, metadata.xmp = "a gain map (HDR)", None
            metadata.parts = [part for part in metadata.parts if not part.content.startswith(GAIN_MAP[1])]
        elif extended:
            metadata.parts += [Part("extended XMP", *each) for each in segments if each[1].startswith(MORE_XMP)]
        if data[end:].strip(b"\0") and beside is None:
            metadata.lost.append(f"{len(data) - end} bytes after its end")
        return Contents([Page(metadata, coding)], beside)

    def shared(self, metadata: Metadata) -> Metadata:
        """Return metadata in the terms that all share."""
        parts = []
        resolution = comment = None
        for part in metadata.parts:
            if part.kind == COMMENT and comment is None:
                comment = part.content.rstrip(b"\0").decode("utf-8", "replace")
            elif part.content.startswith(JFIF):
                resolution = _resolution(part.content)
            else:
                parts.append(part)
        return replace(metadata, parts=parts, resolution=resolution, comment=comment)

    def encode(self, pictures: list[Picture], coding: Any, wanted: Wanted, stop: Stop) -> bytes:  # noqa: ARG002
        """Return a file of one picture."""
        (picture,) = pictures
        options = {"Q": QUALITY, **picture.page.coding} | ({"Q": wanted.quality} if wanted.quality else {})
        return dressed(libvips.saved(picture, "jpeg", stop, **options), picture.page.metadata, picture.size)


def segments_of(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """Return the markers and contents of all segments up to the picture's end, and where that is."""
    return list(_segments(data)), _end(data)


def _segments(data: bytes, at: int = 2) -> Iterator[tuple[int, bytes]]:
    """Yield segments up to the first scan, which is among them."""
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # what fills up
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield marker, data[at + 4 : at + 2 + length]
        if marker == SCAN:
            return
        at += 2 + length
    raise Broken("truncated")


def _end(data: bytes) -> int:
    """Return where the picture ends; what a segment has in it may look like an end, but is skipped."""
    at = 2
    marker = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
    while (found := marker.search(data, at)) is not None:
        if found[1][0] == END:
            return found.end()
        (length,) = struct.unpack(">H", data[found.end() : found.end() + 2].rjust(2, b"\0"))
        at = found.end() + max(2, length)
    raise Broken("truncated")


def segment(marker: int, content: bytes) -> bytes:
    """Return a segment."""
    if len(content) > MOST:
        raise Refusal(f"JPEG cannot hold a piece of metadata of {len(content)} bytes; possible are {MOST}")
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _kind(marker: int, frame: bytes) -> dict[str, Any]:
    """Return how a frame is coded, as options of libvips' writer: progressive or not, colours at full size or half."""
    count = frame[5]
    factors = [frame[7 + 3 * index] for index in range(count)]
    full = count < 3 or factors[0] not in (0x22,)  # libvips halves both sides or none
    return {"interlace": marker in PROGRESSIVE, "subsample_mode": "off" if full else "on"}


def quality_of(tables: bytes) -> int:
    """Return libjpeg's quality from 1 to 100 whose luminance table is nearest to the first of some tables."""
    wide = tables[0] >> 4
    table = np.frombuffer(tables[1 : 1 + 64 * (1 + wide)], ">u2" if wide else "u1")
    if table.size < 64:
        return QUALITY
    qualities = np.arange(1, 101)
    scales = np.where(qualities < 50, 5000 // qualities, 200 - 2 * qualities)
    made = np.clip((np.array(LUMINANCE) * scales[:, np.newaxis] + 50) // 100, 1, 255)
    return int(qualities[np.abs(made - table).sum(axis=1).argmin()])


def _resolution(jfif: bytes) -> Resolution | None:
    unit, x, y = struct.unpack(">BHH", jfif[7:12])
    return Resolution(float(x), float(y), {1: INCH, 2: CENTIMETRE}[unit]) if unit in (1, 2) and x and y else None


def _take(metadata: Metadata, marker: int, content: bytes) -> None:
    """Put a segment where it belongs. ICC and Adobe's are written by libvips, from the new pixels."""
    if content.startswith(EXIF) and metadata.exif is None:
        metadata.exif = content[len(EXIF) :]
    elif content.startswith(XMP) and metadata.xmp is None:
        metadata.xmp = content[len(XMP) :]
    elif content.startswith(PHOTOSHOP):
        metadata.resources = (metadata.resources or b"") + content[len(PHOTOSHOP) :]
    elif content.startswith(JFIF) and len(content) >= 12:
        metadata.parts.append(Part("JFIF", marker, content[:12] + bytes(2)))
        if any(content[12:14]):
            metadata.outdated.append("JFIF's thumbnail")
    elif marker == 0xEB and content.startswith(b"JP"):
        if "content credentials (JUMBF)" not in metadata.outdated:
            metadata.outdated.append("content credentials (JUMBF)")
    elif content.startswith(b"JFXX"):
        metadata.outdated.append("JFIF's thumbnail")
    elif not content.startswith((ICC, ADOBE)):
        name = "comment" if marker == COMMENT else f"JPEG's segment APP{marker - APP.start}"
        metadata.parts.append(Part(name, marker, content))


def dressed(data: bytes, metadata: Metadata, size: tuple[int, int]) -> bytes:
    """Return a file with other metadata than it has."""
    first = [segment(part.kind, part.content) for part in metadata.parts if part.name == "JFIF"]
    own = [segment(part.kind, part.content) for part in metadata.parts if part.name != "JFIF"]
    if metadata.resolution is not None:
        x, y = (min(round(value), 65535) for value in metadata.resolution.per(INCH))
        first = [segment(0xE0, JFIF + struct.pack(">HBHHBB", 0x0101, 1, x, y, 0, 0))]
    shared = []
    if metadata.exif is not None:
        shared.append(segment(0xE1, EXIF + (upright(metadata.exif, size) or metadata.exif)))
    if metadata.xmp is not None:
        shared.append(segment(0xE1, XMP + upright_xmp(metadata.xmp)))
    if metadata.resources is not None:
        room = MOST - len(PHOTOSHOP)
        for at in range(0, len(metadata.resources), room):
            shared.append(segment(0xED, PHOTOSHOP + metadata.resources[at : at + room]))
    if metadata.comment is not None:
        shared.append(segment(COMMENT, metadata.comment.encode()[:MOST]))
    return b"".join([data[:2], *first, *shared, *own, _without_jfif(data)])


def _without_jfif(data: bytes) -> bytes:
    """Return what follows the start of a file of libvips', less a resolution that nobody gave."""
    marker, content = next(_segments(data))
    return data[2 + 4 + len(content) :] if marker == 0xE0 and content.startswith(JFIF) else data[2:]


JPEG = Jpeg(
    "JPEG",
    rb"\xff\xd8\xff",
    (".jpg", ".jpeg", ".jpe", ".jfif"),
    ("exif", "xmp", "resources", "comment", "resolution"),
    samples=("uint8",),
    colours=("cmyk",),
    holds_alpha=False,
    has_quality=True,
    strictness="warning",  # its decoder only warns of corrupt data
)
