"""What the user should know of one file before it is written: what is not kept, and which options have no effect."""

import argparse
from collections.abc import Iterator

from gridsample.cli.parser import names
from gridsample.cli.pictures.converting import Converted
from gridsample.cli.pictures.format import Format, Picture
from gridsample.cli.pictures.reading import ALL, Document
from gridsample.cli.warp.coverage import shows_outside
from gridsample.cli.warp.maps import Map, Size, is_resize, shrinks
from gridsample.cli.warp.sampling import OUTSIDE
from gridsample.cli.warp.shrinking import shrinking_kernel


def notes(
    document: Document, what: Converted, format: Format, plans: list[tuple[Map, Size]], options: argparse.Namespace
) -> Iterator[str]:
    """Yield what the user should know before the file is written."""
    if what.lost:
        yield f"not kept: {names(what.lost, 'and')}"
    if what.outdated:
        yield f"not kept, as it shows the picture as it was: {names(what.outdated, 'and')}"
    if document.left_out:
        yield f"not taken: {document.left_out}"
    for change in what.changed:
        yield f"changed: {change}"
    yield from shrinking(what.pictures, plans, options)
    yield from idle(document, what, format, plans, options)


def shrinking(pictures: list[Picture], plans: list[tuple[Map, Size]], options: argparse.Namespace) -> Iterator[str]:
    """Yield that a map skips pixels, if it does and nearest was not asked to."""
    for picture, (backward, size) in zip(pictures, plans, strict=True):
        averaged = shrinking_kernel(options.mode, backward, picture.size, size)
        if options.mode != "nearest" and averaged is None and shrinks(backward, picture.size, size):
            yield "it is made smaller by sampling alone, which skips pixels; --scale by itself does not"
            return


def idle(
    document: Document, what: Converted, format: Format, plans: list[tuple[Map, Size]], options: argparse.Namespace
) -> Iterator[str]:
    """Yield which options have no effect, and why."""
    if options.align_corners and options.padding != "reflection":
        yield "--align-corners has no effect without --padding reflection"
    flat = any(picture.has_alpha for picture in what.pictures) and not format.holds_alpha
    outside = any(
        shows_outside(backward, picture.size, size)
        for picture, (backward, size) in zip(what.pictures, plans, strict=True)
    )
    if options.background is not None and not flat:
        if options.padding != OUTSIDE:
            yield f"--background has no effect beside --padding {options.padding}"
        elif not outside:
            yield "--background has no effect: nothing outside the picture is seen"
        elif any(format.nodata(picture.page) is not None for picture in what.pictures):
            yield "--background has no effect: outside the picture is what means no data"
    if options.quality is not None and not (format.has_quality or _has_jpeg(format, what)):
        yield f"--quality has no effect: {format.name} is written without loss"
    if options.lossless and not (format.has_lossless or _has_jpeg(format, what)):
        yield f"--lossless has no effect: {format.name} is always without loss"
    if options.page not in (None, ALL) and document.left_out is None:
        yield "--page has no effect: it holds one page"
    if (
        options.expand
        and not outside
        and all(
            is_resize(backward, picture.size, size)
            for picture, (backward, size) in zip(what.pictures, plans, strict=True)
        )
    ):
        yield "--expand has no effect: all of the picture is seen without it"


def _has_jpeg(format: Format, what: Converted) -> bool:
    return format.name == "TIFF" and any(picture.page.coding.get("compression") == "jpeg" for picture in what.pictures)
