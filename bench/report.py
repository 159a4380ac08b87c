"""``docs/benchmarks.md``, from what was measured: no figure in it is written by hand."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import sweep, tables
from bench.cases import IMPORT, IMPORT_GOAL
from bench.figures import differing, met, share_text, time_text, waited
from bench.measure import Measured
from bench.peers import COPY, LIBRARIES, PEERS
from bench.settings import WORDS
from bench.tables import WAITED, bullets, cell, starred, table

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
NOTES = Path(__file__).parent / "notes.md"
GAIN = "gain of two threads"
"""What the notes call it."""
SIZES = "sizes of the sweep"
"""And those at which another library is faster."""

INTRODUCTION = """\
# Benchmarks

Written by `make bench`; every figure comes from one run. What we promise are ratios, measured side by side on one
machine, and not times: those depend on the machine. `python -m bench --only WORD` measures some of the cases again.

## How to read it

- A figure is the **other library's time over ours**: 4x means that we take a quarter of its time, and below 1x it is
  faster. In brackets is the goal; **bold** is short of it, and the reason is {reasons}.
- Each column is a setting: the instructions that all libraries were held to, as far as they can be, and the number of
  threads in each. AVX2 is what most people have.
- With one thread times are the **processor's** time of the whole process, which other programs do not lengthen; with
  several they are the time that **passes**.
"""
REASONS = "told [below](#short-of-the-goal)"

METHOD = """\
## How it is measured

- Each library runs in a process of its own, so that none disturbs another by threads that wait or memory that it keeps.
  Each instruction set has its own processes, whose environment holds the libraries to it before they are imported.
- The libraries take turns. In each of {rounds} rounds each runs a block of calls of about {block:g} seconds, and the
  median time of a call is taken; every round begins with another library. A ratio is the other library's time over ours
  in the same round, and of those the median over the rounds.
- Each block takes two clocks, one of the time that passes and one of the time that all threads of the process work;
  `--json` keeps both. **Work** is the ratio of the second where the first counts: with two threads a library that keeps
  only one busy may take longer and yet work less.
- Cases are measured in every setting. All libraries take part in the first and in the last, and in those between them
  the ones that a goal names.
- Before anything is timed, our answer is compared with the definition in float64, within bounds that follow from
  rounding; a wrong answer gets no time. The other libraries' answers are compared with ours.
- What is not sampling is prepared outside of the timing: layouts, models, and for libraries that know no normalized
  coordinates, absolute ones. This favours them, since a program would have to make those as well.
- A backward pass is `torch.autograd.grad` alone, on a graph that is recorded before, for us as for torch. Forward and
  backward is a call and its gradients.
- **Copy limit** is the time to copy as many bytes as have to be read or written, each once, with the same number of
  threads, as a share of our time: at 100 % we would be as fast as memory. Where there is little to copy it is left out.
- **Extra memory** is the highest the process's resident memory rose during a call, without the result's own bytes.
- The values are noise. Grids are turned by 0.3 radians, in three dimensions about two axes, unless a case says
  otherwise. Those of deformable attention and of other models are random places, in the layouts that the models'
  libraries call with: views of heads that lie between the pixels, and of one level among several.
"""

CALLS = """\
How each library is called:
"""

DIFFERS = {
    "torch": "it computes positions in the numbers' own dtype",
    "OpenCV": "it rounds positions to 1/32 pixel, or its kernel is another",
}


def write(results: dict[str, Any], page: Path = PAGE) -> Path:
    """Write the page and its picture."""
    from bench import plot  # noqa: PLC0415  (Matplotlib is needed for the picture alone)

    measured = [Measured.from_json(case) for case in results["cases"]]
    swept = [case for case in measured if case.case.is_sweep and case.right]
    picture = page.parent / "images" / "benchmark.png" if swept else None
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        plot.draw(swept, picture)
    page.write_text(render(results, notes(NOTES.read_text(encoding="utf-8")), picture is not None), encoding="utf-8")
    return page


def render(results: dict[str, Any], reasons: dict[str, str], has_picture: bool) -> str:
    """Return the page's text."""
    measured = [Measured.from_json(case) for case in results["cases"]]
    plain = [case for case in measured if not case.case.is_sweep]
    swept = [case for case in measured if case.case.is_sweep]
    short = shortfalls(measured, reasons)
    sections = [
        INTRODUCTION.format(reasons=REASONS if short else "told below"),
        conditions(results, measured),
        "## Ratios\n\n" + tables.ratios(plain) + import_line(results),
        "## Beside every library\n\n" + tables.all_peers(plain),
        differences_list(measured),
        sweep.section(swept, has_picture, starred) if swept else "",
        "## Times and memory\n\n" + tables.times(plain),
        short,
        how(results),
    ]
    return "\n".join(section for section in sections if section)


def notes(text: str) -> dict[str, str]:
    """Return the sections of the notes, by the names that head them."""
    pieces = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {name.strip(): body.strip() for name, body in zip(pieces[::2], pieces[1::2], strict=True)}


# ------------------------------------------------------------------------------------------------------------- sections


