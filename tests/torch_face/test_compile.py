"""``torch.compile``, ``torch.export`` and autocast."""

import subprocess
import sys

import pytest
import torch
from torch._dynamo.testing import CompileCounterWithBackend
from torch.fx.experimental.proxy_tensor import make_fx

import gridsample as gs
import gridsample.torch as gst
from support import MODES, eps

# Lengths that differ from each other and from the number of components: torch gives equal lengths one symbol.
SHAPES = [(11, 3, (5, 7), (4, 6)), (3, 4, (6, 8), (5, 9)), (5, 6, (7, 11), (8, 3)), (7, 9, (13, 4), (3, 5))]


@pytest.fixture(autouse=True)
def _fresh_compiler():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def noise(generator, *shape):
    return torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1


def check(compiled, eager, tensors):
    """Assert that values, gradients and layouts are those of the eager function."""
    results = []
    for function in (compiled, eager):
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        result = function(*leaves)
        results.append([result, *torch.autograd.grad(result.sin().sum(), leaves)])
    for mine, expected in zip(*results, strict=True):
        assert mine.stride() == expected.stride()
        # the same operators; around them the compiler fuses, and so rounds, as it likes
        torch.testing.assert_close(
            mine, expected, rtol=0, atol=100 * eps("float64") * float(expected.detach().abs().max())
        )


def sample(image, grid):
    """A sampler amid other operations."""
    return gs.grid_sample(image * 2, grid, "bicubic", "border") + 1


def sample_channels_last(image, grid):
    return gs.grid_sample(image.movedim(1, -1).contiguous(), grid, channels="last").movedim(-1, 1).contiguous()


def splat(image, grid):
    values = image[:, :, :2, :3].flatten(2)
    return gs.grid_splat(values * 2, grid.flatten(1, 2)[:, :6], image.shape, "bicubic")


def warp(image, grid):
    theta = grid.flatten(1)[:, :6].reshape(-1, 2, 3)
    return gst.GridSample("bilinear", "reflection")(image, gs.affine_grid(theta, image.shape, align_corners=True))


FUNCTIONS = [sample, sample_channels_last, splat, warp]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dynamic", [None, False, True])
def test_one_graph_forward_and_backward(generator, function, dynamic):
    """No graph break, and at most one recompilation after the first change of shape."""
    counter = CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(function, fullgraph=True, dynamic=dynamic, backend=counter)
    for batch, channels, size, out in SHAPES:
        check(compiled, function, (noise(generator, batch, channels, *size), noise(generator, batch, *out, 2)))
    assert counter.frame_count <= (len(SHAPES) if dynamic is False else 2)


@pytest.mark.slow
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_default_compiler(generator, function):
    """Inductor: with shapes that change, and with channels-last memory."""
    compiled = torch.compile(function, fullgraph=True)
    for batch, channels, size, out in SHAPES[:2]:
        image, grid = noise(generator, batch, channels, *size), noise(generator, batch, *out, 2)
        check(compiled, function, (image, grid))
    check(compiled, function, (image.to(memory_format=torch.channels_last), grid))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_every_mode_and_dimension(generator, axes, mode):
    def function(image, grid):
        return gs.grid_sample(image, grid, mode, "symmetric", True)

    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    image, grid = noise(generator, 3, 4, *(5, 7, 2, 3)[:axes]), noise(generator, 3, *(6, 2, 11)[:axes], axes)
    check(compiled, function, (image, grid))


def test_second_derivatives_within_a_compiled_function(generator):
    image, grid = noise(generator, 1, 1, 3, 4), noise(generator, 1, 2, 2)

    def energy(image, grid):
        return gs.grid_sample(image, grid, "cubic", "mirror").sin().sum()

    for transform in (torch.func.hessian, lambda f: torch.func.vmap(torch.func.grad(f))):
        function = transform(energy)
        arguments = (image, grid) if transform is torch.func.hessian else (image[None], grid[None])
        compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(compiled(*arguments), function(*arguments), rtol=0, atol=1e3 * eps("float64"))


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # torch's own doing
def test_compiled_autograd(generator):
    """Torch's compiler of backward passes takes the derivatives of eager calls too."""
    image, grid = noise(generator, 2, 3, 5, 7).requires_grad_(), noise(generator, 2, 4, 2).requires_grad_()
    expected = torch.autograd.grad(sample(image, grid).sin().sum(), (image, grid))
    with torch._dynamo.compiled_autograd._enable(torch.compile(backend="eager")):
        sample(image, grid).sin().sum().backward()
    for mine, truth in zip((image.grad, grid.grad), expected, strict=True):
        torch.testing.assert_close(mine, truth, rtol=0, atol=0)


