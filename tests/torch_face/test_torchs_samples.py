"""The inputs that torch tests its own ``grid_sample`` with, inside ``replacing_functional()`` and without."""

import pytest
import torch
import torch.nn.functional as F

import gridsample.torch as gst
from torch_face.tools import EngineCalls

pytest.importorskip("expecttest")  # which torch's own inputs need
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # their import takes a quarter of a minute


@pytest.fixture(scope="module")
def grid_sample():
    """Torch's record of the function: inputs of every option, dtype and layout."""
    from torch.testing._internal.common_methods_invocations import op_db  # noqa: PLC0415

    (found,) = [record for record in op_db if record.name == "nn.functional.grid_sample"]
    return found


def results(sample, requires_grad):
    """Return the samples, and the gradients if wanted."""
    given = [tensor.detach().clone().requires_grad_(requires_grad) for tensor in (sample.input, *sample.args)]
    result = F.grid_sample(*given, **sample.kwargs)
    if not requires_grad:
        return [result]
    weights = torch.linspace(-1, 1, result.numel(), dtype=result.dtype).reshape(result.shape)
    return [result, *torch.autograd.grad((result * weights).sum(), given)]


@pytest.mark.parametrize("layout", ["as they are", "not contiguous"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_torchs_own_inputs(grid_sample, monkeypatch, dtype, layout):
    calls = EngineCalls(monkeypatch)
    samples = list(grid_sample.sample_inputs("cpu", dtype))
    assert samples
    for sample in samples:
        given = sample if layout == "as they are" else sample.noncontiguous()
        exact = dtype in (torch.float64, torch.float32)  # in half precision torch rounds positions too
        theirs = results(given, exact)
        calls.names.clear()
        with gst.replacing_functional():
            ours = results(given, exact)
        assert "pull" in calls.names
        for mine, peers in zip(ours, theirs, strict=True):
            assert (mine.shape, mine.stride(), mine.dtype) == (peers.shape, peers.stride(), peers.dtype)
            if exact and sample.kwargs.get("mode") != "nearest":
                bound = 500 * torch.finfo(dtype).eps * max(float(peers.detach().abs().max()), 1.0)
                torch.testing.assert_close(mine, peers, rtol=0, atol=bound)
