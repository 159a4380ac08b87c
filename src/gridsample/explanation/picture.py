"""A record as a picture: the array's cells with their values, the point, the taps shaded by weight, what lies outside.

Pixels are where they are, at whole numbers, so that whoever adds to the picture counts in pixels. Slices of arrays of
more dimensions lie beside each other.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsample.explanation import drawing
from gridsample.explanation.contents import formula, number, numbers, title_of
from gridsample.explanation.curves import response
from gridsample.explanation.record import Axis, Explanation, Tap
from gridsample.explanation.window import Panel, Span, is_filled, panels_of, read_at, span_of
from gridsample.explanation.words import Language, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TERMS = 4  # that a title holds
CURVE = 1.6  # how many cells high the kernel is drawn above a row
SMALL, SMALLER = 9, 7  # letters
NEAR = 0.15  # how near to a cell's middle a point is beside its texts, not above or below


def draw(record: Explanation, ax: "Axes | None", channel: int, language: Language) -> "Axes":
    """Draw a record into axes, or into a new figure."""
    if not -len(record.result) <= channel < len(record.result):
        raise IndexError(f"channel must be one of {len(record.result)}; got {channel}")
    with drawing.speaking(language) as spoken:
        return Picture(record, ax, channel % len(record.result), spoken).ax


class Picture:
    """What is drawn of one record."""

    def __init__(self, record: Explanation, ax: "Axes | None", channel: int, language: Language) -> None:
        self.record, self.channel, self.language = record, channel, language
        self.flat = len(record.axes) == 1
        self.across = span_of(record.axes[0], len(record.axes))
        self.along = Span(0, 0) if self.flat else span_of(record.axes[1], len(record.axes))
        self.panels = panels_of(record, self.across, self.along)
        self.taps = {tap.index: tap for tap in record.taps}
        self.largest = max((abs(tap.weight) for tap in record.taps), default=0.0) or 1.0
        self.points = [
            [*(getattr(axis, step) for axis in record.axes[:2]), *([0.0] if self.flat else [])]
            for step in ("folded", "position")
        ]
        self.patches = drawing.matplotlib("patches")
        left, right, top, bottom = self.limits()
        cell = 0.62 if len(record.axes) < 3 else 0.58
        self.ax = drawing.axes_or_new(
            ax, max(cell * (right - left), 6.5) + 0.6, cell * (bottom - top) + (2.3 if self.flat else 1.9)
        )
        self.ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
        for panel in self.panels:
            self.draw_panel(panel)
        if self.flat:
            self.draw_kernel(record.axes[0])
        self.dress()

    def limits(self) -> tuple[float, float, float, float]:
        """Return the ends of what is drawn, with the weights at its edges: left, right, top and bottom."""
        left, right = self.across.low - 0.6, self.across.high + 0.6 + max(panel.right for panel in self.panels)
        top, bottom = self.along.low - 0.6, self.along.high + 0.6 + max(panel.down for panel in self.panels)
        if self.flat:
            top = -1.0 - CURVE
        else:
            right, top = right + 0.8, top - (0.9 if self.panels[0].lead else 0.4)
        x = self.record.axes[0].position  # far away, its arrow has a label on its side
        return left - (2.6 if x < self.across.low else 0), right + (2.6 if x > self.across.high else 0), top, bottom

    def rectangle(self, panel: Panel, left: float, top: float, width: float, height: float, **style: Any) -> None:
        """Add a rectangle whose corner is a position in the array."""
        corner = (left + panel.right, top + panel.down)
        self.ax.add_patch(self.patches.Rectangle(corner, width, height, **style))

    def write(self, panel: Panel, x: float, y: float, text: str, **style: Any) -> None:
        """Write a text at a position in the array."""
        centred = {"ha": "center", "va": "center", **style}
        self.ax.text(x + panel.right, y + panel.down, text, **centred)

    def draw_panel(self, panel: Panel) -> None:
        """Draw one slice."""
        for row in self.along:
            for column in self.across:
                self.draw_cell(panel, (*panel.lead, *([] if self.flat else [row]), column), row, column)
        self.draw_edge(panel)
        self.draw_weights(panel)
        self.draw_point(panel)

    def draw_cell(self, panel: Panel, index: tuple[int, ...], row: int, column: int) -> None:
        """Draw one cell: its value; of a tap, its weight too, and where it reads if that is elsewhere."""
        read = read_at(self.record, index)
        inside = read == index
        tap = self.taps.get(index)
        face: dict[str, Any] = {
            "facecolor": "white" if inside else drawing.OUTSIDE,
            "edgecolor": drawing.LINES,
            "linewidth": 0.6,
        }
        self.rectangle(panel, column - 0.5, row - 0.5, 1, 1, **face, zorder=1)
        if tap is not None:
            read = tap.read
            self.shade(panel, tap, row, column)
        value = short(self.record.pixels[(self.channel, *read)].item()) if read is not None else "0"
        if read is None and is_filled(self.record, index):
            value = short(self.record.fill[self.channel])
        lines = [(value, SMALL, drawing.INK if inside or tap is not None else drawing.PALE)]
        if tap is not None:
            lines.append((f"×{slight(tap.weight)}", SMALLER, drawing.INK))
            if read is not None and not inside:
                lines.insert(0, (f"= {numbers(read)}", SMALLER, drawing.PALE))
        x, side, heights = self.places(len(lines), row, column)
        for (text, size, colour), y in zip(lines, heights, strict=True):
            self.write(panel, x, row + y, text, fontsize=size, color=colour, zorder=4, ha=side)

    def places(self, count: int, row: int, column: int) -> tuple[float, str, Any]:
        """Return where so many lines stand in a cell, and how they are aligned: out of the way of points in it."""
        low, high = {1: (0.0, 0.0), 2: (-0.2, 0.27)}.get(count, (-0.34, 0.3))
        x, side, near = float(column), "center", NEAR if count < 3 else 0.5
        for point in self.points[self.record.beyond :]:  # nothing is drawn where a filled place would be folded to
            right, down = point[0] - column, point[1] - row
            if max(abs(right), abs(down)) > 0.5:
                continue
            if down > near:
                low, high = -0.31, min(high, down - 0.24)
            elif down < -near:
                low, high = max(low, down + 0.24), 0.33
            else:
                low, high = (-0.27, 0.32) if count > 1 else (0.0, 0.0)
                x, side = (column + 0.42, "right") if right <= 0 else (column - 0.42, "left")
        return x, side, np.linspace(low, high, count) if count > 1 else [low if low < 0 else high]

    def shade(self, panel: Panel, tap: Tap, row: int, column: int) -> None:
        """Shade a tap by its weight."""
        colour = drawing.NEGATIVE if tap.weight < 0 else drawing.POSITIVE
        alpha = 0.65 * abs(tap.weight) / self.largest
        self.rectangle(panel, column - 0.5, row - 0.5, 1, 1, facecolor=colour, alpha=alpha, linewidth=0, zorder=2)
        style = "-" if tap.counts else (0, (2, 2))
        outline: dict[str, Any] = {"facecolor": "none", "edgecolor": colour, "linewidth": 1.5, "linestyle": style}
        self.rectangle(panel, column - 0.46, row - 0.46, 0.92, 0.92, **outline, zorder=3)

    def draw_edge(self, panel: Panel) -> None:
        """Draw the edge of the array, where it is shown, if the slice is one of the array's."""
        if not all(0 <= i < size for i, size in zip(panel.lead, self.record.size, strict=False)):
            return
        sizes = (self.record.axes[0].size, 1 if self.flat else self.record.axes[1].size)
        for span, size, other, length, upright in (
            (self.across, sizes[0], self.along, sizes[1], True),
            (self.along, sizes[1], self.across, sizes[0], False),
        ):
            ends = max(other.low, 0) - 0.5, min(other.high, length - 1) + 0.5
            for edge in (-0.5, size - 0.5):
                if span.low - 0.5 <= edge <= span.high + 0.5 and ends[0] < ends[1]:
                    x, y = ((edge, edge), ends) if upright else (ends, (edge, edge))
                    self.line(panel, x, y, color=drawing.INK, linewidth=1.8, solid_capstyle="projecting", zorder=3.5)

    def line(self, panel: Panel, x: Any, y: Any, **style: Any) -> None:
        """Draw a line through positions in the array."""
        self.ax.plot([i + panel.right for i in x], [i + panel.down for i in y], **style)

    def draw_weights(self, panel: Panel) -> None:
        """Write the weights of the last two axes beside the cells, and those of the others above them."""
        if self.flat or not self.record.taps:
            return
        x, y = self.record.axes[:2]
        small: dict[str, Any] = {"fontsize": SMALLER, "color": drawing.POSITIVE}
        for tap in x.taps:
            self.write(panel, tap.index, self.along.low - 0.72, slight(tap.weight), **small)
        for tap in y.taps:
            self.write(panel, self.across.high + 0.58, tap.index, slight(tap.weight), **small, ha="left")
        if panel.lead:
            told = []
            for axis, i in zip(self.record.axes[:1:-1], panel.lead, strict=True):
                weight = next(tap.weight for tap in axis.taps if tap.index == i)
                told.append(f"{axis.name} = {i}: ×{slight(weight)}")
            middle = (self.across.low + self.across.high) / 2
            self.write(panel, middle, self.along.low - 1.15, ", ".join(told), fontsize=SMALL)

    def draw_point(self, panel: Panel) -> None:
        """Mark the position, and where it is folded to."""
        if self.record.undefined:
            x, y = (self.across.low + self.across.high) / 2, (self.along.low + self.along.high) / 2
            self.write(panel, x, y, say("no place", self.language), fontsize=14, zorder=6, **LABEL)
            return
        if self.record.beyond:
            told = say("is filled", self.language, fill=number(self.record.fill[self.channel]))
            x, y = (span.nearest(place) for span, place in zip((self.across, self.along), self.points[1], strict=True))
            self.line(panel, [x], [y], markerfacecolor=drawing.INK, **DOT)
            self.write(panel, x, y - 0.45, told, fontsize=SMALL, zorder=6, **LABEL)
            return
        axes, (folded, located) = self.record.axes[:2], self.points
        self.line(panel, [folded[0]], [folded[1]], markerfacecolor=drawing.INK, **DOT)
        if not any(axis.moved for axis in axes):
            return
        spans = (self.across, self.along)
        shown = all(span.holds(position) for span, position in zip(spans, located, strict=True))
        start = [span.nearest(position) for span, position in zip(spans, located, strict=True)]
        arrow: dict[str, Any] = {
            "arrowstyle": "-|>",
            "color": drawing.INK,
            "linewidth": 1.2,
            "shrinkA": 3.5,
            "shrinkB": 4,
        }
        head, tail = ((place[0] + panel.right, place[1] + panel.down) for place in (folded, start))
        self.ax.annotate("", head, tail, arrowprops=arrow, zorder=5.5)
        if shown:
            hollow: dict[str, Any] = {
                **DOT,
                "markeredgecolor": drawing.INK,
                "markerfacecolor": "white",
                "markersize": 6,
            }
            self.line(panel, [start[0]], [start[1]], **hollow)
        else:
            told = ", ".join(f"{axis.name} = {number(axis.position)}" for axis in axes if axis.moved)
            side = "right" if located[0] < self.across.low else "left" if located[0] > self.across.high else "center"
            near: dict[str, Any] = {"fontsize": SMALL, "zorder": 6, "ha": side, **LABEL}
            self.write(panel, start[0], start[1], say("from", self.language, place=told), **near)

    def draw_kernel(self, axis: Axis) -> None:
        """Draw above a row what each pixel would weigh, and the taps' weights as stems."""
        if not self.record.taps:
            return
        weights = [tap.weight for tap in axis.taps]
        curve = None
        places = np.linspace(self.across.low - 0.5, self.across.high + 0.5, 1601)
        if not self.record.options["derivative"]:
            curve = response(axis.kernel.unfiltered(), axis.folded - places)
            weights += curve.tolist()
        scale = CURVE / ((max(weights) - min(0.0, *weights)) or 1.0)
        base = -0.85 + scale * min(0.0, *weights)
        panel = self.panels[0]
        self.line(
            panel, (self.across.low - 0.5, self.across.high + 0.5), (base, base), color=drawing.LINES, linewidth=0.8
        )
        if curve is not None:
            self.line(panel, places, base - scale * curve, color=drawing.PALE, linewidth=1.2)
        for tap in axis.taps:
            colour = drawing.NEGATIVE if tap.weight < 0 else drawing.POSITIVE
            top = base - scale * tap.weight
            self.line(panel, (tap.index, tap.index), (base, top), color=colour, linewidth=2.2)
            self.line(panel, [tap.index], [top], color=colour, marker="o", markersize=4.5, linestyle="none")
        self.line(panel, (axis.folded, axis.folded), (base, -0.05), color=drawing.INK, linewidth=0.8, linestyle=":")

    def dress(self) -> None:
        """Write the title, and count the pixels along the axes."""
        ax, record = self.ax, self.record
        ax.set_title(f"{title_of(record, self.language)}\n{self.sum()}", loc="left", fontsize=10)
        for side in ax.spines.values():
            side.set_visible(False)
        rights, downs = ({getattr(panel, side) for panel in self.panels} for side in ("right", "down"))
        ax.set_xticks(*ticks(self.across, rights))
        ax.set_xlabel(say("pixel position", self.language, axis=record.axes[0].name))
        if self.flat:
            ax.set_yticks([])
        else:
            ax.set_yticks(*ticks(self.along, downs))
            ax.set_ylabel(say("pixel position", self.language, axis=record.axes[1].name))
        ax.tick_params(length=0, labelsize=SMALL)
        below: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "borderaxespad": 4.5, "ncols": 3}
        ax.legend(handles=self.legend(), fontsize=SMALL - 1, frameon=False, handlelength=1.4, **below)

    def legend(self) -> list[Any]:
        """Return what the marks mean, of those that there are."""
        taps, axes = self.record.taps, self.record.axes
        lines = drawing.matplotlib("lines")

        def patch(key: str, **style: Any) -> Any:
            return self.patches.Patch(label=say(key, self.language), **style)

        def dot(key: str, face: str) -> Any:
            style: dict[str, Any] = {
                "marker": "o",
                "linestyle": "none",
                "markeredgecolor": drawing.INK,
                "markersize": 5,
            }
            return lines.Line2D([], [], label=say(key, self.language), markerfacecolor=face, **style)

        moved = any(axis.moved for axis in axes) and bool(taps)
        handles = {
            dot("point", "white" if moved else drawing.INK): bool(taps) or self.record.beyond,
            dot("folded point", drawing.INK): moved,
            patch("positive", facecolor=drawing.POSITIVE, alpha=0.65): any(tap.weight > 0 for tap in taps),
            patch("negative", facecolor=drawing.NEGATIVE, alpha=0.65): any(tap.weight < 0 for tap in taps),
            patch("reads nothing", facecolor="none", edgecolor=drawing.INK, linestyle=(0, (2, 2))): any(
                not tap.counts for tap in taps
            ),
            patch("outside the array", facecolor=drawing.OUTSIDE, edgecolor=drawing.LINES): True,
        }
        return [handle for handle, there in handles.items() if there]

    def sum(self) -> str:
        """Return the sum with its numbers, if they are few."""
        record, channel = self.record, self.channel
        named = f"[{channel}] " if len(record.result) > 1 else ""
        terms = sum(bool(tap.weight) and tap.counts for tap in record.taps)
        if terms <= MOST_TERMS and record.taps:
            told = formula(record, channel)
        else:
            told = f"{say('result', self.language)} = {number(record.blend[channel])}"
        result = record.result[channel]
        return (
            named
            + told
            + (f" → {number(result)}" if isinstance(result, int) and result != record.blend[channel] else "")
        )


def ticks(span: Span, offsets: set[float]) -> tuple[list[float], list[str]]:
    """Return where indices are written along an axis of the picture, and what."""
    return [i + offset for offset in offsets for i in span], [minus(str(i)) for _ in offsets for i in span]


DOT: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 6, "markeredgecolor": "white", "zorder": 6}
LABEL = {"bbox": {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": drawing.INK, "linewidth": 0.8}}


def short(value: Any) -> str:
    """Return a value that fits into a cell."""
    if isinstance(value, complex):
        return minus(f"{value:.2g}")
    if isinstance(value, float):
        digits = 4 if 1000 <= abs(value) < 1e4 else 3
        return minus(f"{value:.{digits}g}" if value else "0")
    return minus(str(value))


def slight(weight: float) -> str:
    """Return a weight in two digits or three, which fit into a cell."""
    if weight and abs(weight) < 0.0095:
        digits, _, power = f"{weight:.0e}".partition("e")
        return minus(f"{digits}e{int(power)}")
    return minus(f"{weight:.3g}" if abs(weight) >= 0.0995 else f"{weight:.2g}" if weight else "0")


def minus(text: str) -> str:
    """Return a number with the sign that is as wide as a plus."""
    return text.replace("-", "\N{MINUS SIGN}")
