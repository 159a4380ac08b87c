"""What is told of a record, and in which order: headings, rows and sentences, once for text and HTML."""

import math
from typing import Any, Literal, NamedTuple, TypeAlias

from gridsample.explanation.record import Axis, Explanation, Tap
from gridsample.explanation.words import Language, boundary_title, kernel_title, say

MOST_ROWS, MOST_CHANNELS = 64, 4
NUMBERS = ("coordinate", "position", "folded", "distance")
"""What the steps are told of, in one row for each axis."""

Kind: TypeAlias = Literal["text", "number", "weight", "outside", "heading", "sum"]


class Cell(NamedTuple):
    """One cell of a table.

    Attributes
    ----------
    text : str
    kind : str
        What it is, for those who align or colour it.
    share : float
        Of a weight: its part of the largest one, negative ones too.
    """

    text: str
    kind: Kind = "text"
    share: float = 0.0


class Table(NamedTuple):
    """Rows of cells under headings; of a last row with sums, the first cell is its heading."""

    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Contents(NamedTuple):
    """Everything."""

    title: str
    call: str
    steps: Table
    taps: Table | None
    result: tuple[Cell, Cell]
    notes: tuple[str, ...]


def contents(record: Explanation, language: Language) -> Contents:
    """Return what is told of a record."""
    return Contents(
        title=title_of(record, language),
        call=record.call,
        steps=steps_of(record, language),
        taps=taps_of(record, language) if record.taps else None,
        result=(Cell(say("result", language), "heading"), Cell(", ".join(map(number, record.result)), "sum")),
        notes=tuple(notes_of(record, language)),
    )


def number(value: Any) -> str:
    """Return a number as tables show it: six digits, and no more than it takes."""
    if isinstance(value, bool) or not isinstance(value, int | float | complex):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, complex):
        return f"{number(value.real)}{'-' if math.copysign(1, value.imag) < 0 else '+'}{number(abs(value.imag))}j"
    return f"{value:.6g}" if value else "0"


def formula(record: Explanation, channel: int) -> str:
    """Return the sum with its numbers, without the terms of weight 0 and those of nothing."""
    terms = ""
    for tap in record.taps:
        if tap.weight and tap.counts:
            sign = ("-" if tap.weight < 0 else "") if not terms else (" - " if tap.weight < 0 else " + ")
            terms += f"{sign}{number(abs(tap.weight))} × {number(tap.values[channel])}"
    return f"{terms or '0'} = {number(record.blend[channel])}"


def numbers(values: Any) -> str:
    """Return some in brackets, as a place is written."""
    return f"[{', '.join(map(number, values))}]"


def title_of(record: Explanation, language: Language) -> str:
    """Return which kernel and boundary, and where."""
    axes = record.axes
    names = ", ".join(axis.name for axis in axes)
    place = f"{names} = {', '.join(number(axis.coordinate) for axis in axes)}"
    together = len(axes) if len({axis.kernel for axis in axes}) == 1 else 1
    kernels = dict.fromkeys(kernel_title(axis.kernel, together, language) for axis in axes)
    boundaries = dict.fromkeys(boundary_title(axis.boundary, language) for axis in axes)
    heading = f"{' / '.join(kernels)}, {' / '.join(boundaries)}"
    told = say("at", language, index=numbers(record.index), place=place)
    if language == "zh":
        return f"{heading.replace(', ', '，')}：{told}"
    return f"{heading[:1].upper()}{heading[1:]}: {told}"


def steps_of(record: Explanation, language: Language) -> Table:
    """Return the steps, an axis in each row; the folded position where it is another."""
    moved = any(axis.moved and not (axis.undefined or axis.beyond) for axis in record.axes)
    columns = ["axis", "pixels", "kernel", "boundary", "coordinate", "position", *["folded"][: int(moved)], "distance"]

    def row(axis: Axis) -> tuple[Cell, ...]:
        cells = {
            "axis": Cell(axis.name),
            "pixels": Cell(str(axis.size), "number"),
            "kernel": Cell(str(axis.kernel)),
            "boundary": Cell(str(axis.boundary)),
            **{name: Cell(number(getattr(axis, name)), "number") for name in NUMBERS},
        }
        return tuple(cells[column] for column in columns)

    headings = tuple(Cell(say(column, language), row(record.axes[0])[i].kind) for i, column in enumerate(columns))
    return Table(headings, tuple(map(row, record.axes)))


