"""Which calls go to the engine directly, and that each that may not takes the operators and is right."""

import contextlib

import pytest
import torch
from torch._subclasses import FakeTensor, FakeTensorMode
from torch.autograd import forward_ad
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import gridsample as gs
from gridsample.faces.torch import execution, operators
from gridsample.faces.torch.torch_private import is_plain
from torch_face.tools import EngineCalls, small_tensors


class Subclass(torch.Tensor):
    """What libraries derive to carry metadata along."""


class Counting(TorchDispatchMode):
    """Sees every operator that reaches the dispatcher."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.seen.append(function.name())
        return function(*args, **(kwargs or {}))


class Overriding(TorchFunctionMode):
    """Sees every function of torch that is called."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.seen.append(str(function))
        return function(*args, **(kwargs or {}))


@pytest.fixture
def dispatched(monkeypatch):
    """Record which operators are called through the dispatcher."""
    seen, dispatch = [], operators.Operator.dispatch

    def record(operator, *arguments):
        seen.append(operator.name)
        return dispatch(operator, *arguments)

    monkeypatch.setattr(operators.Operator, "dispatch", record)
    return seen


@pytest.fixture
def tensors(rng):
    """An image and places, plain."""
    return tuple(tensor.detach() for tensor in small_tensors(rng, 2, False))


@pytest.mark.parametrize("make", [lambda t: t, torch.nn.Parameter, lambda t: t.requires_grad_()])
@pytest.mark.parametrize("situation", [contextlib.nullcontext, torch.no_grad, torch.inference_mode])
def test_plain_tensors_reach_the_engine_directly(tensors, dispatched, make, situation):
    image, grid = make(tensors[0]), tensors[1]
    with situation():
        result = gs.grid_sample(image, grid)
    if result.requires_grad:
        result.sum().backward()
    assert dispatched == []
    assert result.requires_grad == (image.requires_grad and situation is contextlib.nullcontext)
    assert result.is_inference() == (situation is torch.inference_mode)


def test_tensors_made_in_inference_mode_are_plain(tensors, dispatched):
    with torch.inference_mode():
        image = tensors[0] * 1
        within = gs.grid_sample(image, tensors[1])
    after = gs.grid_sample(image, tensors[1])
    torch.testing.assert_close(after, within, rtol=0, atol=0)
    assert dispatched == []
    assert not after.is_inference()


def test_views_of_any_stride_are_plain(tensors, dispatched):
    image, grid = tensors
    for view in (image.mT, image[:, :, ::2], image.expand(3, -1, -1, -1), image.movedim(1, -1)[..., :1].movedim(-1, 1)):
        torch.testing.assert_close(gs.grid_sample(view, grid), gs.grid_sample(view.contiguous(), grid), rtol=0, atol=0)
    assert dispatched == []


def test_a_subclass_stays_one(tensors, dispatched):
    image, grid = tensors
    result = gs.grid_sample(image.as_subclass(Subclass), grid)
    assert dispatched == ["pull"]
    assert type(result) is Subclass
    torch.testing.assert_close(result.as_subclass(torch.Tensor), gs.grid_sample(image, grid), rtol=0, atol=0)


def test_a_fake_tensor_gets_a_fake_result(tensors, dispatched):
    image, grid = tensors
    with FakeTensorMode() as mode:
        fakes = [mode.from_tensor(tensor) for tensor in tensors]
        results = [gs.grid_sample(*fakes), gs.grid_splat(fakes[0][..., 0, :2], fakes[1], image.shape)]
    results.append(gs.grid_sample(*fakes))  # outside of the mode too
    assert dispatched == ["pull", "push", "pull"]
    assert all(type(result) is FakeTensor for result in results)
    assert results[0].shape == gs.grid_sample(image, grid).shape


def test_a_fake_mode_makes_results_of_real_tensors_fake(tensors, dispatched):
    with FakeTensorMode(allow_non_fake_inputs=True):
        assert type(gs.grid_sample(*tensors)) is FakeTensor
    assert dispatched == ["pull"]


