"""The picture of the sweep: time per call against the size of the output."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bench.figures import seconds
from bench.measure import Measured
from bench.peers import OURS
from bench.settings import WORDS

COLOURS = {OURS: "#d1495b", "torch": "#30638e", "OpenCV": "#5b8c5a"}
FAMILIES = {OURS: "torch", "torch": "torch", "OpenCV": "numpy"}
"""Whose arrays the points of a line are called with."""
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def draw(sweep: list[Measured], path: Path) -> None:
    """Draw the square images of the sweep, in the widest set, with one thread and with the most."""
    widest = sweep[-1].setting.instructions
    squares = [case for case in sweep if case.case.shape[1] == 3 and case.setting.instructions == widest]
    counts = sorted({case.setting.threads for case in squares})
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=(7.6, 4.9), dpi=144, layout="constrained")
        axes = figure.add_subplot()
        for name in COLOURS:
            for threads in dict.fromkeys((counts[0], counts[-1])):
                draw_line(axes, squares, name, threads)
        dress(axes, sorted({case.case.out[0] for case in squares}), WORDS.get(widest, widest))
        figure.savefig(path)


def draw_line(axes: Axes, squares: list[Measured], name: str, threads: int) -> None:
    """Draw the times of one library with so many threads."""
    some = [case for case in squares if case.setting.threads == threads and case.case.family == FAMILIES[name]]
    found = [case for case in some if name in case.wall]
    if not found:
        return
    line, face = ("--", "white") if threads == 1 else ("-", None)
    colour = COLOURS[name]
    axes.plot(
        [case.case.out[0] for case in found],
        [seconds(case, name) for case in found],
        line,
        color=colour,
        marker="o",
        markersize=5,
        markerfacecolor=face or colour,
        linewidth=1.8,
        label=f"{name}, {threads} thread{'s' if threads > 1 else ''}",
        zorder=3 if name == OURS else 2,
    )


def dress(axes: Axes, sides: list[int], instructions: str) -> None:
    """Label everything."""
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sides))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda side, _: f"{side:.0f}²"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("points of the output")
    axes.set_title(f"Time per call: bilinear, 3 channels, a rotated grid, {instructions}", loc="left", fontsize=11)
    axes.grid(color="#e3e3e3", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)


def tick(value: float) -> str:
    """Return a time for an axis."""
    for size, unit in UNITS:
        if value >= size * 0.999:
            return f"{value / size:g} {unit}"
    return f"{value:g} s"
