"""Options that are more than names, wherever a call of torch's may take them: parameters, axes, and one's own."""

import copy
import io
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
import torch

import gridsample as gs
import gridsample.torch as gst
from gridsample.definitions.boundaries import ZEROS
from gridsample.engines.portable import PORTABLE
from gridsample.spec import parse
from support import eps
from torch_face.tools import small_tensors

OPTIONS = [
    pytest.param(gs.Keys(-0.5), "mirror", id="a parameter"),
    pytest.param(gs.Keys(1 / 3), "zeros", id="one without a short text"),
    pytest.param(gs.Lanczos(2), "wrap", id="a whole number"),
    pytest.param(("linear", gs.Keys(-0.5)), ("border", "zeros"), id="by axis"),
    pytest.param("nearest", ("symmetric", "border"), id="a boundary by axis"),
]
every_option = pytest.mark.parametrize(("mode", "padding"), OPTIONS)


@dataclass(frozen=True)
class Smooth(gs.Kernel):
    """Two taps, blended by a cubic: one's own."""

    taps = 2

    def place(self, xp, position):
        """Return the pixel at or before the position."""
        first = xp.floor(position)
        return first, position - first

    def weights(self, xp, t, order):
        """Return the step 3 t^2 - 2 t^3 and its rest, or their derivatives."""
        if order > 3:
            return [xp.zeros_like(t)] * 2
        step = (t * t * (3 - 2 * t), 6 * t * (1 - t), 6 - 12 * t, xp.full_like(t, -12.0))[order]
        return [1 - step, step] if order == 0 else [-step, step]


OWN = [
    pytest.param(Smooth(), "border", id="a kernel"),
    pytest.param(("linear", Smooth()), "mirror", id="a kernel on one axis"),
    pytest.param("linear", gs.Boundary("zeros", lambda _, i, size: (i % size, i < size)), id="a boundary"),
]


class Sample(torch.nn.Module):
    """A model that calls the function."""

    def __init__(self, mode, padding):
        super().__init__()
        self.mode, self.padding = mode, padding

    def forward(self, image, grid):
        """Sample."""
        return gs.grid_sample(image, grid, self.mode, self.padding)


@pytest.fixture
def tensors(rng):
    """An image and places, plain."""
    return tuple(tensor.detach() for tensor in small_tensors(rng, 2, False, batch=2))


def expected(tensors, mode, padding):
    image, grid = (tensor.numpy() for tensor in tensors)
    return torch.from_numpy(PORTABLE.pull(image, grid, parse(mode, padding, False), (0, 0)))


def assert_same(result, tensors, mode, padding):
    torch.testing.assert_close(result, expected(tensors, mode, padding), rtol=0, atol=64 * eps("float64"))


def test_the_parameter_matters(tensors):
    """Or nothing below would show that it is kept."""
    assert not torch.allclose(expected(tensors, gs.Keys(-0.5), "mirror"), expected(tensors, "cubic", "mirror"))


@every_option
def test_called(tensors, mode, padding):
    assert_same(gs.grid_sample(*tensors, mode, padding), tensors, mode, padding)
    assert_same(gst.GridSample(mode, padding)(*tensors), tensors, mode, padding)


@every_option
def test_gradients(tensors, mode, padding):
    image, grid = (tensor.requires_grad_() for tensor in tensors)
    assert torch.autograd.gradcheck(lambda x, g: gs.grid_sample(x, g, mode, padding), (image, grid))
    assert torch.autograd.gradgradcheck(lambda x, g: gs.grid_sample(x, g, mode, padding), (image, grid))


@every_option
@pytest.mark.parametrize("make", [gst.GridSample, Sample])
def test_compiled(tensors, mode, padding, make):
    module = torch.compile(make(mode, padding), fullgraph=True, backend="aot_eager")
    assert_same(module(*tensors), tensors, mode, padding)


def test_kernels_made_within_compiled_code(tensors):
    """A compiler that traces the making of an object has an object without its numbers."""

    both = torch.compile(
        lambda x, g: gs.grid_sample(x, g, (gs.Keys(1 / 3), gs.Keys(-0.5)), "mirror"),
        fullgraph=True,
        backend="aot_eager",
    )
    assert_same(both(*tensors), tensors, (gs.Keys(1 / 3), gs.Keys(-0.5)), "mirror")
    alone = torch.compile(lambda x, g: gs.grid_sample(x, g, gs.Keys(-0.5)), fullgraph=True, backend="aot_eager")
    assert_same(alone(*tensors), tensors, gs.Keys(-0.5), "zeros")


@every_option
@pytest.mark.parametrize("make", [gst.GridSample, Sample])
def test_exported(tensors, mode, padding, make):
    program = torch.export.export(make(mode, padding), tensors)
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    assert_same(torch.export.load(file).module()(*tensors), tensors, mode, padding)


@every_option
def test_scripted_and_traced(tensors, mode, padding):
    for module in (
        torch.jit.script(gst.GridSample(mode, padding)),
        torch.jit.trace(gst.GridSample(mode, padding), tensors),
        torch.jit.trace(Sample(mode, padding), tensors),
    ):
        file = io.BytesIO()
        torch.jit.save(module, file)
        file.seek(0)
        assert_same(torch.jit.load(file)(*tensors), tensors, mode, padding)


