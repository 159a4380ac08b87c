"""``torch.onnx.export(dynamo=True)``: a standard node, run by ONNX Runtime, or a refusal that names the option."""

import itertools

import pytest
import torch

import gridsample as gs
import gridsample.torch as gst
from support import eps, smooth_grid

pytest.importorskip("onnxscript")
onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

# warnings of the exporter about its own dependencies
pytestmark = pytest.mark.filterwarnings("ignore")

SIZES = {1: (7,), 2: (5, 7), 3: (3, 5, 7)}
OUTS = {1: (11,), 2: (4, 11), 3: (2, 3, 11)}
NAMES = {"nearest": "nearest", "linear": "linear", "cubic": "cubic"}
OLD_NAMES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}


@pytest.fixture(autouse=True)
def _undetermined():
    """The exporter's own constants are not ours to poison."""
    torch.use_deterministic_algorithms(False)


def tensors(rng, axes, align=False, batches=(2, 2), out=None):
    image = torch.from_numpy(rng.uniform(-1, 1, (batches[0], 3, *SIZES[axes]))).float()
    places = smooth_grid(rng, SIZES[axes], align, batches[1], out or OUTS[axes])
    return image, torch.from_numpy(places).float()


def export(module, arguments, opset=20, **options):
    """Return a checked model."""
    program = torch.onnx.export(module.eval(), arguments, dynamo=True, opset_version=opset, verbose=False, **options)
    onnx.checker.check_model(program.model_proto, full_check=True)
    return program.model_proto


def node(model):
    """Return the attributes of the one sampling node."""
    assert {(imported.domain, imported.version) for imported in model.opset_import} == {
        ("", model.opset_import[0].version)
    }
    (found,) = [node for node in model.graph.node if node.op_type == "GridSample"]
    assert found.domain == ""
    return {a.name: onnx.helper.get_attribute_value(a) for a in found.attribute}


def run(model, *arguments):
    """Return ONNX Runtime's answer."""
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return torch.from_numpy(session.run(None, dict(zip(names, (a.numpy() for a in arguments), strict=True)))[0])


def assert_same(result, expected):
    # float32 positions of up to 20 pixels, in an order of operations of its own, and slopes of up to 3 on each axis
    torch.testing.assert_close(result, expected, rtol=0, atol=200 * eps("float32"))


EVERY = list(itertools.product(("nearest", "linear", "cubic"), ("zeros", "border", "reflection"), (False, True)))


@pytest.mark.parametrize("opset", [16, 20, 22])
def test_an_image_in_every_opset(rng, opset):
    """The exporter translates the names of opset 16 for later ones."""
    arguments = tensors(rng, 2)
    module = gst.GridSample("bilinear", "border", True)
    model = export(module, arguments, opset)
    assert model.opset_import[0].version == opset
    name = (OLD_NAMES if opset < 20 else NAMES)["linear"]
    assert node(model) == {"mode": name.encode(), "padding_mode": b"border", "align_corners": 1}
    assert_same(run(model, *arguments), module(*arguments))


@pytest.mark.slow
@pytest.mark.parametrize("opset", [16, 20, 22])
@pytest.mark.parametrize(("mode", "padding", "align"), EVERY)
def test_every_option_of_the_standard(rng, mode, padding, align, opset):
    arguments = tensors(rng, 2, align)
    module = gst.GridSample(mode, padding, align)
    model = export(module, arguments, opset)
    name = (OLD_NAMES if opset < 20 else NAMES)[mode]
    assert node(model) == {"mode": name.encode(), "padding_mode": padding.encode(), "align_corners": int(align)}
    assert_same(run(model, *arguments), module(*arguments))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("opset", [20, 22])
def test_volumes(rng, mode, opset):
    arguments = tensors(rng, 3)
    module = gst.GridSample(mode, "reflection")
    model = export(module, arguments, opset)
    assert node(model)["mode"] == NAMES[mode].encode()
    assert_same(run(model, *arguments), module(*arguments))


@pytest.mark.parametrize(("axes", "mode"), [(1, "linear"), (3, "cubic")])
def test_what_the_standard_has_but_onnx_runtime_does_not(rng, axes, mode):
    """The node is valid; ONNX Runtime 1.31 samples images and volumes, and cubic only images."""
    model = export(gst.GridSample(mode), tensors(rng, axes))
    assert node(model)["mode"] == mode.encode()


