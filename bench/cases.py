"""The table of cases: what is measured, against whom, and what is aimed at."""

import math
import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

import gridsample as gs
from gridsample.definitions.dtypes import DTYPES
from gridsample.spec import Spec, parse

ANGLE = 0.3  # radians
EVERY = None  # all peers that are installed and know the operation
EPS = {
    **{name: dtype.eps for name, dtype in DTYPES.items()},
    "uint8": 0.5 / 255,
}  # for bytes, half a level of those there are
WIDTHS = {"uint8": 1, "bfloat16": 2, "float16": 2, "float32": 4, "float64": 8}  # bytes


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
    operation : {"sample", "backward", "double backward"}
        What is timed. A backward pass is timed alone, on the recorded graph of one call.
    mode, padding : str
        As ``grid_sample`` takes them, kernels of other parameters by their text; ``align_corners`` is False throughout.
    grid : {"rotated", "random", "smooth"}
        Where the points are: on a turned grid, anywhere, or on a gently bent one.
    channels : {"first", "last"}
        The layout. Last is (N, *size, C) for NumPy arrays, and torch's memory format ``channels_last`` for tensors.
    dtype : str
        Of all arrays; a grid for bytes is of float32.
    grid_dtype : str or None
        Of the grid, if it is another.
    gradients : {"both", "input", "grid"}
        Which a backward pass computes.
    family : {"torch", "numpy"}
        Whose arrays we are given.
    goal : float or None
        The ratio aimed at, the time of ``against`` over ours.
    against : str
        The peer it is aimed against.
    copy_goal : float or None
        The share of the memory-copy limit aimed at.
    threads : int or None
        The number of threads, if it is not the run's.
    peers : tuple of str or None
        The peers measured beside us; None is all that can.
    note : str
        What a reader should know of it.
    """

    name: str
    shape: tuple[int, ...]
    out: tuple[int, ...]
    operation: str = "sample"
    mode: str = "bilinear"
    padding: str = "zeros"
    grid: str = "rotated"
    channels: str = "first"
    dtype: str = "float32"
    grid_dtype: str | None = None
    gradients: str = "both"
    family: str = "torch"
    goal: float | None = None
    against: str = "torch"
    copy_goal: float | None = None
    threads: int | None = None
    peers: tuple[str, ...] | None = field(default=EVERY)
    note: str = ""

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
        if self.operation == "sample":
            return [self.result_shape]
        if self.operation == "double backward":
            return [self.result_shape, self.shape, self.grid_shape]
        gradients = {"input": self.shape, "grid": self.grid_shape}
        return [shape for name, shape in gradients.items() if self.gradients in (name, "both")]

    @property
    def spec(self) -> Spec:
        """The options of the call."""
        return parse(self.mode, self.padding, False)

    @property
    def is_sweep(self) -> bool:
        """Whether it is a point of the sweep over sizes and threads."""
        return self.name.startswith("sweep ")

    @property
    def places_dtype(self) -> str:
        """The dtype of the grid."""
        return self.grid_dtype or ("float32" if self.dtype == "uint8" else self.dtype)

    def traffic(self) -> int:
        """Return the bytes that have to be read or written, each once."""
        source, places, result = (math.prod(s) for s in (self.shape, self.grid_shape, self.result_shape))
        places = places * WIDTHS[self.places_dtype] // WIDTHS[self.dtype]
        if self.operation == "sample":
            numbers = source + places + result
        elif self.operation == "double backward":  # five read and three written
            numbers = 3 * source + 3 * places + 2 * result
        else:
            numbers = {
                "both": 2 * source + 2 * places + result,
                "input": source + places + result,
                "grid": source + 2 * places + result,
            }[self.gradients]
        return numbers * WIDTHS[self.dtype]

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
        if self.operation != "sample" or self.mode == "nearest":
            grid = away_from_jumps(grid, self.size)
        grid = stored(grid, self.places_dtype)
        image = noise(rng, self.shape, self.dtype)
        if self.operation == "sample":
            return Arrays(image, grid)
        values = noise(rng, self.result_shape, self.dtype)
        if self.operation == "backward":
            return Arrays(image, grid, values)
        return Arrays(image, grid, values, noise(rng, self.shape, self.dtype), noise(rng, self.grid_shape, self.dtype))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Case":
        """Return the case that ``to_json`` made this of."""
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def noise(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Return numbers in -1...1, or bytes."""
    if dtype == "uint8":
        return rng.integers(0, 256, shape, dtype)
    real = "float64" if dtype == "float64" else "float32"
    return stored(rng.random(shape, real) * 2 - 1, dtype)


