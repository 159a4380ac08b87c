"""The comparison: the call, the reference at some of its points, and everything else beside it."""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import gridsample as gs
from gridsample import reference
from gridsample.cli.compare.peers import PEERS, Cannot, Job, Sampler
from gridsample.cli.given import array_of, cast, has_colours, options_of, put
from gridsample.engines import ENGINES
from gridsample.engines.interface import Call, Engine
from gridsample.faces import numpy as numpy_face
from gridsample.spec import check_axes, parse_options

ENOUGH, CALLS = 0.5, 7  # seconds and calls, of which the best counts
CHANNELS = 3
TURN, ZOOM = 0.35, 1.2  # radians, and how much larger than the array the sampled place is
BOLD, DIM, RESET = "\033[1m", "\033[2m", "\033[0m"
WIDTHS = (22, 14, 24, 12)


def compare(options: argparse.Namespace) -> None:
    """Print a line for each, when it is done."""
    job, rng = job_of(options), np.random.default_rng(options.seed)
    points = job.grid.shape[1]
    checked = np.sort(rng.permutation(points)[: options.checked])
    size = "x".join(map(str, reversed(job.size)))
    channels = job.input.shape[1]
    put(f"{points} places in {size} pixels of {job.input.dtype}, {channels} channel{'s' * (channels > 1)}")
    put(f"{' '.join(options.mode)}, {' '.join(options.padding)}, align_corners={options.align_corners}\n")
    line("", "version", "largest difference", "time", style=BOLD)
    begin = time.perf_counter()
    truth = defined(job, checked, options)
    seconds = time.perf_counter() - begin
    line("reference", gs.__version__, f"at {len(checked)} places", duration(seconds))
    for name, version, sampler in contestants(job):
        if isinstance(sampler, str):
            line(name, version, sampler, style=DIM)
        else:
            found, seconds = best_of(sampler)
            line(name, version, number(np.abs(found[:, checked] - truth).max()), duration(seconds))


def job_of(options: argparse.Namespace) -> Job:
    """Return the call that was asked for."""
    if options.input is None:
        noise = np.random.default_rng(options.seed).random((1, CHANNELS, *reversed(options.size)))
        input = noise.astype(options.dtype or "float32")
    else:
        input = array_of(options.input, None)
        input = cast(input, options.dtype or ("float32" if input.dtype.itemsize < 8 else "float64"))
    spec = parse_options(*options_of(options).values())
    size = input.shape[2:]
    check_axes(spec, len(size))
    grid = places(size, options.align_corners).astype("float64" if input.dtype == "float64" else "float32")
    positions = np.stack([spec.convention.locate(grid[0, :, -1 - a].astype(float), n) for a, n in enumerate(size)])
    return Job(np.ascontiguousarray(input), grid, positions, spec, options.align_corners)


def places(size: tuple[int, ...], align: bool) -> Any:
    """Return as many places as there are pixels, (1, P, D): those of the array turned and made larger."""
    theta = ZOOM * np.eye(len(size), len(size) + 1)
    if len(size) > 1:
        cos, sin = np.cos(TURN), np.sin(TURN)
        theta[:2, :2] = ZOOM * np.array([[cos, -sin], [sin, cos]])
    return gs.affine_grid(theta[np.newaxis], (1, 1, *size), align).reshape(1, -1, len(size))


def defined(job: Job, checked: Any, options: argparse.Namespace) -> Any:
    """Return what the definition says, (C, places)."""
    arguments = options_of(options)
    arguments["mode"] = tuple(str(job.spec.axis(d).kernel) for d in range(len(job.size)))
    arguments["padding_mode"] = tuple(str(job.spec.axis(d).boundary) for d in range(len(job.size)))
    sample: Any = reference.grid_sample
    return sample(job.input.astype(float), job.grid[:, checked].astype(float), **arguments)[0]


def contestants(job: Job) -> Iterator[tuple[str, str, Sampler | str]]:
    """Return each engine and each library, with its version, and a call of it or why there is none."""
    for engine in ENGINES:
        yield f"gridsample, {engine.name}", gs.__version__, engine_call(engine, job)
    for peer in PEERS:
        if not peer.installed:
            yield peer.name, "", "not installed"
            continue
        try:
            yield peer.name, peer.version, peer.prepare(job)
        except Cannot as reason:
            yield peer.name, peer.version, str(reason)


def engine_call(engine: Engine, job: Job) -> Sampler | str:
    """Return a call of one engine, filters included, or why it does not serve it."""
    spec, orders = job.spec.weighing or job.spec, (0,) * len(job.size)
    dtypes = (job.input.dtype.name, job.grid.dtype.name)
    reason = engine.serves(Call("pull", "numpy", "cpu", dtypes, job.size, orders, spec))
    if reason is not None:
        return reason
    result = np.empty((1, job.input.shape[1], job.grid.shape[1]), job.input.dtype)

    def sample() -> Any:
        given = job.input if spec is job.spec else numpy_face.coefficients(job.input, job.spec, False)
        return engine.pull(given, job.grid, spec, orders, result)[0]

    return sample


def best_of(sampler: Sampler) -> tuple[Any, float]:
    """Return what a call gives, and the shortest time that it takes."""
    times: list[float] = []
    found = sampler()
    while len(times) < CALLS and (not times or sum(times) < ENOUGH):
        begin = time.perf_counter()
        found = sampler()
        times.append(time.perf_counter() - begin)
    return np.asarray(found, float), min(times)


def number(value: float) -> str:
    """Return a difference."""
    return f"{value:.2g}" if value else "0"


def duration(seconds: float) -> str:
    """Return a time in the unit that it is read in."""
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def line(*cells: str, style: str = "") -> None:
    """Print a line of the table at once."""
    text = "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=False)).rstrip()
    put(f"{style}{text}{RESET}" if style and has_colours() else text)
    sys.stdout.flush()
