"""The registered operators: torch's own checks of them, their layouts, and what they refuse."""

import inspect

import pytest
import torch
from torch.library import opcheck

import gridsample.torch
from gridsample.definitions.kernels import Keys
from gridsample.faces.torch import execution, operators
from gridsample.spec import parse
from torch_face.tools import channels_last, is_channels_last

SPEC = parse("cubic", "mirror", False)
ZEROS = "zeros", [1.0, 0.5, 0.0, 0.5], "pad", [0.0]  # all options but the kernel
BATCH, CHANNELS, SIZE, OUT = 2, 3, (5, 7), (4, 11)


def noise(generator, *shape, dtype=torch.float64):
    return (torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1).to(dtype)


LAYOUTS = {
    "contiguous": lambda tensor: tensor,
    "permuted": lambda tensor: tensor.permute(2, 0, 3, 1).contiguous().permute(1, 3, 0, 2),
    "channels last": channels_last,
    "broadcast": lambda tensor: tensor[:1].expand_as(tensor),
    "negative N": lambda tensor: tensor[:, :, 1:, ::2],
    "transposed": lambda tensor: tensor.mT.contiguous().mT,
    "empty batch": lambda tensor: tensor[:0],
    "no channels": lambda tensor: tensor[:, :0],
    "one of all": lambda tensor: tensor[:1],
}
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@every_layout
@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_torchs_own_checks(generator, layout, requires_grad, dtype):
    """Schema, registration of autograd, fake tensors, and compiled forward and backward with dynamic shapes."""
    image = layout(noise(generator, BATCH, CHANNELS, *SIZE, dtype=dtype))
    grid = noise(generator, *image.shape[:1], *OUT, 2)
    values = layout(noise(generator, BATCH, CHANNELS, *OUT, dtype=dtype))
    grid_of_values = noise(generator, *values.shape[:1], *values.shape[2:], 2)
    calls = {
        operators.pull: ((image, grid), ((0, 0), None)),
        operators.push: ((values, grid_of_values), ((values.shape[0], values.shape[1], *SIZE), (0, 1), None)),
        operators.grid_gradient: (
            (values, layout(noise(generator, BATCH, CHANNELS, *SIZE, dtype=dtype))[: len(values)], grid_of_values),
            ((1, 0),),
        ),
    }
    for operator, (tensors, options) in calls.items():
        leaves = [tensor.detach().requires_grad_(requires_grad) for tensor in tensors]
        opcheck(operator.overload, (*leaves, *options, *SPEC.text))


@pytest.mark.parametrize("operator", [operators.pull, operators.push, operators.grid_gradient], ids=lambda o: o.name)
def test_a_schema_is_the_signature_with_the_options_spelled_out(operator):
    names = [argument.name for argument in operator.overload._schema.arguments]
    assert names == [*list(inspect.signature(operator.compute).parameters)[:-1], *operators.PLAIN]
    types = {argument.name: str(argument.type) for argument in operator.overload._schema.arguments}
    assert {types[name] for name in operator.tensors} == {"Tensor"}
    assert not any("mutat" in str(argument.alias_info) for argument in operator.overload._schema.arguments)


@pytest.mark.parametrize("spec", [SPEC, parse("nearest", "zeros", True), parse(("linear", Keys(0.1)), "border", None)])
def test_options_come_back_from_their_text(spec):
    assert operators.from_plain((1, [2, 3], *spec.text)) == (1, (2, 3), spec)