def stored(array: np.ndarray, dtype: str) -> np.ndarray:
    """Return an array in a dtype; for bfloat16, float32 numbers cut off to what it has."""
    if dtype != "bfloat16":
        return array.astype(dtype)
    return (array.astype("float32").view("uint32") & np.uint32(0xFFFF0000)).view("float32")


def rotated_grid(case: Case, _: np.random.Generator) -> np.ndarray:
    """Return the grid of a rotation: in the plane of x and y, and then in that of y and z."""
    axes = len(case.size)
    turn = np.eye(axes)
    for a in range(axes - 1):
        plane = np.eye(axes)
        plane[a : a + 2, a : a + 2] = [[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]]
        turn = plane @ turn
    theta = np.concatenate([turn, np.zeros((axes, 1))], axis=1)
    return gs.affine_grid(np.repeat(theta[None], case.shape[0], axis=0), case.result_shape)


def random_grid(case: Case, rng: np.random.Generator) -> np.ndarray:
    """Return places anywhere in the array."""
    return rng.uniform(-1, 1, case.grid_shape)


def smooth_grid(case: Case, _: np.random.Generator) -> np.ndarray:
    """Return the places of the output's own points, moved by some slow waves."""
    axes = len(case.size)
    theta = np.repeat(np.eye(axes, axes + 1)[None], case.shape[0], axis=0)
    grid = gs.affine_grid(theta, case.result_shape)
    return grid + 0.05 * np.sin(7 * grid[..., ::-1])


GRIDS = {"rotated": rotated_grid, "random": random_grid, "smooth": smooth_grid}


