"""The engines side by side: the same three operations on NumPy arrays, each result freshly poisoned."""

from typing import NamedTuple

import numpy as np
import pytest

from gridsample.definitions.dtypes import DTYPES
from gridsample.engines import ENGINES as ALL
from gridsample.engines.interface import Call


class Engine(NamedTuple):
    """What the tests call of an engine."""

    pull: object
    push: object
    grid_gradient: object


def _batch(*arrays):
    return max((array.shape[0] for array in arrays), key=lambda n: (n != 1, n))


def skip_unless_served(engine, operation, array, grid, spec, orders):
    """Skip a test of an engine that does not serve a call, with the engine's own reason."""
    dtypes, size = (array.dtype.name, grid.dtype.name), (7,) * grid.shape[-1]
    reason = engine.serves(Call(operation, "numpy", "cpu", dtypes, size, orders, spec))
    if reason is not None:
        pytest.skip(f"{engine.name} cannot: {reason}")


def _filling(engine):
    """Return an engine's operations with the results that a face would make for it."""

    def pull(input, grid, spec, orders):
        skip_unless_served(engine, "pull", input, grid, spec, orders)
        result = np.empty((_batch(input, grid), input.shape[1], *grid.shape[1:-1]), input.dtype)
        return engine.pull(input, grid, spec, orders, result)

    def push(values, grid, shape, spec, orders):
        skip_unless_served(engine, "push", values, grid, spec, orders)
        total = np.empty(shape, DTYPES[values.dtype.name].sum)
        with np.errstate(over="ignore"):
            return engine.push(values, grid, shape, spec, orders, total).astype(values.dtype)

    def grid_gradient(values, input, grid, spec, orders):
        skip_unless_served(engine, "grid_gradient", input, grid, spec, tuple(order + 1 for order in orders))
        if 0 in values.shape:  # a sum over nothing, of which faces ask no engine
            return np.zeros(grid.shape, grid.dtype)
        return engine.grid_gradient(values, input, grid, spec, orders, np.empty(grid.shape, grid.dtype))

    return Engine(pull, push, grid_gradient)


ENGINES = {engine.name: _filling(engine) for engine in ALL}


def engines_for(axes, spec=None, orders=None):
    """Return the names of the engines that take so many spatial axes of NumPy arrays, under some options if given."""
    names = []
    for engine in ALL:
        if spec is None:
            serves = axes in engine.axes
        else:
            call = Call("pull", "numpy", "cpu", ("float64", "float64"), (7,) * axes, orders or (1,) * axes, spec)
            serves = engine.serves(call) is None
        if serves:
            names.append(engine.name)
    return names
