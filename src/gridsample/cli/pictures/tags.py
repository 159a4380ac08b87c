"""The directories of TIFF files, and of EXIF, by the library tifftools."""

import io
import logging
from collections.abc import Mapping
from typing import Any

from gridsample.cli.pictures.format import Broken
from gridsample.cli.pictures.metadata import HEIGHT, WIDTH
from gridsample.cli.refusal import Refusal, needed

Tags = dict[int, dict[str, Any]]  # as tifftools has them: datatype and data, or directories

ASCII, SHORT, LONG, RATIONAL, UNDEFINED, DOUBLE = 2, 3, 4, 5, 7, 12  # TIFF's numbers of types
XMP, IPTC, RESOURCES, EXIF, GPS, SUB_IFDS = 700, 33723, 34377, 34665, 34853, 330
X_RESOLUTION, Y_RESOLUTION, UNIT, ORIENTATION = 282, 283, 296, 274
DESCRIPTIVE = (
    270,
    271,
    272,
    305,
    306,
    315,
    316,
    33432,
)  # description, maker, model, software, date, artist, host, rights


class Bounded(io.BytesIO):
    """A file in memory that ends a walk in circles: no file of this length has so many tags."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._steps = len(data) // 4 + 1000

    def seek(self, *where: int) -> int:
        """Go there."""
        self._steps -= 1
        if self._steps < 0:
            raise Broken("its directories go round in circles")
        return super().seek(*where)


def read(data: bytes) -> dict[str, Any]:
    """Return the directories of a file, and what its header says."""
    tifftools = needed("tifftools")
    logging.getLogger("tifftools").addHandler(logging.NullHandler())  # which it warns of goes nowhere else
    try:
        info: dict[str, Any] = tifftools.read_tiff(Bounded(data))
    except (
        tifftools.TifftoolsError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
        OSError,
    ) as error:
        raise Broken(f"its directories cannot be read: {error}") from None
    except Exception as error:
        if type(error).__module__ == "struct":
            raise Broken("truncated") from None
        raise
    if not info["ifds"]:
        raise Broken("truncated")
    if not _whole(info["ifds"]):
        raise Broken("truncated")
    return info


def _whole(directories: list[Any]) -> bool:
    """Return whether all tags have their data, also in directories of directories."""
    tags = [tag for ifd in directories for tag in ifd["tags"].values()]
    return all("data" in tag and all(map(_whole, tag.get("ifds", []))) for tag in tags)


def write(pages: list[dict[str, Any]], *, bigtiff: bool = False) -> bytes:
    """Return a file of directories."""
    target = io.BytesIO()
    needed("tifftools").write_tiff(pages, target, bigEndian=False, bigtiff=bigtiff)
    return target.getvalue()


def tag(datatype: int, data: Any) -> dict[str, Any]:
    """Return a tag."""
    return {"datatype": datatype, "data": data}


def first(tags: Mapping[int, Any], number: int, default: int) -> int:
    """Return the first number of a tag."""
    return int(tags[number]["data"][0]) if number in tags and tags[number]["data"] else default


def set_size(tags: Tags, size: tuple[int, int]) -> None:
    """Set the size that EXIF tells, if it does."""
    for directory in [ifd for chain in tags.get(EXIF, {}).get("ifds", []) for ifd in chain]:
        for number, length in zip((WIDTH, HEIGHT), size, strict=True):
            if number in directory["tags"]:
                directory["tags"][number]["data"] = [length]


def exif_of(tags: Tags) -> bytes | None:
    """Return EXIF that says what the tags of a TIFF file do."""
    kept = {number: tags[number] for number in (*DESCRIPTIVE, EXIF, GPS) if number in tags}
    return write([{"tags": kept, "path_or_fobj": io.BytesIO(), "size": 0}]) if kept else None


def of_exif(exif: bytes) -> Tags:
    """Return the tags of a TIFF file that say what EXIF does."""
    try:
        tags = read(exif)["ifds"][0]["tags"]
    except Broken:
        raise Refusal("its EXIF is broken, so that it cannot become tags of TIFF; write another format") from None
    return {number: tags[number] for number in (*DESCRIPTIVE, EXIF, GPS) if number in tags}
