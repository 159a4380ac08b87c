"""What the page shows of a point, a mesh and the picture's surroundings, all of it computed by the public functions."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

import gridsample as gs
from gridsample.explanation.contents import Table, contents, number
from gridsample.explanation.record import Axis, Explanation
from gridsample.explanation.window import Span, is_filled, read_at, span_of
from gridsample.explorer.choices import Options
from gridsample.explorer.pictures import Picture, colours
from gridsample.explorer.state import Shown
from gridsample.spec import MAP_COORDS

PIXEL_DIGITS, GRID_DIGITS = 2, 6
"""Decimal places of coordinates that are dragged, in pixels and in -1...1: those that the code has too."""

AROUND = 0.35
"""How much of a side is shown around the picture."""


def located(unit: str, points: list[list[float]], picture: Picture, options: Options) -> tuple[Any, Any]:
    """Return places as the grid has them and in pixels, (count, 2) each, whichever of the two they were given in."""
    given, normalized = np.array(points, float), options.coords == MAP_COORDS[0]
    if unit == "pixels":
        given = np.round(given, PIXEL_DIGITS)
        with np.errstate(all="ignore"):
            grid = gs.normalize(given, picture.size, options.align_corners) if normalized else given
        grid = np.round(np.where(np.isfinite(grid), grid, 0.0), GRID_DIGITS)  # an axis of one pixel may have no scale
    else:
        grid = given
    return grid + 0.0, gs.to_pixels(grid, picture.size, options.align_corners) if normalized else grid


def explained(shown: Shown, options: Options, unit: str, points: list[list[float]]) -> dict[str, Any]:
    """Return all that there is to say about the sample at a point."""
    picture = shown.picture
    grid, pixels = located(unit, points, picture, options)
    record = record_at(shown, options, grid)
    told = contents(record, options.language)
    channels = range(len(record.result))
    return {
        "grid": grid[0].tolist(),
        "pixels": pixels[0].tolist(),
        "folded": [axis.folded if math.isfinite(axis.folded) and axis.taps else None for axis in record.axes],
        "title": told.title,
        "notes": told.notes,
        "steps": as_plain(told.steps),
        "taps": as_plain(told.taps),
        "result": [number(value) for value in record.result],
        "formula": [record.formula(channel) for channel in channels],
        "colour": colours(np.array(record.result, np.float32), picture).tolist(),
        "window": window(record, picture),
        "code": point_code(grid[0], options),
    }


def record_at(shown: Shown, options: Options, grid: Any) -> Explanation:
    """Return the record of one point; for a B-spline, of the call that filters, as if it did."""
    values, call = shown.weighed(options)
    record = gs.explain(values, grid[np.newaxis], 0, **call, language=options.language)
    if call["mode"] is options.kernel:
        return record
    axes = tuple(replace(axis, kernel=options.kernel) for axis in record.axes)
    return replace(record, axes=axes, filtered=True, options={**record.options, "mode": options.kernel})


def as_plain(table: Table | None) -> dict[str, Any] | None:
    """Return a table for JSON."""
    if table is None:
        return None
    return {
        "headings": [cell._asdict() for cell in table.headings],
        "rows": [[cell._asdict() for cell in row] for row in table.rows],
    }


def window(record: Explanation, picture: Picture) -> dict[str, Any]:
    """Return the cells around the taps: what each reads by the boundary, and the weights of those that are taps."""
    across, along = (span_of(axis, len(record.axes)) for axis in record.axes)
    largest = max((abs(tap.weight) for tap in record.taps), default=0.0) or 1.0
    taps = {tap.index: tap for tap in record.taps}
    cells: list[dict[str, Any]] = []
    pixels = record.pixels
    for index in ((y, x) for y in along for x in across):
        read, filled, tap = read_at(record, index), is_filled(record, index), taps.get(index)
        values = record.fill if filled else () if read is None else pixels[:, read[0], read[1]].tolist()
        cells.append(
            {
                "y": index[0],
                "x": index[1],
                "read": read,
                "filled": filled,
                "inside": all(0 <= i < axis.size for i, axis in zip(index, reversed(record.axes), strict=True)),
                "values": values,
                "weight": None if tap is None else {"text": weight(tap.weight), "share": tap.weight / largest},
            }
        )
    paint([cell for cell in cells if cell["values"]], picture)
    weights = {axis.name: axis_weights(axis) for axis in record.axes}
    return {"x": spanned(across), "y": spanned(along), "cells": cells, "weights": weights}


def spanned(span: Span) -> list[int]:
    """Return the first and the last index."""
    return [span.low, span.high]


def paint(cells: list[dict[str, Any]], picture: Picture) -> None:
    """Give cells their colours, and their values in few letters."""
    shown = colours(np.array([cell["values"] for cell in cells], np.float32).T, picture) if cells else ()
    for cell, colour in zip(cells, shown, strict=True):
        cell["values"], cell["colour"] = [short(value) for value in cell["values"]], colour.tolist()


def axis_weights(axis: Axis) -> list[dict[str, Any]]:
    """Return the weights along an axis."""
    return [{"index": tap.index, "text": weight(tap.weight)} for tap in axis.taps]


def short(value: float) -> str:
    """Return a number as short as it fits into a cell."""
    return f"{value:.3g}" if value else "0"


def weight(value: float) -> str:
    """Return a weight with four decimal places at most."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text if not value or float(text) else "≈0"


