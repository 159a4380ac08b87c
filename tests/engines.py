"""The engines side by side: the same three operations on NumPy arrays, each result freshly poisoned."""

from typing import NamedTuple

import numpy as np

from gridsample.engines import CAPABILITIES, cpu, portable


class Engine(NamedTuple):
    """What the tests call of an engine."""

    pull: object
    push: object
    grid_gradient: object


def _batch(*arrays):
    return max((array.shape[0] for array in arrays), key=lambda n: (n != 1, n))


def _cpu_pull(input, grid, spec, orders):
    result = np.empty((_batch(input, grid), input.shape[1], *grid.shape[1:-1]), input.dtype)
    cpu.pull(input, grid, result, spec, orders)
    return result


def _cpu_push(values, grid, shape, spec, orders):
    result = np.empty(shape, values.dtype)
    cpu.push(values, grid, result, spec, orders)
    return result


def _cpu_grid_gradient(values, input, grid, spec, orders):
    result = np.empty(grid.shape, grid.dtype)
    cpu.grid_gradient(values, input, grid, result, spec, orders)
    return result


ENGINES = {
    "portable": Engine(portable.pull, portable.push, portable.grid_gradient),
    "cpu": Engine(_cpu_pull, _cpu_push, _cpu_grid_gradient),
}


def engines_for(axes):
    """Return the names of the engines that take so many spatial axes."""
    return [name for name in ENGINES if axes in CAPABILITIES[name].axes]
