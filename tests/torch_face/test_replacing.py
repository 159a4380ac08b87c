"""``replacing_functional``: torch's functions become ours within a block, in models that nobody here wrote too."""

import threading

import pytest
import torch
import torch.nn.functional as F

import gridsample.torch as gst
from support import TORCH_MODES, TORCH_PADDINGS, eps, smooth_grid
from torch_face.tools import EngineCalls

ORIGINALS = F.grid_sample, F.affine_grid


@pytest.fixture(autouse=True)
def _all_is_as_before():
    yield
    assert (F.grid_sample, F.affine_grid) == ORIGINALS


@pytest.fixture
def tensors(rng):
    """An image and places for torch's function."""
    image = torch.from_numpy(rng.uniform(-1, 1, (2, 3, 5, 7)))
    return image, torch.from_numpy(smooth_grid(rng, (5, 7), False, out=(4, 11)))


def replaced():
    return F.grid_sample not in ORIGINALS and F.affine_grid not in ORIGINALS


def test_blocks_nest():
    with gst.replacing_functional():
        with gst.replacing_functional():
            assert replaced()
        assert replaced()
    assert not replaced()


def test_an_exception_restores():
    with pytest.raises(ZeroDivisionError), gst.replacing_functional(), gst.replacing_functional():
        raise ZeroDivisionError
    assert not replaced()


def test_a_block_that_is_abandoned_restores():
    def generate():
        with gst.replacing_functional():
            yield

    generator = generate()
    next(generator)
    assert replaced()
    generator.close()
    assert not replaced()


def test_blocks_may_overlap():
    """As those of two threads do: the last one to leave restores."""
    first, second = gst.replacing_functional(), gst.replacing_functional()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert replaced()
    second.__exit__(None, None, None)
    assert not replaced()


def test_it_decorates():
    @gst.replacing_functional()
    def function():
        return replaced()

    assert [function(), function()] == [True, True]
    assert not replaced()


def test_other_threads_see_it_and_may_use_it():
    seen = []

    def work():
        for _ in range(200):
            with gst.replacing_functional():
                seen.append(replaced())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 800


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("padding", TORCH_PADDINGS)
@pytest.mark.parametrize("mode", TORCH_MODES.values())
def test_ours_is_called_and_gives_what_torch_gives(tensors, monkeypatch, mode, padding, align):
    calls = EngineCalls(monkeypatch)
    image, grid = tensors
    theirs = F.grid_sample(image, grid, mode, padding, align)
    assert calls.names == []
    with gst.replacing_functional():
        ours = F.grid_sample(image, grid, mode=mode, padding_mode=padding, align_corners=align)
    assert calls.names == ["pull"]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=100 * eps("float64"))


def test_the_layout_is_torchs(tensors):
    image, grid = tensors[0].to(memory_format=torch.channels_last), tensors[1]
    theirs = F.grid_sample(image, grid, align_corners=False)
    with gst.replacing_functional():
        ours = F.grid_sample(image, grid, align_corners=False)
    assert ours.stride() == theirs.stride()


@pytest.mark.parametrize("grid_type", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("image_type", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("theta_type", [torch.bfloat16, torch.float32, torch.float64])
def test_autocast_gives_torchs_dtypes(tensors, image_type, grid_type, theta_type):
    image, grid = tensors[0].to(image_type).requires_grad_(), tensors[1].to(grid_type)
    theta = torch.eye(2, 3, dtype=theta_type)[None]

    def both():
        return F.grid_sample(image, grid, align_corners=False), F.affine_grid(theta, (1, 1, 5, 7), align_corners=False)

    with torch.autocast("cpu", torch.bfloat16):
        theirs = both()
        with gst.replacing_functional():
            ours = both()
    for mine, peers in zip(ours, theirs, strict=True):
        assert mine.dtype == peers.dtype
        # torch's own affine_grid rounds matrices and places to bfloat16
        torch.testing.assert_close(mine.double(), peers.double(), rtol=0, atol=8 * torch.finfo(torch.bfloat16).eps)
    ours[0].float().sum().backward()
    assert image.grad.dtype == image_type


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 5, 7), (2, 1, 3, 5, 7)], ids=str)
def test_affine_grid(rng, size, align):
    axes = len(size) - 2
    theta = torch.from_numpy(rng.uniform(-1, 1, (2, axes, axes + 1))).requires_grad_()
    theirs = F.affine_grid(theta, size, align)
    with gst.replacing_functional():
        ours = F.affine_grid(theta, list(size), align_corners=align)
    assert ours.stride() == theirs.stride()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=16 * eps("float64"))
    weights = torch.from_numpy(rng.uniform(-1, 1, ours.shape))
    mine, peers = (torch.autograd.grad((grid * weights).sum(), theta)[0] for grid in (ours, theirs))
    torch.testing.assert_close(mine, peers, rtol=0, atol=2 * 105 * eps("float64"))  # sums of 105 terms up to 1


def test_what_no_fast_engine_takes_is_left_to_torch(tensors):
    with gst.replacing_functional():
        result = F.grid_sample(tensors[0].to("meta"), tensors[1].to("meta"), align_corners=False)
        assert (result.device.type, result.shape) == ("meta", (2, 3, 4, 11))
        assert F.affine_grid(torch.zeros(1, 2, 3, device="meta"), (1, 1, 5, 7), False).device.type == "meta"
        with pytest.raises(NotImplementedError, match="Long"):
            F.grid_sample(tensors[0].long(), tensors[1].long(), align_corners=False)
        with pytest.raises(TypeError):
            F.grid_sample([1.0], tensors[1], align_corners=False)


