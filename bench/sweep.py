"""The sweep over sizes and threads, in the report."""

from math import prod
from typing import NamedTuple

from bench.case import Goal
from bench.figures import met, ratio, ratio_text, seconds, three_digits, time_text
from bench.measure import Measured
from bench.peers import OURS
from bench.settings import Setting
from bench.tables import Starred, table

SCALING_GOAL = 1.8
"""What two threads are to gain over one on a large single image."""
LARGE = 1_000_000
"""Values, which are points times channels."""
PEERS = ("torch", "OpenCV")

TEXT = """\
Bilinear, zeros, rotated: tensors beside torch, and (N, H, W, C) arrays beside OpenCV. Ours is the time of tensors. The
gain is the time with one thread over that with all; with two it should be at least {goal} from {large:,} values up. The
time per value, one channel at one point, should stay about the same as sizes and channels grow. Bold is short of a
goal, which for the other libraries' times over ours is 1x at every size.
"""


class Point(NamedTuple):
    """A shape in an instruction set."""

    instructions: str
    shape: tuple[int, ...]


Runs = dict[tuple[str, int], Measured]
"""The measurements of a point, by the peer they are against and the number of threads."""


def points(measured: list[Measured]) -> dict[Point, Runs]:
    """Return the sweep's measurements by point."""
    found: dict[Point, Runs] = {}
    for case in measured:
        if case.case.is_sweep:
            runs = found.setdefault(Point(case.setting.instructions, case.case.shape), {})
            runs[case.case.goals[0].peer, case.setting.threads] = case
    return found


def section(measured: list[Measured], has_picture: bool, starred: Starred) -> str:
    """Return the section: a table for each instruction set."""
    found = points(measured)
    pieces = ["## Sizes and threads\n\n" + TEXT.format(goal=SCALING_GOAL, large=LARGE)]
    for instructions in dict.fromkeys(point.instructions for point in found):
        some = {point: runs for point, runs in found.items() if point.instructions == instructions}
        threads = sorted({count for runs in some.values() for _, count in runs})
        words = [Setting(instructions, count).title for count in threads]
        titles = ["input and output", *(f"ours, {word}" for word in words), "gain", "ns a value"]
        titles += [f"{peer}, {word}" for peer in PEERS for word in words]
        rows = [row(point, runs, threads, starred) for point, runs in some.items()]
        pieces.append(table(titles, rows))
    if has_picture:
        pieces.append("![Time per call against the size of the output](images/benchmark.png)\n")
    return "\n".join(pieces)


def row(point: Point, runs: Runs, threads: list[int], starred: Starred) -> list[str]:
    """Return a point's row."""
    ours = [own_time(runs, count) for count in threads]
    gained = ratio_text(gain(runs))
    told = [*map(time_text, ours), f"**{gained}**" if gains_little(point, runs) else gained]
    told.append(three_digits(ours[0] * 1e9 / prod(point.shape)) if ours and ours[0] else "-")
    wrong = any(not run.right for run in runs.values())
    ratios = [beside(runs.get((peer, count)), starred) for peer in PEERS for count in threads]
    return ["x".join(map(str, point.shape)) + (" **WRONG**" if wrong else ""), *told, *ratios]


def beside(run: Measured | None, starred: Starred) -> str:
    """Return the ratio of a point, marked if it is short."""
    if run is None:
        return "-"
    goal: Goal = run.case.goals[0]
    return starred(run, goal.peer, met(run, goal) is False)


def own_time(runs: Runs, threads: int) -> float | None:
    """Return our time of tensors."""
    run = runs.get(("torch", threads))
    return seconds(run, OURS) if run else None


def gain(runs: Runs) -> float | None:
    """Return the time that passes with one thread over that with all."""
    counts = sorted(count for peer, count in runs if peer == "torch")
    if len(counts) < 2:
        return None
    one, most = (runs["torch", count].wall.get(OURS) for count in (counts[0], counts[-1]))
    return sorted(one)[len(one) // 2] / sorted(most)[len(most) // 2] if one and most else None


def gains_little(point: Point, runs: Runs) -> bool:
    """Whether two threads gain less than they are to."""
    gained = gain(runs)
    has_two = max(count for _, count in runs) == 2
    return has_two and prod(point.shape) >= LARGE and gained is not None and gained < SCALING_GOAL


def slower(measured: list[Measured]) -> dict[str, list[str]]:
    """Return the points at which another library is faster, by setting."""
    found: dict[str, list[str]] = {}
    for case in measured:
        goal = case.case.goals[0]
        if case.case.is_sweep and case.right and met(case, goal) is False:
            words = f"{case.case.name.removeprefix('sweep ')} ({ratio_text(ratio(case, goal.peer))})"
            found.setdefault(case.setting.title, []).append(words)
    return found
