"""What a case is: one row of the benchmark, and the arrays it works on."""

import math
import zlib
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from bench.places import GRIDS, LAYOUTS
from bench.settings import Setting
from gridsample.definitions.dtypes import DTYPES
from gridsample.spec import Spec, parse

EPS = {
    **{name: dtype.eps for name, dtype in DTYPES.items()},
    "complex64": DTYPES["float32"].eps,
    "uint8": 0.5 / 255,
}  # for bytes, half a level of those there are
WIDTHS = {"uint8": 1, "bfloat16": 2, "float16": 2, "float32": 4, "float64": 8, "complex64": 8}  # bytes
LABELS = 20
"""How many labels a label map has."""
OURSELVES = "ourselves"
"""The peer that is this library, asked for something else."""


class Arrays(NamedTuple):
    """What a case works on, as C-contiguous NumPy arrays with the channels second.

    NumPy has no bfloat16: for it these are float32 arrays of numbers that bfloat16 has.
    """

    input: np.ndarray
    grid: np.ndarray
    values: np.ndarray | None = None
    """The gradient of the result, for a backward pass."""
    by_input: np.ndarray | None = None
    """The gradient of the input's gradient, for a double backward pass."""
    by_grid: np.ndarray | None = None


class Goal(NamedTuple):
    """The ratio aimed at, a peer's time over ours, by setting; without numbers, whom we are shown beside."""

    peer: str = "torch"
    every: float | None = None
    """In all settings that have none of their own."""
    one: float | None = None
    """With one thread and AVX2, which is what most people have."""
    all: float | None = None
    """With several threads and AVX-512."""

    def within(self, setting: Setting) -> float | None:
        """Return the ratio aimed at in a setting."""
        own = None
        if setting.instructions == "x86_64_v3" and setting.threads == 1:
            own = self.one
        elif setting.instructions == "x86_64_v4" and setting.threads > 1:
            own = self.all
        return self.every if own is None else own