@pytest.mark.parametrize("argument", [0, 1])
def test_a_tangent_is_not_lost(tensors, dispatched, argument):
    """A dual tensor looks plain: no gradient is required of it, and its memory is its own."""
    tangent = torch.ones_like(tensors[argument])
    with forward_ad.dual_level():
        duals = list(tensors)
        duals[argument] = forward_ad.make_dual(tensors[argument], tangent)
        result = gs.grid_sample(*duals, mode="cubic")
        forward = forward_ad.unpack_dual(result).tangent
    assert "pull" in dispatched
    _, expected = torch.func.jvp(
        lambda t: gs.grid_sample(*(t if i == argument else tensors[i] for i in range(2)), mode="cubic"),
        (tensors[argument],),
        (tangent,),
    )
    torch.testing.assert_close(forward, expected, rtol=0, atol=0)


def test_a_pending_negation_is_applied(tensors, dispatched):
    image, grid = tensors
    negated = torch.complex(image, image).conj().imag
    assert negated.is_neg()
    torch.testing.assert_close(gs.grid_sample(negated, grid), -gs.grid_sample(image, grid), rtol=0, atol=0)
    assert dispatched == ["pull"]


def test_a_zero_tensor_without_memory_is_zero(tensors, dispatched):
    image = torch._efficientzerotensor(tuple(tensors[0].shape), dtype=tensors[0].dtype)
    assert gs.grid_sample(image, tensors[1]).eq(0).all()
    assert dispatched == ["pull"]


def test_a_mode_that_overrides_functions_is_asked(tensors, dispatched):
    with Overriding() as mode:
        gs.grid_sample(*tensors)
    assert dispatched == ["pull"]
    assert any("gridsample.pull" in name for name in mode.seen)


def test_a_default_device_is_no_obstacle(tensors, dispatched):
    with torch.device("meta"):  # a mode that overrides functions; tensors keep their own device
        assert gs.grid_sample(*tensors).device.type == "cpu"
    assert dispatched == ["pull"]


def test_a_mode_that_sees_operators_sees_ours(tensors, dispatched):
    with Counting() as mode:
        gs.grid_sample(tensors[0].requires_grad_(), tensors[1]).sum().backward()
    assert dispatched == ["pull", "push"]
    assert {"gridsample::pull", "gridsample::push"} <= set(mode.seen)


@pytest.mark.parametrize("transform", [torch.func.vmap, torch.func.jacrev, torch.func.jacfwd])
def test_a_transform_is_obeyed(tensors, dispatched, transform):
    transform(lambda image: gs.grid_sample(image.reshape(1, 2, 3, 4), tensors[1]))(tensors[0].clone())
    assert dispatched


def test_even_tensors_a_transform_does_not_know_take_the_operators(tensors, dispatched):
    torch.func.vmap(lambda scale: scale * gs.grid_sample(*tensors))(torch.ones(3))
    assert dispatched == ["pull"]


def test_a_trace_records_the_operator(tensors, dispatched):
    traced = torch.jit.trace(gs.grid_sample, tensors)
    assert "gridsample::pull" in str(traced.graph)
    assert set(dispatched) == {"pull"}
    assert not is_plain_in_a_trace(tensors)


def is_plain_in_a_trace(tensors):
    answers = []
    torch.jit.trace(lambda *given: answers.append(is_plain(*given)) or given[0] + 0, tensors, check_trace=False)
    return any(answers)


def test_a_profiler_sees_the_operator(tensors, dispatched):
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        gs.grid_sample(*tensors)
    assert dispatched == ["pull"]
    assert "gridsample::pull" in {event.name for event in profile.events()}


@pytest.mark.parametrize("dtype", [torch.int32, torch.complex64, torch.bool])
def test_other_dtypes_are_not_plain(tensors, dtype):
    assert not is_plain(tensors[0].to(dtype), tensors[1])


