"""Traces of torch.fx, TorchScript of the functions, refusals of compilers, and programs in standard operators."""

import copy
import subprocess
import sys

import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.library import opcheck

import gridsample as gs
import gridsample.torch as gst
from gridsample.faces.torch import operators
from gridsample.faces.torch.splines import spline_filter
from gridsample.spec import parse
from support import BOUNDARIES, MODES, eps

# of torch's own use of its trees
pytestmark = pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")

SIZE, OUT = (5, 7), (4, 11)


@pytest.fixture
def tensors(generator):
    """An image, and places inside and outside of it."""
    image = torch.rand(2, 3, *SIZE, generator=generator, dtype=torch.float64) * 2 - 1
    return image, torch.rand(2, *OUT, 2, generator=generator, dtype=torch.float64) * 2.6 - 1.3


# ---------------------------------------------------------------------------------------------------------- torch.fx


class Model(torch.nn.Module):
    """A model that holds the module and calls the functions, with options of every kind."""

    def __init__(self):
        super().__init__()
        self.sample = gst.GridSample(gs.Keys(-0.5), ("wrap", "border"), channels="first")

    def forward(self, image, grid):
        theta = grid.flatten(1)[:, :6].reshape(-1, 2, 3)
        warped = gst.grid_sample(image, gs.affine_grid(theta, (2, 3, 8, 9), True), "bicubic", align_corners=True)
        pixels = gs.to_pixels(grid, (5, 7))
        slopes = gs.grid_sample(image, pixels, "cubic", coords="pixel", derivative=(1, 0))
        flow = gs.grid_sample(warped[..., :4, :11], pixels * 0.1, coords="relative")
        back = gs.grid_splat(slopes, gs.normalize(pixels, (5, 7)), image.shape, padding_mode="wrap")
        back = back + gs.grid_splat(slopes, grid, (2, 3, 5, 7), normalize=True, eps=1e-3)
        last = gs.grid_sample(
            image.movedim(1, -1), grid, channels="last", fill_value=2.0, outside="fill", nan_places="edge"
        )
        return warped.sum() + self.sample(image, grid).sum() + flow.sin().sum() + back.sin().sum() + last.cos().sum()


def test_symbolic_traces_hold_the_public_functions(tensors):
    model = Model()
    traced = torch.fx.symbolic_trace(model)
    called = [node.target for node in traced.graph.nodes if node.op == "call_function"]
    for function, times in (
        (gs.grid_sample, 5),
        (gs.grid_splat, 2),
        (gs.affine_grid, 1),
        (gs.to_pixels, 1),
        (gs.normalize, 1),
    ):
        assert called.count(function) == times
    assert "'keys(-0.5)'" in traced.code
    for module in (traced, copy.deepcopy(traced)):
        torch.testing.assert_close(module(*tensors), model(*tensors), rtol=0, atol=0)


def test_a_symbolic_trace_of_the_module_alone(tensors):
    module = gst.GridSample("bicubic", "reflection", True)
    traced = torch.fx.symbolic_trace(module)
    assert [node.target for node in traced.graph.nodes if node.op == "call_function"] == [gs.grid_sample]
    torch.testing.assert_close(traced(*tensors), module(*tensors), rtol=0, atol=0)


def test_one_proxy_beside_a_tensor(tensors):
    image, grid = tensors
    traced = torch.fx.symbolic_trace(lambda places: gs.grid_sample(image, places))
    torch.testing.assert_close(traced(grid), gs.grid_sample(image, grid), rtol=0, atol=0)


def test_a_trace_refuses_wrong_options_at_once():
    with pytest.raises(ValueError, match="did you mean 'bilinear'"):
        torch.fx.symbolic_trace(lambda image, grid: gs.grid_sample(image, grid, "bilinaer"))
    with pytest.raises(TypeError, match=r"torch\.fx"):
        torch.fx.symbolic_trace(lambda image, grid: gs.grid_sample(image, grid, Own()))


class Own(gs.Linear):
    """A kernel that no text describes."""


@pytest.mark.parametrize("function", [gs.coverage, gs.sample_masked, gs.spline_coefficients])
def test_functions_that_traces_cannot_hold_say_what_to_do(function):
    arguments = {gs.coverage: lambda x: ((5, 7), x), gs.sample_masked: lambda x: (x, x, x)}.get(
        function, lambda x: (x,)
    )
    with pytest.raises(TypeError, match=r"torch\.fx\.wrap"):
        torch.fx.symbolic_trace(lambda x: function(*arguments(x)))