@dataclass(frozen=True)
class Case:
    """One row of the benchmark.

    Attributes
    ----------
    name : str
        What it is called in the tables.
    shape : tuple of int
        That of the input, (N, C, *size), whatever the layout.
    out : tuple of int
        The result's spatial shape.
    operation : str
        What is timed: "sample"; "recorded sample", of tensors that need gradients; "backward", alone, on the recorded
        graph of one call; "forward and backward"; "double backward"; "gradient penalty"; "labels" and "one-hot", label
        maps by ``sample_labels`` and by samples of a plane for each label.
    mode, padding : str
        As ``grid_sample`` takes them, kernels of other parameters by their text; ``align_corners`` is False throughout.
    grid : str
        Where the points are (``places.GRIDS``).
    channels, grid_layout : str
        How input and grid lie in memory (``places.LAYOUTS``). For NumPy arrays "last" is the shape (N, *size, C).
    dtype : str
        Of all arrays; a grid for bytes and complex numbers is of float32.
    grid_dtype : str or None
        Of the grid, if it is another.
    gradients : {"both", "input", "grid"}
        Which a backward pass computes.
    family : {"torch", "numpy"}
        Whose arrays we are given.
    goals : tuple of Goal
        The peers it is compared with, and what is aimed at.
    copy_goal : float or None
        The share of the memory-copy limit aimed at, with several threads and AVX-512.
    otherwise : dict or None
        For a case that is compared with ourselves: what is another there.
    peers : tuple of str or None
        The peers measured beside us; None is all that can.
    note : str
        What a reader should know of it.
    group : str
        The table it is in.
    """

    name: str
    shape: tuple[int, ...]
    out: tuple[int, ...]
    operation: str = "sample"
    mode: str = "bilinear"
    padding: str = "zeros"
    grid: str = "rotated"
    channels: str = "first"
    grid_layout: str = "first"
    dtype: str = "float32"
    grid_dtype: str | None = None
    gradients: str = "both"
    family: str = "torch"
    goals: tuple[Goal, ...] = (Goal(),)
    copy_goal: float | None = None
    otherwise: dict[str, Any] | None = None
    peers: tuple[str, ...] | None = None
    note: str = ""
    group: str = ""

    @property
    def size(self) -> tuple[int, ...]:
        """The lengths of the input's spatial axes."""
        return self.shape[2:]

    @property
    def result_shape(self) -> tuple[int, ...]:
        """The result's shape, with the channels second."""
        return (*self.shape[:2], *self.out)

    @property
    def grid_shape(self) -> tuple[int, ...]:
        """The grid's shape."""
        return (self.shape[0], *self.out, len(self.size))

    @property
    def results_shapes(self) -> list[tuple[int, ...]]:
        """The shapes of all that the operation returns, with the channels second."""
        leaves = {"input": self.shape, "grid": self.grid_shape}
        gradients = [shape for name, shape in leaves.items() if self.gradients in (name, "both")]
        if self.operation in ("backward", "gradient penalty"):
            return gradients
        if self.operation in ("forward and backward", "double backward"):
            return [self.result_shape, *gradients]
        return [self.result_shape]

    @property
    def spec(self) -> Spec:
        """The options of the call."""
        return parse(self.mode, self.padding, False)

    @property
    def is_sweep(self) -> bool:
        """Whether it is a point of the sweep over sizes."""
        return self.name.startswith("sweep ")

    @property
    def is_strided(self) -> bool:
        """Whether an array lies in memory as neither of the usual layouts has it."""
        return self.channels == "heads" or self.grid_layout != "first"

    @property
    def differentiates(self) -> bool:
        """Whether gradients are recorded."""
        return self.operation not in ("sample", "labels", "one-hot")

    @property
    def places_dtype(self) -> str:
        """The dtype of the grid."""
        return self.grid_dtype or ("float64" if self.dtype == "float64" else "float32" if self.whole else self.dtype)

    @property
    def whole(self) -> bool:
        """Whether its numbers are none that places can be of."""
        return self.dtype in ("uint8", "complex64")

    def strides(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the strides of input and grid, in numbers."""
        return LAYOUTS[self.channels](self.shape), LAYOUTS[self.grid_layout](self.grid_shape)

    def as_otherwise(self) -> "Case":
        """Return what it is compared with if that is ourselves."""
        return replace(self, otherwise=None, **(self.otherwise or {}))

    def beside(self, peer: str) -> str:
        """Return what a peer is called in its row."""
        if peer != OURSELVES or not self.otherwise:
            return peer
        return f"ours, {', '.join(str(value) for value in self.otherwise.values())}"

    def traffic(self) -> int:
        """Return the bytes that have to be read or written, each once."""
        source, places, result = (math.prod(s) for s in (self.shape, self.grid_shape, self.result_shape))
        if self.operation in ("double backward", "gradient penalty"):  # five read and three written
            numbers, coordinates = 3 * source + 2 * result, 3 * places
        elif self.operation in ("backward", "forward and backward"):
            by_input, by_grid = (self.gradients in (name, "both") for name in ("input", "grid"))
            numbers = source * (by_grid + by_input) + result
            coordinates = places * (1 + by_grid)
            if self.operation == "forward and backward":
                numbers, coordinates = numbers + source + result, coordinates + places
        else:
            numbers, coordinates = source + result, places
        return numbers * WIDTHS[self.dtype] + coordinates * WIDTHS[self.places_dtype]

    def shrunk(self) -> "Case":
        """Return the same with small lengths, coprime on all axes."""
        axes = len(self.size)
        channels = self.shape[1] if self.shape[1] <= 4 else 5
        size, out = {1: ((7,), (11,)), 2: ((7, 11), (13, 17)), 3: ((5, 7, 11), (13, 3, 4))}[axes]
        return replace(self, shape=(min(self.shape[0], 2), channels, *size), out=out)

    def arrays(self, seed: int = 0) -> Arrays:
        """Return arrays to work on: noise in -1...1, and places.

        Where the result or its derivative jumps - between two pixels for the nearest, at a pixel for slopes - rounding
        may decide for either side, and both are right; such places are moved a little.
        """
        rng = np.random.default_rng((seed, zlib.crc32(self.name.encode())))
        grid = GRIDS[self.grid](self, rng)
        if self.differentiates or self.mode == "nearest":
            grid = away_from_jumps(grid, self.size)
        grid = stored(grid, self.places_dtype)
        if self.operation in ("labels", "one-hot"):
            return Arrays(rng.integers(0, LABELS, self.shape, "uint8"), grid)
        image = noise(rng, self.shape, self.dtype)
        if self.operation in ("sample", "recorded sample", "gradient penalty"):
            return Arrays(image, grid)
        values = noise(rng, self.result_shape, self.dtype)
        if self.operation != "double backward":
            return Arrays(image, grid, values)
        return Arrays(image, grid, values, noise(rng, self.shape, self.dtype), noise(rng, self.grid_shape, self.dtype))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Case":
        """Return the case that ``to_json`` made this of."""
        plain = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
        return cls(**{**plain, "goals": tuple(Goal(*goal) for goal in data["goals"])})


def noise(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Return numbers in -1...1, in both parts of complex ones, or bytes."""
    if dtype == "uint8":
        return rng.integers(0, 256, shape, dtype)
    if dtype == "complex64":
        real, imaginary = (noise(rng, shape, "float32") for _ in range(2))
        return real + np.complex64(1j) * imaginary
    real = "float64" if dtype == "float64" else "float32"
    return stored(rng.random(shape, real) * 2 - 1, dtype)


def stored(array: np.ndarray, dtype: str) -> np.ndarray:
    """Return an array in a dtype; for bfloat16, float32 numbers cut off to what it has."""
    if dtype != "bfloat16":
        return array.astype(dtype)
    return (array.astype("float32").view("uint32") & np.uint32(0xFFFF0000)).view("float32")


def away_from_jumps(grid: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Move places that are within rounding of a pixel's centre or edge; rounding is three eps of the length."""
    eps = EPS["float32"]
    lengths = np.array(size[::-1], float)
    half_pixels = (grid + 1) * lengths - 1
    near = np.abs(half_pixels - np.rint(half_pixels)) < 16 * eps * lengths
    return np.where(near, grid + 32 * eps, grid)
