"""Fixtures: seeded noise, and outputs that are poisoned before anything is written to them."""

import signal
import zlib

import numpy as np
import pytest
from hypothesis import settings

from gridsample.engines import cpu
from memory import GuardedEmpty

# the same examples on every run, and no limit on the time of one: a loaded machine is no failure
settings.register_profile("reproducible", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("reproducible")


# Shells let what runs in the background ignore Ctrl-C, and what is started from there does too; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng(request):
    """Random numbers that depend on the test's name alone."""
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))


@pytest.fixture(params=cpu.instruction_sets())
def instructions(request):
    """Every instruction set that this build has and this processor knows."""
    before = cpu.instruction_set()
    cpu.use_instruction_set(request.param)
    yield request.param
    cpu.use_instruction_set(before)


@pytest.fixture(scope="session", autouse=True)
def _guarded_empty():
    """Poison what ``np.empty`` returns, so that an output nobody wrote to is seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "empty", GuardedEmpty(np.empty))
        yield


@pytest.fixture(autouse=True)
def guards(_guarded_empty):
    """Check after each test that nothing was written beyond the ends of those arrays."""
    np.empty.buffers.clear()
    yield np.empty
    np.empty.check()
