"""Sampling of arrays at arbitrary places."""

from gridsample.definitions.boundaries import Boundary
from gridsample.definitions.kernels import Kernel, Keys, Lanczos, Linear, Nearest
from gridsample.grids import affine_grid, normalize, to_pixels
from gridsample.masks import coverage, sample_masked
from gridsample.sampling import grid_sample, grid_splat
from gridsample.threads import get_num_threads, set_num_threads

__all__ = [
    "Boundary",
    "Kernel",
    "Keys",
    "Lanczos",
    "Linear",
    "Nearest",
    "affine_grid",
    "coverage",
    "get_num_threads",
    "grid_sample",
    "grid_splat",
    "normalize",
    "sample_masked",
    "set_num_threads",
    "to_pixels",
]
__version__ = "0.1.0"