def mesh_grid(corners: Any, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return the grid (1, height, width, 2) between four corners, itself sampled from them."""
    width, height = size
    between = gs.affine_grid(np.eye(2, 3)[np.newaxis], (1, 1, height, width), align_corners=True)
    grid: npt.NDArray[np.float64] = gs.grid_sample(
        corners.reshape(1, 2, 2, 2), between, align_corners=True, channels="last"
    )
    return grid


def warped(
    shown: Shown, options: Options, unit: str, points: list[list[float]], size: tuple[int, int]
) -> tuple[dict[str, Any], npt.NDArray[np.uint8]]:
    """Return the picture under the mesh of four corners, as the browser shows it."""
    grid, pixels = located(unit, points, shown.picture, options)
    values, call = shown.weighed(options)
    samples = gs.grid_sample(values, mesh_grid(grid, size), **call)
    about = {
        "grid": grid.tolist(),
        "pixels": pixels.tolist(),
        "width": size[0],
        "height": size[1],
        "code": mesh_code(grid, size, options),
    }
    return about, colours(samples[0], shown.picture)


def surroundings(shown: Shown, options: Options) -> tuple[dict[str, Any], npt.NDArray[np.uint8]]:
    """Return the picture with what the boundary makes of the places around it, and where its edges are in pixels."""
    picture = shown.picture
    height, width = picture.shown.shape[2:]
    right, down = (math.ceil(side * AROUND) for side in (width, height))
    y, x = np.mgrid[-down : height + down, -right : width + right].astype(float)
    places = np.stack([x, y], axis=-1)[np.newaxis]
    call = {**options.call, "mode": "nearest", "coords": MAP_COORDS[1]}
    samples = gs.grid_sample(picture.shown, places, **call)
    across, along = picture.size[1] / width, picture.size[0] / height  # pixels for each that is shown
    about = {
        "width": x.shape[1],
        "height": x.shape[0],
        "left": -0.5 - right * across,
        "top": -0.5 - down * along,
        "right": picture.size[1] - 0.5 + right * across,
        "bottom": picture.size[0] - 0.5 + down * along,
    }
    return about, colours(samples[0], picture)


def point_code(point: Any, options: Options) -> str:
    """Return the lines that sample one point."""
    return f"grid = np.array([[{point.tolist()}]])\ngs.grid_sample(image, grid, {options.code})"


def mesh_code(corners: Any, size: tuple[int, int], options: Options) -> str:
    """Return the lines that warp."""
    return "\n".join(
        [
            f"corners = np.array([{corners.reshape(2, 2, 2).tolist()}])",
            f"between = gs.affine_grid(np.eye(2, 3)[None], (1, 1, {size[1]}, {size[0]}), align_corners=True)",
            'grid = gs.grid_sample(corners, between, align_corners=True, channels="last")',
            f"gs.grid_sample(image, grid, {options.code})",
        ]
    )
