"""Many files: a worker for each core, one bar, and a summary."""

import argparse
import os
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import gridsample as gs
from gridsample.cli.pictures import files
from gridsample.cli.refusal import Refusal, needed, say
from gridsample.cli.stopping import Stop, run_in_threads
from gridsample.cli.warp import one


def jobs_of(options: argparse.Namespace) -> list[one.Job]:
    """Return what to read and where to write it."""
    ending = options.format.endings[0] if options.format else None
    jobs = []
    for path in options.files:
        if path == files.PIPE:
            raise Refusal("standard input has no name to write to --out-dir; give it and OUT alone")
        name = Path(path).name if ending is None else Path(path).with_suffix(ending).name
        jobs.append(one.Job(path, str(Path(options.out_dir, name))))
    names: dict[str, str] = {}
    for job in jobs:
        other = names.setdefault(job.output, job.input)
        if other != job.input or [each.input for each in jobs].count(other) > 1:
            raise Refusal(f"{other!r} and {job.input!r} would both be written to {job.output!r}; take two --out-dir")
    return jobs


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(options: argparse.Namespace) -> int:
    """Do all jobs; return 1 if some failed."""
    jobs = jobs_of(options)
    try:
        Path(options.out_dir).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"cannot make {options.out_dir!r}: {error.strerror}") from None
    failed: list[str] = []
    workers = min(len(jobs), cores())
    threads = gs.get_num_threads()
    bar = needed("tqdm").tqdm(total=len(jobs), unit=" pictures", file=sys.stderr, disable=None, leave=False)

    def work(job: one.Job, stop: Stop) -> str | None:
        try:
            one.run(job, options, stop, lambda note: say(f"gridsample warp: {note}"))
        except Refusal as refusal:
            return str(refusal) if repr(job.input) in str(refusal) else f"{job.input!r}: {refusal}"
        except MemoryError:
            return f"{job.input!r}: not enough memory"
        return None

    def ended(future: Future[Any]) -> None:
        message = future.result()
        if message is not None:
            failed.append(message)
            say(f"gridsample warp: {message}")
        bar.update()

    try:
        gs.set_num_threads(max(1, threads // workers))  # as the workers are as many as the cores already
        run_in_threads(work, jobs, workers, ended)
    finally:
        gs.set_num_threads(threads)
        bar.close()
    done = len(jobs) - len(failed)
    say(
        f"gridsample warp: {done} of {len(jobs)} pictures written to {options.out_dir!r}"
        + f"; {len(failed)} failed" * bool(failed)
    )
    return 1 if failed else 0


def run_single(options: argparse.Namespace) -> int:
    """Do one job."""
    job = one.Job(*options.files)

    def work(job: one.Job, stop: Stop) -> None:
        one.run(job, options, stop, lambda note: say(f"gridsample warp: {note}"))

    def ended(future: Future[Any]) -> None:
        future.result()

    run_in_threads(work, [job], 1, ended)
    return 0