class Duck:
    """No tensor, but what torch asks like one."""

    def __init__(self, tensor):
        self.tensor, self.seen = tensor, []

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        (duck, *_) = [argument for argument in args if isinstance(argument, Duck)]
        duck.seen.append(function)
        plain = [argument.tensor if isinstance(argument, Duck) else argument for argument in args]
        return function(*plain, **(kwargs or {}))


def test_a_duck_is_asked_as_torch_asks_it(tensors):
    image, grid = tensors
    duck = Duck(image)
    result = gs.grid_sample(duck, grid, "bicubic")
    assert duck.seen == [gs.grid_sample]
    torch.testing.assert_close(result, gs.grid_sample(image, grid, "bicubic"), rtol=0, atol=0)


# ------------------------------------------------------------------------------------------------------- TorchScript


def sampled(image: torch.Tensor, grid: torch.Tensor):
    """Keyword-only parameters, and a derivative."""
    filled = gst.grid_sample(image, grid, fill_value=2.0, outside="fill", nan_places="edge")
    return filled + gst.grid_sample(image, grid, "keys(-0.5)", padding_mode="wrap", coords="pixel", derivative=[1, 0])


def warped(image: torch.Tensor, grid: torch.Tensor):
    """The other functions."""
    places = gs.affine_grid(grid.flatten(1)[:, :6].reshape(2, 2, 3), [2, 3, 4, 11], center=[0.5, 0.0])
    values = gs.grid_sample(image, places, align_corners=None)
    return gs.grid_splat(values, grid, [2, 3, 5, 7], "bicubic", align_corners=True, normalize=True, eps=0.01)


@pytest.mark.parametrize("function", [sampled, warped])
def test_scripted_code_may_call_the_functions(tensors, function):
    scripted = torch.jit.script(function)
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    expected = torch.autograd.grad(function(*leaves).sin().sum(), leaves)
    for _ in range(3):  # TorchScript optimizes from the second call on
        torch.testing.assert_close(scripted(*tensors), function(*tensors), rtol=0, atol=0)
        for mine, truth in zip(torch.autograd.grad(scripted(*leaves).sin().sum(), leaves), expected, strict=True):
            torch.testing.assert_close(mine, truth, rtol=0, atol=0)


def test_the_functions_themselves_script(tensors):
    image, grid = tensors
    scripted = torch.jit.script(gs.grid_sample)
    result = scripted(image, grid, "bicubic", channels="first", padding_mode="border")
    torch.testing.assert_close(result, gs.grid_sample(image, grid, "bicubic", "border"), rtol=0, atol=0)
    values = torch.jit.script(gs.grid_splat)(result, grid, image.shape)
    torch.testing.assert_close(values, gs.grid_splat(result, grid, image.shape), rtol=0, atol=0)
    theta = torch.eye(2, 3)[None]
    torch.testing.assert_close(
        torch.jit.script(gs.affine_grid)(theta, [1, 1, 4, 5]), gs.affine_grid(theta, (1, 1, 4, 5)), rtol=0, atol=0
    )


def test_scripted_functions_have_the_signatures_of_the_public_ones():
    import inspect  # noqa: PLC0415

    from gridsample.faces.torch import scripting  # noqa: PLC0415

    for public in scripting.SCHEMAS:
        ours = inspect.signature(public).parameters
        theirs = inspect.signature(getattr(scripting, public.__name__)).parameters
        assert list(theirs) == [name for name in ours if name != "out"]
        assert all(theirs[name].default == ours[name].default for name in theirs)
        schema = getattr(torch.ops.gridsample, public.__name__).default._schema
        assert [argument.name for argument in schema.arguments] == list(theirs)


def test_scripts_refuse_as_the_functions_do(tensors):
    with pytest.raises(Exception, match="did you mean 'bilinear'"):
        torch.jit.script(gs.grid_sample)(*tensors, "bilinaer")


