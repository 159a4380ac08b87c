"""PNG: pixels by libvips, and every chunk that outlives a change of the pixels as it was."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gridsample.cli.pictures import libvips
from gridsample.cli.pictures.format import Broken, Contents, Format, Page, Picture, Wanted
from gridsample.cli.pictures.metadata import METRE, Metadata, Part, Resolution, upright, upright_xmp
from gridsample.cli.stopping import Stop

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WRITTEN = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP"}  # by libvips, from the new pixels
ANIMATION = {"acTL", "fcTL", "fdAT"}
BEFORE_PALETTE = {"gAMA", "cHRM", "sRGB", "cICP", "mDCV", "mDCv", "cLLI", "cLLi"}  # and all of them colours
KEPT = BEFORE_PALETTE | {"pHYs", "tEXt", "zTXt", "iTXt", "tIME", "sPLT"}
OUTDATED = {"hIST": "histogram", "sBIT": "significant bits", "bKGD": "background", "caBX": "content credentials"}
XMP = b"XML:com.adobe.xmp"
USUAL = {  # what anyone assumes of a PNG that says nothing: sRGB
    "gAMA": struct.pack(">I", 45455),
    "cHRM": struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
    "cICP": bytes((1, 13, 0, 1)),
}


class Png(Format):
    """Portable Network Graphics."""

    def inspect(self, data: bytes) -> Contents:
        """Return what a file holds."""
        chunks = list(chunks_of(data))
        if not chunks or chunks[0][0] != "IHDR" or chunks[-1][0] != "IEND" or len(chunks[0][1]) != 13:
            raise Broken("truncated")
        _, _, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
        metadata, frames = Metadata(), 0
        for kind, content in chunks:
            if kind == "acTL":
                frames = struct.unpack(">I", content[:4].rjust(4, b"\0"))[0]
            elif kind not in WRITTEN | ANIMATION:
                _take(metadata, kind, content)
        end = sum(12 + len(content) for _, content in chunks) + len(SIGNATURE)
        if len(data) > end:
            metadata.lost.append(f"{len(data) - end} bytes after its end")
        few = depth if colours == 0 and depth < 8 else 8
        page = Page(metadata, {"interlace": bool(interlaced)}, few, palette=colours == 3)
        return Contents([page], f"an animation (APNG) of {frames} pictures" if frames > 1 else None)

    def shared(self, metadata: Metadata) -> Metadata:
        """Return metadata in the terms that all share."""
        resolution = comment = None
        parts = []
        said = metadata.icc is not None or any(part.kind == "sRGB" for part in metadata.parts)  # these go before others
        for part in metadata.parts:
            if part.kind == "pHYs" and part.content[8:] == b"\1":
                x, y = struct.unpack(">II", part.content[:8])
                resolution = Resolution(float(x), float(y), METRE)
            elif part.kind == "tEXt" and part.content.startswith(b"Comment\0"):
                comment = part.content[8:].decode("latin-1")
            elif not (part.content == USUAL.get(part.kind) or (said and part.kind in ("gAMA", "cHRM", "sRGB"))):
                parts.append(part)
        return replace(metadata, resolution=resolution, comment=comment, parts=parts)

    def encode(self, pictures: list[Picture], coding: Any, wanted: Wanted, stop: Stop) -> bytes:  # noqa: ARG002
        """Return a file of one picture."""
        (picture,) = pictures
        page = picture.page
        depth = {"bitdepth": page.depth} if page.depth < 8 and picture.pixels.shape[2] == 1 else {}
        return dressed(libvips.saved(picture, "png", stop, **page.coding, **depth), page.metadata, picture.size)


def chunks_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each chunk, up to the end of the picture or of what is there."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            return
        yield name.decode("latin-1"), data[at + 8 : at + 8 + length]
        at += 12 + length
        if name == b"IEND":
            return


def chunk(name: str, content: bytes) -> bytes:
    """Return a chunk."""
    body = name.encode("latin-1") + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def _take(metadata: Metadata, kind: str, content: bytes) -> None:
    """Put a chunk where it belongs."""
    if kind == "eXIf":
        metadata.exif = content
    elif kind in ("iTXt", "zTXt") and content.startswith(XMP + b"\0"):
        metadata.xmp = _xmp(kind, content[len(XMP) + 1 :])
    elif kind in OUTDATED:
        if kind != "sBIT" or any(bits not in (8, 16) for bits in content):
            metadata.outdated.append(f"{OUTDATED[kind]} (PNG's {kind})")
    elif kind in KEPT or kind[3:].islower():  # which says: safe to copy though the pixels change
        name = f"PNG's {kind}"
        if kind in ("tEXt", "zTXt", "iTXt"):
            name = f"text {content.split(bytes(1))[0].decode('latin-1')!r}"
        metadata.parts.append(Part(name, kind, content, kind in BEFORE_PALETTE))
    else:
        metadata.lost.append(f"PNG's {kind}")


def _xmp(kind: str, content: bytes) -> bytes:
    """Return XMP from behind its keyword: in the chunk that it belongs in, or as libvips writes it."""
    try:
        if kind == "zTXt":
            return zlib.decompress(content[1:])
        compressed, _, *texts = content[0], content[1], *content[2:].split(b"\0", 2)
        return zlib.decompress(texts[2]) if compressed else texts[2]
    except (zlib.error, IndexError):
        raise Broken("its XMP cannot be read") from None


def dressed(data: bytes, metadata: Metadata, size: tuple[int, int]) -> bytes:
    """Return a file with other metadata than it has."""
    texts: list[bytes] = []
    colours: list[bytes] = []
    for part in metadata.parts:
        (colours if part.kind in BEFORE_PALETTE else texts).append(chunk(part.kind, part.content))
    if metadata.resolution is not None:
        x, y = (round(value) for value in metadata.resolution.per(METRE))
        texts.append(chunk("pHYs", struct.pack(">IIB", x, y, 1)))
    if metadata.comment is not None:
        texts.append(_comment(metadata.comment))
    if metadata.xmp is not None:
        texts.append(chunk("iTXt", XMP + bytes(5) + upright_xmp(metadata.xmp)))
    if metadata.exif is not None:
        texts.append(chunk("eXIf", upright(metadata.exif, size) or metadata.exif))
    result = [SIGNATURE]
    for kind, content in chunks_of(data):
        if kind == "IDAT" and texts:
            result, texts = [*result, *texts], []
        if kind in WRITTEN:
            result.append(chunk(kind, content))
        if kind == "IHDR":
            result += colours
    return b"".join(result)


def _comment(text: str) -> bytes:
    try:
        return chunk("tEXt", b"Comment\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return chunk("iTXt", b"Comment" + bytes(5) + text.encode())


PNG = Png(
    "PNG",
    rb"\x89PNG\r\n\x1a\n",
    (".png",),
    ("exif", "xmp", "comment", "resolution"),
    holds_few_bits=True,
)
