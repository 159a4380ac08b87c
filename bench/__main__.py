"""The command: ``python -m bench``."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import figures, machine, readme, report
from bench.cases import CASES, IMPORT, IMPORT_GOAL, Case, chosen
from bench.measure import Settings, import_time, measure, workers
from bench.peers import PEERS

DESCRIPTION = """\
Time gridsample beside other libraries, in turns, each in a process of its own.

Before a case is timed, our answer is compared with the definition; a wrong one gets no time, and the exit status 1.
Libraries that are not installed are left out. A complete run writes docs/benchmarks.md.
"""

EPILOG = """\
examples:
  python -m bench --list                           the names of all cases
  python -m bench --only trilinear --only volume   some of them
  python -m bench --json run.json                  all of them, with every figure kept
  python -m bench --from-json run.json             write the report again, without measuring
"""


def positive(text: str) -> int:
    """Return a number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {text}")
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
    add("--threads", type=positive, default=machine.cores(), metavar="N", help="in every library (default: all cores)")
    add("--rounds", type=positive, default=Settings.rounds, metavar="N", help="turns of each library (default: 7)")
    add("--no-report", action="store_true", help="leave docs/benchmarks.md as it is")
    return made


def run(cases: list[Case], settings: Settings, importing: bool) -> dict[str, Any]:
    """Measure, show progress and results, and return everything as plain data."""
    from tqdm import tqdm  # noqa: PLC0415  (the report can be written without it)

    found = []
    used = machine.busy()
    if used is not None and used > BUSY:
        print(WARNING.format(used), file=sys.stderr)
    say = lambda text: tqdm.write(text, file=sys.stdout)  # noqa: E731  (keeps clear of the bar)
    say(figures.header())
    total = len(cases) * settings.rounds + importing
    with workers(PEERS) as lent, tqdm(total=total, leave=False, unit="round", disable=None) as bar:
        for done, case in enumerate(cases):
            bar.set_description(case.name)
            measured = measure(case, lent, settings, bar.update)
            bar.update((done + 1) * settings.rounds - bar.n)  # a wrong answer has no rounds
            say(figures.row(measured))
            found.append(measured.to_json())
        seconds = import_time(settings.rounds) if importing else None
        if seconds is not None:
            bar.update()
            say(f"{IMPORT}, beyond NumPy's own: {figures.time_text(seconds)}, goal {figures.time_text(IMPORT_GOAL)}")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": machine.commit(),
        "machine": machine.facts(),
        "versions": machine.versions(),
        "missing": machine.missing(),
        "settings": vars(settings),
        "busy": used,
        "cases": found,
        "import": seconds,
    }


def select(words: list[str]) -> tuple[list[Case], bool]:
    """Return the cases to measure, and whether to measure the import."""
    names = chosen(words)
    possible = [case for case in CASES if (case.threads or 1) <= machine.cores()]
    return [case for case in possible if case.name in names], IMPORT in names


def status(results: dict[str, Any]) -> int:
    """Return the exit status: 1 if any of our answers was wrong."""
    wrong = [case["case"]["name"] for case in results["cases"] if not case["right"]]
    for name in wrong:
        print(f"wrong: {name}", file=sys.stderr)
    return int(bool(wrong))


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    reads = parser()
    options = reads.parse_args(arguments)
    try:
        cases, importing = select(options.only)
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
            results = run(cases, Settings(options.threads, options.rounds), importing)
        except KeyboardInterrupt:
            print("interrupted; nothing is written", file=sys.stderr)
            return 130
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if not options.no_report and (options.from_json or not options.only):
        print(f"\nwritten: {report.write(results)}")
        readme.update()
    return status(results)


if __name__ == "__main__":
    sys.exit(main())
