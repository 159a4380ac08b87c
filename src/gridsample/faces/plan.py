"""The plan of a call: all that follows from shapes, dtypes and options alone, checked and decided once and remembered.

Every face asks here, before anything is computed. Small calls spend a good part of their time on what is asked of them.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from gridsample.checks import Shape, check_dtype, check_pull, check_target
from gridsample.definitions.dtypes import DTYPES, name_of
from gridsample.engines import choose
from gridsample.engines.interface import Call, Engine, Orders
from gridsample.spec import Spec


class Arrays(NamedTuple):
    """Whose arrays a call has, where they are and of which dtypes, and how the caller orders them."""

    library: str
    device: str
    values: Any
    grid: Any
    channels_last: bool = False


class Plan(NamedTuple):
    """What is to be done.

    Attributes
    ----------
    shape : tuple of int
        Of the result, its channels second.
    engine : Engine
    orders : tuple of int
        One for each component of the grid.
    sum : str or None
        The dtype that a splat is added up in, where it is not the values' own.
    empty : bool
        Whether there are no values at all.
    """

    shape: Shape
    engine: Engine
    orders: Orders
    sum: str | None = None
    empty: bool = False


def decide(operation: Any, arrays: Arrays, size: Shape, spec: Spec, orders: Orders) -> Engine:
    """Return the engine."""
    names = name_of(arrays.values), name_of(arrays.grid)
    return choose(Call(operation, arrays.library, arrays.device, names, size, orders, spec))


@lru_cache(maxsize=256, typed=True)
def plan_pull(arrays: Arrays, input: Shape, grid: Shape, spec: Spec, orders: Orders | None = None) -> Plan:
    """Plan to sample, by shapes in the caller's order, with derivatives of some orders."""
    check_dtype("input", arrays.values, arrays.library)
    check_dtype("grid", arrays.grid, arrays.library)
    shape = check_pull(tuple(input), tuple(grid), spec, arrays.channels_last)
    size = tuple(input[1:-1] if arrays.channels_last else input[2:])
    orders = orders or (0,) * len(size)
    return Plan(shape, decide("pull", arrays, size, spec, orders), orders)


@lru_cache(maxsize=256, typed=True)
def plan_push(
    arrays: Arrays, values: Shape, grid: Shape, shape: Shape, spec: Spec, orders: Orders | None = None
) -> Plan:
    """Plan to splat, by shapes in the caller's order."""
    check_dtype("values", arrays.values, arrays.library)
    check_dtype("grid", arrays.grid, arrays.library)
    target = check_target(tuple(values), tuple(grid), tuple(shape), spec, arrays.channels_last)
    orders = orders or (0,) * (len(target) - 2)
    total = DTYPES[name_of(arrays.values)].sum
    engine = decide("push", arrays, target[2:], spec, orders)
    return Plan(target, engine, orders, total if total != name_of(arrays.values) else None, 0 in values)


@lru_cache(maxsize=256, typed=True)
def plan_gradients(
    arrays: Arrays, values: Shape, input: Shape, grid: Shape, spec: Spec, orders: Orders, raised: int = 1
) -> Plan:
    """Plan derivatives of a pull by its grid, some orders above its own; the shape is the input's."""
    plan = plan_push(arrays, values, grid, input, spec, orders)
    needed = tuple(order + raised for order in orders)
    engine = decide("grid_gradient", arrays, plan.shape[2:], spec, needed)
    return plan._replace(engine=engine)
