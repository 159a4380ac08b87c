"""Ratios, shares and marks, from what was measured. Nothing here measures or prints."""

import math
import statistics

from bench.measure import Measured
from bench.peers import COPY, OURS

NONE = "-"


def seconds(measured: Measured, name: str) -> float | None:
    """Return the median time of a library's call, if it has any."""
    times = measured.seconds.get(name)
    return statistics.median(times) if times else None


def ratio(measured: Measured, name: str) -> float | None:
    """Return the median over rounds of a library's time over ours in the same round."""
    ours, theirs = measured.seconds.get(OURS), measured.seconds.get(name)
    if not ours or not theirs:
        return None
    return statistics.median(b / a for a, b in zip(ours, theirs, strict=True))


def copy_share(measured: Measured) -> float | None:
    """Return the share of the memory-copy limit that we reach: 1 is as fast as copying the same bytes."""
    return ratio(measured, COPY)


def met(measured: Measured) -> bool | None:
    """Whether a case reaches its goals; None where it has none, or its peer was not there."""
    case, found, share = measured.case, ratio(measured, measured.case.against), copy_share(measured)
    if not measured.right:
        return None if case.goal is None else False
    if case.goal is None or found is None:
        return None
    return found >= case.goal and (case.copy_goal is None or share is None or share >= case.copy_goal)


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


def goal_text(measured: Measured) -> str:
    """Return what a case aims at."""
    case = measured.case
    if case.goal is None:
        return NONE
    return f"{case.goal:g}x" + ("" if case.copy_goal is None else f", copy {share_text(case.copy_goal)}")


def mark(measured: Measured) -> str:
    """Return whether the goals are met, in a word."""
    if not measured.right:
        return "WRONG"
    return {None: NONE, True: "met", False: "short"}[met(measured)]


# ------------------------------------------------------------------------------------------------- the table on screen

COLUMNS = (
    ("case", 46),
    ("beside", 6),
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


def header() -> str:
    """Return the table's first two lines."""
    titles = line([title for title, _ in COLUMNS])
    return f"{titles}\n{'-' * (sum(width + 2 for _, width in COLUMNS) - 2)}"


def row(measured: Measured) -> str:
    """Return a case's line, and below it the other peers' ratios; nothing but WRONG for a wrong answer."""
    case = measured.case
    if not measured.right:
        return line([case.name, case.against, NONE, goal_text(measured), "WRONG", NONE, NONE, NONE, NONE]) + failures(
            measured
        )
    told = line(
        [
            case.name,
            case.against,
            ratio_text(ratio(measured, case.against)),
            goal_text(measured),
            mark(measured),
            time_text(seconds(measured, OURS)),
            time_text(seconds(measured, case.against)),
            share_text(copy_share(measured)),
            bytes_text(measured.extra_memory.get(OURS)),
        ]
    )
    others = [name for name in measured.seconds if name not in (OURS, COPY, case.against)]
    if others:
        told += "\n    " + ", ".join(f"{name} {ratio_text(ratio(measured, name))}" for name in others)
    return told + failures(measured)


def failures(measured: Measured) -> str:
    """Return a line for each library that gave no answer."""
    return "".join(f"\n    {name} failed: {why.strip().splitlines()[-1]}" for name, why in measured.failures.items())
