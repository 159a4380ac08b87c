"""Values and gradients to the last bit: from run to run, and for any number of threads."""

import pytest
import torch

import gridsample as gs
from support import COMPILED_MODES
from torch_face.tools import channels_last


@pytest.fixture
def threads():
    """Set the number of threads, and put it back."""
    before = gs.get_num_threads()
    yield gs.set_num_threads
    gs.set_num_threads(before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("mode", COMPILED_MODES)
@pytest.mark.parametrize(
    ("size", "out"), [((67, 71), (97, 101)), ((17, 19, 13), (23, 11, 29)), ((4001,), (7001,))], ids=str
)
def test_runs_and_threads(generator, threads, size, out, mode, dtype):
    """Under torch's deterministic mode, which raises at what is not deterministic: conftest.py sets it."""
    assert torch.are_deterministic_algorithms_enabled()
    image = (torch.rand(1, 5, *size, generator=generator) * 2 - 1).to(dtype)
    grid = torch.rand(1, *out, len(size), generator=generator) * 2.4 - 1.2
    values = (torch.rand(1, 5, *out, generator=generator) * 2 - 1).to(dtype)

    def run(image):
        leaves = image.detach().requires_grad_(), grid.clone().requires_grad_()
        result = gs.grid_sample(*leaves, mode, "reflection")
        first = torch.autograd.grad(result, leaves, values, create_graph=True)
        second = torch.autograd.grad(first[1].sum() + first[0].float().square().sum(), leaves)
        return [tensor.detach() for tensor in (result, *first, *second)]

    for variant in (image, channels_last(image)):
        threads(1)
        expected = run(variant)
        for count in (1, 2, 7, 7):
            threads(count)
            for mine, theirs in zip(run(variant), expected, strict=True):
                assert torch.equal(mine, theirs)