def test_no_warning_about_align_corners(tensors):
    with gst.replacing_functional():  # warnings are errors here, and torch gives one
        F.grid_sample(*tensors)
        F.affine_grid(torch.zeros(1, 2, 3), [1, 1, 5, 7])


def test_compiled_models_notice(tensors):
    """A block makes a compiled model compile again, for our operator, and its end gives torch's back."""
    graphs = []

    def backend(graph, _):
        graphs.append(" ".join(str(node.target) for node in graph.graph.nodes))
        return graph

    torch._dynamo.reset()
    model = torch.compile(lambda *given: F.grid_sample(*given, align_corners=False), fullgraph=True, backend=backend)
    for _ in range(2):
        model(*tensors)
        with gst.replacing_functional():
            model(*tensors)
    torch._dynamo.reset()
    assert ["gridsample.pull" in graph for graph in graphs] == [False, True]


def equal_with_and_without(function, *tensors):
    """Assert equal outputs and gradients, laid out alike, and that it was ours that sampled."""

    def run():
        leaves = [tensor.detach().clone().requires_grad_() for tensor in tensors]
        result = function(*leaves)
        weights = torch.linspace(-1, 1, result.numel(), dtype=result.dtype).reshape(result.shape)
        return [result, *torch.autograd.grad((result * weights).sum(), leaves)]

    theirs = run()
    with pytest.MonkeyPatch.context() as patch:
        calls = EngineCalls(patch)
        with gst.replacing_functional():
            ours = run()
    assert {"pull", "gradients"} <= set(calls.names)
    for mine, peers in zip(ours, theirs, strict=True):
        assert (mine.shape, mine.stride(), mine.dtype) == (peers.shape, peers.stride(), peers.dtype)
        # matrices and their inverses, positions of up to 20 pixels, slopes, sums over some thousand pixels
        bound = 1e5 * eps("float64") * max(float(peers.detach().abs().max()), 1.0)
        torch.testing.assert_close(mine, peers, rtol=0, atol=bound)


BOX = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]], dtype=torch.float64).expand(2, 4, 2)
MAP = torch.linspace(0.3, 7.9, 17 * 19, dtype=torch.float64).reshape(1, 17, 19)

# libraries whose code says torch.nn.functional.grid_sample: as functions of the library, an image and a 3x3 matrix
KORNIA = {
    "warp_perspective": lambda k, x, m: k.geometry.warp_perspective(x, m, (11, 13), align_corners=True),
    "warp_affine": lambda k, x, m: k.geometry.warp_affine(x, m[:, :2], (11, 13), mode="bicubic"),
    "rotate": lambda k, x, m: k.geometry.rotate(x, m[:, 0, 1] * 100, padding_mode="reflection"),
    "crop": lambda k, x, m: k.geometry.transform.crop_by_boxes(x, 4 + 3 * BOX + m[:, :1, :1], BOX * 9),
    "remap": lambda k, x, m: k.geometry.remap(x, m[:, 0, :1, None] * MAP, m[:, 1, 1:2, None] * MAP, align_corners=True),
    "elastic": lambda k, x, m: k.geometry.elastic_transform2d(x, MAP.expand(len(x), 2, -1, -1) * 0.01 * m[0, 0, 0]),
    "homography warper": lambda k, x, m: k.geometry.transform.HomographyWarper(17, 19, mode="bilinear")(x, m),
    "affine module": lambda k, x, m: k.geometry.transform.Affine(angle=m[:, 0, 1] * 50, translation=m[:, :2, 2] * 90)(
        x
    ),
    "depth warp": lambda k, x, m: k.geometry.transform.warp_affine3d(
        x[:, None], torch.cat([m, m[:, :, 2:] * 10], 2), (3, 7, 11)
    ),
    "pyramid of features": lambda k, x, m: k.feature.extract_patches_from_pyramid(
        x[:, :1], torch.cat([m[:, :2, :2] * 4, 8 + m[:, :2, 2:]], 2)[:, None], PS=7
    ),
}


@pytest.mark.filterwarnings("ignore")  # theirs
@pytest.mark.parametrize("warp", KORNIA.values(), ids=KORNIA)
def test_kornia(rng, warp):
    kornia = pytest.importorskip("kornia")
    image = torch.from_numpy(rng.uniform(0, 1, (2, 3, 17, 19)))
    matrix = torch.eye(3, dtype=torch.float64) + torch.from_numpy(rng.uniform(-0.02, 0.02, (2, 3, 3)))
    equal_with_and_without(lambda x, m: warp(kornia, x, m), image, matrix)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("axes", [2, 3])
def test_monais_warp(rng, axes, padding):
    blocks = pytest.importorskip("monai.networks.blocks")
    size = (7, 9, 5)[:axes]
    image = torch.from_numpy(rng.uniform(0, 1, (2, 3, *size)))
    displacement = torch.from_numpy(rng.uniform(-3, 3, (2, axes, *size)))
    equal_with_and_without(blocks.Warp("bilinear", padding), image, displacement)


@pytest.mark.filterwarnings("ignore")
def test_monais_spatial_transformer(rng):
    layers = pytest.importorskip("monai.networks.layers")
    image = torch.from_numpy(rng.uniform(0, 1, (2, 3, 7, 9)))
    matrix = torch.eye(3, dtype=torch.float64) + torch.from_numpy(rng.uniform(-0.2, 0.2, (2, 3, 3)))
    transform = layers.AffineTransform((11, 5), normalized=True, mode="bilinear", padding_mode="border")
    equal_with_and_without(transform, image, matrix)