def taps_of(record: Explanation, language: Language) -> Table:
    """Return the taps, those of the largest weights if there are too many, and the sums."""
    names = [axis.name for axis in reversed(record.axes)]
    channels = range(min(len(record.result), MOST_CHANNELS))
    single = len(record.result) == 1
    what = say("coefficient" if record.filtered else "value", language)
    headings = [
        Cell(say("tap", language, axes=", ".join(names))),
        Cell(say("where", language)),
        Cell(say("read", language)),
        *(Cell(say("axis weight", language, axis=name), "number") for name in names if len(names) > 1),
        Cell(say("weight", language), "number"),
        *(Cell(what if single else say("of channel", language, what=what, channel=c), "number") for c in channels),
        *([Cell(say("product", language), "number")] if single else []),
    ]
    largest = max((abs(tap.weight) for tap in record.taps), default=0.0) or 1.0

    def row(tap: Tap) -> tuple[Cell, ...]:
        kind: Kind = "text" if tap.counts else "outside"
        amount: Kind = "number" if tap.counts else "outside"
        return (
            Cell(numbers(tap.index), kind),
            Cell(say("inside" if tap.inside else "outside", language), kind),
            Cell(reading(tap, language), kind),
            *(Cell(number(weight), amount) for weight in tap.weights if len(names) > 1),
            Cell(number(tap.weight), "weight", tap.weight / largest),
            *(Cell(number(tap.values[c]), amount) for c in channels),
            *([Cell(number(tap.products[0]), amount)] if single else []),
        )

    before = 2 + (len(names) if len(names) > 1 else 0)
    sums = (
        Cell(say("sum", language), "heading"),
        *(Cell("") for _ in range(before)),
        Cell(number(math.fsum(tap.weight for tap in record.taps)), "sum"),
        *([Cell(""), Cell(number(record.blend[0]), "sum")] if single else []),
        *(Cell(number(record.blend[c]), "sum") for c in channels if not single),
    )
    return Table(tuple(headings), (*map(row, shown(record.taps)), sums))


def reading(tap: Tap, language: Language) -> str:
    """Return what a tap reads."""
    if tap.read is not None:
        return numbers(tap.read)
    return say("fill value" if tap.filled else "nothing", language)


def shown(taps: tuple[Tap, ...]) -> list[Tap]:
    """Return the taps of the largest weights, in their order."""
    chosen = sorted(range(len(taps)), key=lambda i: -abs(taps[i].weight))[:MOST_ROWS]
    return [taps[i] for i in sorted(chosen)]


def notes_of(record: Explanation, language: Language) -> list[str]:
    """Return the sentences that a record gives reason for."""
    notes = [note for axis in record.axes if (note := note_of(axis, language))]
    if are_pixels_perhaps(record):
        notes.append(say("pixels, perhaps", language))
    taps = record.taps
    nothing, filled = [tap for tap in taps if not tap.counts], [tap for tap in taps if tap.filled]
    moved = [tap for tap in taps if not tap.inside and tap.read]
    fill = number(record.fill[0]) if len(set(record.fill)) == 1 else numbers(record.fill)
    if record.undefined and record.options["nan_places"] == "fill":
        notes.append(say("undefined is filled", language, fill=fill))
    elif record.beyond and not record.undefined:
        notes.append(say("beyond is filled", language, outside=record.options["outside"], fill=fill))
    if filled:
        part = math.fsum(tap.weight for tap in filled)
        notes.append(say("filled taps", language, count=len(filled), all=len(taps), fill=fill, sum=number(part)))
    if nothing:
        left = math.fsum(tap.weight for tap in taps if tap.counts)
        notes.append(say("left out", language, count=len(nothing), all=len(taps), sum=number(left)))
    if moved:
        notes.append(say("moved", language, count=len(moved), all=len(taps)))
    if record.filtered and taps:
        notes.append(say("filtered", language))
    if record.options["derivative"]:
        notes.append(say("derived", language, orders=record.options["derivative"]))
    if any(value != total for value, total in zip(record.result, record.blend, strict=True) if isinstance(value, int)):
        notes.append(say("rounded", language, dtype=record.dtype))
    if len(taps) > MOST_ROWS:
        notes.append(say("more taps", language, count=len(taps) - MOST_ROWS))
    if len(record.result) > MOST_CHANNELS:
        notes.append(say("more channels", language, count=len(record.result) - MOST_CHANNELS))
    return notes


def are_pixels_perhaps(record: Explanation) -> bool:
    """Whether coordinates of -1 to 1 are such as pixels have: the most frequent mistake."""
    inside = all(0 <= axis.coordinate <= axis.size - 1 for axis in record.axes)
    return record.options["coords"] == "normalized" and inside and any(axis.coordinate >= 2 for axis in record.axes)


def note_of(axis: Axis, language: Language) -> str:
    """Return what there is to say of an axis, if anything."""
    parts = {"axis": axis.name, "position": number(axis.position), "boundary": axis.boundary}
    if axis.undefined:
        return say("undefined", language, **parts)
    if math.isnan(axis.coordinate):
        return say("edge", language, **parts)
    if axis.beyond:
        return say("lies beyond", language, **parts)
    if axis.moved:
        how = "is folded" if axis.folds else "is far" if axis.boundary.period is None else "is reduced"
        return say(how, language, folded=number(axis.folded), **parts)
    return ""
