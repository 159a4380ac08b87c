"""Inside ``replacing_functional``: traces, scripts and exporters, NaN, and functions taken before."""

import io
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch._dynamo.source import ConstantSource
from torch._subclasses import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import ShapeEnv
from torch.nn.functional import affine_grid as early_affine_grid
from torch.nn.functional import grid_sample as early_grid_sample

import gridsample.torch as gst
from gridsample import notices
from support import eps
from torch_face.tools import EngineCalls, assert_same

ORIGINALS = F.grid_sample, F.affine_grid, torch.grid_sampler, torch.affine_grid_generator


@pytest.fixture(autouse=True)
def _all_is_as_before():
    yield
    assert (F.grid_sample, F.affine_grid, torch.grid_sampler, torch.affine_grid_generator) == ORIGINALS


def model(image: torch.Tensor, grid: torch.Tensor):
    """As models are written."""
    places = F.affine_grid(grid.flatten(1)[:, :6].reshape(-1, 2, 3), [2, 3, 4, 11], align_corners=False)
    return F.grid_sample(image, grid + places, "bicubic", padding_mode="reflection", align_corners=False)


def early_model(image: torch.Tensor, grid: torch.Tensor):
    """By names that were imported before."""
    places = early_affine_grid(grid.flatten(1)[:, :6].reshape(-1, 2, 3), [2, 3, 4, 11], align_corners=False)
    return early_grid_sample(image, grid + places, "bicubic", padding_mode="reflection", align_corners=False)


class Module(torch.nn.Module):
    """The same as a module."""

    def forward(self, image: torch.Tensor, grid: torch.Tensor):
        return model(image, grid)


# --------------------------------------------------------------------------------------- scripts, traces and exporters


@pytest.mark.parametrize(("function", "ours"), [(model, True), (Module(), True), (early_model, False)])
def test_scripts(tensors, calls, function, ours):
    """What says torch.nn.functional is scripted with our operator; torch's own function, with torch's."""
    expected = function(*tensors)
    with gst.replacing_functional():
        scripted = torch.jit.script(function)
        for _ in range(3):
            result = scripted(*tensors)
    assert ("pull" in calls) == ours
    assert_same(result, expected)
    assert result.is_contiguous()
    assert_same(torch.jit.script(early_model)(*tensors), expected)  # as ever, afterwards


@pytest.mark.parametrize(
    "options", [{}, {"align_corners": True, "mode": "nearest"}, {"padding_mode": "border"}], ids=str
)
def test_scripts_with_other_options(tensors, options):
    mode, padding = options.get("mode", "bilinear"), options.get("padding_mode", "zeros")
    align = options.get("align_corners", False)

    def function(image: torch.Tensor, grid: torch.Tensor, mode: str, padding: str, align: bool):
        return F.grid_sample(image, grid, mode, padding, align)

    expected = function(*tensors, mode, padding, align)
    with gst.replacing_functional():
        scripted = torch.jit.script(function)
        assert_same(scripted(*tensors, mode, padding, align), expected)
        with pytest.raises(Exception, match="Long"):  # still torch's
            scripted(tensors[0].long(), tensors[1].long(), mode, padding, align)


@torch.jit.script_if_tracing
def scripted_if_tracing(image: torch.Tensor, grid: torch.Tensor):
    """As kornia has them."""
    return F.grid_sample(image, grid, align_corners=False)


def test_what_is_scripted_if_traced(tensors):
    expected = F.grid_sample(*tensors, align_corners=False)
    with gst.replacing_functional():
        traced = torch.jit.trace(lambda image, grid: scripted_if_tracing(image, grid) * 1, tensors)
    assert_same(traced(*tensors), expected)


@pytest.mark.parametrize("name", ["grid_sample", "early_grid_sample"])
def test_traces(tensors, name):
    def function(image, grid):
        return (early_grid_sample if name.startswith("early") else F.grid_sample)(image, grid, align_corners=True)

    with gst.replacing_functional():
        traced = torch.jit.trace(function, tensors)
    assert "gridsample::pull" in str(traced.graph)
    assert_same(traced(*tensors), function(*tensors))


