"""Odd picture files, each legal and met in the wild, made by other libraries than the command's, or byte by byte."""

import io
import struct
import zlib

import numpy as np
import pytest

from cli.picture_files import image_of, noise

Image = pytest.importorskip("PIL.Image")
tifffile = pytest.importorskip("tifffile")

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- a rating of four stars --></x:xmpmeta>'
IPTC = b"\x1c\x02\x05\x00\x05Title\x1c\x02\x50\x00\x06Author"
RESOURCES = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)
COLOURS = {
    "gAMA": struct.pack(">I", 100000),  # linear
    "cHRM": struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
    "cICP": bytes((9, 16, 0, 1)),  # BT.2100 PQ: HDR
    "mDCV": bytes(24),
}
UTM = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32632]  # GeoTIFF's keys: projected, by area, zone 32 north


def chunk(name, content):
    """Return a chunk of a PNG."""
    body = name.encode() + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def with_chunks(png, **chunks):
    """Return a PNG with more chunks behind its header."""
    return png[:33] + b"".join(chunk(name, content) for name, content in chunks.items()) + png[33:]


def chunks_of(png):
    """Return the names and contents of a PNG's chunks."""
    at, result = 8, {}
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        result.setdefault(png[at + 4 : at + 8].decode("latin-1"), png[at + 8 : at + 8 + length])
        at += 12 + length
    return result


def segment(marker, content):
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(jpeg, *segments):
    """Return a JPEG with more segments behind its start."""
    return jpeg[:2] + b"".join(segment(*each) for each in segments) + jpeg[2:]


