"""``docs/benchmarks.md``, from what was measured: no figure in it is written by hand."""

import re
from math import prod
from pathlib import Path
from typing import Any

from bench.cases import IMPORT, IMPORT_GOAL
from bench.figures import (
    NONE,
    bytes_text,
    copy_share,
    differing,
    goal_text,
    mark,
    met,
    ratio,
    ratio_text,
    seconds,
    share_text,
    three_digits,
    time_text,
)
from bench.measure import Measured
from bench.peers import LIBRARIES, OURS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
NOTES = Path(__file__).parent / "notes.md"
SCALING_GOAL = 1.8
"""What two threads are to gain over one on a large single image."""
LARGE = 1_000_000
"""Values, which are points times channels."""
GAIN = "gain of two threads"
"""What the notes call it."""

INTRODUCTION = """\
# Benchmarks

Written by `make bench`; every figure comes from one run. What we promise are ratios, measured side by side on one
machine, and not times: those depend on the machine. `python -m bench --only WORD` measures some of the cases again.
"""

METHOD = """\
## How it is measured

- Each library runs in a process of its own, so that none disturbs another by threads that wait or memory that it keeps.
- The libraries take turns. In each of {rounds} rounds each runs a block of calls of about {block} seconds, and the
  median time of a call is taken; every round begins with another library. A **ratio** is the other library's time over
  ours in the same round, and of those the median over the rounds: 4x means that we take a quarter of the time.
- All libraries use {threads} thread{s}, in the sweep as many as it says. All are warmed up first.
- Before anything is timed, our answer is compared with the definition in float64, within bounds that follow from
  rounding; a wrong answer gets no time. The other libraries' answers are compared with ours.
- What is not sampling is prepared outside of the timing: layouts, models, and for libraries that know no normalized
  coordinates, absolute ones. This favours them, since a program would have to make those as well.
- A backward pass is `torch.autograd.grad` alone, on a graph that is recorded before, for us as for torch.
- **Copy limit** is the time to copy as many bytes as have to be read or written, each once, with the same number of
  threads, as a share of our time: at 100 % we would be as fast as memory. Where there is little to copy it is left out.
- **Extra memory** is the highest the process's resident memory rose during a call, without the result's own bytes.
- The values are noise. Grids are turned by 0.3 radians, in three dimensions about two axes, unless a case says
  otherwise.
"""

CALLS = """\
How each library is called:
"""

DIFFERS = {
    "torch": "it computes positions in the numbers' own dtype",
    "OpenCV": "before version 5 it rounds positions to 1/32 pixel",
}


def write(results: dict[str, Any], page: Path = PAGE) -> Path:
    """Write the page and its picture."""
    from bench import plot  # noqa: PLC0415  (Matplotlib is needed for the picture alone)

    measured = [Measured.from_json(case) for case in results["cases"]]
    sweep = [case for case in measured if case.case.is_sweep and case.right]
    picture = page.parent / "images" / "benchmark.png" if sweep else None
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        plot.draw(sweep, picture)
    page.write_text(render(results, notes(NOTES.read_text(encoding="utf-8")), picture is not None), encoding="utf-8")
    return page


def render(results: dict[str, Any], reasons: dict[str, str], has_picture: bool) -> str:
    """Return the page's text."""
    measured = [Measured.from_json(case) for case in results["cases"]]
    plain = [case for case in measured if not case.case.is_sweep]
    sweep = [case for case in measured if case.case.is_sweep]
    sections = [
        INTRODUCTION,
        conditions(results),
        "## Results\n\n" + main_table(plain) + import_line(results),
        "## Beside every library\n\n" + peers_table(plain),
        differences_list(plain + sweep),
        sweep_section(sweep, has_picture) if sweep else "",
        shortfalls(measured, reasons),
        how(results),
    ]
    return "\n".join(section for section in sections if section)


