"""Fixtures of the tests with tensors: torch's fresh memory is poisoned, and whatever is not deterministic raises."""

from importlib.util import find_spec

import pytest

if find_spec("torch") is None:
    collect_ignore_glob = ["*.py"]
else:
    import torch

    from torch_face.tools import EngineCalls


def pytest_configure(config):
    """Let torch use its own TorchScript: it loads formulas of forward mode that way, and says that it is deprecated."""
    config.addinivalue_line("filterwarnings", "ignore:.torch.jit.*is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def _poisoned_and_deterministic():
    """Fill what ``torch.empty`` returns with NaN, and refuse operations that are not deterministic."""
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = True
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def generator(rng):
    """Random numbers of torch's that depend on the test's name alone."""
    return torch.Generator().manual_seed(int(rng.integers(2**31)))


@pytest.fixture
def tensors(generator):
    """An image and places."""
    image = torch.rand(2, 3, 5, 7, generator=generator, dtype=torch.float64)
    return image, torch.rand(2, 4, 11, 2, generator=generator, dtype=torch.float64) * 2.6 - 1.3


@pytest.fixture
def calls(monkeypatch):
    """What the engine was asked for."""
    return EngineCalls(monkeypatch).names
