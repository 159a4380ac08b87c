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

from bench.case import OURSELVES, Case
from bench.check import Check
from bench.peers import COPY, OURS, peers_for
from bench.settings import Setting, environment, held
from bench.worker import serve

REMEMBERING = (OURS, "torch")  # whose memory is measured


@dataclass(frozen=True)
class Pace:
    """How long a run measures."""

    rounds: int = 5
    block: float = 0.1
    """Seconds."""


@dataclass
class Measured:
    """What is known of a case after its measurement; plain data."""

    case: Case
    setting: Setting
    right: bool
    errors: list[float] = field(default_factory=list)
    """How far each of our results is from the definition at most."""
    allowed: list[float] = field(default_factory=list)
    """And how far rounding explains."""
    wall: dict[str, list[float]] = field(default_factory=dict)
    """For each library the seconds that a call takes in each round; none for a wrong answer."""
    process: dict[str, list[float]] = field(default_factory=dict)
    """And those that the threads of its process use for it, all together."""
    differences: dict[str, list[float]] = field(default_factory=dict)
    """For each peer the largest difference to each of our results, among some of its numbers."""
    extra_memory: dict[str, int] = field(default_factory=dict)
    """For us and torch the peak of a call beside its result, in bytes."""
    failures: dict[str, str] = field(default_factory=dict)
    """For each library that gave no answer, why."""

    def seconds(self, name: str) -> list[float] | None:
        """Return a library's times by the setting's clock."""
        return getattr(self, self.setting.clock).get(name)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**vars(self), "case": self.case.to_json(), "setting": self.setting._asdict()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Measured":
        """Return what ``to_json`` made this of."""
        return cls(**{**data, "case": Case.from_json(data["case"]), "setting": Setting(**data["setting"])})


class Failed(Exception):
    """A library raised something, or its process ended."""


class Worker:
    """Our side of the pipe to a process with one library in it; the process starts with the first request.

    ``variables`` are those of its environment that hold it to an instruction set.
    """

    def __init__(self, peer: str, variables: dict[str, str] | None = None) -> None:
        self.peer, self.variables = peer, variables or {}
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
        with held(self.variables):  # a process that is spawned has them before it imports anything
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
def workers(names: Iterable[str], instructions: str) -> Iterator[dict[str, Worker]]:
    """Lend a worker for each library, held to an instruction set, and end them all."""
    variables = environment(instructions)
    lent = {name: Worker(name, variables) for name in names}
    try:
        yield lent
    finally:
        for worker in lent.values():
            worker.close()


def measure(
    case: Case,
    setting: Setting,
    lent: dict[str, Worker],
    pace: Pace,
    wanted: list[str] | None = None,
    step: Callable[[], Any] = lambda: None,
) -> Measured:
    """Check our answer, and if it is right, time all that can do a case; ``step`` is called after each round."""
    names = [name for name in peers_for(case, wanted) if name in lent]
    try:
        lent[OURS].ask("prepare", case, setting.threads)
        checked: Check = lent[OURS].ask("check")
    except Failed as failure:
        return Measured(case, setting, False, failures={OURS: str(failure)})
    measured = Measured(case, setting, checked.right, checked.errors, checked.allowed)
    if checked.right:
        for name in ready(names, lent, measured):
            measured.wall[name], measured.process[name] = [], []
        take_rounds(lent, pace, measured, step)
        remember(lent, measured)
    for name in names:
        release(lent[name])
    return measured


def told_instructions(lent: dict[str, Worker]) -> dict[str, str]:
    """Return what each library that was measured says of the instructions it uses."""
    return {name: worker.ask("instructions") for name, worker in lent.items() if worker.process is not None}


def ready(names: list[str], lent: dict[str, Worker], measured: Measured) -> Iterator[str]:
    """Make a case ready in all libraries, compare their results with ours, and return those that have one."""
    own = lent[OURS].ask("sampled")
    yield OURS
    for name in names:
        if name == OURS:
            continue
        try:
            lent[name].ask("prepare", measured.case, measured.setting.threads)
            if name not in (COPY, OURSELVES):
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


def take_rounds(lent: dict[str, Worker], pace: Pace, measured: Measured, step: Callable[[], Any]) -> None:
    """Time a block of each library in turn, in each round beginning with another one."""
    for turn in range(pace.rounds):
        names = list(measured.wall)
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            try:
                wall, process = lent[name].ask("block", pace.block)
            except Failed as failure:
                measured.failures[name] = str(failure)
                del measured.wall[name], measured.process[name]
                if name == OURS:
                    measured.right = False
                    measured.wall.clear()
                    measured.process.clear()
                    return
            else:
                measured.wall[name].append(wall)
                measured.process[name].append(process)
        step()


def remember(lent: dict[str, Worker], measured: Measured) -> None:
    """Measure the memory of a call."""
    for name in REMEMBERING:
        if name in measured.wall:
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
