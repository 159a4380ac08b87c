"""``torch.func``: forward mode, Jacobians, Hessians and third derivatives in every nesting; vmap in and out of them."""

import functools
import itertools

import pytest
import torch
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap

import gridsample as gs
from support import MODES, eps
from torch_face.tools import EngineCalls, small_tensors

# The same derivatives by another route are the same engine calls, added up in another order: some tens of roundings.
SAME = {"rtol": 64 * eps("float64"), "atol": 1e4 * eps("float64")}


@pytest.fixture
def tensors(rng):
    """An image and places, plain."""
    return tuple(tensor.detach() for tensor in small_tensors(rng, 2, False, channels=1))


def energy(image, grid, mode="cubic"):
    """A scalar that is not linear in anything."""
    return gs.grid_sample(image, grid, mode, "mirror").sin().sum()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_forward_mode_is_the_transpose_of_reverse_mode(rng, axes, mode):
    image, grid = (tensor.detach() for tensor in small_tensors(rng, axes, True))
    tangents = tuple(torch.from_numpy(rng.uniform(-1, 1, tensor.shape)) for tensor in (image, grid))
    sample = functools.partial(gs.grid_sample, mode=mode, padding_mode="border", align_corners=True)
    result, tangent = jvp(sample, (image, grid), tangents)
    same, pull_back = vjp(sample, image, grid)
    cotangent = torch.from_numpy(rng.uniform(-1, 1, result.shape))
    torch.testing.assert_close(result, same, rtol=0, atol=0)
    forward = (tangent * cotangent).sum()
    reverse = sum((a * b).sum() for a, b in zip(pull_back(cotangent), tangents, strict=True))
    torch.testing.assert_close(forward, reverse, **SAME)


@pytest.mark.parametrize("argument", [0, 1])
def test_jacobians_forward_and_reverse_agree(tensors, argument):
    sample = functools.partial(gs.grid_sample, mode="cubic")
    forward, reverse = (transform(sample, argnums=argument)(*tensors) for transform in (jacfwd, jacrev))
    torch.testing.assert_close(forward, reverse, **SAME)
    torch.testing.assert_close(reverse, torch.autograd.functional.jacobian(sample, tensors)[argument], **SAME)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_hessian(tensors, mode):
    """Forward over reverse, which torch's own grid_sample cannot do, against reverse over reverse."""
    scalar = functools.partial(energy, mode=mode)
    blocks = hessian(scalar, argnums=(0, 1))(*tensors)
    expected = torch.autograd.functional.hessian(scalar, tensors)
    for row, expected_row in zip(blocks, expected, strict=True):
        for block, expected_block in zip(row, expected_row, strict=True):
            assert block.abs().max() > 0
            torch.testing.assert_close(block, expected_block, **SAME)


@pytest.mark.parametrize("argument", [0, 1])
def test_third_derivatives_agree_in_every_nesting(tensors, argument):
    """Forward inside forward is where a ``jvp`` called with forward mode off would lose tangents in silence."""
    image, grid = tensors
    expected = jacrev(jacrev(jacrev(energy, argument), argument), argument)(image, grid)
    assert expected.abs().max() > 0
    for nesting in itertools.product((jacfwd, jacrev), repeat=3):
        function = energy
        for transform in nesting:
            function = transform(function, argument)
        torch.testing.assert_close(function(image, grid), expected, **SAME)


def test_splatting_under_every_second_derivative(tensors):
    image, grid = tensors
    values = image[:, :, 0, :2]

    def scalar(values, grid):
        return gs.grid_splat(values, grid, image.shape, "cubic", "border").sin().sum()

    expected = torch.autograd.functional.hessian(scalar, (values, grid))
    for outer, inner in itertools.product((jacfwd, jacrev), repeat=2):
        blocks = outer(inner(scalar, (0, 1)), (0, 1))(values, grid)
        for i, j in itertools.product((0, 1), repeat=2):
            torch.testing.assert_close(blocks[i][j], expected[i][j], **SAME)


def one_by_one(function, in_dims, *tensors):
    """What vmap is defined to be."""
    length = next(tensor.shape[dim] for tensor, dim in zip(tensors, in_dims, strict=True) if dim is not None)
    entries = [
        function(*(t if dim is None else t.select(dim, b) for t, dim in zip(tensors, in_dims, strict=True)))
        for b in range(length)
    ]
    return torch.stack(entries)


def mapped(generator, shape, dim):
    """Return uniform noise of a shape, with an axis of length 7 put in at ``dim``."""
    noise = torch.rand((7, *shape) if dim is not None else shape, generator=generator, dtype=torch.float64) * 2 - 1
    return noise if dim is None else noise.movedim(0, dim)


