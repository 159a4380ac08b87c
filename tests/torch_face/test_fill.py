"""The fill value on tensors: constant, so that tangents and cotangents know nothing of it."""

import itertools

import pytest
import torch

import gridsample as gs
import gridsample.torch as gst

OPTIONS = [
    pytest.param(options, id="-".join(map(str, options.values())))
    for options in (
        {"padding_mode": "fill", "fill_value": 2.5},
        {"padding_mode": "fill", "fill_value": (1.5, -2.0)},
        {"padding_mode": "border", "outside": "fill", "fill_value": (1.5, -2.0)},
        {"padding_mode": ("fill", "zeros"), "nan_places": "fill", "fill_value": 3.0},
    )
]


def tensors(axes=2, dtype=torch.float64, seed=3):
    """Return an image, and places off the kinks, of which a third lie across the edge."""
    generator = torch.Generator().manual_seed(seed)
    size = (5, 7, 4)[:axes]
    image = torch.randn((2, 2, *size), generator=generator, dtype=dtype)
    axes_of_grid = [
        torch.randint(-2, length + 1, (2, 9), generator=generator) + 0.2 + 0.6 * torch.rand((2, 9), generator=generator)
        for length in size[::-1]
    ]
    grid = torch.stack(axes_of_grid, -1)
    return image, grid.to(dtype)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_derivatives_of_every_order(options, mode):
    """First and second, forward and reverse, by the input and by the grid."""
    image, grid = (tensor.requires_grad_() for tensor in tensors())

    def sample(image, grid):
        return gs.grid_sample(image, grid, mode, coords="pixel", **options)

    assert torch.autograd.gradcheck(sample, (image, grid), check_forward_ad=True, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(sample, (image, grid))


def test_a_splat_s_derivative_is_no_longer_filled():
    """Of places outside, values go nowhere."""
    values, grid = torch.randn(2, 2, 9, dtype=torch.float64, requires_grad=True), tensors()[1].requires_grad_()

    def splat(values, grid):
        return gs.grid_splat(values, grid, (2, 2, 5, 7), "bicubic", "mirror", coords="pixel", outside="fill")

    assert torch.autograd.gradcheck(splat, (values, grid))
    assert torch.autograd.gradgradcheck(splat, (values, grid))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_tensors_are_sampled_as_arrays_are(axes):
    """To the last bit."""
    image, grid = tensors(axes, torch.float32)
    fillings = {"padding_mode": "fill"}, {"outside": "fill"}
    for mode, options in itertools.product(("nearest", "bilinear", "bicubic"), fillings):
        call = {"mode": mode, "coords": "pixel", "fill_value": (4.0, -1.0), **options}
        ours, theirs = gs.grid_sample(image, grid, **call), gs.grid_sample(image.numpy(), grid.numpy(), **call)
        assert (ours.numpy() == theirs).all()


def test_a_fill_value_may_be_a_tensor():
    """With one axis, or none."""
    image, grid = tensors()
    by_channel = gs.grid_sample(image, grid, padding_mode="fill", fill_value=torch.tensor([1.0, 2.0]))
    assert torch.equal(by_channel, gs.grid_sample(image, grid, padding_mode="fill", fill_value=(1.0, 2.0)))


@pytest.mark.parametrize("nan_places", ["fill", "edge"])
def test_modules_take_the_options_and_script(nan_places):
    """As they are called, and as TorchScript calls them."""
    image, grid = tensors(dtype=torch.float32)
    grid[0, 0, 0] = torch.nan
    module = gst.GridSample("bilinear", "fill", fill_value=(1.0, 2.0), outside="fill_centres", nan_places=nan_places)
    expected = gs.grid_sample(
        image, grid, "bilinear", "fill", fill_value=(1.0, 2.0), outside="fill_centres", nan_places=nan_places
    )
    assert not expected.isnan().any()
    assert torch.equal(module(image, grid), expected)
    assert torch.equal(torch.jit.script(module)(image, grid), expected)
    assert f"fill_value=(1.0, 2.0), outside='fill_centres', nan_places={nan_places!r}" in repr(module)


def test_compiled_and_mapped_calls_fill():
    """Through the registered operators, whose schemas carry the fill value."""
    image, grid = tensors(dtype=torch.float32)

    def sample(image, grid):
        return gs.grid_sample(image, grid, padding_mode="fill", fill_value=(1.0, 2.0), coords="pixel")

    expected = sample(image, grid)
    assert torch.equal(torch.compile(sample, backend="aot_eager", fullgraph=True)(image, grid), expected)
    mapped = torch.func.vmap(lambda x, g: sample(x[None], g[None])[0])(image, grid)
    assert torch.equal(mapped, expected)


def test_onnx_has_no_fill_value():
    """And says so."""
    module = gst.GridSample(outside="fill", fill_value=1.0).eval()
    with pytest.raises(Exception, match="no equivalent in ONNX"):
        torch.onnx.export(module, tensors(dtype=torch.float32), dynamo=True, verbose=False)


def test_means_have_derivatives_too():
    """Through the sums and through the weights."""
    values, grid = torch.randn(2, 2, 9, dtype=torch.float64, requires_grad=True), tensors()[1].requires_grad_()

    def means(values, grid):
        return gs.grid_splat(values, grid, (1, 2, 5, 7), coords="pixel", normalize=True, eps=0.05)

    assert torch.autograd.gradcheck(means, (values, grid))


def test_compiled_calls_fill_whole_numbers():
    """Which are taken apart, and their fill values with them."""
    grid = torch.rand(1, 9, 2) * 3 - 1.5
    for dtype, mode in ((torch.uint8, "bilinear"), (torch.int64, "nearest")):
        image = torch.randint(0, 99, (1, 2, 5, 7), dtype=dtype)

        def sample(image, grid, mode=mode):
            return gs.grid_sample(image, grid, mode, "fill", fill_value=9)

        assert torch.equal(torch.compile(sample, backend="aot_eager")(image, grid), sample(image, grid))
