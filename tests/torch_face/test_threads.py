"""Tensors have as many threads as torch has, and so has every call in a worker of its ``DataLoader``."""

import os
import threading
import time

import numpy as np
import pytest
import torch

import gridsample as gs
from gridsample import _core, threads
from processes import in_a_new_process

IMAGE, GRID = np.ones((1, 3, 301, 307), "float32"), np.zeros((1, 311, 313, 2), "float32")
TENSORS = torch.from_numpy(IMAGE), torch.from_numpy(GRID)
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(autouse=True)
def state(monkeypatch):
    """As a process begins with OMP_NUM_THREADS=5; torch's own number is put back in the end."""
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.delenv("GRIDSAMPLE_NUM_THREADS", raising=False)
    state = threads._State()
    monkeypatch.setattr(threads, "_state", state)
    before = torch.get_num_threads()
    yield state
    torch.set_num_threads(before)


def told(call):
    """Return how many threads the core was told that a large call may use."""
    call()
    return _core.watched_threads()[0]


CALLS = {
    "sample": gs.grid_sample,
    "derivative": lambda image, grid: gs.grid_sample(image, grid, derivative=(1, 0)),
    "splat": lambda image, grid: gs.grid_splat(image, grid[:, :301, :307], image.shape),
    "gradients": lambda image, grid: gs.grid_sample(image.requires_grad_(), grid.requires_grad_()).sum().backward(),
    "gradient of places": lambda image, grid: gs.grid_sample(image, grid.requires_grad_()).sum().backward(),
    "splines": lambda image, _: gs.spline_coefficients(image),
    "portable tensors": lambda image, grid: torch.func.vmap(gs.grid_sample)(image[None], grid[None]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_tensors_follow_torch(call):
    for count in (3, 1, 2):
        torch.set_num_threads(count)
        assert told(lambda: call(*(tensor.clone() for tensor in TENSORS))) == count
        assert told(lambda: gs.grid_sample(IMAGE, GRID)) == gs.get_num_threads() == 5  # NumPy's do not


@pytest.mark.parametrize("leaves", ["image", "grid", "image and grid"])
def test_a_backward_pass_asks_again(leaves):
    image, grid = (tensor.clone() for tensor in TENSORS)
    for name, tensor in (("image", image), ("grid", grid)):
        tensor.requires_grad_(name in leaves)
    result = gs.grid_sample(image, grid).sum()
    torch.set_num_threads(3)
    assert told(result.backward) == 3


def test_a_double_backward_follows_torch():
    torch.set_num_threads(3)
    image, grid = (tensor.clone().requires_grad_() for tensor in TENSORS)
    (by_grid,) = torch.autograd.grad(gs.grid_sample(image, grid).sum(), grid, create_graph=True)
    assert told(lambda: by_grid.sum().backward()) == 3


def test_what_was_set_for_this_package_comes_first(monkeypatch):
    torch.set_num_threads(3)
    gs.set_num_threads(2)
    assert told(lambda: gs.grid_sample(*TENSORS)) == 2
    monkeypatch.setenv("GRIDSAMPLE_NUM_THREADS", "4")
    monkeypatch.setattr(threads, "_state", threads._State())
    assert told(lambda: gs.grid_sample(*TENSORS)) == 4


def test_callers_of_both_libraries_at_the_same_time_have_their_own_numbers():
    """Torch counts for each calling thread."""
    stop, seen = threading.Event(), {"torch": set(), "numpy": set()}

    def keep_calling(name, *arrays):
        torch.set_num_threads(2)
        while not stop.is_set():
            gs.grid_sample(*arrays)
            seen[name].add(_core.watched_threads())

    callers = [
        threading.Thread(target=keep_calling, args=("torch", *TENSORS)),
        threading.Thread(target=keep_calling, args=("numpy", IMAGE, GRID)),
    ]
    for caller in callers:
        caller.start()
    time.sleep(0.5)
    stop.set()
    for caller in callers:
        caller.join()
    assert {may for may, _ in seen["torch"]} == {2}
    assert {may for may, _ in seen["numpy"]} == {5}
    assert all(part <= may for pairs in seen.values() for may, part in pairs)


def test_threadpoolctl_limits_tensors_too():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    torch.set_num_threads(4)
    with threadpoolctl.threadpool_limits({"gridsample": 2}):
        assert told(lambda: gs.grid_sample(*TENSORS)) == 2


WORKERS = """
import os, warnings
warnings.simplefilter("ignore")
import numpy, torch, gridsample
from gridsample import _core

class Data(torch.utils.data.Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, i):
        before, counts = len(os.listdir("/proc/self/task")), []
        for as_given in (numpy.asarray, torch.from_numpy):
            gridsample.grid_sample(as_given(numpy.ones((1, 3, 301, 307))), as_given(numpy.ones((1, 311, 313, 2))))
            counts.append(_core.watched_threads()[0])
        return *counts, gridsample.get_num_threads(), len(os.listdir("/proc/self/task")) - before

def own(_):
    SETUP

gridsample.set_num_threads(6)
gridsample.grid_sample(numpy.ones((1, 3, 301, 307)), numpy.zeros((1, 311, 313, 2)))
loader = torch.utils.data.DataLoader(Data(), batch_size=None, num_workers=2, worker_init_fn=own)
print([max(counts) for counts in zip(*loader)])  # a worker's threads are made in its first call
"""


@forks
@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="only Linux tells which threads there are")
@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        ("pass", [1, 1, 1, 0]),
        ("gridsample.set_num_threads(3)", [3, 3, 3, 2]),
        ("torch.set_num_threads(2)", [2, 2, 2, 1]),
    ],
)
def test_a_worker_has_one_thread(setup, expected):
    """Whatever the parent was told, and not only for tensors; unless the worker itself asks for more."""
    environment = {"OMP_NUM_THREADS": "4", "GRIDSAMPLE_NUM_THREADS": "5"}
    assert in_a_new_process(WORKERS.replace("SETUP", setup), **environment)[0] == str(expected)
