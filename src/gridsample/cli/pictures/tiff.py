"""TIFF: pixels by libvips, or tifffile where that does not know them, and every tag that outlives a change of them."""

import io
from dataclasses import replace
from typing import Any

import numpy as np

from gridsample.cli.pictures import geotiff, libvips, tags
from gridsample.cli.pictures.format import Broken, Contents, Format, Map, Page, Picture, Wanted, check_size
from gridsample.cli.pictures.lab import encoded_lab
from gridsample.cli.pictures.metadata import CENTIMETRE, INCH, IPTC, Metadata, Part, Resolution, resource, upright_xmp
from gridsample.cli.refusal import Refusal, needed
from gridsample.cli.stopping import Stop

BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, EXTRA, KIND, FORMAT = 258, 259, 262, 277, 338, 254, 339
TILE_WIDTH, TILE_HEIGHT, NODATA, ICC = 322, 323, 42113, 34675
PIXELS = {  # tags that say how pixels are stored: those of the new pixels are written by whoever writes these
    *(256, 257, BITS, COMPRESSION, PHOTOMETRIC, 266, 273, SAMPLES, 278, 279, 284, 292, 293, 317, 320, TILE_WIDTH),
    *(TILE_HEIGHT, 324, 325, 332, 334, EXTRA, FORMAT, 347, 529, 530, 531, 532, ICC),
}
DROPPED = {*PIXELS, tags.ORIENTATION, 255, 288, 289, *range(512, 522)}  # applied; older forms of the others
OUTDATED = {280: "smallest sample", 281: "largest sample", 340: "smallest sample", 341: "largest sample"}
COLOURS = {301: "transfer function", 318: "white point", 319: "primaries"}
GREY, RGB, PALETTE, LAB = (0, 1), 2, 3, (8, 9)
COMPRESSIONS = {1: "none", 2: "ccittfax4", 3: "ccittfax4", 4: "ccittfax4", 5: "lzw", 7: "jpeg", 32773: "packbits"}
PREDICTOR, PREDICTORS = 317, {2: "horizontal", 3: "float"}
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
KINDS = {4: "complex", 5: "complex", 6: "complex"}
QUALITY = 90  # of JPEG inside of TIFF, which does not tell it simply


class Tiff(Format):
    """TIFF, BigTIFF and GeoTIFF, of one page or many."""

    def inspect(self, data: bytes) -> Contents:
        """Return what a file holds."""
        info = tags.read(data)
        pages = [page_of(ifd["tags"], index) for index, ifd in enumerate(info["ifds"])]
        smaller = [bool(tags.first(ifd["tags"], KIND, 0) & 1) for ifd in info["ifds"]]
        kept = [page for page, small in zip(pages, smaller, strict=True) if not small] or pages
        if len(kept) < len(pages):
            kept[0].metadata.outdated.append(f"{len(pages) - len(kept)} smaller copies of its pictures")
        return Contents(kept, coding={"bigtiff": info["bigtiff"]})

    def encode(self, pictures: list[Picture], coding: dict[str, Any], wanted: Wanted, stop: Stop) -> bytes:
        """Return a file of pictures."""
        pages = []
        for picture in pictures:
            write = saved_by_tifffile if picture.page.reader == "tifffile" else saved_by_libvips
            stored = tags.read(write(picture, wanted, stop))["ifds"][0]
            kept = {number: tag for number, tag in stored["tags"].items() if number in PIXELS}
            pages.append(stored | {"tags": tags_of(picture.page.metadata, picture.size) | kept})
        return tags.write(pages, bigtiff=coding.get("bigtiff", False))

    def shared(self, metadata: Metadata) -> Metadata:
        """Return metadata in the terms that all share."""
        own: tags.Tags = {part.kind: part.content for part in metadata.parts}
        resources = _bytes(own.pop(tags.RESOURCES, None))
        iptc = _bytes(own.pop(tags.IPTC, None))
        xmp = _bytes(own.pop(tags.XMP, None))
        resolution = resolution_of(own)
        exif = tags.exif_of(own)
        spoken = {*tags.DESCRIPTIVE, tags.EXIF, tags.GPS, tags.X_RESOLUTION, tags.Y_RESOLUTION, tags.UNIT, KIND}
        return replace(
            metadata,
            exif=exif,
            xmp=xmp,
            resources=resources or (None if iptc is None else resource(IPTC, iptc)),
            resolution=resolution,
            parts=[part for part in metadata.parts if part.kind in own and part.kind not in spoken],
        )

    def moved(self, page: Page, backward: Map) -> Page:
        """Return what there is of a warped picture: with the place in the world that its pixels have now."""
        parts = page.metadata.parts
        own = {part.kind: part.content for part in parts}
        place = geotiff.moved(own, backward)
        if place is own:
            return page
        if page.orientation != 1:
            raise Refusal(
                "it is stored turned, and has a place in the world (GeoTIFF): which of the two comes first, none says"
            )
        others = [part for part in parts if part.kind not in geotiff.PLACE]
        moved = [_part(number, tag) for number, tag in place.items()]
        return replace(page, metadata=replace(page.metadata, parts=others + moved))

    def nodata(self, page: Page) -> float | None:
        """Return the sample that means there is no data, as GDAL writes it."""
        text = next((part.content["data"] for part in page.metadata.parts if part.kind == NODATA), None)
        try:
            return None if text is None else float(text.strip("\0 "))
        except (ValueError, AttributeError):
            return None


