"""A process with one library in it, which does what it is asked over a pipe and sleeps in between."""

import ctypes
import gc
import statistics
import time
import traceback
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from bench.case import Arrays, Case
from bench.check import Check, check
from bench.peer import Prepared
from bench.peers import PEERS

CALLS = 3  # in a block, at least
PATIENCE = 4  # but no longer than so many times a block's seconds
BATCH = 1e-3  # seconds: shorter calls are timed several at once
SAMPLED = 100_000  # numbers of each result that are compared between libraries


class Server:
    """The library's side of the pipe. Each public method answers one request."""

    def __init__(self, peer: str) -> None:
        self.peer = PEERS[peer]()
        self.arrays: Arrays | None = None
        self.call: Prepared | None = None
        self.case: Case | None = None
        self.batch = 1

    def prepare(self, case: Case, threads: int) -> None:
        """Make a case's call ready, and warm it up."""
        self.peer.set_threads(threads)
        self.case, self.arrays = case, case.arrays()
        self.call = self.peer.prepare(case, self.arrays)
        for _ in range(3):
            start = time.perf_counter()
            self.call.run()
            taken = time.perf_counter() - start
        self.batch = max(1, int(BATCH / taken))

    def check(self) -> Check:
        """Return how far the result is from the definition."""
        return check(self.case, self.arrays, self._results(), steps=self.peer.steps(self.case))

    def sampled(self) -> list[np.ndarray]:
        """Return some numbers of each result, the same ones in every library, and the results' shapes."""
        rng = np.random.default_rng(2)
        results = self._results()
        return [np.append(result.shape, np.take(result, rng.integers(0, result.size, SAMPLED))) for result in results]

    def block(self, seconds: float) -> tuple[float, float]:
        """Return the median times of a call, over a block of calls: what passes, and what all threads use."""
        run, batch = self.call.run, self.batch
        time.sleep(0.01)  # other libraries' threads may wait a while for more work before they sleep
        run()
        wall: list[float] = []
        process: list[float] = []
        while sum(wall) < seconds or (len(wall) < CALLS and sum(wall) < PATIENCE * seconds):
            used, start = time.process_time(), time.perf_counter()
            for _ in range(batch):
                run()
            wall.append(time.perf_counter() - start)
            process.append(time.process_time() - used)
        return statistics.median(wall) / batch, statistics.median(process) / batch

    def instructions(self) -> str:
        """Return what the library says of the instructions it uses in this process."""
        return self.peer.instructions()

    def extra_memory(self) -> int | None:
        """Return the peak of a call beside its result, in bytes; None where the system does not tell."""
        try:
            return extra_memory(self.call.run, self._results)
        except OSError:
            return None

    def release(self) -> None:
        """Forget the case."""
        self.case = self.arrays = self.call = None
        gc.collect()

    def _results(self) -> list[np.ndarray]:
        return self.call.convert(self.call.run())


def status(field: str) -> int:
    """Return a line of this process's memory, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def extra_memory(run: Any, results: Any) -> int:
    """Return the peak of a call above what was there before it, without the result's own bytes."""
    own = 0
    for result in results():
        own += result.nbytes
    del result
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # what the allocator keeps for the next call would hide that it is needed
        trim(0)
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    kept = run()
    peak = status("VmHWM")
    del kept
    return max(0, peak - before - own)


def serve(connection: Connection, peer: str) -> None:
    """Answer requests, (method, arguments), until the other side closes the pipe."""
    warnings.simplefilter("ignore")
    server = None
    while True:
        try:
            method, arguments = connection.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            server = server or Server(peer)
            answer = (True, getattr(server, method)(*arguments))
        except KeyboardInterrupt:
            return
        except Exception:
            answer = (False, traceback.format_exc())
        connection.send(answer)
