"""The tables of results, in Markdown: ratios by setting, those of every library, and times."""

from collections.abc import Callable, Iterable, Sequence

from bench.case import Goal
from bench.figures import (
    NONE,
    aim,
    bytes_text,
    copy_goal,
    copy_share,
    differing,
    met,
    ratio,
    ratio_text,
    seconds,
    share_text,
    time_text,
)
from bench.measure import Measured
from bench.peers import LIBRARIES, OURS
from bench.settings import Setting

WAITED = 1.1
"""How much longer than the processor's time of one thread it may take before a reader should know."""
Starred = Callable[[Measured, str, bool], str]


def settings_of(measured: Iterable[Measured]) -> list[Setting]:
    """Return the settings that were measured in, in order."""
    return list(dict.fromkeys(case.setting for case in measured))


def ratios(measured: Sequence[Measured]) -> str:
    """Return a table for each group of cases: a row for each goal, a column for each setting."""
    columns = settings_of(measured)
    pieces = []
    for group in dict.fromkeys(case.case.group for case in measured):
        some = [case for case in measured if case.case.group == group]
        cases = {case.case.name: case.case for case in some}
        found = {(case.case.name, case.setting): case for case in some}
        rows = [
            [name, case.beside(goal.peer), *(cell(found.get((name, setting)), goal) for setting in columns)]
            for name, case in cases.items()
            for goal in case.goals
        ]
        notes = [f"{name}: {case.note}." for name, case in cases.items() if case.note]
        heading = f"### {group}\n\n" if group else ""
        pieces.append(
            heading
            + table(["case", "beside", *(setting.title for setting in columns)], rows)
            + (f"\n{bullets(notes)}" if notes else "")
        )
    return "\n".join(pieces)


def cell(measured: Measured | None, goal: Goal) -> str:
    """Return a ratio and, in brackets, what was aimed at; bold if it is short."""
    if measured is None:
        return NONE
    aimed, least = aim(measured, goal), copy_goal(measured, goal)
    wanted = "" if aimed is None else f"{aimed:.3g}x" + ("" if least is None else f", copy {share_text(least)}")
    brackets = f" ({wanted})" if wanted else ""
    if not measured.right:
        return f"**WRONG**{brackets}"
    if goal.peer in measured.failures:
        return f"failed{brackets}"
    found = ratio_text(ratio(measured, goal.peer))
    if found == NONE:
        return NONE
    if least is not None:
        found += f", copy {share_text(copy_share(measured))}"
    return (f"**{found}**" if met(measured, goal) is False else found) + brackets


def all_peers(measured: Sequence[Measured]) -> str:
    """Return the ratios of all libraries, in the settings that all took part in: the first and the last."""
    columns = settings_of(measured)
    pieces = []
    for setting in dict.fromkeys((columns[0], columns[-1])) if columns else ():
        some = [case for case in measured if case.setting == setting]
        names = [name for name in LIBRARIES if name != OURS and any(name in case.wall for case in some)]
        rows = [[case.case.name, *(starred(case, name) for name in names)] for case in some if case.right]
        pieces.append(f"### {setting.title}\n\n" + table(["their time over ours", *names], rows))
    return "\n".join(pieces)


def starred(measured: Measured, name: str, short: bool = False) -> str:
    """Return a ratio, with a star where the result is another one, bold if it is short."""
    if name in measured.failures:
        return "failed"
    text = ratio_text(ratio(measured, name))
    return (f"**{text}**" if short else text) + ("\\*" if name in differing(measured) else "")


def times(measured: Sequence[Measured]) -> str:
    """Return a table for each setting: times, the share of the copy limit, and memory."""
    pieces = []
    for setting in settings_of(measured):
        some = [case for case in measured if case.setting == setting and case.right]
        several = setting.threads > 1
        titles = ["case", "ours", "beside", "theirs", *(["work"] if several else [])]
        titles += ["copy limit", "extra memory", "torch's"]
        rows = [times_row(case, several) for case in some]
        pieces.append(f"### {setting.title}\n\n" + table(titles, rows))
    return "\n".join(pieces)


def times_row(measured: Measured, several: bool) -> list[str]:
    """Return a case's row in it; the ratio of the processor's times says more only with several threads."""
    peer = measured.case.goals[0].peer
    return [
        measured.case.name,
        time_text(seconds(measured, OURS)),
        measured.case.beside(peer),
        time_text(seconds(measured, peer)),
        *([ratio_text(ratio(measured, peer, "process"))] if several else []),
        share_text(copy_share(measured)),
        bytes_text(measured.extra_memory.get(OURS)),
        bytes_text(measured.extra_memory.get("torch")),
    ]


# ------------------------------------------------------------------------------------------------------------- Markdown

TEXTS = ("beside", "goal", "", "library")
"""The titles of columns of words, further than the first."""


def table(titles: list[str], rows: list[list[str]]) -> str:
    """Return a table: names to the left, numbers to the right."""
    rule = ["---", *("---" if title in TEXTS else "---:" for title in titles[1:])]
    lines = [titles, rule, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def bullets(lines: Iterable[str]) -> str:
    """Return a list."""
    return "".join(f"- {line}\n" for line in lines)