def test_gradients_of_gradients_stay_on_the_direct_route(tensors, dispatched):
    image, grid = (tensor.requires_grad_() for tensor in tensors)
    (by_grid,) = torch.autograd.grad(gs.grid_sample(image, grid, "cubic").sum(), grid, create_graph=True)
    by_grid.sum().backward()
    assert dispatched == []


def test_a_sparse_gradient_is_no_obstacle(tensors):
    """Whatever arrives from behind, backward gives what a dense gradient would."""
    image, grid = tensors[0].requires_grad_(), tensors[1]
    dense = torch.ones(1, 2, 2, dtype=image.dtype)
    for values in (dense, dense[:, :, :1].expand(1, 2, 2), torch.complex(dense, -dense).conj().imag):
        result = gs.grid_sample(image, grid)
        torch.testing.assert_close(
            torch.autograd.grad(result, image, values)[0],
            gs.grid_splat(dense, grid, image.shape),
            rtol=0,
            atol=0,
        )


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_both_gradients_are_one_sweep(monkeypatch, dtype, memory_format):
    """And bit for bit those of two, with a graph of the backward pass as without; one alone takes its operator."""
    torch.manual_seed(0)
    image = torch.rand(2, 3, 7, 11, dtype=dtype).contiguous(memory_format=memory_format).requires_grad_()
    grid = (torch.rand(2, 5, 13, 2) * 2.4 - 1.2).requires_grad_()
    values = torch.rand(2, 3, 5, 13, dtype=dtype)
    swept = []
    original = execution.gradients
    monkeypatch.setattr(execution, "gradients", lambda *arguments: swept.append(1) or original(*arguments))
    result = gs.grid_sample(image, grid)
    both = torch.autograd.grad(result, (image, grid), values, retain_graph=True)
    assert len(swept) == 1
    alone = [
        torch.autograd.grad(gs.grid_sample(image, grid.detach()), image, values)[0],
        torch.autograd.grad(gs.grid_sample(image.detach(), grid), grid, values)[0],
    ]
    assert len(swept) == 1
    recorded = torch.autograd.grad(result, (image, grid), values, create_graph=True)
    assert len(swept) == 2
    for got, one, other in zip(both, alone, recorded, strict=True):
        assert torch.equal(got, one)
        assert torch.equal(got, other)
        assert got.stride() == one.stride()


@pytest.mark.parametrize("steps", ["both", "image", "grid"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_a_double_backward_is_one_call(monkeypatch, dtype, steps):
    """Where the core can; with a graph of it, or in half precision, it is put together of the operators."""
    torch.manual_seed(0)
    image = torch.rand(2, 3, 7, 11, dtype=dtype, requires_grad=True)
    grid = (torch.rand(2, 5, 13, 2, dtype=dtype) * 2.4 - 1.2).requires_grad_()
    values = torch.rand(2, 3, 5, 13, dtype=dtype, requires_grad=True)
    first = torch.autograd.grad(gs.grid_sample(image, grid), (image, grid), values, create_graph=True)
    directions = torch.rand_like(image), torch.rand(1, 1, 1, 2, dtype=dtype).expand_as(grid)
    chosen = {"both": slice(2), "image": slice(1), "grid": slice(1, 2)}[steps]
    outputs, directions, leaves = first[chosen], directions[chosen], (values, image, grid)
    calls = EngineCalls(monkeypatch)
    second = torch.autograd.grad(outputs, leaves, directions, retain_graph=True, allow_unused=True)
    if dtype != torch.float16:
        assert calls.names == ["gradients_along"]
    calls.names.clear()
    recorded = torch.autograd.grad(outputs, leaves, directions, create_graph=True, allow_unused=True)
    assert "gradients_along" not in calls.names
    for mine, other in zip(second, recorded, strict=True):
        if other is None:
            assert steps == "image"
            assert mine is None
            continue
        assert mine.dtype == dtype
        assert other.requires_grad
        scale = float(other.detach().abs().max())
        torch.testing.assert_close(mine, other.detach(), rtol=0, atol=200 * torch.finfo(dtype).eps * scale)
