"""What becomes of pictures in another format: converted, refused, or told what they lose, before they are computed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridsample.cli.parser import names
from gridsample.cli.pictures import FORMATS, libvips
from gridsample.cli.pictures.format import Format, Picture
from gridsample.cli.pictures.metadata import has_thumbnail
from gridsample.cli.pictures.reading import Document
from gridsample.cli.refusal import Refusal, needed


@dataclass(frozen=True)
class Converted:
    """A document as another format is to hold it.

    Attributes
    ----------
    pictures : list of Picture
    coding : dict
    lost : list of str
        What is not kept, in words.
    outdated : list of str
        What is not kept since it would be wrong.
    changed : list of str
        What is kept in another form, in words.
    """

    pictures: list[Picture]
    coding: dict[str, Any]
    lost: list[str]
    outdated: list[str]
    changed: list[str]


def converted(document: Document, format: Format, *, flattened: bool) -> Converted:
    """Return a document for a format, or refuse what it cannot hold; alpha can be ``flattened`` onto a colour."""
    same = format is document.format
    if len(document.pictures) > 1:
        _check_pages(document, format)
    pictures, lost, changed = [], [], []
    outdated = [name for picture in document.pictures for name in picture.page.metadata.outdated]
    for picture in document.pictures:
        page = picture.page
        lost += page.metadata.lost
        if not same:
            try:
                page, more = document.format.as_other(page)
            except Refusal as refusal:
                raise Refusal(f"{refusal}; write {document.format.name}") from None
            lost += more + page.metadata.names(format.holds)
            page = replace(page, metadata=page.metadata.only(format.holds))
        if page.metadata.exif and has_thumbnail(page.metadata.exif):
            outdated.append("EXIF's thumbnail")
        picture = replace(picture, page=page)  # noqa: PLW2901
        picture, words = _colours(picture, format)  # noqa: PLW2901
        changed += words
        if not same:
            picture = replace(picture, page=replace(picture.page, coding={}))  # noqa: PLW2901
        _check(picture, format, flattened=flattened)
        pictures.append(picture)
    if not same and document.coding.get("delay"):
        lost.append("the times of its frames")
    coding = document.coding if same else {}
    return Converted(pictures, coding, _once(lost), _once(outdated), _once(changed))


def _once(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _check_pages(document: Document, format: Format) -> None:
    count = len(document.pictures)
    if not format.holds_pages:
        raise Refusal(
            f"{format.name} holds one picture, not {count}; take one by --page, or write {_others('holds_pages')}"
        )
    if format.name == "WebP" and "delay" not in document.coding:
        raise Refusal(f"WebP would show {count} pages as an animation; take one by --page, or write TIFF")


def _colours(picture: Picture, format: Format) -> tuple[Picture, list[str]]:
    """Return a picture in colours that a format holds, and in words what was changed for that."""
    words = ["colours of a palette to RGB"] if picture.page.palette else []
    if picture.page.depth < 8 and not format.holds_few_bits:
        words.append(f"{picture.samples} to 8-bit ones")
        picture = replace(picture, page=replace(picture.page, depth=8))
    if picture.colours in ("b-w", "srgb") or picture.colours in format.colours:
        return picture, words
    page = picture.page
    if picture.colours == "cmyk":
        if page.metadata.icc is None:
            raise Refusal(
                f"{format.name} cannot hold CMYK, and without an ICC profile nothing says what its colours are; write "
                f"{_others('colours', 'cmyk')}"
            )
        image = libvips.image_of(picture.pixels, "cmyk", page.metadata.icc)
        try:
            image = image.icc_transform("srgb", embedded=True)
        except needed("pyvips").Error as error:
            raise Refusal(f"its ICC profile cannot be used to make CMYK RGB: {libvips.reason(error)}") from None
        icc = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else None
        page = replace(page, metadata=replace(page.metadata, icc=icc))
        return Picture(libvips.pixels_of(image), "srgb", False, page), [*words, "CMYK to sRGB, by its ICC profile"]
    image = libvips.image_of(picture.pixels.astype(np.float32), picture.colours)
    deep = "uint16" in format.samples and picture.pixels.dtype.itemsize > 1 and page.coding.get("lab", (0, 16))[1] > 8
    pixels = libvips.pixels_of(image.colourspace("rgb16" if deep else "srgb"))
    return Picture(pixels, "srgb", picture.has_alpha, page), [*words, f"{picture.colours.upper()} to sRGB"]


def _check(picture: Picture, format: Format, *, flattened: bool) -> None:
    """Refuse a picture that a format cannot hold."""
    if picture.has_alpha and not format.holds_alpha and not flattened:
        raise Refusal(f"{format.name} cannot hold alpha; write {_others('holds_alpha')}, or give a --background")
    dtype = picture.pixels.dtype.name
    if dtype not in format.samples:
        possible = names([other.name for other in FORMATS if dtype in other.samples])
        raise Refusal(f"{format.name} cannot hold {picture.samples}; write {possible}")
    if picture.is_grey and picture.page.metadata.icc is not None and not format.holds_grey:
        raise Refusal(f"{format.name} cannot hold grey with an ICC profile; write {_others('holds_grey')}")


def _others(ability: str, value: Any = True) -> str:
    able = [format for format in FORMATS if value in _values(getattr(format, ability))]
    return names([format.name for format in able])


def _values(ability: Any) -> Any:
    return ability if isinstance(ability, tuple) else (ability,)
