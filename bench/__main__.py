"""The command: ``python -m bench``."""

import argparse
import json
import math
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import figures, machine, readme, report
from bench.case import Case
from bench.cases import CASES, IMPORT, IMPORT_GOAL, chosen
from bench.measure import Pace, import_time, measure, told_instructions, workers
from bench.peers import PEERS
from bench.settings import Setting, instruction_sets, planned, settings

DESCRIPTION = """\
Time gridsample beside other libraries, in turns, each in a process of its own: in every instruction set that the
processor has, with one thread and with one for each core.

Before a case is timed, our answer is compared with the definition; a wrong one gets no time, and the exit status 1.
Libraries that are not installed are left out. A complete run writes docs/benchmarks.md.
"""

EPILOG = """\
examples:
  python -m bench --list                           the names of all cases
  python -m bench --only trilinear --only volume   some of them
  python -m bench --set x86_64_v3 --threads 1      AVX2 alone, with one thread
  python -m bench --json run.json                  all of them, with every figure kept
  python -m bench --from-json run.json             write the report again, without measuring
"""


def positive(text: str) -> int:
    """Return a number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {text}")
    return number


def seconds(text: str) -> float:
    """Return a time above 0."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0; got {text}")
    return number


BUSY = 0.1  # of the processors' time: what others may use before we say so
WARNING = """\
warning: other programs use {:.0%} of the processors' time. Libraries whose threads wait for each other suffer from that
more than others do: the ratios will not be what they are on an idle machine.
"""


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(
        "python -m bench", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = made.add_argument
    add("--only", action="append", default=[], metavar="WORD", help="the cases with this in their name; repeatable")
    add("--list", action="store_true", help="print the names of the cases, and measure nothing")
    add("--json", type=Path, metavar="FILE", help="write everything that was measured to a file")
    add("--from-json", type=Path, metavar="FILE", help="write the report of such a file, and measure nothing")
    add("--set", action="append", metavar="NAME", help="the instructions; repeatable (default: all the processor has)")
    add(
        "--threads",
        action="append",
        type=positive,
        metavar="N",
        help="in every library; repeatable (default: 1 and all)",
    )
    add("--rounds", type=positive, default=Pace.rounds, metavar="N", help=f"turns of each (default: {Pace.rounds})")
    add("--block", type=seconds, default=Pace.block, metavar="S", help=f"seconds of a turn (default: {Pace.block:g})")
    add("--no-report", action="store_true", help="leave docs/benchmarks.md as it is")
    return made


def run(cases: list[Case], chosen: list[Setting], pace: Pace, importing: bool) -> dict[str, Any]:
    """Measure, show progress and results, and return everything as plain data."""
    from tqdm import tqdm  # noqa: PLC0415  (the report can be written without it)

    found = []
    told: dict[str, dict[str, str]] = {}
    used = machine.busy()
    if used is not None and used > BUSY:
        print(WARNING.format(used), file=sys.stderr)
    say = lambda text: tqdm.write(text, file=sys.stdout)  # noqa: E731  (keeps clear of the bar)
    plan = planned(cases, chosen)
    with tqdm(total=len(plan) * pace.rounds + importing, leave=False, unit="round", disable=None) as bar:
        for instructions in dict.fromkeys(setting.instructions for setting in chosen):
            shown = None
            with workers(PEERS, instructions) as lent:
                for setting, case, wanted in plan:
                    if setting.instructions != instructions:
                        continue
                    if setting != shown:
                        say(figures.header(setting))
                        shown = setting
                    bar.set_description(case.name)
                    measured = measure(case, setting, lent, pace, wanted, bar.update)
                    found.append(measured.to_json())
                    bar.update(len(found) * pace.rounds - bar.n)  # a wrong answer has no rounds
                    say(figures.row(measured))
                told[instructions] = told_instructions(lent)
        taken = import_time(pace.rounds) if importing else None
        if taken is not None:
            bar.update()
            say(f"\n{IMPORT}, beyond NumPy's own: {figures.time_text(taken)}, goal {figures.time_text(IMPORT_GOAL)}")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": machine.commit(),
        "machine": machine.facts(),
        "versions": machine.versions(),
        "missing": machine.missing(),
        "settings": [setting._asdict() for setting in chosen],
        "instructions": told,
        "pace": vars(pace),
        "busy": used,
        "cases": found,
        "import": taken,
    }


def select(words: list[str]) -> tuple[list[Case], bool]:
    """Return the cases to measure, and whether to measure the import."""
    names = chosen(words)
    return [case for case in CASES if case.name in names], IMPORT in names


def select_settings(sets: list[str] | None, threads: list[int] | None) -> list[Setting]:
    """Return the settings to measure in.

    Raises
    ------
    ValueError
        For a set that is not among those of this processor.
    """
    possible = instruction_sets()
    for name in sets or []:
        if name not in possible:
            raise ValueError(f"--set: {name!r} is none of this processor's: {', '.join(possible)}")
    wanted = [name for name in possible if not sets or name in sets]
    return settings(wanted, threads or [1, machine.cores()])


def status(results: dict[str, Any]) -> int:
    """Return the exit status: 1 if any of our answers was wrong."""
    wrong = dict.fromkeys(case["case"]["name"] for case in results["cases"] if not case["right"])
    for name in wrong:
        print(f"wrong: {name}", file=sys.stderr)
    return int(bool(wrong))


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    reads = parser()
    options = reads.parse_args(arguments)
    try:
        cases, importing = select(options.only)
        wanted = [] if options.from_json else select_settings(options.set, options.threads)
    except ValueError as error:
        reads.error(str(error))
    if options.list:
        print("\n".join(chosen(options.only)))
        return 0
    if options.json and not options.json.parent.is_dir():  # better now than after the measurement
        reads.error(f"--json: there is no folder {options.json.parent}")
    if options.from_json:
        try:
            results = json.loads(options.from_json.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reads.error(f"--from-json: {error}")
    else:
        try:
            results = run(cases, wanted, Pace(options.rounds, options.block), importing)
        except KeyboardInterrupt:
            print("interrupted; nothing is written", file=sys.stderr)
            return 130
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    is_complete = options.from_json or not (options.only or options.set or options.threads)
    if is_complete and not options.no_report:
        print(f"\nwritten: {report.write(results)}")
        readme.update()
    return status(results)


if __name__ == "__main__":
    sys.exit(main())
