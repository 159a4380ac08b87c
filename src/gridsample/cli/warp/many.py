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
    """Do all jobs; return 1 if some failed.

    What fails beside others is tried again alone: then it has all of the memory, and what libvips says, which it keeps
    in one place for all threads, is about this file.
    """
    jobs = jobs_of(options)
    try:
        Path(options.out_dir).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"cannot make {options.out_dir!r}: {error.strerror}") from None
    work, failed = Work(options), list[tuple[one.Job, str]]()
    workers, threads = min(len(jobs), cores()), gs.get_num_threads()
    bar = needed("tqdm").tqdm(total=len(jobs), unit=" pictures", file=sys.stderr, disable=None, leave=False)

    def ended(future: Future[Any]) -> None:
        job, message = future.result()
        if message is None:
            bar.update()
        else:
            failed.append((job, message))

    try:
        gs.set_num_threads(max(1, threads // workers))  # as the workers are as many as the cores already
        run_in_threads(work, jobs, workers, ended)
        gs.set_num_threads(threads)
        if workers > 1:
            again, failed = [job for job, _ in failed], []
            run_in_threads(work, again, 1, ended)
        for _, message in sorted(failed, key=lambda failure: jobs.index(failure[0])):
            say(f"gridsample warp: {message}")
            bar.update()
    finally:
        gs.set_num_threads(threads)
        bar.close()
    done, failures = len(jobs) - len(failed), f"; {len(failed)} failed" if failed else ""
    say(f"gridsample warp: {done} of {len(jobs)} pictures written to {options.out_dir!r}{failures}")
    return 1 if failed else 0


class Work:
    """What each worker does with a job: it returns the job, and None or why it failed."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._said: set[str] = set()

    def __call__(self, job: one.Job, stop: Stop) -> tuple[one.Job, str | None]:
        """Do a job."""
        try:
            one.run(job, self._options, stop, self._say)
        except Refusal as refusal:
            return job, str(refusal) if repr(job.input) in str(refusal) else f"{job.input!r}: {refusal}"
        except MemoryError:
            return job, f"{job.input!r}: not enough memory"
        return job, None

    def _say(self, note: str) -> None:
        """Say a note, but not again when a job is tried again."""
        if note not in self._said:
            self._said.add(note)
            say(f"gridsample warp: {note}")


def run_single(options: argparse.Namespace) -> int:
    """Do one job."""
    job = one.Job(*options.files)

    def work(job: one.Job, stop: Stop) -> None:
        one.run(job, options, stop, lambda note: say(f"gridsample warp: {note}"))

    def ended(future: Future[Any]) -> None:
        future.result()

    run_in_threads(work, [job], 1, ended)
    return 0
