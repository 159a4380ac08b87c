"""Ourselves, and the libraries that take torch tensors."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.case import LABELS, OURSELVES, Arrays, Case
from bench.peer import Peer, Prepared, positions, samples


def on_tensors(sample: Callable[..., Any], case: Case, arrays: Arrays) -> Prepared:
    """Make a call of a function with torch's signature ready, or derivatives of it, for us and torch alike.

    A backward pass alone is ``torch.autograd.grad`` on a graph that was recorded before and is kept.
    """
    import torch  # noqa: PLC0415

    grad = torch.autograd.grad
    dtype = getattr(torch, case.dtype)

    def tensor(array: np.ndarray, needs: bool = False) -> torch.Tensor:
        return torch.from_numpy(array).to(dtype).requires_grad_(needs)

    input_strides, grid_strides = case.strides()
    source = laid_out(tensor(arrays.input), input_strides)
    grid = laid_out(tensor(arrays.grid), grid_strides)
    if case.differentiates:
        source.requires_grad_(case.gradients != "grid")
        grid.requires_grad_(case.gradients != "input")
    wanted = tuple(leaf for leaf in (source, grid) if leaf.requires_grad)

    def call() -> torch.Tensor:
        return sample(source, grid, case.mode, case.padding, False)

    def penalty() -> Any:
        first = grad(call().square().sum(), wanted, create_graph=True)
        return grad(sum(gradient.square().sum() for gradient in first), wanted)

    if case.operation in ("sample", "recorded sample"):
        return Prepared(call, to_numpy)
    if case.operation == "gradient penalty":
        return Prepared(penalty, to_numpy)
    values = tensor(arrays.values, case.operation == "double backward")

    def forward_and_backward() -> Any:
        result = call()
        return (result, *grad(result, wanted, values))

    if case.operation == "forward and backward":
        return Prepared(forward_and_backward, to_numpy)
    result = call()
    if case.operation == "backward":
        return Prepared(lambda: grad(result, wanted, values, retain_graph=True), to_numpy)
    first = grad(result, wanted, values, create_graph=True)
    given = (tensor(arrays.by_input), tensor(arrays.by_grid))
    return Prepared(lambda: grad(first, (values, *wanted), given, retain_graph=True), to_numpy)


def laid_out(tensor: Any, strides: tuple[int, ...]) -> Any:
    """Return a tensor of the same numbers with some strides; where these leave gaps, there are zeros."""
    if tensor.stride() == strides:
        return tensor
    reach = sum((length - 1) * stride for length, stride in zip(tensor.shape, strides, strict=True))
    return tensor.new_zeros(reach + 1).as_strided(tensor.shape, strides).copy_(tensor)


def to_numpy(result: Any) -> list[np.ndarray]:
    """Return a tensor, or each of some, as a NumPy array."""
    tensors = result if isinstance(result, tuple) else (result,)
    return [t.detach().float().numpy() if t.itemsize < 4 else t.detach().numpy() for t in tensors]


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Return a plane for each label, of the one channel of a map."""
    planes = labels == np.arange(LABELS, dtype=labels.dtype).reshape(1, -1, *(1,) * (labels.ndim - 2))
    return planes.astype("float32")


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

    def instructions(self) -> str:
        from gridsample.engines import cpu  # noqa: PLC0415

        return cpu.instruction_set()

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        sample = self.library.grid_sample
        if case.family == "torch":
            return on_tensors(sample, case, arrays)
        grid, options = arrays.grid, (case.mode, case.padding, False)
        if case.operation == "labels":
            return Prepared(lambda: self.library.sample_labels(arrays.input, grid, *options), lambda result: [result])
        if case.operation == "one-hot":
            planes = one_hot(arrays.input)
            return Prepared(lambda: sample(planes, grid, *options).argmax(axis=1), lambda result: [result[:, None]])
        last = case.channels == "last"
        source = np.ascontiguousarray(np.moveaxis(arrays.input, 1, -1)) if last else arrays.input
        return Prepared(
            lambda: sample(source, grid, *options, channels=case.channels),
            lambda result: [np.moveaxis(result, -1, 1) if last else result],
        )


class Otherwise(GridSample):
    """This library again, for the case that ours is compared with."""

    name = OURSELVES
    how = "`grid_sample` with other options"

    @classmethod
    def supports(cls, case: Case) -> bool:
        return case.otherwise is not None and super().supports(case)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        del arrays
        other = case.as_otherwise()
        return super().prepare(other, other.arrays())


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
        known = known and not case.whole and case.operation not in ("labels", "one-hot")
        return known and (axes == 2 or (axes == 3 and case.mode != "bicubic"))

    @classmethod
    def computes_in(cls, case: Case) -> str:
        return case.dtype

    def instructions(self) -> str:
        return self.library.backends.cpu.get_cpu_capability()

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

    def instructions(self) -> str:
        return f"torch's, {self.torch.backends.cpu.get_cpu_capability()}"

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