def test_the_old_exporter_to_onnx_exports_torchs_function_with_one_warning(tensors):
    onnx = pytest.importorskip("onnx")
    notices._given.discard("export")
    arguments = tuple(tensor.float() for tensor in tensors)

    class Sampler(torch.nn.Module):
        def forward(self, image, grid):
            return F.grid_sample(image, grid, align_corners=False)

    def exported():
        file = io.BytesIO()
        torch.onnx.export(Sampler(), arguments, file, dynamo=False, opset_version=16)
        return [node.op_type for node in onnx.load_from_string(file.getvalue()).graph.node]

    with gst.replacing_functional(), pytest.warns() as told:
        assert [exported(), exported()] == [["GridSample"]] * 2
    ours = [warning for warning in told if "replacing_functional" in str(warning.message)]
    assert len(ours) == 1
    assert ours[0].filename == __file__


@pytest.mark.parametrize("strict", [False, True])
def test_exported_programs_hold_our_operator(tensors, strict):
    with gst.replacing_functional():
        program = torch.export.export(Module(), tensors, strict=strict)
        program.module()(*tensors)
    assert "gridsample.pull" in str(program.graph)
    assert_same(program.module()(*tensors), model(*tensors))


def test_symbolic_traces_hold_torchs_function(tensors, calls):
    """Which in turn is ours, inside a block, and torch's outside."""
    with gst.replacing_functional():
        traced = torch.fx.symbolic_trace(lambda image, grid: F.grid_sample(image, grid, align_corners=False))
        assert [node.target for node in traced.graph.nodes if node.op == "call_function"] == [early_grid_sample]
        traced(*tensors)
        assert calls == ["pull"]
    traced(*tensors)
    assert calls == ["pull"]


def test_compiled_code_with_a_function_taken_before_stays_torchs(tensors):
    """A cache of compiled programs must not take one for the other."""
    seen = []

    def backend(graph, inputs):
        from functorch.compile import make_boxed_func  # noqa: PLC0415
        from torch._dynamo.backends.common import aot_autograd  # noqa: PLC0415

        def inner(lowered, _):
            seen.append({str(node.target) for node in lowered.graph.nodes})
            return make_boxed_func(lowered.forward)

        return aot_autograd(fw_compiler=inner)(graph, inputs)

    torch._dynamo.reset()
    with gst.replacing_functional():
        result = torch.compile(early_model, backend=backend, fullgraph=True)(*tensors)
    torch._dynamo.reset()
    assert_same(result, early_model(*tensors))
    assert not any("gridsample" in target for targets in seen for target in targets)


def warped(image, theta):
    """Lengths that come from tensors, in code that is traced with symbols in their place."""
    size = image.shape[0], image.shape[1], image.shape[2] + 1, image.shape[3] * 2
    return F.grid_sample(image, F.affine_grid(theta, size, align_corners=False), "bicubic", align_corners=False)


def test_lengths_that_are_symbols(generator):
    """No cache is asked for what cannot be hashed."""

    def given(batch, height, width):
        image = torch.rand(batch, 3, height, width, generator=generator, dtype=torch.float64)
        return image, torch.rand(batch, 2, 3, generator=generator, dtype=torch.float64) * 0.5

    torch._dynamo.reset()
    with gst.replacing_functional():
        graph = make_fx(warped, tracing_mode="symbolic")(*given(5, 7, 11))
        compiled = torch.compile(warped, backend="aot_eager", dynamic=True, fullgraph=True)
        for shape in ((5, 7, 11), (2, 4, 3)):
            image, theta = given(*shape)
            expected = warped(image, theta)
            assert_same(graph(image, theta), expected)
            leaf = image.clone().requires_grad_()
            result = compiled(leaf, theta)
            assert_same(result.detach(), expected)
            result.sum().backward()
        with FakeTensorMode(shape_env=ShapeEnv()) as mode:
            image, theta = (mode.from_tensor(t, source=ConstantSource(f"t{t.dim()}")) for t in given(5, 7, 11))
            assert warped(image, theta).dim() == 4
    assert "gridsample.pull" in str(graph.graph)
    torch._dynamo.reset()


