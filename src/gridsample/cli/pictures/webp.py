"""WebP: pixels by libvips, and every chunk that outlives a change of the pixels as it was."""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from gridsample.cli.pictures import libvips
from gridsample.cli.pictures.format import Broken, Contents, Format, Page, Picture, Wanted
from gridsample.cli.pictures.metadata import Metadata, Part, upright, upright_xmp
from gridsample.cli.refusal import needed
from gridsample.cli.stopping import Stop

WRITTEN = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}  # by libvips, from the new pixels
HAS_XMP, HAS_EXIF, HAS_ALPHA = 0x04, 0x08, 0x10  # flags of VP8X
EXIF = b"Exif\0\0"  # which some put in front, though it is JPEG's
QUALITY = 90  # where only loss is known, as WebP does not tell its quality


class WebP(Format):
    """WebP, still and moving."""

    def inspect(self, data: bytes) -> Contents:
        """Return what a file holds."""
        chunks = list(chunks_of(data))
        metadata = Metadata()
        for name, content in chunks:
            if name == b"EXIF":
                metadata.exif = content.removeprefix(EXIF)
            elif name == b"XMP ":
                metadata.xmp = content
            elif name not in WRITTEN:
                metadata.parts.append(Part(f"WebP's {name.decode('latin-1')}", name, content))
        frames = [content for name, content in chunks if name == b"ANMF"]
        lossy = any(b"VP8 " in frame[16:64] for frame in frames) or any(name == b"VP8 " for name, _ in chunks)
        end = 8 + struct.unpack_from("<I", data, 4)[0]
        if data[end:].strip(b"\0"):
            metadata.lost.append(f"{len(data) - end} bytes after its end")
        page = Page(metadata, {"lossless": not lossy})
        coding: dict[str, Any] = {}
        for name, content in chunks:
            if name == b"ANIM":
                coding["loop"] = struct.unpack_from("<H", content, 4)[0]
                coding["delay"] = [int.from_bytes(frame[12:15], "little") for frame in frames]
        return Contents([page] * max(1, len(frames)), coding=coding)

    def encode(self, pictures: list[Picture], coding: dict[str, Any], wanted: Wanted, stop: Stop) -> bytes:
        """Return a file of one picture, or of an animation."""
        first = pictures[0]
        lossless = wanted.lossless or (wanted.quality is None and first.page.coding.get("lossless", True))
        options = {"lossless": True, "exact": True} if lossless else {"Q": wanted.quality or QUALITY}
        pixels = np.concatenate([picture.pixels for picture in pictures])
        image = libvips.image_of(pixels, first.colours, first.page.metadata.icc)
        if len(pictures) > 1:
            types = needed("pyvips").GValue
            image.set_type(types.gint_type, "page-height", first.size[1])
            image.set_type(types.gint_type, "loop", coding.get("loop", 0))
            image.set_type(types.array_int_type, "delay", coding["delay"])
        return dressed(libvips.saved_image(image, "webp", stop, **options), first.page.metadata, first.size)


def chunks_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the content of each chunk."""
    at, (end,) = 12, struct.unpack_from("<I", data, 4)
    if len(data) < 8 + end:
        raise Broken("truncated")
    while at + 8 <= 8 + end:
        name, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > 8 + end:
            raise Broken("truncated")
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + (length + 1) // 2 * 2


def chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def dressed(data: bytes, metadata: Metadata, size: tuple[int, int]) -> bytes:
    """Return a file with other metadata than it has."""
    chunks = [(name, content) for name, content in chunks_of(data) if name in WRITTEN]
    more = [(part.kind, part.content) for part in metadata.parts]
    flags = 0
    if metadata.exif is not None:
        more.append((b"EXIF", upright(metadata.exif, size) or metadata.exif))
        flags |= HAS_EXIF
    if metadata.xmp is not None:
        more.append((b"XMP ", upright_xmp(metadata.xmp)))
        flags |= HAS_XMP
    if more:
        chunks = _extended(chunks, flags, size) + more
    body = b"WEBP" + b"".join(chunk(*each) for each in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _extended(chunks: list[tuple[bytes, bytes]], flags: int, size: tuple[int, int]) -> list[tuple[bytes, bytes]]:
    """Return chunks with the header that a file needs which has more than a picture."""
    name, content = chunks[0]
    if name == b"VP8X":
        return [(name, bytes([content[0] & ~(HAS_EXIF | HAS_XMP) | flags]) + content[1:]), *chunks[1:]]
    if name == b"VP8L" and content[4] & 0x10:  # it says itself whether it has alpha
        flags |= HAS_ALPHA
    width, height = (length - 1 for length in size)
    header = bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return [(b"VP8X", header), *chunks]


WEBP = WebP(
    "WebP",
    rb"RIFF....WEBP",
    (".webp",),
    ("exif", "xmp"),
    samples=("uint8",),
    holds_grey=False,
    holds_pages=True,
    has_quality=True,
    has_lossless=True,
)
