"""Sample arrays at arbitrary points."""

from gridsample import threadpools
from gridsample.definitions.boundaries import Boundary
from gridsample.definitions.kernel import Kernel
from gridsample.definitions.kernels import Keys, Lanczos, Linear, Nearest
from gridsample.definitions.splines import BSpline, Mitchell
from gridsample.explanation.plots import plot_boundary, plot_grid, plot_kernel
from gridsample.explanation.record import Explanation
from gridsample.explanation.steps import explain
from gridsample.grids import affine_grid, normalize, to_pixels
from gridsample.labels import sample_labels
from gridsample.masks import coverage, grid_count, sample_masked
from gridsample.sampling import grid_sample, grid_splat
from gridsample.splines import spline_coefficients
from gridsample.threads import get_num_threads, set_num_threads

__all__ = [
    "BSpline",
    "Boundary",
    "Explanation",
    "Kernel",
    "Keys",
    "Lanczos",
    "Linear",
    "Mitchell",
    "Nearest",
    "affine_grid",
    "coverage",
    "explain",
    "get_num_threads",
    "grid_count",
    "grid_sample",
    "grid_splat",
    "normalize",
    "plot_boundary",
    "plot_grid",
    "plot_kernel",
    "sample_labels",
    "sample_masked",
    "set_num_threads",
    "spline_coefficients",
    "to_pixels",
]
__version__ = "0.1.0"

threadpools.watch()
