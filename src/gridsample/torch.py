"""The face for users of PyTorch: sampling as functions and as a module, and in place of torch's own.

``grid_sample``, ``grid_splat`` and ``affine_grid`` are those of :mod:`gridsample`. Importing this module registers the
operators ``torch.ops.gridsample``, which scripted and traced models need when they are loaded.
"""

from gridsample.faces.torch import GridSample, decompositions, replacing_functional
from gridsample.grids import affine_grid
from gridsample.sampling import grid_sample, grid_splat

__all__ = ["GridSample", "affine_grid", "decompositions", "grid_sample", "grid_splat", "replacing_functional"]