@pytest.mark.parametrize("batches", [(1, 3), (3, 1)], ids=str)
def test_batches_that_broadcast(rng, batches):
    arguments = tensors(rng, 2, batches=batches)
    model = export(gst.GridSample(), arguments)
    assert_same(run(model, *arguments), gs.grid_sample(*arguments))


@pytest.mark.parametrize("out", [(13,), (2, 3, 5)], ids=str)
def test_any_number_of_output_axes(rng, out):
    arguments = tensors(rng, 2, out=out)
    model = export(gst.GridSample(), arguments)
    assert_same(run(model, *arguments), gs.grid_sample(*arguments))


def test_channels_last_and_dynamic_shapes(rng):
    image, grid = tensors(rng, 2)
    module = gst.GridSample("bicubic", "border", channels="last")
    batch, height, width = (torch.export.Dim(name, min=2, max=64) for name in ("batch", "height", "width"))
    shapes = {"input": {0: batch, 1: height, 2: width}, "grid": {0: batch}}
    model = export(module, (image.movedim(1, -1).contiguous(), grid), dynamic_shapes=shapes)
    for arguments in ((image, grid), (torch.rand(5, 3, 9, 4), grid[:1].expand(5, -1, -1, -1).contiguous())):
        given = arguments[0].movedim(1, -1).contiguous(), arguments[1]
        assert_same(run(model, *given), module(*given))


class Warp(torch.nn.Module):
    """A model that calls the functions."""

    def forward(self, image, theta):
        return gs.grid_sample(image, gs.affine_grid(theta, (2, 3, 5, 4)), padding_mode="symmetric") * 2


def test_a_model_that_calls_the_functions(rng):
    arguments = tensors(rng, 2)[0], torch.from_numpy(rng.uniform(-0.5, 0.5, (2, 2, 3))).float()
    model = export(Warp(), arguments)
    assert node(model)["padding_mode"] == b"reflection"  # as align_corners is False
    assert_same(run(model, *arguments), Warp()(*arguments))


@pytest.mark.parametrize(("padding", "align"), [("mirror", False), ("symmetric", True)])
def test_a_reflection_the_standard_does_not_have(rng, padding, align):
    with pytest.raises(
        Exception, match=rf"padding_mode='{padding}' with align_corners={align} has no equivalent in ONNX"
    ):
        export(gst.GridSample(padding_mode=padding, align_corners=align), tensors(rng, 2))


@pytest.mark.parametrize(
    ("mode", "padding", "words"),
    [
        ("linear", "wrap", "padding_mode='wrap'"),
        (gs.Keys(-0.5), "zeros", r"mode=Keys\(a=-0.5\)"),
        ("lanczos", "zeros", r"mode=Lanczos\(a=3\)"),
        (("linear", "nearest"), "zeros", r"an option by axis \(linear with zeros, nearest with zeros\)"),
        ("linear", ("zeros", "border"), r"an option by axis \(linear with zeros, linear with border\)"),
    ],
)
def test_what_the_standard_cannot_say_is_refused_by_name(rng, mode, padding, words):
    with pytest.raises(Exception, match=rf"{words}.* has no equivalent in ONNX"):
        export(gst.GridSample(mode, padding), tensors(rng, 2))


def test_positions_in_pixels_are_refused(rng):
    with pytest.raises(Exception, match=r"Convention.*constant=1.*has no equivalent in ONNX"):
        export(gst.GridSample(coords="pixel"), tensors(rng, 2))


def test_options_by_axis_that_are_the_same_are_one(rng):
    model = export(gst.GridSample(("cubic", "bicubic"), ("border", "border")), tensors(rng, 2))
    assert node(model) == {"mode": b"cubic", "padding_mode": b"border", "align_corners": 0}


class Splat(torch.nn.Module):
    """A model that splats."""

    def forward(self, values, grid):
        return gs.grid_splat(values, grid, (2, 3, 5, 7))


def test_splatting_is_refused(rng):
    _, grid = tensors(rng, 2)
    with pytest.raises(Exception, match="grid_splat has no equivalent in ONNX"):
        export(Splat(), (torch.rand(2, 3, 4, 11), grid))


def test_torch_export_alone_keeps_our_operator(rng):
    program = torch.export.export(gst.GridSample(), tensors(rng, 2))
    assert "gridsample.pull" in str(program.graph)
