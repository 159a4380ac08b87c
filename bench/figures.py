"""Ratios, shares and marks, from what was measured. Nothing here measures or prints."""

import math
import statistics

from bench.case import Goal
from bench.measure import Measured
from bench.peers import COPY, OURS
from bench.settings import Setting

NONE = "-"


def seconds(measured: Measured, name: str) -> float | None:
    """Return the median time of a library's call by the setting's clock, if it has any."""
    times = measured.seconds(name)
    return statistics.median(times) if times else None


def ratio(measured: Measured, name: str, clock: str | None = None) -> float | None:
    """Return the median over rounds of a library's time over ours in the same round, by the setting's clock or one."""
    times = getattr(measured, clock or measured.setting.clock)
    ours, theirs = times.get(OURS), times.get(name)
    if not ours or not theirs:
        return None
    return statistics.median(b / a for a, b in zip(ours, theirs, strict=True))


def waited(measured: Measured) -> float | None:
    """Return how much longer our calls took than the processor worked on them: 1 is not at all, with one thread."""
    wall, process = measured.wall.get(OURS), measured.process.get(OURS)
    return statistics.median(a / b for a, b in zip(wall, process, strict=True)) if wall and process else None


def copy_share(measured: Measured) -> float | None:
    """Return the share of the memory-copy limit that we reach: 1 is as fast as copying the same bytes."""
    return ratio(measured, COPY)


def copy_goal(measured: Measured, goal: Goal) -> float | None:
    """Return the share of the copy limit aimed at; it is part of the first goal, with several threads and AVX-512."""
    applies = goal == measured.case.goals[0] and goal.all is not None and aim(measured, goal) == goal.all
    return measured.case.copy_goal if applies and measured.setting.threads > 1 else None


def aim(measured: Measured, goal: Goal) -> float | None:
    """Return the ratio aimed at in the setting of a measurement."""
    return goal.within(measured.setting)


def met(measured: Measured, goal: Goal) -> bool | None:
    """Whether a case reaches a goal; None where there is none in its setting, or the peer was not there."""
    aimed, found, share = aim(measured, goal), ratio(measured, goal.peer), copy_share(measured)
    if not measured.right:
        return None if aimed is None else False
    if aimed is None or found is None:
        return None
    least = copy_goal(measured, goal)
    return found >= aimed and (least is None or share is None or share >= least)


def differing(measured: Measured) -> dict[str, float]:
    """Return the peers whose result differs from ours by more than rounding, and by how much at most."""
    return {
        name: max(found)
        for name, found in measured.differences.items()
        if any(error > 2 * allowed for error, allowed in zip(found, measured.allowed, strict=True))
    }


# ------------------------------------------------------------------------------------------------------------- in words


def three_digits(number: float) -> str:
    """Return a number with three significant digits, and no exponent."""
    decimals = max(0, 2 - math.floor(math.log10(abs(number)))) if number else 0
    return f"{number:.{decimals}f}"


def time_text(value: float | None) -> str:
    """Return a time in the unit that suits it."""
    if value is None:
        return NONE
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1:
            return f"{three_digits(value * factor)} {unit}"
    return f"{three_digits(value * 1e9)} ns"


def ratio_text(value: float | None) -> str:
    """Return a ratio."""
    return NONE if value is None else f"{three_digits(value)}x"


def share_text(value: float | None) -> str:
    """Return a share in percent."""
    return NONE if value is None else f"{100 * value:.0f} %"


def bytes_text(value: int | None) -> str:
    """Return a number of bytes in MiB."""
    return NONE if value is None else f"{value / 2**20:.1f} MiB"


def aim_text(measured: Measured, goal: Goal) -> str:
    """Return what a case aims at."""
    aimed, share = aim(measured, goal), copy_goal(measured, goal)
    if aimed is None:
        return NONE
    return f"{aimed:.3g}x" + ("" if share is None else f", copy {share_text(share)}")


def mark(measured: Measured, goal: Goal) -> str:
    """Return whether a goal is met, in a word."""
    if not measured.right:
        return "WRONG"
    return {None: NONE, True: "met", False: "short"}[met(measured, goal)]


# ------------------------------------------------------------------------------------------------- the table on screen

COLUMNS = (
    ("case", 52),
    ("beside", 14),
    ("ratio", 7),
    ("goal", 14),
    ("", 5),
    ("ours", 8),
    ("theirs", 8),
    ("copy", 5),
    ("memory", 9),
)
LEFT = ("case", "beside", "goal", "")


def line(cells: list[str]) -> str:
    """Return a line of the table: names to the left, numbers to the right."""
    aligned = [
        cell.ljust(width) if title in LEFT else cell.rjust(width)
        for cell, (title, width) in zip(cells, COLUMNS, strict=True)
    ]
    return "  ".join(aligned).rstrip()


def header(setting: Setting) -> str:
    """Return a table's first lines."""
    titles = line([title for title, _ in COLUMNS])
    clock = {"process": "the processor's time", "wall": "the time that passes"}[setting.clock]
    return f"\n{setting.title}, by {clock}\n{titles}\n{'-' * (sum(width + 2 for _, width in COLUMNS) - 2)}"


def row(measured: Measured) -> str:
    """Return a case's line for each goal, and the other peers' ratios; nothing but WRONG for a wrong answer."""
    case = measured.case
    lines = []
    for goal in case.goals:
        told = [case.name, case.beside(goal.peer)]
        if not measured.right:
            lines.append(line([*told, NONE, aim_text(measured, goal), "WRONG", *[NONE] * 4]))
            continue
        figures = [
            ratio_text(ratio(measured, goal.peer)),
            aim_text(measured, goal),
            mark(measured, goal),
            time_text(seconds(measured, OURS)),
            time_text(seconds(measured, goal.peer)),
            share_text(copy_share(measured)),
            bytes_text(measured.extra_memory.get(OURS)),
        ]
        lines.append(line([*told, *figures]))
    named = {OURS, COPY, *(goal.peer for goal in case.goals)}
    others = [f"{name} {ratio_text(ratio(measured, name))}" for name in measured.wall if name not in named]
    if others:
        lines.append(f"    {', '.join(others)}")
    return "\n".join(lines) + failures(measured)


def failures(measured: Measured) -> str:
    """Return a line for each library that gave no answer."""
    return "".join(f"\n    {name} failed: {why.strip().splitlines()[-1]}" for name, why in measured.failures.items())
