"""Many workers, each with a call of its own, beside the same calls in a row: ``python -m bench.crowd``.

The workers are those of torch's ``DataLoader``, which have one thread each. However many there are, they should take no
longer than the same calls one after the other with all threads.
"""

import argparse
import statistics
import time
import warnings

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

import gridsample as gs
from bench.machine import cores

Span = tuple[float, float]


class Calls(Dataset[Span]):
    """Calls on tensors or on NumPy arrays; an item is the moments when one begins and ends."""

    def __init__(self, count: int, side: int, of_tensors: bool) -> None:
        rng = np.random.default_rng(0)
        image = rng.uniform(size=(1, 3, side, side)).astype("float32")
        grid = rng.uniform(-1, 1, (1, side, side, 2)).astype("float32")
        self.count = count
        self.arrays = (torch.from_numpy(image), torch.from_numpy(grid)) if of_tensors else (image, grid)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Span:
        if index >= self.count:
            raise IndexError(index)
        begin = time.monotonic()  # one clock for all processes
        gs.grid_sample(*self.arrays)
        return begin, time.monotonic()


def in_a_row(calls: Calls) -> float:
    """Return the seconds of one call after the other, with all threads."""
    spans = list(calls)
    return spans[-1][1] - spans[0][0]


def seconds(calls: Calls, workers: int, rounds: int) -> tuple[float, float]:
    """Return the median seconds of all calls in a row, and of one by each worker, taken in turns."""
    loader = DataLoader(calls, batch_size=None, num_workers=workers, persistent_workers=True)
    rows, crowds = [], []
    for _ in range(rounds + 1):
        spans = [tuple(map(float, span)) for span in loader]
        crowds.append(max(end for _, end in spans) - min(begin for begin, _ in spans))
        rows.append(in_a_row(calls))
    return statistics.median(rows[1:]), statistics.median(crowds[1:])  # the first ones warm up


def main() -> None:
    """Print a line for tensors and one for NumPy arrays."""
    parser = argparse.ArgumentParser("python -m bench.crowd", description=__doc__)
    parser.add_argument("--workers", type=int, default=4 * cores(), metavar="N", help="default: 4 times the cores")
    parser.add_argument("--side", type=int, default=1024, metavar="PIXELS", help="of images and grids (default: 1024)")
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="of which the median counts (default: 9)")
    given = parser.parse_args()
    warnings.filterwarnings("ignore", "This DataLoader will create", UserWarning)  # it recommends one worker a core
    for name, of_tensors in (("tensors", True), ("NumPy arrays", False)):
        row, crowd = seconds(Calls(given.workers, given.side, of_tensors), given.workers, given.rounds)
        print(f"{name}: {given.workers} calls in a row with {cores()} threads {row * 1e3:.1f} ms", end="; ")
        print(f"by {given.workers} workers {crowd * 1e3:.1f} ms, {crowd / row:.2f} of it")


if __name__ == "__main__":
    main()