def page_of(own: tags.Tags, index: int) -> Page:
    """Return what the tags say of a picture."""
    bits, kind = tags.first(own, BITS, 1), tags.first(own, FORMAT, UNSIGNED)
    photometric = tags.first(own, PHOTOMETRIC, 1)
    if bits not in (1, 2, 4, 8, 16, 32, 64) or kind in KINDS or (bits == 64 and kind != FLOAT):
        words = {SIGNED: "signed ", FLOAT: "floating-point "} | {key: f"{word} " for key, word in KINDS.items()}
        raise Refusal(
            f"its samples are {words.get(kind, '')}numbers of {bits} bits; possible are whole numbers of up to 32 bits "
            f"and floating-point ones of 16, 32 and 64"
        )
    metadata = Metadata(icc=_bytes(own.get(ICC)))
    for number, tag in own.items():
        _take(metadata, number, tag)
    lab = photometric in LAB and kind != FLOAT
    coding = coding_of(own, photometric)
    if lab:
        coding["lab"] = photometric, bits
    grey = photometric in GREY and tags.first(own, SAMPLES, 1) == 1
    orientation = tags.first(own, tags.ORIENTATION, 1)
    reader = "tifffile" if lab or (kind == FLOAT and bits != 32) else "pyvips"
    return Page(metadata, coding, bits if grey and bits < 8 else 8, photometric == PALETTE, index, orientation, reader)


def coding_of(own: tags.Tags, photometric: int) -> dict[str, Any]:
    """Return how a picture is compressed, as options of libvips' writer."""
    coding: dict[str, Any] = {
        "compression": COMPRESSIONS.get(tags.first(own, COMPRESSION, 1), "deflate"),
        "predictor": PREDICTORS.get(tags.first(own, PREDICTOR, 1), "none"),
    }
    if TILE_WIDTH in own and TILE_HEIGHT in own:
        width, height = tags.first(own, TILE_WIDTH, 0), tags.first(own, TILE_HEIGHT, 0)
        if width % 16 == 0 and height % 16 == 0:  # as the standard asks
            coding |= {"tile": True, "tile_width": width, "tile_height": height}
    if tags.first(own, EXTRA, 0) == 1:
        coding["premultiply"] = True
    if photometric == 0:
        coding["miniswhite"] = True
    return coding


def _take(metadata: Metadata, number: int, tag: dict[str, Any]) -> None:
    """Put a tag where it belongs."""
    if number == tags.SUB_IFDS:
        small = all(tags.first(ifd["tags"], KIND, 0) & 1 for chain in tag["ifds"] for ifd in chain)
        (metadata.outdated if small else metadata.lost).append("smaller copies (SubIFDs)" if small else "SubIFDs")
    elif number in OUTDATED:
        metadata.outdated.append(OUTDATED[number])
    elif number not in DROPPED:
        metadata.parts.append(_part(number, tag))


def _part(number: int, tag: dict[str, Any]) -> Part:
    known = needed("tifftools").constants.Tag
    name = known[number].name if number in known else "tag"
    return Part(COLOURS.get(number, f"{name} (TIFF's tag {number})"), number, tag, number in COLOURS)


def _bytes(tag: dict[str, Any] | None) -> bytes | None:
    """Return a tag's bytes, however they were typed."""
    if tag is None:
        return None
    data = tag["data"]
    if isinstance(data, str):
        return data.encode()
    return (
        data if isinstance(data, bytes) else np.array(data, "<u4" if tag["datatype"] == tags.LONG else "u1").tobytes()
    )


def resolution_of(own: tags.Tags) -> Resolution | None:
    """Return the resolution, if it is one: without a unit it is but an aspect."""
    unit = {2: INCH, 3: CENTIMETRE}.get(tags.first(own, tags.UNIT, 2))
    try:
        x, y = (own[number]["data"] for number in (tags.X_RESOLUTION, tags.Y_RESOLUTION))
        return Resolution(x[0] / x[1], y[0] / y[1], unit) if unit and x[0] and y[0] else None
    except (LookupError, ZeroDivisionError):
        return None


