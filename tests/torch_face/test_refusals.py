"""What is refused: by name, with what was got and what is possible, and before anything is computed."""

import numpy as np
import pytest
import torch

import gridsample as gs
from gridsample.spec import parse
from torch_face.tools import EngineCalls

IMAGE, GRID = torch.zeros(2, 3, 5, 7), torch.zeros(2, 4, 2)
FLOATS = "must be of dtype float16, bfloat16, float32 or float64"
DTYPES = rf"{FLOATS}, or of integers, bool or complex numbers; got"
COPIED = r"can only be copied, by mode='nearest'; make it a float first: input.double\(\)"

REFUSED = {
    "integers": (IMAGE.long(), GRID, rf"input of dtype int64 {COPIED}"),
    "bool": (IMAGE.bool(), GRID, rf"input of dtype bool {COPIED}"),
    "float8": (IMAGE.to(torch.float8_e4m3fn), GRID, rf"input {DTYPES} float8_e4m3fn"),
    "integer places": (IMAGE, GRID.int(), rf"grid {FLOATS}; got int32"),
    "sparse": (IMAGE.to_sparse(), GRID, r"input must be a strided tensor.*got a sparse_coo one"),
    "sparse places": (IMAGE, GRID.to_sparse(), r"grid must be a strided tensor.*got a sparse_coo one"),
    "MKL-DNN": (IMAGE.to_mkldnn(), GRID, r"input must be a strided tensor.*got a mkldnn one"),
    "devices": (IMAGE, GRID.to("meta"), r"input and grid must be on the same device; got cpu and meta"),
    "NumPy places": (IMAGE, GRID.numpy(), r"input and grid must be arrays of one library"),
    "NumPy image": (IMAGE.numpy(), GRID, r"input and grid must be arrays of one library"),
    "lists": (IMAGE.tolist(), GRID, r"input must be a NumPy array, a torch tensor.*got builtins.list"),
}


@pytest.fixture(autouse=True)
def _nothing_is_computed(monkeypatch):
    calls = EngineCalls(monkeypatch)
    yield
    assert calls.names == []


@pytest.mark.parametrize(("image", "grid", "message"), REFUSED.values(), ids=REFUSED)
def test_sampling_refuses(image, grid, message):
    with pytest.raises(TypeError, match=message):
        gs.grid_sample(image, grid)


@pytest.mark.filterwarnings("ignore:.*quantized tensor creation functions:UserWarning")
def test_quantized_tensors_are_refused():
    image = torch.quantize_per_tensor(IMAGE, 0.1, 0, torch.quint8)
    with pytest.raises(TypeError, match=rf"input {DTYPES} quint8"):
        gs.grid_sample(image, GRID)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_nested_tensors_are_refused(layout):
    image = torch.nested.nested_tensor([IMAGE[0], IMAGE[0, :, :3]], layout=layout)
    with pytest.raises(TypeError, match=r"input must be a strided tensor.*got a nested one"):
        gs.grid_sample(image, GRID)


@pytest.mark.parametrize("name", ["sparse", "integers", "devices", "float8"])
def test_splatting_refuses_the_same(name):
    image, grid, message = REFUSED[name]
    values = image.to_dense()[:, :, 0, :4]
    values = values.to_sparse() if name == "sparse" else values
    message = message.replace("can only be copied, by mode='nearest'", "cannot be added up")
    with pytest.raises(TypeError, match=message.replace("input", "values")):
        gs.grid_splat(values, grid, (2, 3, 5, 7))


@pytest.mark.parametrize("channels", ["first", "last"])
def test_shapes_are_named_in_the_callers_order(channels):
    with pytest.raises(ValueError, match=r"batch sizes of input \(2, 3, 5, 7\) and grid \(3, 4, 2\)"):
        gs.grid_sample(IMAGE, torch.zeros(3, 4, 2), channels=channels)
    order = r"\(N, \*out, C\)" if channels == "last" else r"\(N, C, \*out\)"
    with pytest.raises(ValueError, match=rf"values must have the shape {order}"):
        gs.grid_splat(IMAGE, GRID, (2, 3, 5, 7), channels=channels)


@pytest.mark.parametrize("grid", [torch.zeros(()), torch.zeros(2), torch.zeros(2, 4, 3), torch.zeros(2, 0)])
def test_places_of_a_wrong_shape_are_refused(grid):
    with pytest.raises(ValueError, match=r"grid must have the shape \(N, \*out, 2\)"):
        gs.grid_sample(IMAGE, grid)


@pytest.mark.parametrize("image", [torch.zeros(()), torch.zeros(2, 3)])
def test_images_of_too_few_axes_are_refused(image):
    with pytest.raises(ValueError, match="input must have the shape"):
        gs.grid_sample(image, GRID)


def test_out_is_for_numpy():
    with pytest.raises(TypeError, match="out is for NumPy arrays only"):
        gs.grid_sample(IMAGE, GRID, out=torch.zeros(2, 3, 4))


@pytest.mark.parametrize("shape", [5, "abc", (2, 3, 5.5, 7), None])
def test_shapes_that_are_none_are_refused(shape):
    with pytest.raises(TypeError, match="shape must be a sequence of whole numbers"):
        gs.grid_splat(IMAGE[:, :, 0, :4], GRID, shape)


def test_affine_grid_refuses():
    with pytest.raises(TypeError, match=rf"theta {FLOATS}; got int64"):
        gs.affine_grid(torch.zeros(1, 2, 3).long(), (1, 1, 5, 7))
    with pytest.raises(TypeError, match="theta must be a strided tensor"):
        gs.affine_grid(torch.zeros(1, 2, 3).to_sparse(), (1, 1, 5, 7))
    with pytest.raises(ValueError, match=r"theta must have the shape .* got \(1, 3, 3\)"):
        gs.affine_grid(torch.zeros(1, 3, 3), (1, 1, 5, 7))


def test_a_gradient_of_a_wrong_shape_is_refused():
    """Torch 2.13's own backward reads beyond the end of it."""
    with pytest.raises(ValueError, match="values must have the shape"):
        torch.ops.gridsample.grid_gradient(IMAGE[..., 0], IMAGE, GRID, [0, 0], *parse("linear", "zeros", False).text)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_what_breaks_torch_is_not_refused_but_defined(monkeypatch, value, padding):
    """Backward at such places ends the process in torch 2.13; here they get no gradient and give none."""
    monkeypatch.undo()  # here something is computed
    image = torch.ones(1, 1, 5, 7, requires_grad=True)
    grid = torch.tensor([[[value, 0.0], [0.1, 0.2]]], requires_grad=True)
    gs.grid_sample(image, grid, "bilinear", padding).sum().backward()
    assert torch.isfinite(image.grad).all()
    assert torch.isfinite(grid.grad).all()
    assert grid.grad[0, 0, 0] == 0