@every_option
def test_mapped_and_transformed(tensors, mode, padding):
    image, grid = tensors
    mapped = torch.func.vmap(lambda x, g: gs.grid_sample(x[None], g[None], mode, padding)[0])(image, grid)
    assert_same(mapped, tensors, mode, padding)
    step = torch.ones_like(image)
    result, tangent = torch.func.jvp(lambda x: gs.grid_sample(x, grid, mode, padding), (image,), (step,))
    assert_same(result, tensors, mode, padding)
    assert_same(tangent, (step, grid), mode, padding)


@every_option
def test_modules_are_copied_and_kept(tensors, mode, padding):
    module = gst.GridSample(mode, padding)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert_same(other(*tensors), tensors, mode, padding)
        assert repr(other) == repr(module)


def test_positions_in_pixels(tensors):
    """Through every way that carries a convention, in 2-D; a gradient by pixels is one without the factor dp/dg."""
    image, grid = tensors[0], tensors[1] * 3 + 1
    spec = parse("cubic", "border", False, "pixel")
    expected = torch.from_numpy(PORTABLE.pull(image.numpy(), grid.numpy(), spec, (0, 0)))

    def sample(x, g):
        return gs.grid_sample(x, g, "cubic", "border", coords="pixel")

    module = gst.GridSample("cubic", "border", coords="pixel")
    ways = [
        sample,
        module,
        torch.compile(sample, fullgraph=True, backend="aot_eager"),
        torch.compile(module, fullgraph=True, backend="aot_eager"),
        torch.export.export(module, (image, grid)).module(),
        torch.jit.script(module),
        torch.jit.trace(module, (image, grid)),
        torch.func.vmap(lambda x, g: sample(x[None], g[None])[0]),
    ]
    for way in ways:
        torch.testing.assert_close(way(image, grid), expected, rtol=0, atol=64 * eps("float64"))
    leaves = image.requires_grad_(), grid.requires_grad_()
    assert torch.autograd.gradcheck(sample, leaves)
    assert torch.autograd.gradgradcheck(sample, leaves)


def test_a_module_says_its_options():
    assert repr(gst.GridSample(gs.Keys(-0.5), ("border", "zeros"))) == (
        "GridSample(Keys(a=-0.5), padding_mode=('border', 'zeros'), align_corners=False, coords='normalized', "
        "channels='first')"
    )


# -------------------------------------------------------------------------------------------------------- one's own


@pytest.mark.parametrize(("mode", "padding"), OWN)
def test_ones_own_on_tensors_with_gradients(tensors, mode, padding):
    assert_same(gs.grid_sample(*tensors, mode, padding), tensors, mode, padding)
    image, grid = (tensor.requires_grad_() for tensor in tensors)
    assert torch.autograd.gradcheck(lambda x, g: gs.grid_sample(x, g, mode, padding), (image, grid))
    assert torch.autograd.gradgradcheck(lambda x, g: gs.grid_sample(x, g, mode, padding), (image, grid))
    values = gs.grid_sample(image, grid, mode, padding).detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda v, g: gs.grid_splat(v, g, image.shape, mode, padding), (values, grid))


@pytest.mark.parametrize(("mode", "padding"), OWN)
def test_ones_own_has_no_text_for_an_operator(tensors, mode, padding):
    message = "kernels and boundaries of your own have no text"
    calls = [
        lambda: torch.func.vmap(lambda x: gs.grid_sample(x[None], tensors[1][:1], mode, padding))(tensors[0]),
        lambda: torch.func.jacrev(lambda x: gs.grid_sample(x, tensors[1], mode, padding))(tensors[0]),
        lambda: torch.jit.trace(Sample(mode, padding), tensors),
        lambda: torch.export.export(Sample(mode, padding), tensors),
        lambda: torch.compile(Sample(mode, padding), fullgraph=True, backend="aot_eager")(*tensors),
    ]
    for call in calls:
        with pytest.raises(Exception, match=message):
            call()


@pytest.mark.parametrize(("mode", "padding"), OWN)
def test_ones_own_in_torchscript(tensors, mode, padding):
    scripted = torch.jit.script(gst.GridSample(mode, padding))
    with pytest.raises(Exception, match="a kernel or boundary of your own without a text"):
        scripted(*tensors)


def test_a_kernel_that_takes_a_name_of_ours_is_no_text_either(tensors):
    @dataclass(frozen=True)
    class Named(Smooth):
        names = ("linear",)

    with pytest.raises(TypeError, match="of your own"):
        torch.func.vmap(lambda x: gs.grid_sample(x[None], tensors[1][:1], Named()))(tensors[0])
    with pytest.raises(TypeError, match="of your own"):
        torch.func.vmap(
            lambda x: gs.grid_sample(x[None], tensors[1][:1], "linear", gs.Boundary("border", ZEROS.resolve))
        )(tensors[0])


def test_entries_for_another_number_of_axes(tensors):
    with pytest.raises(ValueError, match="must have one entry or 2"):
        gs.grid_sample(*tensors, ("linear",) * 3)
    for call in (gs.grid_sample, torch.compile(gs.grid_sample, backend="aot_eager")):
        with pytest.raises(Exception, match=r"must have one entry or 2|for each"):
            call(*tensors, "linear", ("zeros",) * 3)
    np.testing.assert_array_equal(gs.grid_sample(*tensors, ("linear",)), gs.grid_sample(*tensors))