def test_a_scripted_function_runs_in_a_new_process(tensors, tmp_path):
    torch.jit.script(sampled).save(str(tmp_path / "function.pt"))
    torch.save((*tensors, sampled(*tensors)), tmp_path / "expected.pt")
    program = f"""
import torch, gridsample.torch
image, grid, expected = torch.load({str(tmp_path / "expected.pt")!r})
print(torch.equal(torch.jit.load({str(tmp_path / "function.pt")!r})(image, grid), expected))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert result.stdout.strip() == "True", result.stderr


def test_operators_of_scripts_pass_torchs_checks(tensors):
    image, grid = tensors
    options = ("bicubic", "fill", None, "pixel", [2.0], "pad", "edge", "first", None)
    opcheck(torch.ops.gridsample.grid_sample.default, (image, grid, *options))
    opcheck(
        torch.ops.gridsample.affine_grid.default, (torch.eye(2, 3)[None], [1, 1, 4, 5], None, "pixel", None, "first")
    )


# --------------------------------------------------------------------------------------------------------- compilers


WRONG = {
    "mode": ({"mode": "bilinaer"}, ValueError, "mode must be one of .*did you mean 'bilinear'"),
    "type": ({"mode": 3}, TypeError, "mode must be a string"),
    "padding": ({"padding_mode": "reflect"}, ValueError, "did you mean 'mirror'"),
    "coords": ({"coords": "px"}, ValueError, "coords must be one of .*got 'px'"),
    "channels": ({"channels": "lst"}, ValueError, "did you mean 'last'"),
    "outside": ({"outside": "fil"}, ValueError, "outside must be one of .*did you mean 'fill'"),
    "align": ({"align_corners": 3}, TypeError, "align_corners must be True, False or None"),
}


@pytest.mark.parametrize(("options", "error", "message"), WRONG.values(), ids=WRONG)
def test_a_misspelt_option_is_our_refusal_under_a_compiler(tensors, options, error, message):
    """And with fullgraph, torch's own word for an exception in the caller's code; never an internal error of torch."""
    torch._dynamo.reset()

    def function(image, grid):
        return gs.grid_sample(image, grid, **options)

    with pytest.raises(error, match=message):
        torch.compile(function, backend="eager")(*tensors)
    torch._dynamo.reset()  # it would not try this function again
    with pytest.raises(torch._dynamo.exc.Unsupported, match=f"(?s)Observed exception.*{message}") as refusal:
        torch.compile(function, backend="eager", fullgraph=True)(*tensors)
    assert "InternalTorchDynamoError" not in str(refusal.value)
    torch._dynamo.reset()


# ---------------------------------------------------------------------------------------------------- decompositions


def only_standard(graph):
    """Whether a graph has operators of torch's and arithmetic of lengths alone."""
    targets = [node.target for node in graph.nodes if node.op == "call_function"]
    operators = [target for target in targets if isinstance(target, torch._ops.OpOverload)]
    assert operators
    return {target.namespace for target in operators} <= {"aten", "prims"}


@pytest.mark.parametrize(
    ("mode", "padding", "align"),
    [
        *((mode, "mirror", False) for mode in (*MODES, "bspline")),
        *(("linear", padding, True) for padding in BOUNDARIES),
    ],
)
def test_an_exported_program_in_standard_operators(tensors, mode, padding, align):
    module = gst.GridSample(mode, padding, align)
    program = torch.export.export(module, tensors)
    assert not only_standard(program.graph)
    lowered = program.run_decompositions(gst.decompositions())
    assert only_standard(lowered.graph)
    # 36 taps with weights that sum to 1, but for some overshoot, of values up to 1; coefficients of up to 9
    torch.testing.assert_close(lowered.module()(*tensors), module(*tensors), rtol=0, atol=1000 * eps("float64"))


@pytest.mark.parametrize("axes", [1, 3])
def test_other_dimensions_in_standard_operators(generator, axes):
    image = torch.rand(2, 3, *(4, 5, 7)[:axes], generator=generator, dtype=torch.float64)
    grid = torch.rand(1, 11, axes, generator=generator, dtype=torch.float64) * 2 - 1
    module = gst.GridSample("bicubic", "border")
    lowered = torch.export.export(module, (image, grid)).run_decompositions(gst.decompositions())
    assert only_standard(lowered.graph)
    torch.testing.assert_close(lowered.module()(image, grid), module(image, grid), rtol=0, atol=100 * eps("float64"))


