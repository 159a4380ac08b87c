"""The few names of torch without a public spelling that this package needs, each with the reason, in one place."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch._functorch.utils import enable_single_level_autograd_function
from torch.autograd import forward_ad

from gridsample.definitions.dtypes import CARRIED, DTYPES, names_in, position_of

FLOATS = frozenset(getattr(torch, name) for name in names_in("torch"))
DOUBLE_POSITIONS = frozenset(
    getattr(torch, name) for name in (*DTYPES, *CARRIED) if hasattr(torch, name) and position_of(name) == "float64"
)
OTHERS = {getattr(torch, name): how for name, how in CARRIED.items() if hasattr(torch, name)}

Route = Literal["engine", "record", "dispatcher"]

is_compiling = torch.compiler.is_compiling
_trace = torch._C._get_tracing_state
_keys = torch._C._dispatch_keys
_transforms = torch._C._are_functorch_transforms_active
_dispatch_modes = torch._C._len_torch_dispatch_stack
_profiling = torch._C._autograd._profiler_enabled
_any_requires_grad = torch._C._any_requires_grad
_overrides = torch.overrides.has_torch_function_variadic

# All that torch's dispatcher knows of an ordinary CPU tensor, made outside of and in inference mode. A view with a
# pending negation, a zero tensor without memory, any other device or layout, and a functorch wrapper have more keys.
_PLAIN = []
for _inference in (False, True):
    with torch.inference_mode(_inference):
        _PLAIN.append(_keys(torch.empty(0, device="cpu")))


# A subclass may look plain where it cannot override functions, but it may still override methods.
_TYPES = frozenset([torch.Tensor, torch.nn.Parameter])


def is_tracing() -> bool:
    """Whether torch.jit.trace is at work."""
    return _trace() is not None


def is_plain(*tensors: torch.Tensor, dtypes: frozenset[torch.dtype] = FLOATS) -> bool:
    """Whether these are tensors whose memory is all there is to them, so that the core may have them directly.

    Everything else takes the registered operators, for which torch's dispatcher does what is right: compilers, traces,
    functorch's transforms, tangents, subclasses and modes that override functions, modes that see operators, the
    profiler. Their dtypes are to be among those given. This is asked on every call; the ways to ask were chosen for
    their speed.
    """
    if is_compiling() or _overrides(*tensors) or forward_ad._current_level >= 0:
        return False
    if _transforms() or _dispatch_modes() or _trace() is not None or _profiling():
        return False
    for tensor in tensors:
        keys = _keys(tensor)
        if keys not in _PLAIN or tensor.dtype not in dtypes or type(tensor) not in _TYPES:
            return False
    return True


def route_of(*tensors: torch.Tensor) -> Route:
    """Return which way a call takes: to an engine directly, with autograd's record of it, or by torch's dispatcher."""
    if not is_plain(*tensors):
        return "dispatcher"
    return "record" if needs_graph(*tensors) else "engine"


def needs_graph(*tensors: Any) -> bool:
    """Whether autograd must record an operation on these tensors."""
    return bool(_any_requires_grad(*tensors)) and torch.is_grad_enabled()


def record(function: type[torch.autograd.Function], *arguments: Any) -> torch.Tensor:
    """Apply a ``Function`` to tensors of one autograd level: inside an operator's Autograd kernel, or on plain ones.

    ``Function.apply`` itself cannot be used: under functorch it would start the transform that called the kernel anew,
    and it takes apart the signature on every call.
    """
    apply: Callable[..., torch.Tensor] = super(torch.autograd.Function, function).apply  # type: ignore[misc]
    if _transforms():
        with enable_single_level_autograd_function():
            return apply(*arguments)
    return apply(*arguments)


def below_autograd(overload: Any, keys: Any) -> Callable[..., torch.Tensor]:
    """Return the operator as the dispatcher goes on with it after the Autograd kernel that got ``keys``.

    A ``Function`` switches gradients off while its forward runs. They are on again here: the level at hand is past
    recording, but the next transform of functorch further out must see the call as the caller made it.
    """

    further = keys & torch._C._after_autograd_keyset

    def call(*arguments: Any) -> torch.Tensor:
        with torch.enable_grad(), forward_ad._set_fwd_grad_enabled(True), torch._C._AutoDispatchBelowAutograd():
            result: torch.Tensor = overload.redispatch(further, *arguments)
            return result

    return call


def may_carry_tangents() -> bool:
    """Whether forward-mode differentiation may be going on."""
    return forward_ad._current_level >= 0 or _transforms()


@contextmanager
def tangent_rule(saved: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Give a ``jvp`` its saved tensors without the tangents it is about to apply, and forward mode switched on.

    Torch runs a ``jvp`` with forward mode off, which loses the tangents of every transform further out in silence.
    """
    with forward_ad._set_fwd_grad_enabled(True):
        yield tuple(forward_ad.unpack_dual(tensor, level=0).primal for tensor in saved)


def script_instead(function: Any, scriptable: Callable[..., Any]) -> None:
    """Let ``torch.jit.script`` compile one function where it meets another, of which it could not."""
    function.__prepare_scriptable__ = lambda: scriptable


def is_being_lowered() -> bool:
    """Whether ``torch.compile`` runs a graph that it has traced already, to make operators of the functions in it."""
    return torch._guards.TracingContext.try_get() is not None and not torch.compiler.is_exporting()


def without_subclass(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor whose memory is all there is to it as one of no subclass, which could override methods."""
    if type(tensor) in _TYPES or _keys(tensor) not in _PLAIN:
        return tensor
    return tensor.as_subclass(torch.Tensor)


def know_functions() -> None:
    """Have torch make its tables of its own functions, which it makes once, before any of them has another name."""
    torch.overrides.get_overridable_functions()
    torch.overrides.get_testing_overrides()
    torch.jit._builtins._find_builtin(torch.grid_sampler)
    trace_rules = sys.modules.get("torch._dynamo.trace_rules")
    if trace_rules is not None:
        trace_rules.get_torch_obj_rule_map()


def exporting_by_trace() -> bool:
    """Whether the old exporter to ONNX traces a model."""
    return is_tracing() and bool(torch.onnx.is_in_onnx_export())


def exporting_to_onnx() -> bool:
    """Whether ``torch.onnx.export`` is at work; torch.export alone keeps our operators.

    ``torch.onnx.is_in_onnx_export`` says False to a function that Dynamo traces, so this asks what it asks.
    """
    if not torch.compiler.is_exporting():
        return False
    from torch.onnx._internal.exporter import _flags  # noqa: PLC0415  (seldom needed)

    return bool(_flags._is_onnx_exporting)