def notes(text: str) -> dict[str, str]:
    """Return the sections of the notes, by the names that head them."""
    pieces = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {name.strip(): body.strip() for name, body in zip(pieces[::2], pieces[1::2], strict=True)}


# ------------------------------------------------------------------------------------------------------------- sections


def conditions(results: dict[str, Any]) -> str:
    """Return what it ran on."""
    facts = [f"{what}: {value}" for what, value in results["machine"].items()]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    absent = [f"not installed, and left out: {', '.join(results['missing'])}"] if results["missing"] else []
    used = results.get("busy")
    others = (
        [] if used is None else [f"used by other programs before the run: {share_text(used)} of the processors' time"]
    )
    own = [f"measured on {results['date']} at commit {results['commit']}"]
    return "## Machine and versions\n\n" + bullets([*facts, f"libraries: {versions}", *absent, *others, *own])


def how(results: dict[str, Any]) -> str:
    """Return how it was measured."""
    settings = results["settings"]
    told = METHOD.format(**settings, s="" if settings["threads"] == 1 else "s")
    return told + "\n" + CALLS + "\n" + bullets([f"{name}: {LIBRARIES[name].how}" for name in results["versions"]])


def main_table(measured: list[Measured]) -> str:
    """Return the table of goals."""
    titles = ["case", "beside", "ratio", "goal", "", "ours", "theirs", "copy limit", "extra memory", "torch's"]
    return table(titles, [main_row(case) for case in measured]) + footnotes(measured)


def main_row(measured: Measured) -> list[str]:
    """Return a case's row in it."""
    if not measured.right:
        return [measured.case.name, measured.case.against, NONE, goal_text(measured), "**WRONG**", *[NONE] * 5]
    against = measured.case.against
    return [
        measured.case.name,
        against,
        ratio_text(ratio(measured, against)),
        goal_text(measured),
        {"short": "**short**"}.get(mark(measured), mark(measured)),
        time_text(seconds(measured, OURS)),
        time_text(seconds(measured, against)),
        share_text(copy_share(measured)),
        bytes_text(measured.extra_memory.get(OURS)),
        bytes_text(measured.extra_memory.get("torch")),
    ]


def footnotes(measured: list[Measured]) -> str:
    """Return what has to be said about some of the cases."""
    noted = [f"{case.case.name}: {case.case.note}." for case in measured if case.case.note]
    return "\n" + bullets(noted) if noted else ""


def import_line(results: dict[str, Any]) -> str:
    """Return the sentence about importing."""
    taken = results.get("import")
    if taken is None:
        return ""
    verdict = "met" if taken <= IMPORT_GOAL else "**short**"
    goal = time_text(IMPORT_GOAL)
    return f"\n`{IMPORT}` takes {time_text(taken)} beyond NumPy's own import; the goal is under {goal}: {verdict}.\n"


def peers_table(measured: list[Measured]) -> str:
    """Return the ratios of all peers."""
    names = [name for name in LIBRARIES if name != OURS and any(name in case.seconds for case in measured)]
    rows = [[case.case.name, *(starred(case, name) for name in names)] for case in measured if case.right]
    return table(["their time over ours", *names], rows)


def starred(measured: Measured, name: str) -> str:
    """Return a ratio, with a star where the result is another one."""
    if name in measured.failures:
        return "failed"
    return ratio_text(ratio(measured, name)) + ("\\*" if name in differing(measured) else "")


def differences_list(measured: list[Measured]) -> str:
    """Return where results differ from ours by more than rounding."""
    found = []
    for case in measured:
        for name, largest in differing(case).items():
            reason = f": {DIFFERS[name]}" if name in DIFFERS else ""
            found.append(f"{name}, {case.case.name}: by up to {largest:.2g}{reason}")
    if not found:
        return ""
    return "\\* Its result differs from ours by more than rounding, of pixels in -1...1:\n\n" + bullets(found)


