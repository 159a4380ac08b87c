"""Other libraries that sample: what each can do of a call, and how it is called."""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from gridsample.definitions.kernel import Kernel
from gridsample.spec import Spec, same_axes


@dataclass(frozen=True)
class Job:
    """One call.

    Attributes
    ----------
    input : array (1, C, *size)
    grid : array (1, P, D)
        In normalized coordinates, in the input's dtype or float64.
    positions : array (D, P)
        The same in pixels, in the array's order: y before x.
    spec : Spec
    align : bool
    """

    input: Any
    grid: Any
    positions: Any
    spec: Spec
    align: bool

    @property
    def size(self) -> tuple[int, ...]:
        """Return the spatial axes."""
        return tuple(self.input.shape[2:])


Sampler = Callable[[], Any]


class Cannot(Exception):
    """What a library cannot do."""


def option(names: dict[str, Any], name: str, what: str) -> Any:
    """Return what a library calls one of our options, if it has it."""
    if name not in names:
        raise Cannot(f"has no {what} {name}")
    return names[name]


def options(job: Job) -> tuple[Kernel, str]:
    """Return the kernel and the boundary, where all axes have the same."""
    axis = same_axes(job.spec)
    if axis is None:
        raise Cannot("has one kernel and boundary for all axes")
    return axis.kernel, str(axis.boundary)


def axes_among(job: Job, possible: tuple[int, ...]) -> None:
    """Refuse another number of axes."""
    if len(job.size) not in possible:
        raise Cannot(f"takes {' or '.join(map(str, possible))} spatial axes")


def floats(job: Job) -> None:
    """Refuse half precision."""
    if job.input.dtype.name not in ("float32", "float64"):
        raise Cannot(f"does not sample {job.input.dtype} here")


def torch(job: Job) -> Sampler:
    """``torch.nn.functional.grid_sample``."""
    kernel, boundary = options(job)
    axes_among(job, (2, 3))
    floats(job)
    mode = option(kernels_of(nearest="nearest", linear="bilinear", keys="bicubic"), str(kernel), "kernel")
    if mode == "bicubic" and len(job.size) != 2:
        raise Cannot("has bicubic in two dimensions alone")
    reflection = "mirror" if job.align else "symmetric"
    padding = option({"zeros": "zeros", "border": "border", reflection: "reflection"}, boundary, "boundary")
    library = importlib.import_module("torch")
    dtype = getattr(library, job.input.dtype.name)
    input, grid = library.from_numpy(job.input), library.from_numpy(job.grid).to(dtype)
    grid = grid.reshape(1, *(1,) * (len(job.size) - 1), *grid.shape[1:])

    def sample() -> Any:
        found = library.nn.functional.grid_sample(input, grid, mode, padding, job.align)
        return found.numpy().reshape(job.input.shape[1], -1)

    return sample


def kernels_of(**names: Any) -> dict[str, Any]:
    """Return a table of kernels by their texts, with the parameters that they have by default."""
    from gridsample.definitions.kernels import KERNELS  # noqa: PLC0415

    return {str(KERNELS[name]): value for name, value in names.items()}


def opencv(job: Job) -> Sampler:
    """``cv2.remap``, of positions in float32."""
    kernel, boundary = options(job)
    axes_among(job, (2,))
    floats(job)
    library = importlib.import_module("cv2")
    flags = kernels_of(nearest=library.INTER_NEAREST, linear=library.INTER_LINEAR, keys=library.INTER_CUBIC)
    mode = option(flags, str(kernel), "kernel")
    borders = {
        "zeros": library.BORDER_CONSTANT,
        "border": library.BORDER_REPLICATE,
        "mirror": library.BORDER_REFLECT_101,
        "symmetric": library.BORDER_REFLECT,
        "wrap": library.BORDER_WRAP,
    }
    border = option(borders, boundary, "boundary")
    if job.input.shape[1] > 4 or max(*job.size, job.grid.shape[1]) >= 2**31 or max(job.size) >= 2**15 - 1:
        raise Cannot("takes at most 4 channels and 32766 pixels along an axis")
    image = np.ascontiguousarray(np.moveaxis(job.input[0], 0, -1))
    y, x = (np.ascontiguousarray(rows(line)) for line in job.positions.astype(np.float32))

    def sample() -> Any:
        found = library.remap(image, x, y, mode, borderMode=border, borderValue=(0, 0, 0, 0))
        return found.reshape(x.size, -1)[: job.grid.shape[1]].T

    return sample


def rows(line: Any) -> Any:
    """Return positions as rows that OpenCV takes, no longer than 32766 points; the last one fills the last row."""
    width = 4096
    height = -(-len(line) // width)
    return np.append(line, np.repeat(line[-1:], height * width - len(line))).reshape(height, width)


SCIPY = {
    "zeros": "grid-constant",
    "border": "nearest",
    "mirror": "mirror",
    "symmetric": "reflect",
    "wrap": "grid-wrap",
}
INTERPOL = {"zeros": "zero", "border": "replicate", "mirror": "dct1", "symmetric": "dct2", "wrap": "dft"}


def scipy(job: Job) -> Sampler:
    """``scipy.ndimage.map_coordinates``, channel by channel."""
    kernel, boundary = options(job)
    orders = {**kernels_of(nearest=0, linear=1), **{f"bspline({n},1)": n for n in range(6)}}
    order = option(orders, str(kernel), "kernel")
    mode = option(SCIPY, boundary, "boundary")
    floats(job)
    library = importlib.import_module("scipy.ndimage")

    def sample() -> Any:
        return np.stack([library.map_coordinates(c, job.positions, order=order, mode=mode) for c in job.input[0]])

    return sample


def interpol(job: Job) -> Sampler:
    """``interpol.grid_pull``, of positions in the array's order."""
    kernel, boundary = options(job)
    axes_among(job, (1, 2, 3))
    floats(job)
    orders = {**kernels_of(nearest=0, linear=1), **{f"bspline({n},1)": n for n in range(8)}}
    order = option(orders, str(kernel), "kernel")
    bound = option(INTERPOL, boundary, "boundary")
    library, tensors = importlib.import_module("interpol"), importlib.import_module("torch")
    input = tensors.from_numpy(job.input)
    grid = tensors.from_numpy(np.ascontiguousarray(job.positions.T)).to(input.dtype)
    grid = grid.reshape(1, *(1,) * (len(job.size) - 1), *grid.shape)

    def sample() -> Any:
        options = {"interpolation": order, "bound": bound, "extrapolate": True, "prefilter": order > 1}
        return library.grid_pull(input, grid, **options).numpy().reshape(job.input.shape[1], -1)

    return sample


@dataclass(frozen=True)
class Peer:
    """One library: its name, those it is imported and installed by, and what makes a call of it ready."""

    name: str
    module: str
    packages: tuple[str, ...]
    prepare: Callable[[Job], Sampler]

    @property
    def installed(self) -> bool:
        """Whether it is there."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """Return its version, or nothing if nobody says it."""
        for package in self.packages:
            try:
                return metadata.version(package)
            except metadata.PackageNotFoundError:
                continue
        return ""


PEERS = (
    Peer("torch", "torch", ("torch",), torch),
    Peer("OpenCV", "cv2", ("opencv-python-headless", "opencv-python", "opencv-contrib-python"), opencv),
    Peer("SciPy", "scipy", ("scipy",), scipy),
    Peer("torch-interpol", "interpol", ("torch-interpol",), interpol),
)
