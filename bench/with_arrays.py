"""The libraries that take NumPy arrays, and the copy that all are measured against."""

import importlib.util
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bench.case import Arrays, Case
from bench.peer import UNHELD, Peer, Prepared, positions, samples

OPENCV_MODES = {
    "nearest": "INTER_NEAREST",
    "bilinear": "INTER_LINEAR",
    "bicubic": "INTER_CUBIC",
    "lanczos(3)": "INTER_LANCZOS4",
}


class OpenCV(Peer):
    """OpenCV: one image of up to four channels, channels last, and two maps of absolute positions."""

    name, package, module = "OpenCV", "opencv-python-headless", "cv2"
    how = "`remap`, of absolute positions in float32, channels last"

    def __init__(self) -> None:
        import cv2  # noqa: PLC0415

        self.library = cv2

    @classmethod
    def supports(cls, case: Case) -> bool:
        plain = samples(case, dtypes=("float32", "uint8"), axes=(2,), modes=(*OPENCV_MODES,))
        return plain and case.shape[0] == 1 and case.shape[1] <= 4 and max(*case.size, *case.out) < 2**15 - 1

    @classmethod
    def steps(cls, case: Case) -> float:
        return 1 / 32 if case.dtype == "uint8" and case.mode != "nearest" else 0.0

    @classmethod
    def agrees(cls, case: Case) -> bool:
        return case.mode != "lanczos(3)"  # its Lanczos has eight taps

    def instructions(self) -> str:
        told = self.library.getCPUFeaturesLine().split()  # one dispatched to has a star, and one not available a "?"
        return next((word.strip("*") for word in reversed(told) if not word.endswith("?")), UNHELD)

    def set_threads(self, count: int) -> None:
        self.library.setNumThreads(count)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        cv2 = self.library
        image = np.ascontiguousarray(np.moveaxis(arrays.input[0], 0, -1))
        x, y = np.ascontiguousarray(np.moveaxis(positions(case, arrays.grid[0], "float32"), -1, 0))
        mode = getattr(cv2, OPENCV_MODES[case.mode])
        border = {
            "zeros": cv2.BORDER_CONSTANT,
            "fill": cv2.BORDER_CONSTANT,
            "border": cv2.BORDER_REPLICATE,
            "reflection": cv2.BORDER_REFLECT,
            "wrap": cv2.BORDER_WRAP,
        }
        options = {"borderMode": border[case.padding], "borderValue": 0}
        return Prepared(
            lambda: cv2.remap(image, x, y, mode, **options),
            lambda result: [np.moveaxis(result.reshape(*case.out, -1), -1, 0)[None]],
        )


NDIMAGE_MODES = {
    "zeros": "grid-constant",
    "fill": "grid-constant",
    "border": "nearest",
    "reflection": "reflect",
    "wrap": "grid-wrap",
}


class SciPy(Peer):
    """SciPy: one call for each channel, of absolute positions ordered as the axes; its ``constant`` does not blend.

    Its samplers are compiled for every processor of the family, without wider ways that it would choose from.
    """

    name, package, module = "SciPy", "scipy", "scipy"
    how = "`map_coordinates`, of absolute positions in float64, a call for each channel"

    def __init__(self) -> None:
        from scipy import ndimage  # noqa: PLC0415

        self.library = ndimage

    @classmethod
    def supports(cls, case: Case) -> bool:  # its cubic is the B-spline
        modes = ("nearest", "bilinear", "bspline", "bspline(3,0)")
        return samples(case, dtypes=("float32", "float64"), axes=(1, 2, 3), modes=modes)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        order = {"nearest": 0, "bilinear": 1}.get(case.mode, 3)
        return self.prepare_planes(
            case,
            arrays,
            lambda plane, places, out: self.library.map_coordinates(
                plane,
                places,
                output=out,
                order=order,
                mode=NDIMAGE_MODES[case.padding],
                cval=0.0,
                prefilter=case.spec.weighing is not None,
            ),
        )

    def prepare_planes(self, case: Case, arrays: Arrays, sample: Callable[..., Any]) -> Prepared:
        """Make calls ready that sample one channel of one batch entry each."""
        places = np.ascontiguousarray(np.moveaxis(positions(case, arrays.grid)[..., ::-1], -1, 1))

        def run() -> np.ndarray:
            result = np.empty(case.result_shape, case.dtype)
            for n, c in np.ndindex(*case.shape[:2]):
                sample(arrays.input[n, c], places[n], result[n, c])
            return result

        return Prepared(run, lambda result: [result])


class ScikitImage(SciPy):
    """scikit-image with arrays of positions, which it hands to SciPy."""

    name, package, module = "scikit-image", "scikit-image", "skimage"
    how = "`transform.warp`, of absolute positions in float64, a call for each channel"

    def __init__(self) -> None:
        from skimage import transform  # noqa: PLC0415

        self.library = transform

    @classmethod
    def supports(cls, case: Case) -> bool:
        plain = case.mode in ("nearest", "bilinear") and case.padding in ("zeros", "border", "reflection")
        return super().supports(case) and len(case.size) > 1 and plain

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        options = {
            "order": {"nearest": 0, "bilinear": 1}[case.mode],
            "mode": {"zeros": "constant", "border": "edge", "reflection": "symmetric"}[case.padding],
            "clip": False,
            "preserve_range": True,
        }

        def sample(plane: np.ndarray, places: np.ndarray, out: np.ndarray) -> None:
            out[...] = self.library.warp(plane, places, **options)

        return self.prepare_planes(case, arrays, sample)