def away_from_jumps(grid: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Move places that are within rounding of a pixel's centre or edge; rounding is three eps of the length."""
    eps = EPS["float32"]
    lengths = np.array(size[::-1], float)
    half_pixels = (grid + 1) * lengths - 1
    near = np.abs(half_pixels - np.rint(half_pixels)) < 16 * eps * lengths
    return np.where(near, grid + 32 * eps, grid)


PHOTO = (1, 3, 1080, 1350)
BATCH = (8, 3, 480, 500)
FEATURES = (1, 64, 250, 260)
HALF = (8, 3, 160, 200)  # torch reads foreign memory for larger ones of two bytes a number


def like(shape: tuple[int, ...], **options: Any) -> dict[str, Any]:
    """Return a case's shapes where the output has the input's size."""
    return {"shape": shape, "out": shape[2:], **options}


WITH_GOALS = (
    Case("bilinear, 1x3x1080x1350, rotated", **like(PHOTO), goal=4, copy_goal=0.5),
    Case("nearest, 1x3x1080x1350, rotated", **like(PHOTO), mode="nearest", goal=3),
    Case("bicubic, 1x3x1080x1350, rotated", **like(PHOTO), mode="bicubic", goal=5),
    Case("bilinear, batch 8x3x480x500", **like(BATCH), goal=2),
    Case("bicubic, batch 8x3x480x500", **like(BATCH), mode="bicubic", goal=3),
    Case("bilinear, 1x64x250x260, rotated", **like(FEATURES), goal=4),
    Case("bilinear, 1x64x250x260, random", **like(FEATURES), grid="random", goal=8),
    Case("bilinear, 1x64x250x260, channels last", **like(FEATURES), channels="last", goal=6),
    Case("trilinear, 1x1x128x128x128", **like((1, 1, 128, 128, 128)), goal=8),
    Case("trilinear, 1x16x60x60x60", **like((1, 16, 60, 60, 60)), goal=6),
    Case("nearest, 1x1x128x128x128", **like((1, 1, 128, 128, 128)), mode="nearest", goal=6),
    Case("backward, both, bilinear 1x3x1080x1350", **like(PHOTO), operation="backward", goal=8),
    Case("backward, both, bicubic 1x3x500x510", **like((1, 3, 500, 510)), operation="backward", mode="bicubic", goal=8),
    Case("backward, both, trilinear 1x1x100x100x100", **like((1, 1, 100, 100, 100)), operation="backward", goal=6),
    Case(
        "backward, grid only, bilinear 1x32x300x310",
        **like((1, 32, 300, 310)),
        operation="backward",
        gradients="grid",
        goal=4,
    ),
    Case("double backward, bilinear 1x3x300x310", **like((1, 3, 300, 310)), operation="double backward", goal=5),
    Case(
        "NumPy RGB (N, H, W, C), linear, 1x1080x1350x3",
        **like(PHOTO),
        family="numpy",
        channels="last",
        goal=1.2,
        against="OpenCV",
        note="OpenCV takes absolute pixel coordinates, which are made of the grid outside of the timing",
    ),
    Case("volume 100x100x100, linear", **like((1, 1, 100, 100, 100)), family="numpy", goal=20, against="SciPy"),
    Case(
        "small call 1x3x16x16, NumPy",
        **like((1, 3, 16, 16)),
        family="numpy",
        goal=1,
        note="our call with NumPy arrays beside torch's own with tensors",
    ),
    Case("small call 1x3x16x16, tensors", **like((1, 3, 16, 16)), goal=0.5),
)

BYTES: dict[str, Any] = {**like(PHOTO), "family": "numpy", "channels": "last", "dtype": "uint8", "against": "OpenCV"}
VOLUME: dict[str, Any] = {**like((1, 1, 100, 100, 100)), "family": "numpy", "padding": "reflection", "against": "SciPy"}
IMAGE: dict[str, Any] = {**like((1, 1, 1080, 1350)), "family": "numpy", "padding": "reflection", "against": "SciPy"}

OF_OTHER_KINDS = (
    Case("NumPy bytes RGB (N, H, W, C), linear, 1x1080x1350x3", **BYTES, goal=1),
    Case("NumPy bytes RGB (N, H, W, C), nearest, 1x1080x1350x3", **BYTES, mode="nearest", goal=1),
    Case("NumPy bytes RGB (N, H, W, C), cubic, 1x1080x1350x3", **BYTES, mode="bicubic"),
    Case("volume 100x100x100, B-spline 3 with its filter", **VOLUME, mode="bspline", goal=25),
    Case("volume 100x100x100, B-spline 3 of coefficients", **VOLUME, mode="bspline(3,0)", goal=40),
    Case("image 1080x1350, B-spline 3 with its filter", **IMAGE, mode="bspline", goal=15),
    Case("bilinear, wrap, 1x3x1080x1350", **like(PHOTO), padding="wrap", family="numpy", against="SciPy"),
    Case("bilinear, fill 0, 1x3x1080x1350", **like(PHOTO), padding="fill", family="numpy", against="SciPy"),
)

FLOAT64_GRID: dict[str, Any] = {
    **like(PHOTO),
    "family": "numpy",
    "grid_dtype": "float64",
    "note": "float32 under a float64 grid, as NumPy users write it; peers that want one dtype get the grid in float32",
}

WITHOUT_GOALS = (
    Case("NumPy, float64 grid, bilinear 1x3x1080x1350", **FLOAT64_GRID),
    Case("NumPy, float64 grid, bicubic 1x3x1080x1350", **FLOAT64_GRID, mode="bicubic"),
    Case("bilinear, border, 1x3x1080x1350", **like(PHOTO), padding="border"),
    Case("bilinear, reflection, 1x3x1080x1350", **like(PHOTO), padding="reflection"),
    Case("bilinear, float64, 1x3x1080x1350", **like(PHOTO), dtype="float64"),
    Case("bilinear, float16, 8x3x160x200 to 480x500", HALF, (480, 500), dtype="float16"),
    Case("bilinear, bfloat16, 8x3x160x200 to 480x500", HALF, (480, 500), dtype="bfloat16"),
    Case("linear, 1-D, 1x3x1000003", **like((1, 3, 1_000_003)), grid="smooth", family="numpy", against="SciPy"),
)

SIDES = (64, 128, 256, 512, 1024, 2048, 4096)
CHANNELS = (1, 4, 16, 64, 256)

SWEEP = tuple(
    Case(
        f"sweep {'x'.join(map(str, shape))}, {threads} thread{'s' if threads > 1 else ''}",
        **like(shape),
        threads=threads,
        peers=("torch", "OpenCV"),
    )
    for shape in [*((1, 3, side, side) for side in SIDES), *((1, channels, 256, 256) for channels in CHANNELS)]
    for threads in (1, 2)
)

CASES = (*WITH_GOALS, *OF_OTHER_KINDS, *WITHOUT_GOALS, *SWEEP)

IMPORT = "import gridsample"
IMPORT_GOAL = 0.050
"""Seconds that importing may take beyond NumPy's own import."""


def chosen(words: list[str]) -> list[str]:
    """Return the names that contain any of some words; all of them without words.

    Raises
    ------
    ValueError
        For a word that no name contains.
    """
    names = [*(case.name for case in CASES), IMPORT]
    for word in words:
        if not any(word.lower() in name.lower() for name in names):
            listed = "\n  ".join(names)
            raise ValueError(f"no case is called anything with {word!r}; the cases are\n  {listed}")
    return [name for name in names if not words or any(word.lower() in name.lower() for word in words)]