def tags_of(metadata: Metadata, size: tuple[int, int]) -> tags.Tags:
    """Return the tags that say what metadata does, of a picture of another size."""
    own: tags.Tags = {part.kind: part.content for part in metadata.parts}
    if metadata.exif is not None:
        own |= tags.of_exif(metadata.exif)
    tags.set_size(own, size)
    if tags.XMP in own:
        own[tags.XMP] = tags.tag(1, list(upright_xmp(_bytes(own[tags.XMP]) or b"")))
    if metadata.xmp is not None:
        own[tags.XMP] = tags.tag(1, list(upright_xmp(metadata.xmp)))
    if metadata.resources is not None:
        own[tags.RESOURCES] = tags.tag(tags.UNDEFINED, metadata.resources)
    if metadata.iptc() is not None:
        own[tags.IPTC] = tags.tag(tags.UNDEFINED, metadata.iptc())
    if metadata.resolution is not None:
        x, y = (round(value * 1000) for value in metadata.resolution.per(INCH))
        own[tags.X_RESOLUTION] = tags.tag(tags.RATIONAL, [x, 1000])
        own[tags.Y_RESOLUTION] = tags.tag(tags.RATIONAL, [y, 1000])
        own[tags.UNIT] = tags.tag(tags.SHORT, [2])
    return own


def saved_by_libvips(picture: Picture, wanted: Wanted, stop: Stop) -> bytes:
    """Return a file of one picture."""
    page, dtype = picture.page, picture.pixels.dtype
    options = {"compression": "deflate", "predictor": "horizontal"} | {
        key: value for key, value in page.coding.items() if key != "lab"
    }
    one_bit = page.depth == 1 and picture.pixels.shape[2] == 1
    if options["compression"] == "ccittfax4" and not one_bit:
        options["compression"] = "deflate"
    if options["compression"] == "jpeg":
        lossy = dtype == np.uint8 and not wanted.lossless
        options |= {"Q": wanted.quality or QUALITY} if lossy else {"compression": "deflate"}
    if page.depth < 8 and picture.pixels.shape[2] == 1:
        options |= {"bitdepth": page.depth, "predictor": "none"}
    elif dtype.kind == "f" and options["predictor"] != "float":  # which not every reader knows
        options["predictor"] = "none"
    return libvips.saved(picture, "tiff", stop, bigtiff=True, **options)


def saved_by_tifffile(picture: Picture, wanted: Wanted, stop: Stop) -> bytes:  # noqa: ARG001  (it has no quality)
    """Return a file of one picture, deflated: the least that every reader knows."""
    tifffile, target = needed("tifffile"), io.BytesIO()
    stop.check()
    pixels, photometric = picture.pixels, "minisblack" if picture.is_grey else "rgb"
    if "lab" in picture.page.coding:
        kind, bits = picture.page.coding["lab"]
        pixels, photometric = encoded_lab(pixels, kind, bits), {8: "cielab", 9: "icclab"}[kind]
    tifffile.imwrite(
        target,
        pixels if pixels.shape[2] > 1 else pixels[..., 0],
        photometric=photometric,
        planarconfig="contig" if pixels.shape[2] > 1 else None,
        extrasamples=["unassalpha"] if picture.has_alpha else None,
        compression=None if picture.page.coding.get("compression") == "none" else "zlib",
        iccprofile=picture.page.metadata.icc,
        metadata=None,
        software=False,
        bigtiff=True,
    )
    return target.getvalue()


def read_by_tifffile(data: bytes, page: Page) -> Any:
    """Return the pixels (height, width, bands) of one picture, as they are stored."""
    tifffile = needed("tifffile")
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            found = file.pages[page.index]
            check_size("it", (found.imagewidth, found.imagelength))
            pixels = found.asarray()
            if found.planarconfig == tifffile.PLANARCONFIG.SEPARATE and pixels.ndim == 3:
                pixels = np.moveaxis(pixels, 0, -1)
    except ValueError as error:
        if "imagecodecs" in str(error):
            raise Refusal(
                f"its compression ({found.compression.name}) needs imagecodecs: pip install imagecodecs"
            ) from None
        raise Broken(str(error)) from None
    except (tifffile.TiffFileError, ArithmeticError, LookupError, TypeError, OSError) as error:
        raise Broken(str(error)) from None
    if pixels.size == 0 or pixels.ndim not in (2, 3):
        raise Broken(f"its pixels have the shape {pixels.shape}")
    return pixels.reshape(*pixels.shape[:2], -1)


TIFF = Tiff(
    "TIFF",
    rb"II[*+]\0|MM\0[*+]",
    (".tif", ".tiff"),
    ("exif", "xmp", "resources", "resolution"),
    samples=("uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64"),
    colours=("cmyk", "lab", "labs", "xyz"),
    holds_pages=True,
    holds_few_bits=True,
)