def conditions(results: dict[str, Any], measured: Sequence[Measured]) -> str:
    """Return what it ran on, and who was held to what."""
    facts = [f"{what}: {value}" for what, value in results["machine"].items()]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    absent = [f"not installed, and left out: {', '.join(results['missing'])}"] if results["missing"] else []
    used = results.get("busy")
    others = (
        [] if used is None else [f"used by other programs before the run: {share_text(used)} of the processors' time"]
    )
    own = [f"measured on {results['date']} at commit {results['commit']}"]
    return (
        "## Machine and versions\n\n"
        + bullets([*facts, f"libraries: {versions}", *absent, *others, *own, *delays(measured)])
        + instructions_table(results["instructions"])
    )


def delays(measured: Sequence[Measured]) -> list[str]:
    """Return a line if one thread often had to wait for the processor: then times that pass are worth less."""
    found = [share for case in measured if case.setting.threads == 1 and (share := waited(case)) is not None]
    late = sum(share > WAITED for share in found)
    if not late:
        return []
    return [
        f"in {late} of {len(found)} measurements with one thread, calls took {WAITED - 1:.0%} longer than their work"
    ]


def instructions_table(told: dict[str, dict[str, str]]) -> str:
    """Return what each library says of its instructions in each set."""
    names = [name for name in PEERS if any(name in answers for answers in told.values()) and name in (*LIBRARIES, COPY)]
    rows = [[name, *(answers.get(name, "-") for answers in told.values())] for name in names]
    if not rows:
        return ""
    titles = ["library", *(f"held to {WORDS.get(name, name)}" for name in told)]
    return (
        "\nThe instructions that each says it uses. Those as built have no switch for it: the samplers of SciPy, which "
        "are\nscikit-image's too, and of SimpleITK are compiled for every x86-64 processor, and ONNX Runtime picks by "
        "the processor\nalone. NumPy's own loops are held too.\n\n" + table(titles, rows).replace("---:", "---")
    )


def how(results: dict[str, Any]) -> str:
    """Return how it was measured."""
    calls = bullets(f"{name}: {LIBRARIES[name].how}" for name in results["versions"])
    return METHOD.format(**results["pace"]) + "\n" + CALLS + "\n" + calls


def import_line(results: dict[str, Any]) -> str:
    """Return the sentence about importing."""
    taken = results.get("import")
    if taken is None:
        return ""
    verdict = "met" if taken <= IMPORT_GOAL else "**short**"
    goal = time_text(IMPORT_GOAL)
    return f"\n`{IMPORT}` takes {time_text(taken)} beyond NumPy's own import; the goal is under {goal}: {verdict}.\n"


def differences_list(measured: Sequence[Measured]) -> str:
    """Return where results differ from ours by more than rounding."""
    found: dict[tuple[str, str], float] = {}
    for case in measured:
        for name, largest in differing(case).items():
            found[name, case.case.name] = max(largest, found.get((name, case.case.name), 0.0))
    if not found:
        return ""
    lines = [
        f"{peer}, {name}: by up to {largest:.2g}" + (f": {DIFFERS[peer]}" if peer in DIFFERS else "")
        for (peer, name), largest in found.items()
    ]
    return "\\* Its result differs from ours by more than rounding, of pixels in -1...1:\n\n" + bullets(lines)


def shortfalls(measured: Sequence[Measured], reasons: dict[str, str]) -> str:
    """Return the reasons for what is short of its goal."""
    unknown = "Not looked into yet."
    pieces = []
    runs = sweep.points(list(measured))
    little = [
        f"{'x'.join(map(str, point.shape))} ({WORDS.get(point.instructions, point.instructions)})"
        for point in runs
        if sweep.gains_little(point, runs[point])
    ]
    if little:
        pieces.append(f"**{GAIN}**, for {', '.join(little)}: {reasons.get(GAIN, unknown)}\n")
    slower = sweep.slower(list(measured))
    if slower:
        places = "; ".join(f"{title}: {', '.join(words)}" for title, words in slower.items())
        pieces.append(f"**{SIZES}** at which another library is faster. {places}. {reasons.get(SIZES, unknown)}\n")
    unlooked = []
    for name, figures in short_figures(measured).items():
        told = f"**{name}**: {'; '.join(figures)}."
        if name in reasons:
            pieces.append(f"{told} {reasons[name]}\n")
        else:
            unlooked.append(told)
    if unlooked:
        pieces.append(f"{unknown}\n\n{bullets(unlooked)}")
    return "\n".join(["## Short of the goal\n", *pieces]) if pieces else ""


def short_figures(measured: Sequence[Measured]) -> dict[str, list[str]]:
    """Return for each case that is short, in which settings and by how much."""
    found: dict[str, list[str]] = {}
    for case in measured:
        for goal in case.case.goals:
            if case.right and not case.case.is_sweep and met(case, goal) is False:
                beside = "" if len(case.case.goals) == 1 else f" beside {goal.peer}"
                words = cell(case, goal).replace("**", "").replace("(", "for ").rstrip(")")
                found.setdefault(case.case.name, []).append(f"{words}{beside}, {case.setting.title}")
    return found
