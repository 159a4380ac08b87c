"""Blocks of calls, the libraries in turn."""

import multiprocessing
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.cases import Case
from bench.check import Check
from bench.peers import COPY, OURS, peers_for
from bench.worker import serve

REMEMBERING = (OURS, "torch")  # whose memory is measured


@dataclass(frozen=True)
class Settings:
    """How a run measures."""

    threads: int
    rounds: int = 7
    block: float = 0.15
    """Seconds."""


@dataclass
class Measured:
    """What is known of a case after its measurement; plain data."""

    case: Case
    threads: int
    right: bool
    errors: list[float] = field(default_factory=list)
    """How far each of our results is from the definition at most."""
    allowed: list[float] = field(default_factory=list)
    """And how far rounding explains."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """For each library the time of a call in each round; none for a wrong answer."""
    differences: dict[str, list[float]] = field(default_factory=dict)
    """For each peer the largest difference to each of our results, among some of its numbers."""
    extra_memory: dict[str, int] = field(default_factory=dict)
    """For us and torch the peak of a call beside its result, in bytes."""
    failures: dict[str, str] = field(default_factory=dict)
    """For each library that gave no answer, why."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**vars(self), "case": self.case.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Measured":
        """Return what ``to_json`` made this of."""
        return cls(**{**data, "case": Case.from_json(data["case"])})


class Failed(Exception):
    """A library raised something, or its process ended."""


class Worker:
    """Our side of the pipe to a process with one library in it; the process starts with the first request."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.process: Any = None
        self.connection: Any = None

    def ask(self, method: str, *arguments: Any) -> Any:
        """Have a method of ``worker.Server`` called, and return what it returns."""
        try:
            if self.process is None:
                self._start()
            self.connection.send((method, arguments))
            done, answer = self.connection.recv()
        except (EOFError, OSError):
            code = self._end()
            raise Failed(f"the process of {self.peer} ended with status {code}") from None
        if not done:
            raise Failed(answer)
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self._end()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, self.peer), daemon=True)
        self.process.start()
        theirs.close()

    def _end(self) -> int | None:
        self.connection.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        code: int | None = self.process.exitcode
        self.process = None
        return code


@contextmanager
def workers(names: Iterable[str]) -> Iterator[dict[str, Worker]]:
    """Lend a worker for each library, and end them all."""
    lent = {name: Worker(name) for name in names}
    try:
        yield lent
    finally:
        for worker in lent.values():
            worker.close()


def measure(
    case: Case, lent: dict[str, Worker], settings: Settings, step: Callable[[], Any] = lambda: None
) -> Measured:
    """Check our answer, and if it is right, time all that can do a case; ``step`` is called after each round."""
    threads = case.threads or settings.threads
    names = [name for name in peers_for(case) if name in lent]
    try:
        lent[OURS].ask("prepare", case, threads)
        checked: Check = lent[OURS].ask("check")
    except Failed as failure:
        return Measured(case, threads, False, failures={OURS: str(failure)})
    measured = Measured(case, threads, checked.right, checked.errors, checked.allowed)
    if checked.right:
        for name in ready(case, names, lent, threads, measured):
            measured.seconds[name] = []
        take_rounds(lent, settings, measured, step)
        remember(lent, measured)
    for name in names:
        release(lent[name])
    return measured


def ready(case: Case, names: list[str], lent: dict[str, Worker], threads: int, measured: Measured) -> Iterator[str]:
    """Make a case ready in all libraries, compare their results with ours, and return those that have one."""
    own = lent[OURS].ask("sampled")
    yield OURS
    for name in names:
        if name == OURS:
            continue
        try:
            lent[name].ask("prepare", case, threads)
            if name != COPY:
                measured.differences[name] = difference(own, lent[name].ask("sampled"))
            yield name
        except Failed as failure:
            measured.failures[name] = str(failure)


def difference(own: list[np.ndarray], other: list[np.ndarray]) -> list[float]:
    """Return the largest difference between the sampled numbers of each result; infinite for NaN and other shapes."""
    found = []
    for ours, theirs in zip(own, other, strict=True):
        largest = float(np.abs(ours - theirs).max(initial=0)) if ours.shape == theirs.shape else np.inf
        found.append(largest if np.isfinite(largest) else np.inf)
    return found


def take_rounds(lent: dict[str, Worker], settings: Settings, measured: Measured, step: Callable[[], Any]) -> None:
    """Time a block of each library in turn, in each round beginning with another one."""
    for turn in range(settings.rounds):
        names = list(measured.seconds)
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            try:
                measured.seconds[name].append(lent[name].ask("block", settings.block))
            except Failed as failure:
                measured.failures[name] = str(failure)
                del measured.seconds[name]
                if name == OURS:
                    measured.right = False
                    measured.seconds.clear()
                    return
        step()


def remember(lent: dict[str, Worker], measured: Measured) -> None:
    """Measure the memory of a call."""
    for name in REMEMBERING:
        if name in measured.seconds:
            try:
                extra = lent[name].ask("extra_memory")
            except Failed as failure:
                measured.failures[name] = str(failure)
                continue
            if extra is not None:
                measured.extra_memory[name] = extra


def release(worker: Worker) -> None:
    """Have a worker forget its case, if it still lives."""
    if worker.process is not None:
        try:
            worker.ask("release")
        except Failed:
            worker.close()


IMPORTING = """
import time, numpy
start = time.perf_counter()
import gridsample
print(time.perf_counter() - start)
"""


def import_time(rounds: int) -> float:
    """Return the median time of importing this library in a fresh process where NumPy is imported already."""
    times = [
        float(subprocess.run([sys.executable, "-c", IMPORTING], capture_output=True, text=True, check=True).stdout)
        for _ in range(rounds)
    ]
    return statistics.median(times)
