"""The module, scripted, traced, saved, and loaded in a new process."""

import copy
import doctest
import pickle
import subprocess
import sys

import pytest
import torch

import gridsample as gs
import gridsample.torch as gst
from support import every_option
from torch_face.tools import channels_last, small_tensors

WAYS = {
    "scripted": lambda module, _: torch.jit.script(module),
    "traced": torch.jit.trace,
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def gradients(function, *tensors):
    leaves = [tensor.detach().clone().requires_grad_() for tensor in tensors]
    return torch.autograd.grad(function(*leaves).sin().sum(), leaves)


@pytest.mark.parametrize("options", every_option())
def test_the_module_is_the_function_with_fixed_options(rng, options):
    tensors = small_tensors(rng, 2, options.align)
    result = gst.GridSample(*options)(*tensors)
    torch.testing.assert_close(result, gs.grid_sample(*tensors, *options), rtol=0, atol=0)


@every_way
@pytest.mark.parametrize("channels", ["first", "last"])
@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_scripted_and_traced_modules_are_the_same(rng, axes, channels, way):
    """Values, gradients and layouts, also for other shapes and layouts than the example's."""
    module = gst.GridSample("bicubic", "reflection", True, channels=channels)
    size, out = (3, 4, 5, 2)[:axes], (2, 5)

    def example(batch):
        image = torch.from_numpy(rng.uniform(-1, 1, (batch, 3, *size)))
        grid = torch.from_numpy(rng.uniform(-1.5, 1.5, (batch, *out, axes)))
        return (image.movedim(1, -1).contiguous() if channels == "last" else image), grid

    other = way(module, example(2))
    for image, grid in (example(2), example(1), example(3)):
        for variant in (image, channels_last(image)):
            expected = module(variant, grid)
            for _ in range(3):  # TorchScript optimizes from the second call on
                result = other(variant, grid)
            torch.testing.assert_close(result, expected, rtol=0, atol=0)
            assert result.stride() == expected.stride()
        for mine, theirs in zip(gradients(other, image, grid), gradients(module, image, grid), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=0, atol=0)


class Model(torch.nn.Module):
    """A sampler within a model."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 2, 1)
        self.sample = gst.GridSample("bilinear", "border")

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.sample(image, self.layer(image).movedim(1, -1))


@every_way
def test_a_saved_model_runs_in_a_new_process(generator, tmp_path, way):
    image = torch.rand(2, 3, 5, 7, generator=generator)
    model = Model()
    way(model, (image,)).save(tmp_path / "model.pt")
    torch.save((image, model(image).detach(), model.layer.weight.detach()), tmp_path / "expected.pt")
    program = f"""
import torch, gridsample.torch
image, expected, weight = torch.load({str(tmp_path / "expected.pt")!r})
model = torch.jit.load({str(tmp_path / "model.pt")!r})
result = model(image)
assert torch.equal(result, expected)
result.sum().backward()
assert next(model.parameters()).grad.abs().max() > 0
print("fine")
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert result.stdout.strip() == "fine", result.stderr


def test_a_traced_splat(generator):
    """Traces hold the shape they were made with, for torch records no lengths in lists of operators from Python."""

    def splat(values, grid):
        return gs.grid_splat(values, grid, (2, 3, 5, 7), "cubic")

    traced = torch.jit.trace(splat, (torch.rand(2, 3, 11), torch.rand(2, 11, 2)))
    values, grid = torch.rand(2, 3, 4, generator=generator), torch.rand(2, 4, 2, generator=generator)
    torch.testing.assert_close(traced(values, grid), splat(values, grid), rtol=0, atol=0)


def test_copies_and_representation():
    module = gst.GridSample("bicubic", padding_mode="border", channels="last")
    shown = "GridSample('bicubic', padding_mode='border', align_corners=False, coords='normalized', channels='last')"
    assert [repr(m) for m in (module, copy.deepcopy(module), pickle.loads(pickle.dumps(module)))] == [shown] * 3
    assert list(module.parameters()) == []
    assert module.state_dict() == {}


def test_wrong_options_are_refused_when_the_module_is_made():
    with pytest.raises(ValueError, match="padding_mode must be one of"):
        gst.GridSample("bilinear", "wrap around")
    with pytest.raises(ValueError, match="channels must be one of"):
        gst.GridSample(channels="middle")


@pytest.mark.parametrize("name", ["modules", "replacing"])
def test_examples_run(name):
    module = sys.modules[f"gridsample.faces.torch.{name}"]
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0


def test_what_users_may_call():
    assert all(getattr(gst, name).__doc__ for name in gst.__all__)
    assert gst.grid_sample is gs.grid_sample
