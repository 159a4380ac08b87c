"""What test_memory.py runs in processes of their own: ``backward WHOSE`` and ``leak WHOSE WAY``."""

import ctypes
import gc
import json
import os
import sys
from pathlib import Path

import torch

import gridsample.torch as gst


class Torchs(torch.nn.Module):
    """Torch's own sampling, as a module."""

    def forward(self, image: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        """Sample."""
        return torch.nn.functional.grid_sample(image, grid, "bilinear", "border", False)


class Leaking(torch.nn.Module):
    """Ours, with something kept of each call."""

    kept = []  # noqa: RUF012  (that is its purpose)

    def forward(self, image: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        """Sample, and keep."""
        self.kept.append(torch.ones(1024))
        return gst.grid_sample(image, grid, padding_mode="border")


MODULES = {"ours": lambda: gst.GridSample("bilinear", "border"), "torch": Torchs, "leaking": Leaking}


def status(key):
    """Return a line of this process's memory, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


def backward(whose):
    """Return the extra memory of a backward pass of one image under 64 grids."""
    image = torch.rand(1, 1, 1024, 1024, requires_grad=True)
    grid = (torch.rand(1, 128, 128, 2) * 2 - 1).expand(64, -1, -1, -1).clone().requires_grad_()
    source = image.expand(64, -1, -1, -1) if whose == "torch" else image  # torch broadcasts no batches
    result = MODULES[whose]()(source, grid)
    gradient = torch.ones_like(result)
    small = gst.grid_sample(torch.rand(1, 1, 9, 9, requires_grad=True), torch.rand(1, 9, 2, requires_grad=True))
    small.backward(torch.ones_like(small))  # starts threads and imports what torch does not before
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    before = status("VmRSS")
    result.backward(gradient)
    extra = status("VmHWM") - before
    return {"extra": extra, "image": image.nbytes, "grids": grid.nbytes}


def leak(whose, way):
    """Return by how much the resident set grows with thousands of calls, after a warm-up."""
    module = MODULES[whose]()
    if way == "traced":
        module = torch.jit.trace(module, (torch.rand(2, 3, 8, 9), torch.rand(2, 7, 5, 2)))
    elif way == "scripted":
        module = torch.jit.script(module)
    elif way == "compiled":
        module = torch.compile(module, dynamic=True)

    def call(batch, height, width):
        image = torch.rand(batch, 3, height, width, requires_grad=True)
        grid = torch.rand(batch, width, height, 2, requires_grad=True)
        module(image, grid).sum().backward()

    def resident():
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        return status("VmRSS")

    def calls(same, different):
        for _ in range(same):
            call(4, 17, 23)
        for i in range(different):
            call(3 + i % 5, 5 + i % 29, 7 + i % 31)

    calls(1000, 600)
    before = resident()
    calls(5000, 600)
    return {"grown": resident() - before}


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    torch.manual_seed(0)
    what, *arguments = sys.argv[1:]
    print(json.dumps({"backward": backward, "leak": leak}[what](*arguments)))