@pytest.mark.parametrize("batches", [*itertools.product((1, 2), repeat=2)], ids=str)
@pytest.mark.parametrize(
    "in_dims",
    [dims for dims in itertools.product((None, 0, 1, 2), (None, 0, 1)) if any(d is not None for d in dims)],
    ids=str,
)
def test_vmap(generator, in_dims, batches):
    """Over the image, the places or both, wherever the axis is, in values and in gradients."""
    image = mapped(generator, (batches[0], 3, 4, 5), in_dims[0])
    grid = mapped(generator, (batches[1], 6, 2), in_dims[1])

    def sample(image, grid):
        return gs.grid_sample(image, grid, "cubic", "border")

    def splat(image, grid, total):
        return gs.grid_splat(image[..., 0:3, 0:2].flatten(-2), grid, (total, 3, 4, 5), "cubic")

    for function in (sample, *(functools.partial(splat, total=total) for total in {1, max(batches)})):
        checked = [function]
        checked += [grad(lambda x, g, f=function: f(x, g).sin().sum(), argument) for argument in (0, 1)]
        for entry in checked:
            result, expected = vmap(entry, in_dims)(image, grid), one_by_one(entry, in_dims, image, grid)
            torch.testing.assert_close(result, expected, **SAME)


def test_vmap_of_second_derivatives_and_derivatives_of_vmap(generator):
    image, grid = mapped(generator, (1, 1, 3, 4), 0), mapped(generator, (1, 2, 2), 0)
    second = hessian(energy, 1)
    torch.testing.assert_close(vmap(second)(image, grid), one_by_one(second, (0, 0), image, grid), **SAME)
    inside = grad(lambda grid: vmap(energy)(image, grid).sum())(grid)
    torch.testing.assert_close(inside, one_by_one(grad(energy, 1), (0, 0), image, grid), **SAME)


def test_vmap_inside_vmap(generator):
    images, grid = torch.rand(3, 7, 1, 2, 4, 5, generator=generator), torch.rand(5, 1, 6, 2, generator=generator)
    result = vmap(vmap(vmap(gs.grid_sample, (None, 0)), (0, None)), (0, None))(images, grid)
    expected = torch.stack([one_by_one(gs.grid_sample, (None, 0), x, grid) for x in images.flatten(0, 1)])
    torch.testing.assert_close(result.flatten(0, 1), expected, rtol=0, atol=0)


def test_vmap_over_batches_of_no_entries(generator):
    image, grid = torch.rand(3, 0, 2, 4, 5, generator=generator), torch.rand(1, 6, 2, generator=generator)
    assert vmap(gs.grid_sample, (0, None))(image, grid).shape == (3, 0, 2, 6)
    assert vmap(lambda v: gs.grid_splat(v[..., 0], grid[:, :4], (1, 2, 4, 5)))(image).eq(0).all()


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("in_dims", [(None, 0), (0, None), (0, 0)], ids=str)
def test_vmap_expands_nothing_in_memory(generator, monkeypatch, in_dims, batch):
    """The engine is given views of the very tensors that were passed in, forward and backward."""
    image, grid = mapped(generator, (batch, 3, 4, 5), in_dims[0]), mapped(generator, (batch, 6, 2), in_dims[1])
    calls = EngineCalls(monkeypatch)
    vmap(grad(lambda x, g: gs.grid_sample(x, g).sin().sum(), (0, 1)), in_dims)(image, grid)
    given = {tensor.untyped_storage().data_ptr() for tensor in (image, grid)}
    inputs = {"pull": (0, 1), "push": (1,), "grid_gradient": (1, 2)}  # those that are the caller's
    for name, tensors in zip(calls.names, calls.tensors, strict=True):
        assert {tensors[i].untyped_storage().data_ptr() for i in inputs[name]} <= given
    one_call = batch == 1 or in_dims == (0, 0)
    assert len(calls.names) <= 3 * (1 if one_call else batch)


@pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node:UserWarning")  # torch's own doing
def test_linearize(tensors):
    image, grid = tensors
    tangent = torch.ones_like(grid)
    result, linear = torch.func.linearize(lambda grid: gs.grid_sample(image, grid, "cubic"), grid)
    expected = jvp(lambda grid: gs.grid_sample(image, grid, "cubic"), (grid,), (tangent,))
    torch.testing.assert_close((result, linear(tangent)), expected, rtol=0, atol=0)


def test_gradients_of_a_batch_by_is_grads_batched(tensors):
    """The way of torch.autograd.functional with vectorize=True."""
    image, grid = tensors[0], tensors[1].clone().requires_grad_()
    result = gs.grid_sample(image, grid, "cubic")
    basis = torch.eye(result.numel(), dtype=result.dtype).reshape(-1, *result.shape)
    (rows,) = torch.autograd.grad(result, grid, basis, is_grads_batched=True)
    expected = jacrev(functools.partial(gs.grid_sample, mode="cubic"), 1)(image, grid.detach())
    torch.testing.assert_close(rows.reshape(expected.shape), expected, **SAME)