def sweep_section(measured: list[Measured], has_picture: bool) -> str:
    """Return the sweep over sizes and threads."""
    rows = [sweep_row(shape, runs) for shape, runs in by_shape(measured).items()]
    titles = ["input and output", "ours, 1 thread", "2 threads", "gain", "ns a value, 1 thread"]
    titles += [f"{name}, {threads}" for name in ("torch", "OpenCV") for threads in ("1 thread", "2 threads")]
    text = (
        "## Sizes and threads\n\nBilinear, zeros, rotated. The gain is the time with one thread over that with two; "
        f"it should be at least {SCALING_GOAL} from {LARGE:,} values up. The time per value, one channel at one point, "
        "should stay about the same as sizes and channels grow.\n\n"
    )
    picture = "\n![Time per call against the size of the output](images/benchmark.png)\n" if has_picture else ""
    return text + table(titles, rows) + picture


def by_shape(measured: list[Measured]) -> dict[tuple[int, ...], dict[int, Measured]]:
    """Return the sweep's runs by shape and by threads."""
    found: dict[tuple[int, ...], dict[int, Measured]] = {}
    for case in measured:
        found.setdefault(case.case.shape, {})[case.threads] = case
    return found


def sweep_row(shape: tuple[int, ...], runs: dict[int, Measured]) -> list[str]:
    """Return a shape's row in it."""
    one, two = (seconds(runs[threads], OURS) if threads in runs else None for threads in (1, 2))
    name = "x".join(map(str, shape))
    gained = ratio_text(gain(runs))
    told = [time_text(one), time_text(two), f"**{gained}**" if gains_little(shape, runs) else gained]
    told.append(three_digits(one * 1e9 / prod(shape)) if one else NONE)
    wrong = any(not run.right for run in runs.values())
    ratios = [
        starred(runs[threads], peer) if threads in runs else NONE for peer in ("torch", "OpenCV") for threads in (1, 2)
    ]
    return [name + (" **WRONG**" if wrong else ""), *told, *ratios]


def gain(runs: dict[int, Measured]) -> float | None:
    """Return the time with one thread over that with two."""
    one, two = (seconds(runs[threads], OURS) if threads in runs else None for threads in (1, 2))
    return one / two if one and two else None


def gains_little(shape: tuple[int, ...], runs: dict[int, Measured]) -> bool:
    """Whether two threads gain less than they are to."""
    gained = gain(runs)
    return prod(shape) >= LARGE and gained is not None and gained < SCALING_GOAL


def shortfalls(measured: list[Measured], reasons: dict[str, str]) -> str:
    """Return the reasons for what is short of its goal."""
    short = [case for case in measured if met(case) is False and case.right]
    runs = by_shape([case for case in measured if case.case.is_sweep])
    little = ["x".join(map(str, shape)) for shape in runs if gains_little(shape, runs[shape])]
    if not short and not little:
        return ""
    unknown = "Not looked into yet."
    pieces = ["## Short of the goal\n"]
    if little:
        pieces.append(f"**{GAIN}**, for {', '.join(little)}: {reasons.get(GAIN, unknown)}\n")
    for case in short:
        share = "" if case.case.copy_goal is None else f" and {share_text(copy_share(case))} of the copy limit"
        figures = f"{ratio_text(ratio(case, case.case.against))}{share}, for a goal of {goal_text(case)}"
        pieces.append(f"**{case.case.name}**: {figures}. {reasons.get(case.case.name, unknown)}\n")
    return "\n".join(pieces)


# ------------------------------------------------------------------------------------------------------------- Markdown


def table(titles: list[str], rows: list[list[str]]) -> str:
    """Return a table: names to the left, numbers to the right."""
    rule = ["---", *("---" if title in ("beside", "goal", "") else "---:" for title in titles[1:])]
    lines = [titles, rule, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def bullets(lines: Any) -> str:
    """Return a list."""
    return "".join(f"- {line}\n" for line in lines)
