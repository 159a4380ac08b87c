"""The registered operators ``gridsample::pull``, ``push`` and ``grid_gradient``: what torch's dispatcher knows of us.

Their schemas are derived from the functions in ``execution.py``, with the ``spec`` spelled out as text. Everything
that is not a plain CPU tensor in a plain situation comes through here: compiled, traced and scripted code, transforms,
subclasses, other devices.
"""

import inspect
from collections.abc import Callable
from typing import Any

import torch

from gridsample.faces.torch import execution, onnx
from gridsample.faces.torch.torch_private import (
    Route,
    below_autograd,
    exporting_to_onnx,
    is_tracing,
    may_carry_tangents,
    needs_graph,
    record,
    route_of,
)
from gridsample.spec import Spec, from_text

LIBRARY = torch.library.Library("gridsample", "DEF")

# How a Spec is spelled in a schema: its ``text``.
PLAIN = {"kernels": "str", "boundaries": "str", "convention": "float[]", "filled": "str", "fill": "float[]"}

NO_TEXT = (
    "kernels and boundaries of your own have no text that an operator's schema could carry, so they work on tensors "
    "that are computed with directly, not under torch.compile, torch.export, torch.fx, torch.jit, torch.func or onnx"
)

# The types of what is neither a tensor nor an option.
TYPES = {"shape": "SymInt[]", "orders": "int[]", "layout": "bool?"}


def to_plain(spec: Spec) -> tuple[Any, ...]:
    """Return a spec as the operators' last arguments."""
    if spec.text is None:
        raise TypeError(NO_TEXT)
    return spec.text


def from_plain(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an operator's arguments with lists as tuples, and the options put together as a ``Spec`` again."""
    plain = [tuple(value) if isinstance(value, list) else value for value in arguments]
    return (*plain[: -len(PLAIN)], from_text(*plain[-len(PLAIN) :]))


class Operator:
    """One operator: called directly on plain tensors, through torch's dispatcher on all others.

    Parameters
    ----------
    empty, compute : function
        Return the empty result, and the filled one. Their signature is the operator's: tensors first, ``spec`` last.
    """

    function: type[torch.autograd.Function]  # its derivative; derivatives.py says which

    def __init__(self, empty: Callable[..., torch.Tensor], compute: Callable[..., torch.Tensor]) -> None:
        self.name = compute.__name__
        self.compute = compute
        self.names = list(inspect.signature(compute).parameters)[:-1]
        self.tensors = [name for name in self.names if name not in TYPES]
        self.overload = self._define(self._schema())
        # torch.jit.trace can record lists of integers, but not the lists of symbols that compilers need
        self.traced = self._define(self._schema().replace("SymInt", "int"), "traced")
        for key in ("CPU", "CompositeExplicitAutograd"):
            LIBRARY.impl(self.name, self._kernel(compute), key)
        LIBRARY.impl(self.name, self._autograd, "Autograd", with_keyset=True)
        LIBRARY.impl(f"{self.name}.traced", self.overload, "CompositeImplicitAutograd")
        torch.library.register_fake(f"gridsample::{self.name}", self._kernel(empty), lib=LIBRARY)

    def _schema(self) -> str:
        typed = [f"{TYPES.get(name, 'Tensor')} {name}" for name in self.names]
        typed += [f"{kind} {name}" for name, kind in PLAIN.items()]
        return f"({', '.join(typed)}) -> Tensor"

    def _define(self, schema: str, overload: str = "default") -> Any:
        LIBRARY.define(self.name + ("" if overload == "default" else f".{overload}") + schema)
        return getattr(getattr(torch.ops.gridsample, self.name), overload)

    def __call__(self, *arguments: Any) -> torch.Tensor:
        return self.by(route_of(*arguments[: len(self.tensors)]), *arguments)

    def by(self, route: Route, *arguments: Any) -> torch.Tensor:
        """Call it by a way that has been asked for already."""
        if route == "dispatcher":
            return self.dispatch(*arguments)
        if route == "record":
            return record(self.function, self.compute, *arguments)
        return self.compute(*arguments)

    def dispatch(self, *arguments: Any) -> torch.Tensor:
        """Leave the call to torch's dispatcher, which for some kinds of tensors would never ask our kernels."""
        execution.check_tensors(dict(zip(self.tensors, arguments, strict=False)))
        if exporting_to_onnx():
            to_onnx: Callable[..., torch.Tensor] = getattr(onnx, self.name)
            return to_onnx(*arguments)
        overload: Callable[..., torch.Tensor] = self.traced if is_tracing() else self.overload
        return overload(*arguments[:-1], *to_plain(arguments[-1]))

    def _kernel(self, function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        """Return a function of (..., spec) as a kernel of the operator, which checks its arguments."""

        def kernel(*arguments: Any) -> torch.Tensor:
            arguments = from_plain(arguments)
            named = dict(zip(self.names, arguments, strict=False))
            execution.check_tensors(named)
            execution.check_orders(named)
            return function(*arguments)

        return kernel

    def _autograd(self, keys: Any, *arguments: Any) -> torch.Tensor:
        """Serve the Autograd key: record the derivative where one may be asked for, and go on below."""
        below = below_autograd(self.overload, keys)
        tensors = arguments[: len(self.tensors)]
        if needs_graph(*tensors) or may_carry_tangents():
            return record(
                self.function, lambda *given: below(*given[:-1], *to_plain(given[-1])), *from_plain(arguments)
            )
        return below(*arguments)


pull = Operator(execution.empty_pull, execution.pull)
push = Operator(execution.empty_push, execution.push)
grid_gradient = Operator(execution.empty_grid_gradient, execution.grid_gradient)
