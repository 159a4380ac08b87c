"""The module, scripted, traced, saved, and loaded in a new process."""

import copy
import doctest
import importlib
import io
import pickle
import subprocess
import sys

import pytest
import torch
from torch._subclasses import FakeTensorMode

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


class Owner(torch.nn.Module):
    """A model with parameters and samplers of every kind of option."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 2, 1, bias=False)
        self.plain = gst.GridSample("bicubic", "border", True)
        self.mixed = gst.GridSample((gs.Keys(-0.5), "nearest"), ("wrap", "zeros"), coords="relative", channels="last")
        self.spline = gst.GridSample(gs.BSpline(3), "mirror", nan_places="edge")

    def forward(self, image):
        flow = self.layer(image).movedim(1, -1)
        last = self.mixed(image.movedim(1, -1), flow).movedim(-1, 1)
        return self.plain(image, flow) + last + self.spline(image, flow)


def saved_and_loaded(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


COPIES = {
    "deep copy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "torch.save": saved_and_loaded,
    "copy of a copy": lambda model: saved_and_loaded(copy.deepcopy(model)),
}


@pytest.mark.parametrize("way", COPIES.values(), ids=COPIES)
def test_whole_models_are_copied_and_saved(generator, way):
    """With what they sample, and compiled, scripted or traced afterwards as before."""
    image = torch.rand(2, 3, 5, 7, generator=generator)
    model = Owner()
    model(image)  # whatever a module would remember
    other = way(model)
    assert repr(other) == repr(model)
    torch.testing.assert_close(other(image), model(image), rtol=0, atol=0)
    other(image).sum().backward()
    assert model.layer.weight.grad is None
    torch.testing.assert_close(
        torch.jit.script(other.plain)(image, image[:, :2].movedim(1, -1)),
        model.plain(image, image[:, :2].movedim(1, -1)),
        rtol=0,
        atol=0,
    )
    torch.testing.assert_close(torch.jit.trace(other, image)(image), model(image), rtol=0, atol=0)


def test_a_saved_model_loads_in_a_new_process(generator, tmp_path):
    """Nothing but the package need be there, and its operators."""
    image = torch.rand(2, 3, 5, 7, generator=generator)
    grid = torch.rand(2, 4, 6, 2, generator=generator)
    module = gst.GridSample(gs.Keys(-0.5), "wrap")
    torch.save((module, image, grid, module(image, grid)), tmp_path / "model.pt")
    program = f"""
import torch
module, image, grid, expected = torch.load({str(tmp_path / "model.pt")!r}, weights_only=False)
print(torch.equal(module(image, grid), expected))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert result.stdout.strip() == "True", result.stderr


def test_kernels_of_ones_own_are_copied_too(rng):
    module = gst.GridSample(Own(), "zeros")
    tensors = small_tensors(rng, 2, False)
    torch.testing.assert_close(copy.deepcopy(module)(*tensors), module(*tensors), rtol=0, atol=0)


class Own(gs.Linear):
    """A kernel that no text describes."""


def test_models_are_made_on_the_meta_device_and_filled_later(generator):
    """As FSDP makes large ones: no sampler has anything that would have to be filled."""
    image = torch.rand(2, 3, 5, 7, generator=generator)
    source = Owner()
    with torch.device("meta"):
        model = Owner()
    assert model(image.to("meta")).shape == (2, 3, 5, 7)
    assert all(tensor.is_meta for tensor in model.state_dict().values())
    for module in model.modules():
        assert type(module) is not gst.GridSample or not [*module.parameters(), *module.buffers()]
    model.to_empty(device="cpu")
    model.load_state_dict(source.state_dict())
    torch.testing.assert_close(model(image), source(image), rtol=0, atol=0)
    assigned = copy.deepcopy(Owner()).to("meta")
    assigned.load_state_dict(source.state_dict(), assign=True)
    torch.testing.assert_close(assigned(image), source(image), rtol=0, atol=0)


def test_models_of_fake_tensors_cost_nothing():
    """As planners of memory look at models that do not fit."""
    with FakeTensorMode():
        model = Owner()
        assert model(torch.empty(2, 3, 500, 700)).shape == (2, 3, 500, 700)


def test_wrong_options_are_refused_when_the_module_is_made():
    with pytest.raises(ValueError, match="padding_mode must be one of"):
        gst.GridSample("bilinear", "wrap around")
    with pytest.raises(ValueError, match="channels must be one of"):
        gst.GridSample(channels="middle")


@pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")  # torch's own use of its trees
@pytest.mark.parametrize("name", ["modules", "replacing", "decompositions"])
def test_examples_run(name):
    module = importlib.import_module(f"gridsample.faces.torch.{name}")
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0


def test_what_users_may_call():
    assert all(getattr(gst, name).__doc__ for name in gst.__all__)
    assert gst.grid_sample is gs.grid_sample
