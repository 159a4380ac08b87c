"""The plan of a call: all that follows from shapes, dtypes and options alone, checked and decided once and remembered.

Every face asks here, before anything is computed. Small calls spend a good part of their time on what is asked of them.
"""

from functools import lru_cache
from typing import Any, Literal, NamedTuple

from gridsample.checks import Shape, check_dtype, check_filling, check_orders, check_pull, check_target
from gridsample.definitions.dtypes import DTYPES, name_of
from gridsample.engines import ENGINES, choose
from gridsample.engines.interface import Call, Engine, Orders
from gridsample.faces.steps import warn_of_steps
from gridsample.spec import Spec


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


def decide(
    operation: Literal["pull", "push", "grid_gradient", "vote"],
    library: str,
    device: str,
    dtypes: tuple[Any, ...],
    size: Shape,
    orders: Orders,
    spec: Spec,
) -> Engine:
    """Return the engine."""
    return choose(Call(operation, library, device, tuple(map(name_of, dtypes)), size, orders, spec))


# In every key a library's name comes before dtypes, as comparing those of different libraries may warn.


@lru_cache(maxsize=256)
def plan_pull(
    library: str,
    device: str,
    input: Shape,
    input_dtype: Any,
    grid: Shape,
    grid_dtype: Any,
    spec: Spec,
    channels_last: bool = False,
    orders: Orders | None = None,
) -> Plan:
    """Plan to sample, by shapes in the caller's order, with derivatives of some orders."""
    check_dtype("input", input_dtype, library)
    shape, size = check_call(library, input, input_dtype, grid, grid_dtype, spec, channels_last)
    check_orders(orders, len(size))
    orders = orders or (0,) * len(size)
    return Plan(shape, decide("pull", library, device, (input_dtype, grid_dtype), size, orders, spec), orders)


def check_call(
    library: str,
    input: Shape,
    input_dtype: Any,
    grid: Shape,
    grid_dtype: Any,
    spec: Spec,
    channels_last: bool,
    argument: str = "input",
) -> tuple[Shape, Shape]:
    """Return the shape of samples, and the spatial axes, if all fits together whatever the engine."""
    check_dtype("grid", grid_dtype, library)
    shape = check_pull(tuple(input), tuple(grid), spec, channels_last, argument)
    check_filling(spec.filling, name_of(input_dtype), shape[1])
    size = tuple(input[1:-1] if channels_last else input[2:])
    warn_of_steps(grid_dtype, size, spec, library)
    return shape, size


@lru_cache(maxsize=256)
def plan_whole(
    library: str,
    device: str,
    input: Shape,
    input_dtype: Any,
    grid: Shape,
    grid_dtype: Any,
    spec: Spec,
    channels_last: bool = False,
) -> Plan | None:
    """Plan to sample whole numbers by the engine that rounds them itself; None if there is no such."""
    shape, size = check_call(library, input, input_dtype, grid, grid_dtype, spec, channels_last)
    name, orders = name_of(input_dtype), (0,) * len(size)
    call = Call("pull", library, device, (name, name_of(grid_dtype)), size, orders, spec)
    engine = next((one for one in ENGINES if name in one.whole and one.serves(call) is None), None)
    return None if engine is None else Plan(shape, engine, orders)


@lru_cache(maxsize=256)
def plan_vote(
    library: str,
    device: str,
    labels: Shape,
    labels_dtype: Any,
    grid: Shape,
    grid_dtype: Any,
    spec: Spec,
    channels_last: bool = False,
) -> Plan:
    """Plan a vote, by shapes in the caller's order."""
    arrays = library, labels, labels_dtype, grid, grid_dtype
    shape, size = check_call(*arrays, spec, channels_last, "labels")
    orders = (0,) * len(size)
    return Plan(shape, decide("vote", library, device, (labels_dtype, grid_dtype), size, orders, spec), orders)


@lru_cache(maxsize=256)
def plan_push(
    library: str,
    device: str,
    values: Shape,
    values_dtype: Any,
    grid: Shape,
    grid_dtype: Any,
    shape: Shape,
    spec: Spec,
    channels_last: bool = False,
    orders: Orders | None = None,
) -> Plan:
    """Plan to splat, by shapes in the caller's order."""
    check_dtype("values", values_dtype, library)
    check_dtype("grid", grid_dtype, library)
    target = check_target(tuple(values), tuple(grid), tuple(shape), spec, channels_last)
    orders = orders or (0,) * (len(target) - 2)
    warn_of_steps(grid_dtype, target[2:], spec, library)
    engine = decide("push", library, device, (values_dtype, grid_dtype), target[2:], orders, spec)
    return Plan(target, engine, orders, sum_of(values_dtype))


@lru_cache(maxsize=256)
def plan_gradients(
    library: str,
    device: str,
    values: Shape,
    values_dtype: Any,
    input: Shape,
    grid: Shape,
    grid_dtype: Any,
    spec: Spec,
    orders: Orders,
    raised: int = 1,
) -> Plan:
    """Plan derivatives of a pull by its grid, some orders above its own; the shape is the input's."""
    check_dtype("values", values_dtype, library)
    check_dtype("grid", grid_dtype, library)
    shape = check_target(tuple(values), tuple(grid), tuple(input), spec)
    needed = tuple(order + raised for order in orders)
    engine = decide("grid_gradient", library, device, (values_dtype, grid_dtype), shape[2:], needed, spec)
    return Plan(shape, engine, orders, sum_of(values_dtype), 0 in values)


def sum_of(dtype: Any) -> str | None:
    """Return the dtype that a splat of values is added up in, where it is not their own."""
    total = DTYPES[name_of(dtype)].sum
    return None if total == name_of(dtype) else total