def test_dynamic_shapes_in_standard_operators(generator):
    module = gst.GridSample("bicubic", "reflection", channels="last")
    batch, height, width = (torch.export.Dim(name, min=2, max=64) for name in ("batch", "height", "width"))
    image, grid = torch.rand(3, 5, 7, 4, generator=generator), torch.rand(3, 6, 8, 2, generator=generator)
    shapes = {"input": {0: batch, 1: height, 2: width}, "grid": {0: batch}}
    program = torch.export.export(module, (image, grid), dynamic_shapes=shapes)
    lowered = program.run_decompositions(gst.decompositions())
    assert only_standard(lowered.graph)
    for size in ((3, 5, 7), (2, 9, 4)):
        given = torch.rand(*size, 4, generator=generator), torch.rand(size[0], 6, 8, 2, generator=generator) * 3 - 1.5
        torch.testing.assert_close(lowered.module()(*given), module(*given), rtol=0, atol=200 * eps("float32"))


SPEC = parse("cubic", "mirror", False)
FILTER = spline_filter._opoverload
OPERATORS = {  # an operator, which of image, values and places it takes, and its options
    "pull": (operators.pull.overload, "xg", ([0, 1], None, *SPEC.text)),
    "pull, channels last": (operators.pull.overload, "xg", ([0, 0], True, *SPEC.text)),
    "push": (operators.push.overload, "vg", ([2, 3, *SIZE], [0, 0], None, *SPEC.text)),
    "push into one": (operators.push.overload, "vg", ([1, 3, *SIZE], [1, 0], True, *SPEC.text)),
    "grid gradient": (operators.grid_gradient.overload, "vxg", ([0, 0], *SPEC.text)),
    "grid gradient of one": (operators.grid_gradient.overload, "vx1", ([0, 0], *SPEC.text)),
    "filter": (FILTER, "x", (*parse("bspline", "mirror", False).text[:2], False, False)),
    "transposed filter": (FILTER, "x", (*parse(gs.BSpline(5), "wrap", False).text[:2], True, False)),
}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("case", OPERATORS.values(), ids=OPERATORS)
def test_each_operator_in_standard_ones(tensors, generator, case, dtype):
    """Values, dtypes and layouts; what carries gradients too."""
    overload, letters, options = case
    image, grid = tensors
    values = torch.rand(2, 3, *OUT, generator=generator, dtype=torch.float64)
    by_letter = {"x": image.to(dtype), "v": values.to(dtype), "g": grid, "1": grid[:1]}
    given = [by_letter[letter] for letter in letters]
    graph = make_fx(lambda *tensors: overload(*tensors, *options), decomposition_table=gst.decompositions())(*given)
    assert only_standard(graph.graph)
    mine, truth = graph(*given), overload(*given, *options)
    assert (mine.dtype, mine.stride()) == (truth.dtype, truth.stride())
    bound = 500 * torch.finfo(dtype).eps * max(float(truth.abs().max()), 1.0)
    torch.testing.assert_close(mine, truth, rtol=0, atol=bound)


def test_a_training_step_in_standard_operators(tensors):
    """Forward and backward together, as a compiler of training would see them."""

    def step(image, grid):
        leaves = image.requires_grad_(), grid.requires_grad_()
        return torch.autograd.grad(gs.grid_sample(*leaves, "bicubic", "border").sin().sum(), leaves)

    graph = make_fx(step, decomposition_table=gst.decompositions())(*tensors)
    assert only_standard(graph.graph)
    for mine, truth in zip(graph(*tensors), step(*tensors), strict=True):
        torch.testing.assert_close(mine, truth, rtol=0, atol=500 * eps("float64") * float(truth.abs().max()))


def test_the_table_has_every_operator_that_computes():
    ours = {
        overload
        for name in torch._C._dispatch_get_all_op_names()
        if name.startswith("gridsample::")
        for overload in [getattr(torch.ops.gridsample, name.removeprefix("gridsample::").partition(".")[0])]
    }
    composed = {"grid_sample", "grid_splat", "affine_grid"}  # which torch itself takes apart
    table = {overload.overloadpacket for overload in gst.decompositions()}
    assert {packet._qualified_op_name.partition("::")[2] for packet in ours - table} == composed