class OnnxRuntime(Peer):
    """ONNX Runtime with a model of one node; the grid is ours as it is."""

    name, package, module = "ONNX Runtime", "onnxruntime", "onnxruntime"
    how = "a model of one `GridSample`"

    def __init__(self) -> None:
        import onnxruntime  # noqa: PLC0415

        self.library = onnxruntime
        self.threads = 1

    @classmethod
    def installed(cls) -> bool:
        return super().installed() and importlib.util.find_spec("onnx") is not None

    @classmethod
    def supports(cls, case: Case) -> bool:
        modes = ("nearest", "bilinear", "bicubic") if len(case.size) == 2 else ("nearest", "bilinear")
        known = case.padding in ("zeros", "border", "reflection")
        return known and samples(case, dtypes=("float32",), axes=(2, 3), modes=modes)

    def set_threads(self, count: int) -> None:
        self.threads = count

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        options = self.library.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        model = grid_sample_model(case).SerializeToString()
        session = self.library.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        inputs = {"input": arrays.input, "grid": arrays.grid.astype(case.dtype)}
        return Prepared(lambda: session.run(None, inputs), lambda result: result)


def grid_sample_model(case: Case) -> Any:
    """Return an ONNX model of one ``GridSample``."""
    from onnx import TensorProto, helper  # noqa: PLC0415

    node = helper.make_node(
        "GridSample",
        ["input", "grid"],
        ["output"],
        mode={"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}[case.mode],
        padding_mode=case.padding,
        align_corners=0,
    )
    shapes = {"input": case.shape, "grid": case.grid_shape, "output": case.result_shape}
    told = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    graph = helper.make_graph([node], "one", [told["input"], told["grid"]], [told["output"]])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


class SimpleITK(Peer):
    """SimpleITK: one channel, and displacements from each output pixel, in float64.

    Outside of an image it does not blend with zeros; with one row of zeros around the image it does.
    """

    name, package, module = "SimpleITK", "SimpleITK", "SimpleITK"
    how = "`Warp`, of displacements in float64, with a frame of zeros around the image"

    def __init__(self) -> None:
        import SimpleITK  # noqa: PLC0415

        self.library = SimpleITK

    @classmethod
    def supports(cls, case: Case) -> bool:
        plain = samples(case, dtypes=("float32", "float64"), axes=(2, 3), modes=("nearest", "bilinear"))
        return plain and case.padding == "zeros" and case.shape[:2] == (1, 1)

    def set_threads(self, count: int) -> None:
        self.library.ProcessObject.SetGlobalDefaultNumberOfThreads(count)

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        sitk, axes = self.library, len(case.size)
        image = sitk.GetImageFromArray(np.pad(arrays.input[0, 0], 1))
        image.SetOrigin((-1.0,) * axes)
        own = np.stack(np.meshgrid(*(np.arange(n) for n in case.out), indexing="ij")[::-1], axis=-1)
        moves = sitk.GetImageFromArray(positions(case, arrays.grid[0]) - own, isVector=True)
        kind = {"nearest": sitk.sitkNearestNeighbor, "bilinear": sitk.sitkLinear}[case.mode]
        size, origin, spacing = moves.GetSize(), (0.0,) * axes, (1.0,) * axes
        return Prepared(
            lambda: sitk.Warp(image, moves, kind, size, origin, spacing),
            lambda result: [sitk.GetArrayFromImage(result)[None, None]],
        )


COPY_LEAST = 4 * 2**20
"""Bytes: with fewer, what is timed is the waking of threads."""


class Copy(Peer):
    """No library: a copy of half of the bytes that a case has to move, since a copy reads and writes them."""

    name, package, module = "copy", "numpy", "numpy"
    how = "`numpy.copyto`, a share for each thread"

    def __init__(self) -> None:
        self.threads = 1

    @classmethod
    def supports(cls, case: Case) -> bool:
        return case.traffic() >= COPY_LEAST

    def instructions(self) -> str:
        return "glibc's, " + ("without AVX-512" if "-AVX512F" in os.environ.get("GLIBC_TUNABLES", "") else "its choice")

    def set_threads(self, count: int) -> None:
        self.threads = count

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        del arrays
        source = np.ones(case.traffic() // 2 // 4, "float32")
        target = np.zeros_like(source)
        if self.threads == 1:
            return Prepared(lambda: np.copyto(target, source), lambda _: [target])
        pool = ThreadPoolExecutor(self.threads - 1)
        targets, sources = np.array_split(target, self.threads), np.array_split(source, self.threads)

        def run() -> None:
            others = [pool.submit(np.copyto, *pair) for pair in zip(targets[1:], sources[1:], strict=True)]
            np.copyto(targets[0], sources[0])
            for other in others:
                other.result()

        return Prepared(run, lambda _: [target])