# ------------------------------------------------------------------------------------------------------- NaN places


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
@pytest.mark.parametrize("align", [False, True])
def test_nan_counts_as_torch_documents(tensors, mode, padding, align):
    """As -1; torch's own kernels do so in border and reflection alone."""
    image, grid = tensors
    bad = grid.clone()
    bad[0, 1, 2] = torch.nan
    bad[1, 3, :, 0] = torch.nan
    meant = torch.where(bad.isnan(), -1.0, bad)
    expected = F.grid_sample(image, meant, mode, padding, align)
    with gst.replacing_functional():
        scripted = torch.jit.script(sampled_with_options)
        leaf = bad.clone().requires_grad_()
        results = [
            F.grid_sample(image, bad, mode, padding, align),
            early_grid_sample(image, bad, mode, padding, align),
            F.grid_sample(image, leaf, mode, padding, align),
            torch.func.vmap(lambda *given: F.grid_sample(*given, mode, padding, align))(image[None], bad[None])[0],
            scripted(image, bad, mode, padding, align),
        ]
        results[2].sum().backward()
    for result in results:
        assert_same(result.detach(), expected)
    assert leaf.grad[bad.isnan()].eq(0).all()
    assert leaf.grad.isfinite().all()


def sampled_with_options(image: torch.Tensor, grid: torch.Tensor, mode: str, padding: str, align: bool):
    """To be scripted."""
    return F.grid_sample(image, grid, mode, padding, align)


def test_a_grid_without_nan_is_not_copied(tensors, monkeypatch):
    calls = EngineCalls(monkeypatch)
    grid = tensors[1].clone()
    grid[0, 0, 0] = torch.tensor([torch.inf, 1e300])
    with gst.replacing_functional():
        F.grid_sample(tensors[0], grid, align_corners=False)
    assert calls.tensors[0][1].data_ptr() == grid.data_ptr()


# ------------------------------------------------------------------------------------------- functions taken before


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_a_function_that_was_imported_before_is_ours_too(tensors, calls, mode, padding, align):
    image, grid = (tensor.requires_grad_() for tensor in tensors)
    theirs = early_grid_sample(image, grid, mode, padding, align)
    assert calls == []
    with gst.replacing_functional():
        ours = early_grid_sample(image, grid, mode, padding, align)
        assert calls == ["pull"]
        with pytest.raises(ValueError, match="expected mode"):  # torch's own checks
            early_grid_sample(image, grid, "area")
    assert_same(ours, theirs)
    weights = torch.linspace(-1, 1, ours.numel(), dtype=ours.dtype).reshape(ours.shape)
    for mine, peers in zip(
        *(torch.autograd.grad((result * weights).sum(), (image, grid)) for result in (ours, theirs)), strict=True
    ):
        torch.testing.assert_close(mine, peers, rtol=0, atol=1000 * eps("float64"))


def test_an_affine_grid_that_was_imported_before(tensors):
    theta = tensors[1].flatten(1)[:, :6].reshape(-1, 2, 3)
    expected = early_affine_grid(theta, (2, 3, 4, 11), False)
    with gst.replacing_functional():
        with torch.autocast("cpu", torch.bfloat16):
            rounded = early_affine_grid(theta.float(), (2, 3, 4, 11), False)
        assert_same(early_affine_grid(theta, (2, 3, 4, 11), False), expected)
    assert rounded.dtype == torch.bfloat16


# ------------------------------------------------------------------------------------------------ torch's own tables


def test_torchs_tables_of_its_functions_stay_true():
    """They are made once for a process, if need be before anything has another name."""
    program = """
import torch, gridsample.torch as gst
originals = torch.nn.functional.grid_sample, torch.grid_sampler
with gst.replacing_functional():
    tables = torch.overrides.get_testing_overrides(), torch.overrides.get_overridable_functions()
    compiled = torch.compile(lambda *given: torch.nn.functional.grid_sample(*given), backend="eager")
    compiled(torch.ones(1, 1, 2, 3), torch.zeros(1, 1, 1, 2))
assert all(original in tables[0] for original in originals)
assert originals[0] in tables[1][torch.nn.functional] and originals[1] in tables[1][torch]
print("fine")
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240)
    assert result.stdout.strip() == "fine", result.stderr


@pytest.mark.parametrize(
    "way", ["block = gst.replacing_functional(); block.__enter__()", "work = generate(); next(work)"]
)
def test_a_block_left_open_when_the_process_ends(way):
    program = f"""
import torch, gridsample.torch as gst
def generate():
    with gst.replacing_functional():
        yield
{way}
print(float(torch.nn.functional.grid_sample(torch.ones(1, 1, 2, 3), torch.zeros(1, 1, 1, 2))))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240)
    assert (result.stdout.strip(), result.stderr) == ("1.0", "")
