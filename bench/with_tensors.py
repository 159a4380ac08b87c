"""Ourselves, and the libraries that take torch tensors."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.cases import Arrays, Case
from bench.peer import Peer, Prepared, positions, samples


def on_tensors(sample: Callable[..., Any], case: Case, arrays: Arrays) -> Prepared:
    """Make a call of a function with torch's signature ready, or a backward pass through it.

    A backward pass is ``torch.autograd.grad`` on a graph that was recorded before and is kept: for us and torch alike.
    """
    import torch  # noqa: PLC0415

    dtype = getattr(torch, case.dtype)
    gradients = case.operation != "sample"

    def tensor(array: np.ndarray, needs: bool = False) -> torch.Tensor:
        made = torch.from_numpy(array).to(dtype)
        if case.channels == "last" and array.shape == case.shape:
            kind = torch.channels_last if made.ndim == 4 else torch.channels_last_3d
            made = made.contiguous(memory_format=kind)
        return made.requires_grad_(needs)

    source = tensor(arrays.input, gradients and case.gradients != "grid")
    grid = tensor(arrays.grid, gradients and case.gradients != "input")
    if not gradients:
        return Prepared(lambda: sample(source, grid, case.mode, case.padding, False), to_numpy)
    result = sample(source, grid, case.mode, case.padding, False)
    wanted = tuple(leaf for leaf in (source, grid) if leaf.requires_grad)
    if case.operation == "backward":
        values = tensor(arrays.values)
        return Prepared(lambda: torch.autograd.grad(result, wanted, values, retain_graph=True), to_numpy)
    values = tensor(arrays.values, True)
    first = torch.autograd.grad(result, wanted, values, create_graph=True)
    given = (tensor(arrays.by_input), tensor(arrays.by_grid))
    leaves = (values, *wanted)
    return Prepared(lambda: torch.autograd.grad(first, leaves, given, retain_graph=True), to_numpy)


def to_numpy(result: Any) -> list[np.ndarray]:
    """Return a tensor, or each of some, as a NumPy array."""
    tensors = result if isinstance(result, tuple) else (result,)
    return [t.detach().float().numpy() if t.itemsize < 4 else t.detach().numpy() for t in tensors]


class GridSample(Peer):
    """This library."""

    name, package, module = "gridsample", "gridsample", "gridsample"
    how = "`grid_sample`"

    def __init__(self) -> None:
        import gridsample  # noqa: PLC0415

        self.library = gridsample

    @classmethod
    def version(cls) -> str:
        import gridsample  # noqa: PLC0415  (it may be used from its sources, without being installed)

        return gridsample.__version__

    @classmethod
    def supports(cls, case: Case) -> bool:
        return case.family == "numpy" or TorchPeer.installed()

    def set_threads(self, count: int) -> None:
        self.library.set_num_threads(count)
        if TorchPeer.installed():
            import torch  # noqa: PLC0415

            torch.set_num_threads(count)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        sample = self.library.grid_sample
        if case.family == "torch":
            return on_tensors(sample, case, arrays)
        last = case.channels == "last"
        source = np.ascontiguousarray(np.moveaxis(arrays.input, 1, -1)) if last else arrays.input
        grid, options = arrays.grid, (case.mode, case.padding, False)
        return Prepared(
            lambda: sample(source, grid, *options, channels=case.channels),
            lambda result: [np.moveaxis(result, -1, 1) if last else result],
        )


class TorchPeer(Peer):
    """PyTorch on the CPU."""

    name, package, module = "torch", "torch", "torch"
    how = "`torch.nn.functional.grid_sample` and its derivatives by `torch.autograd.grad`"

    def __init__(self) -> None:
        import torch  # noqa: PLC0415

        self.library = torch

    @classmethod
    def supports(cls, case: Case) -> bool:
        axes = len(case.size)
        if case.dtype in ("float16", "bfloat16") and math.prod(case.size) >= 2**15:
            return False  # its offsets into the image are as narrow as the numbers are, and overflow
        known = case.mode in ("nearest", "bilinear", "bicubic") and case.padding in ("zeros", "border", "reflection")
        return known and case.dtype != "uint8" and (axes == 2 or (axes == 3 and case.mode != "bicubic"))

    @classmethod
    def computes_in(cls, case: Case) -> str:
        return case.dtype

    def set_threads(self, count: int) -> None:
        self.library.set_num_threads(count)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        return on_tensors(self.library.nn.functional.grid_sample, case, arrays)


BOUNDS = {"zeros": "zero", "fill": "zero", "border": "replicate", "reflection": "dct2", "wrap": "dft"}


class TorchInterpol(Peer):
    """torch-interpol: positions in voxels, ordered as the array's axes are; ``extrapolate`` makes its ``zero`` ours."""

    name, package, module = "torch-interpol", "torch-interpol", "interpol"
    how = "`grid_pull`, of absolute positions"

    def __init__(self) -> None:
        import interpol  # noqa: PLC0415
        import torch  # noqa: PLC0415

        self.library, self.torch = interpol, torch

    @classmethod
    def supports(cls, case: Case) -> bool:  # its cubic is the B-spline
        modes = ("nearest", "bilinear", "bspline", "bspline(3,0)")
        return samples(case, dtypes=("float32", "float64"), axes=(1, 2, 3), modes=modes)

    def set_threads(self, count: int) -> None:
        self.torch.set_num_threads(count)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        source = self.torch.from_numpy(arrays.input)
        places = self.torch.from_numpy(positions(case, arrays.grid, case.dtype)[..., ::-1].copy())
        options = {
            "interpolation": {"nearest": 0, "bilinear": 1}.get(case.mode, 3),
            "prefilter": case.spec.weighing is not None,
            "bound": BOUNDS[case.padding],
            "extrapolate": True,
        }
        return Prepared(lambda: self.library.grid_pull(source, places, **options), to_numpy)
