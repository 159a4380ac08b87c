"""What docs/pytorch.md says of torch 2.13, and that each claim of ours there names a test that exists."""

import itertools
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch.func import hessian, jacfwd, jacrev, jvp, vmap

import gridsample as gs
from torch_face.tools import channels_last, small_tensors

HERE = Path(__file__).parent
DOCUMENT = (HERE.parent.parent / "docs" / "pytorch.md").read_text()

only_2_13 = pytest.mark.skipif(not torch.__version__.startswith("2.13."), reason="the table was measured with 2.13")


def theirs(image, grid, mode="bilinear"):
    """Torch's own sampling."""
    return F.grid_sample(image, grid, mode, align_corners=False)


@pytest.fixture
def tensors(rng):
    """An image and places as torch wants them."""
    image, grid = small_tensors(rng, 2, False)
    return image.detach(), grid.detach()[:, None]


def test_every_claim_names_a_test():
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and "::" in line]
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", DOCUMENT)
    assert len(named) == len(rows) > 20
    for file, test in named:
        assert f"def {test}(" in (HERE / file).read_text(), f"{file}::{test}"


def test_the_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    exec(compile(example, "docs/pytorch.md", "exec"), {})


def test_large_half_precision_planes(generator):
    """Where torch's offsets overflow: 300 x 400 pixels in float16 and bfloat16, forward and backward."""
    image = torch.rand(1, 1, 300, 400, generator=generator)
    grid = gs.affine_grid(torch.eye(2, 3)[None] * 0.9, image.shape)
    for dtype in (torch.float16, torch.bfloat16):
        rounded = image.to(dtype).requires_grad_()
        exact = rounded.detach().float().requires_grad_()
        result, expected = gs.grid_sample(rounded, grid), gs.grid_sample(exact, grid)
        torch.testing.assert_close(result, expected.to(dtype), rtol=0, atol=torch.finfo(dtype).eps)
        (mine,) = torch.autograd.grad(result.sum(), rounded)
        (truth,) = torch.autograd.grad(expected.sum(), exact)
        torch.testing.assert_close(mine, truth.to(dtype), rtol=0, atol=4 * torch.finfo(dtype).eps)


@only_2_13
def test_torch_is_wrong_there(generator):
    image = torch.rand(1, 1, 300, 400, generator=generator)
    grid = F.affine_grid(torch.eye(2, 3)[None] * 0.9, list(image.shape), align_corners=False)
    wrong = theirs(image.half(), grid.half()).float() - theirs(image.half().float(), grid.half().float())
    assert not (wrong.abs() < 0.1).all()


@only_2_13
@pytest.mark.parametrize("axes", [1, 4])
def test_torch_has_no_other_dimensions(axes):
    with pytest.raises(RuntimeError):
        theirs(torch.zeros(1, 1, *(2,) * axes), torch.zeros(1, *(2,) * axes, axes))


@only_2_13
def test_torch_refuses(tensors):
    image, grid = tensors
    for given, message in [
        ((image[:, :, None], torch.zeros(1, 1, 1, 2, 3, dtype=image.dtype), "bicubic"), "only supports 4D"),
        ((image, grid[:, 0]), "same number of dimensions"),
        ((image, grid.expand(3, -1, -1, -1)), "same batch size"),
        ((image.half(), grid.float()), "expected scalar type"),
    ]:
        with pytest.raises(RuntimeError, match=message):
            theirs(*given)


@only_2_13
@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
def test_torch_has_no_forward_mode(tensors):
    image, grid = tensors

    def energy(grid):
        return theirs(image, grid, "bicubic").sin().sum()

    for transform in (jacfwd, hessian):
        with pytest.raises(NotImplementedError, match="forward AD"):
            transform(energy)(grid)
    with pytest.raises(NotImplementedError, match="forward AD"):
        jvp(energy, (grid,), (grid,))
    for function in itertools.accumulate([jacrev] * 3, lambda f, transform: transform(f), initial=energy):
        assert function(grid).isfinite().all()
    assert vmap(energy)(grid[None]).isfinite().all()


@only_2_13
def test_torchs_layouts(tensors):
    image, grid = channels_last(tensors[0]).requires_grad_(), tensors[1].expand(1, 5, 2, 2)
    result = theirs(image, grid)
    assert result.is_contiguous()
    result.sum().backward()
    assert image.grad.stride() == image.stride()


@only_2_13
def test_torchs_affine_grid_rounds_under_autocast():
    theta = torch.tensor([[[1.0, 0.0, 0.001], [0.0, 1.0, 0.0]]])
    with torch.autocast("cpu", torch.bfloat16):
        assert F.affine_grid(theta, [1, 1, 5, 7], align_corners=False).dtype == torch.bfloat16
