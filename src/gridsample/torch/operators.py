"""The registered operators ``gridsample::pull``, ``push`` and ``grid_gradient``: what torch's dispatcher knows of us.

Their schemas are derived from the functions in ``compute.py``, with the ``spec`` spelled out in plain types. Everything
that is not a plain CPU tensor in a plain situation comes through here: compiled, traced and scripted code, transforms,
subclasses, other devices.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import torch

from gridsample.spec import Spec, parse
from gridsample.torch import compute, onnx
from gridsample.torch.internals import (
    below_autograd,
    exporting_to_onnx,
    is_plain,
    is_tracing,
    may_carry_tangents,
    needs_graph,
    record,
)

LIBRARY = torch.library.Library("gridsample", "DEF")

# How each field of Spec is spelled in a schema: its type there, and its value.
PLAIN: dict[str, tuple[str, Callable[[Spec], str | bool]]] = {
    "kernel": ("str", lambda spec: spec.kernel.name),
    "boundary": ("str", lambda spec: spec.boundary.name),
    "align_corners": ("bool", lambda spec: spec.align_corners),
}
assert list(PLAIN) == [field.name for field in fields(Spec) if field.init], "every option must reach the operators"

# The types of what is neither a tensor nor an option.
TYPES = {"shape": "SymInt[]", "orders": "int[]", "layout": "bool?"}


def spell(spec: Spec) -> tuple[Any, ...]:
    """Return a spec as the operators' last arguments."""
    return tuple(value(spec) for _, value in PLAIN.values())


def pack(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an operator's arguments with lists as tuples, and the options put together as a ``Spec`` again."""
    others = (tuple(value) if isinstance(value, list) else value for value in arguments[: -len(PLAIN)])
    return (*others, parse(*arguments[-len(PLAIN) :]))


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
        typed += [f"{kind} {name}" for name, (kind, _) in PLAIN.items()]
        return f"({', '.join(typed)}) -> Tensor"

    def _define(self, schema: str, overload: str = "default") -> Any:
        LIBRARY.define(self.name + ("" if overload == "default" else f".{overload}") + schema)
        return getattr(getattr(torch.ops.gridsample, self.name), overload)

    def __call__(self, *arguments: Any) -> torch.Tensor:
        tensors = arguments[: len(self.tensors)]
        if not is_plain(*tensors):
            return self.dispatch(*arguments)
        if needs_graph(*tensors):
            return record(self.function, self.compute, *arguments)
        return self.compute(*arguments)

    def dispatch(self, *arguments: Any) -> torch.Tensor:
        """Leave the call to torch's dispatcher, which for some kinds of tensors would never ask our kernels."""
        compute.check_tensors(dict(zip(self.tensors, arguments, strict=False)))
        if exporting_to_onnx():
            to_onnx: Callable[..., torch.Tensor] = getattr(onnx, self.name)
            return to_onnx(*arguments)
        overload: Callable[..., torch.Tensor] = self.traced if is_tracing() else self.overload
        return overload(*arguments[:-1], *spell(arguments[-1]))

    def _kernel(self, function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        """Return a function of (..., spec) as a kernel of (..., kernel, boundary, ...) that checks its arguments."""

        def kernel(*arguments: Any) -> torch.Tensor:
            arguments = pack(arguments)
            named = dict(zip(self.names, arguments, strict=False))
            compute.check_tensors(named)
            compute.check_orders(named)
            return function(*arguments)

        return kernel

    def _autograd(self, keys: Any, *arguments: Any) -> torch.Tensor:
        """Serve the Autograd key: record the derivative where one may be asked for, and go on below."""
        below = below_autograd(self.overload, keys)
        tensors = arguments[: len(self.tensors)]
        if needs_graph(*tensors) or may_carry_tangents():
            return record(self.function, lambda *packed: below(*packed[:-1], *spell(packed[-1])), *pack(arguments))
        return below(*arguments)


pull = Operator(compute.empty_pull, compute.pull)
push = Operator(compute.empty_push, compute.push)
grid_gradient = Operator(compute.empty_grid_gradient, compute.grid_gradient)