def test_checkpointing(generator):
    image, grid = noise(generator, 2, 3, 5, 7).requires_grad_(), noise(generator, 2, 4, 2).requires_grad_()
    expected = torch.autograd.grad(sample(image, grid).sin().sum(), (image, grid))
    again = torch.utils.checkpoint.checkpoint(sample, image, grid, use_reentrant=False)
    for mine, truth in zip(torch.autograd.grad(again.sin().sum(), (image, grid)), expected, strict=True):
        torch.testing.assert_close(mine, truth, rtol=0, atol=0)


def test_a_first_compiled_call_needs_nothing_imported():
    """The torch face is imported within the compiler's own trace."""
    program = """
import warnings; warnings.simplefilter("error")
import torch, gridsample
f = torch.compile(lambda x, g: gridsample.grid_sample(x, g, padding_mode="border"), fullgraph=True, backend="eager")
print(float(f(torch.full((1, 1, 2, 2), 3.0), torch.zeros(1, 1, 2))))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300)
    assert (result.stdout.strip(), result.returncode) == ("3.0", 0), result.stderr


def test_refusals_are_the_same_when_compiling(generator):
    compiled = torch.compile(gs.grid_sample, fullgraph=True, backend="eager")
    with pytest.raises(Exception, match="mode must be one of"):
        compiled(noise(generator, 1, 1, 2, 3), noise(generator, 1, 1, 2), "area")
    with pytest.raises(Exception, match="grid must have the shape"):
        compiled(noise(generator, 1, 1, 2, 3), noise(generator, 1, 1, 3))


@pytest.mark.parametrize("strict", [False, True])
def test_export(generator, strict, tmp_path):
    """A dynamic graph of our operator, that can be saved and loaded."""
    module = gst.GridSample("bicubic", "border", True)
    batch, height, width = (torch.export.Dim(name, min=2, max=64) for name in ("batch", "height", "width"))
    image, grid = noise(generator, 3, 4, 5, 7), noise(generator, 3, 6, 8, 2)
    program = torch.export.export(
        module,
        (image, grid),
        dynamic_shapes={"input": {0: batch, 2: height, 3: width}, "grid": {0: batch}},
        strict=strict,
    )
    assert [node.name for node in program.graph.nodes if node.op == "call_function"] == ["pull"]
    torch.export.save(program, tmp_path / "model.pt2")
    loaded = torch.export.load(tmp_path / "model.pt2").module()
    for arguments in ((image, grid), (noise(generator, 2, 4, 9, 3), noise(generator, 2, 6, 8, 2))):
        torch.testing.assert_close(loaded(*arguments), module(*arguments), rtol=0, atol=0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_graphs_of_symbols(generator, function):
    """Lengths that are symbols, without a compiler around."""
    batch, channels, size, out = SHAPES[0]
    example = noise(generator, batch, channels, *size), noise(generator, batch, *out, 2)
    graph = make_fx(function, tracing_mode="symbolic")(*example)
    for batch, channels, size, out in SHAPES:
        tensors = noise(generator, batch, channels, *size), noise(generator, batch, *out, 2)
        torch.testing.assert_close(graph(*tensors), function(*tensors), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast(generator, dtype):
    """The result has the dtype of the image; places are not rounded, whatever made them."""
    image = noise(generator, 1, 3, 5, 7).float().requires_grad_()
    theta = noise(generator, 1, 2, 3).float().requires_grad_()
    layer = torch.nn.Conv2d(3, 4, 3, padding=1)
    with torch.autocast("cpu", dtype):
        features = layer(image)
        grid = gs.affine_grid(theta, (1, 4, 11, 13))
        result = gs.grid_sample(features, grid)
    assert features.dtype == result.dtype == dtype
    assert grid.dtype == torch.float32
    torch.testing.assert_close(grid, gs.affine_grid(theta, (1, 4, 11, 13)), rtol=0, atol=0)
    torch.testing.assert_close(result, gs.grid_sample(features, grid), rtol=0, atol=0)
    result.float().sum().backward()
    assert image.grad.dtype == theta.grad.dtype == torch.float32
    assert theta.grad.isfinite().all()


def test_autocast_when_compiling(generator):
    image, grid = noise(generator, 1, 3, 5, 7).float(), noise(generator, 1, 6, 4, 2).float()
    layer = torch.nn.Conv2d(3, 4, 3, padding=1)

    def function(image, grid):
        with torch.autocast("cpu", torch.bfloat16):
            return gs.grid_sample(layer(image), grid)

    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(image, grid), function(image, grid), rtol=0, atol=0)