@every_layout
@pytest.mark.parametrize("wish", [None, False, True])
def test_fake_results_are_laid_out_as_real_ones(generator, layout, wish):
    image = layout(noise(generator, BATCH, CHANNELS, *SIZE))
    grid = noise(generator, *image.shape[:1], *OUT, 2).transpose(1, 2)
    spec = SPEC
    values = noise(generator, *image.shape[:2], *grid.shape[1:-1])
    pairs = [
        (execution.empty_pull, execution.pull, (image, grid, (0, 0), wish, spec)),
        (execution.empty_push, execution.push, (values, grid, image.shape, (0, 0), wish, spec)),
        (execution.empty_grid_gradient, execution.grid_gradient, (values, image, grid, (0, 0), spec)),
    ]
    for empty, complete, arguments in pairs:
        fake, real = empty(*arguments), complete(*arguments)
        assert (fake.shape, fake.stride(), fake.dtype) == (real.shape, real.stride(), real.dtype)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_layout_in_memory_is_kept(generator, axes):
    """Channels-last stays so, in the result and in the gradient; everything else gives a C-contiguous result."""
    image = noise(generator, 2, 3, *(5, 7, 4)[:axes])
    grid = noise(generator, 2, *(3, 11, 2)[:axes], axes)
    for tensor, expected in ((image, False), (channels_last(image), True), (channels_last(image)[:, :, 1:4], True)):
        leaf = tensor.clone(memory_format=torch.preserve_format).requires_grad_()
        result = gridsample.grid_sample(leaf if expected is False else tensor.requires_grad_(), grid)
        assert is_channels_last(result) == expected
        assert result.is_contiguous() != expected
    leaf = channels_last(image).requires_grad_()
    gridsample.grid_sample(leaf, grid).sum().backward()
    assert is_channels_last(leaf.grad)
    if axes > 1:
        memory_format = torch.channels_last if axes == 2 else torch.channels_last_3d
        assert gridsample.grid_sample(image.to(memory_format=memory_format), grid).is_contiguous(
            memory_format=memory_format
        )


def test_a_permuted_grid_has_a_gradient_laid_out_like_it(generator):
    """Flow fields come as (N, 2, H, W), permuted."""
    grid = noise(generator, 2, 2, *OUT).permute(0, 2, 3, 1).requires_grad_()
    result = gridsample.grid_sample(noise(generator, 2, 3, *SIZE), grid)
    (gradient,) = torch.autograd.grad(result.sum(), grid)
    assert gradient.stride() == grid.stride()


def test_channels_last_arguments_give_contiguous_results(generator):
    image, grid = noise(generator, 2, *SIZE, 3).requires_grad_(), noise(generator, 2, *OUT, 2)
    result = gridsample.grid_sample(image, grid, channels="last")
    assert result.shape == (2, *OUT, 3)
    assert result.is_contiguous()
    result.sum().backward()
    assert image.grad.is_contiguous()
    splatted = gridsample.grid_splat(result.detach(), grid, image.shape, channels="last")
    assert splatted.is_contiguous()
    expected = gridsample.grid_sample(image.movedim(-1, 1), grid).movedim(1, -1)
    torch.testing.assert_close(result, expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("image", "grid", "message"),
    [
        ((2, 3, 5, 7), (2, 4, 3), r"grid must have the shape \(N, \*out, 2\)"),
        ((2, 3, 5, 7), (5, 4, 2), r"batch sizes of input \(2, 3, 5, 7\) and grid \(5, 4, 2\)"),
        ((2, 3, 0, 7), (2, 4, 2), "a spatial axis of size 0"),
        ((2, 3), (2, 0), "a batch axis, channels and at least one spatial"),
    ],
)
def test_the_operator_itself_checks_shapes(image, grid, message):
    """Models that are scripted or loaded call it without our function in front."""
    with pytest.raises(ValueError, match=message):
        torch.ops.gridsample.pull(torch.zeros(image), torch.zeros(grid), [0, 0], None, "linear", *ZEROS)


def test_the_operator_itself_checks_options_and_dtypes():
    image, grid = torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 2)
    with pytest.raises(ValueError, match="mode must be one of"):
        torch.ops.gridsample.pull(image, grid, [0, 0], None, "area", *ZEROS)
    with pytest.raises(TypeError, match=r"input must be of dtype .* got int64"):
        torch.ops.gridsample.pull(image.long(), grid, [0, 0], None, "linear", *ZEROS)
    with pytest.raises(ValueError, match="values must have the shape"):
        torch.ops.gridsample.grid_gradient(image, image, grid, [0, 0], "linear", *ZEROS)


@pytest.mark.parametrize("orders", [(0,), (0, 0, 0), (-1, 0)])
def test_the_operator_itself_checks_orders(orders):
    with pytest.raises(ValueError, match="orders"):
        torch.ops.gridsample.pull(torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 2), orders, None, "linear", *ZEROS)


def test_a_meta_tensor_gets_the_shape(generator):
    image, grid = noise(generator, 2, 3, *SIZE), noise(generator, 2, *OUT, 2)
    result = gridsample.grid_sample(image.to("meta"), grid.to("meta"))
    assert result.is_meta
    assert result.shape == gridsample.grid_sample(image, grid).shape