def segments_of(jpeg):
    """Return the markers and contents of a JPEG's segments up to its scan."""
    at, result = 2, []
    while jpeg[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", jpeg, at + 2)
        result.append((jpeg[at + 1], jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return result


def png(pixels, **options):
    """Return a PNG without anything but pixels."""
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG", **options)
    return file.getvalue()


def jpeg(pixels, **options):
    """Return a JPEG without a resolution."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **{"quality": 90, **options})
    return file.getvalue()


def tiff(pixels, **options):
    """Return a TIFF without anything but pixels."""
    file = io.BytesIO()
    bands = 1 if pixels.ndim == 2 else pixels.shape[2]
    kind = {"photometric": "minisblack" if bands < 3 else "rgb", "metadata": None, "software": False, **options}
    tifffile.imwrite(file, pixels, planarconfig=kind.pop("planarconfig", None if bands == 1 else "contig"), **kind)
    return file.getvalue()


def frames(rng, count=3, size=(13, 11)):
    """Return the frames of an animation, each of another colour."""
    width, height = size
    return [Image.fromarray(np.broadcast_to(noise(rng)[:1, :1], (height, width, 3)).copy()) for _ in range(count)]


def moving(rng, format, **options):
    """Return an animation."""
    file, (first, *others) = io.BytesIO(), frames(rng)
    first.save(file, format, save_all=True, append_images=others, **options)
    return file.getvalue()


def exif(orientation=6):
    """Return EXIF with a size, a thumbnail, and data of its maker at a place that the maker's own program knows."""

    def directory(*entries, following=0):
        packed = b"".join(struct.pack("<HHI", tag, kind, count) + value for tag, kind, count, value in entries)
        return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)

    def long(value):
        return struct.pack("<I", value)

    inner, thumbnail, maker = 8 + 2 + 3 * 12 + 4, 92 + 10, 150
    data = b"II*\0" + long(8)
    data += directory(
        (0x010F, 2, 4, b"Cam\0"), (0x0112, 3, 1, long(orientation)), (0x8769, 4, 1, long(inner)), following=thumbnail
    )
    data += directory((0x927C, 7, 12, long(maker)), (0xA002, 3, 1, long(13)), (0xA003, 4, 1, long(11)))
    data = data.ljust(thumbnail, b"\0") + directory((0x0100, 3, 1, long(160)))
    return data.ljust(maker, b"\0") + b"maker's own."


def folder(rng):
    """Return many odd files by their names."""
    rgb, grey = noise(rng), noise(rng, bands=1)
    deep = noise(rng, "uint16")
    profile = image_of(rgb).icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    cmyk = image_of(rgb).icc_transform("cmyk", input_profile="srgb")
    bits = grey[..., 0] > 127
    mpo = io.BytesIO()
    first, *others = frames(rng, 2)
    first.save(mpo, "MPO", save_all=True, append_images=others)
    floats = rng.normal(size=(11, 13))
    height = rng.normal(100, 30, (11, 13)).astype(np.float32)
    height[2:4, 5:7] = -9999
    place = [(33550, "d", 3, (2.0, 2.0, 0.0)), (33922, "d", 6, (0.0, 0.0, 0.0, 5e5, 4.2e6, 0.0))]
    keys = [(34735, "H", len(UTM), tuple(UTM)), (42113, "s", 0, "-9999")]
    return {
        "animated.png": moving(rng, "PNG", duration=40),
        "animated.webp": moving(rng, "WEBP", duration=[40, 50, 60], loop=3, lossless=True),
        "two eyes.jpg": mpo.getvalue(),
        "gain map.jpg": with_segments(
            jpeg(rgb), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b'<a hdrgm:Version="1.0"/>')
        ),
        "linear.png": with_chunks(png(rgb), gAMA=COLOURS["gAMA"]),
        "hdr.png": with_chunks(png(rgb), cICP=COLOURS["cICP"], mDCV=COLOURS["mDCV"]),
        "texts.png": with_chunks(png(rgb), tEXt=b"Title\0A cat", tIME=bytes((7, 234, 11, 27, 5, 0, 0))),
        "one bit.png": bilevel(bits, "PNG"),
        "fax.tif": bilevel(bits, "TIFF", compression="group4"),
        "palette.png": palette(rgb),
        "float64.tif": tiff(floats),
        "half.tif": tiff(floats.astype(np.float16)),
        "float32 rgb.tif": tiff(rng.random((11, 13, 3)).astype(np.float32)),
        "int16.tif": tiff((100 * floats).astype(np.int16)),
        "uint32.tif": tiff(rng.integers(0, 2**32, (11, 13), dtype=np.uint32)),
        "lab8.tif": tiff(rgb, photometric="cielab"),
        "cmyk.jpg": cmyk.jpegsave_buffer(keep="icc"),
        "cmyk.tif": cmyk.tiffsave_buffer(keep="icc"),
        "big.tif": tiff(deep, bigtiff=True),
        "map.tif": tiff(height, extratags=[(*tag, True) for tag in place + keys]),
        "pages.tif": pages(rng),
        "planar.tif": tiff(np.moveaxis(rgb, -1, 0).copy(), photometric="rgb", planarconfig="separate"),
        "described.jpg": with_segments(
            jpeg(rgb, progressive=True, exif=b"Exif\0\0" + exif(), icc_profile=profile),
            (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
            (0xED, b"Photoshop 3.0\0" + RESOURCES),
            (0xFE, b"a remark"),
        ),
        "plain.jpg": jpeg(rgb, subsampling=0),
        "grey 16.png": image_of(noise(rng, "uint16", 1)).pngsave_buffer(keep="none"),
        "1x30.png": png(noise(rng, size=(1, 30))),
        "ä 🐈 [1].webp": image_of(rgb).webpsave_buffer(lossless=True, exact=True, keep="none"),
        "empty.png": b"",
        "text.jpg": b"Dear reader,\n" * 9,
        "cut.tif": tiff(deep)[:-300],
        "complex.tif": tiff((floats + 1j).astype(np.complex64)),
    }


def bilevel(bits, format, **options):
    """Return a picture of one bit a pixel."""
    file = io.BytesIO()
    Image.fromarray(bits).save(file, format, **options)
    return file.getvalue()


def palette(pixels):
    """Return a PNG of colours from a palette."""
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(16).save(file, "PNG")
    return file.getvalue()


def pages(rng):
    """Return a TIFF of three pages of different sizes and kinds."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for kind in (noise(rng), noise(rng, "uint16", 1, (17, 7))[..., 0], noise(rng, bands=1, size=(5, 19))[..., 0]):
            writer.write(kind, photometric="rgb" if kind.ndim == 3 else "minisblack", metadata=None)
    return file.getvalue()
