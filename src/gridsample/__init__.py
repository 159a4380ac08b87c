"""Sampling of arrays at arbitrary places."""

from gridsample.grids import affine_grid
from gridsample.sampling import grid_sample, grid_splat

__all__ = ["affine_grid", "grid_sample", "grid_splat"]
__version__ = "0.1.0"
