"""The core for 64-bit Arm on other machines: cross-compiled, run in an emulator, told its jobs by a pipe.

``driver.cpp`` has the other side of the pipe.
"""

import ctypes
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parents[2]
COMPILER = "aarch64-linux-gnu-g++"
EMULATORS = ("qemu-aarch64", "qemu-aarch64-static")

OPERATIONS = ("pull", "push", "grid_gradient", "gradients")
ARRAYS = ("field", "sum", "grid", "samples", "gradient")
WRITTEN = {"pull": ["samples"], "push": ["sum"], "grid_gradient": ["gradient"], "gradients": ["sum", "gradient"]}
DTYPES = {"uint16": "bfloat16"}  # by its bits, as NumPy has none; the others by their own names
MOST_AXES = 3
MOST_PARAMETERS = 2
NAME_LENGTH = 16
POISON = 77


def found(*names):
    """Return the first of some programs that is there: beside Python's own, or on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return next(filter(None, (shutil.which(name, path=path) for name in names)), None)


def missing():
    """Say what has to be installed, or nothing."""
    if not (found(COMPILER) and found(*EMULATORS)):
        return f"needs {COMPILER} and {EMULATORS[0]}: apt-get install g++-aarch64-linux-gnu qemu-user"
    return None if found("cmake") else "needs cmake: pip install cmake"


def build(folder):
    """Build the program, or what has changed of it, and return the command that runs it."""
    cmake = found("cmake")
    options = {
        "CMAKE_TOOLCHAIN_FILE": ROOT / "tests/neon/toolchain.cmake",
        "GRIDSAMPLE_DRIVER": ROOT / "tests/neon/driver.cpp",
    }
    subprocess.run(
        [cmake, "-S", ROOT, "-B", folder, *(f"-D{name}={value}" for name, value in options.items())], check=True
    )
    jobs = [] if "CMAKE_BUILD_PARALLEL_LEVEL" in os.environ else ["--parallel", str(os.cpu_count())]
    subprocess.run([cmake, "--build", folder, *jobs], check=True)
    return [found(*EMULATORS), str(Path(folder) / "_core")]


class Job(NamedTuple):
    """One call of one operation. Arrays as the core takes them: channels second, or the grid's components last."""

    operation: str
    spec: object
    orders: tuple
    arrays: dict
    threads: int = 1

    def message(self):
        """Return what the driver reads."""
        grid, field = self.arrays["grid"], self.arrays.get("field", self.arrays.get("sum"))
        out = grid.shape[1:-1]
        batch = max((array.shape[0] for array in (grid, field)), key=lambda n: (n != 1, n))
        numbers = [OPERATIONS.index(self.operation), self.threads, grid.shape[-1], *_padded(self.orders)]
        numbers += [batch, math.prod(out), len(out), *_padded(out)]
        parts = [np.array(numbers, np.int64).tobytes()]
        axes = self.spec.axes * MOST_AXES if len(self.spec.axes) == 1 else self.spec.axes
        parts += [_named(axis) for axis in axes[: grid.shape[-1]]]
        parts.append(bytes((2 * NAME_LENGTH + 8 * MOST_PARAMETERS) * (MOST_AXES - grid.shape[-1])))
        parts.append(np.array(self.spec.convention.numbers, np.float64).tobytes())
        memory = []
        for name in ARRAYS:
            if name in self.arrays:
                described, bytes_of_it = _described(name, self.arrays[name])
                parts.append(described)
                memory.append(bytes_of_it)
            else:
                parts.append(bytes(NAME_LENGTH + 8 * (6 + 2 * MOST_AXES)))
        return b"".join(parts + memory)

    def answer_length(self):
        """Return how many bytes the driver writes."""
        return sum(len(_memory(self.arrays[name])[0]) for name in WRITTEN[self.operation])

    def results(self, answer):
        """Return the arrays that the driver wrote."""
        begin, results = 0, []
        for name in WRITTEN[self.operation]:
            array = self.arrays[name]
            before, offset = _memory(array)
            results.append(np.ndarray(array.shape, array.dtype, answer, begin + offset, array.strides))
            begin += len(before)
        return results


def _padded(numbers):
    return [*numbers, *[0] * (MOST_AXES - len(numbers))]


def _name(text):
    return text.encode().ljust(NAME_LENGTH, b"\0")


def _named(axis):
    parameters = [*axis.kernel.parameters, *[0.0] * (MOST_PARAMETERS - len(axis.kernel.parameters))]
    return _name(axis.kernel.names[0]) + _name(axis.boundary.name) + np.array(parameters, np.float64).tobytes()


def _memory(array):
    """Return the bytes from an array's first to its last, and where its first element is among them."""
    low, high = np.lib.array_utils.byte_bounds(array)
    return ctypes.string_at(low, high - low), array.ctypes.data - low


def _described(name, array):
    memory, offset = _memory(array)
    strides = [stride // array.itemsize for stride in array.strides]
    if name in ("field", "sum"):  # x first
        batch, channels, *size = array.shape
        batch_stride, channel_stride, *stride = strides
        size, stride = size[::-1], stride[::-1]
    else:
        channel_axis = 1 if name == "samples" else array.ndim - 1
        batch, channels, size = array.shape[0], array.shape[channel_axis], []
        batch_stride, channel_stride = strides[0], strides.pop(channel_axis)
        stride = strides[1:]
    numbers = [len(memory), offset // array.itemsize, batch, channels, batch_stride]
    numbers += [channel_stride, *_padded(size), *_padded(stride)]
    name = DTYPES.get(array.dtype.name, array.dtype.name)
    return _name(name) + np.array(numbers, np.int64).tobytes(), memory


def run(command, jobs):
    """Return the results of all jobs, worked off by one process: a list of arrays for each."""
    messages = b"".join(job.message() for job in jobs)
    finished = subprocess.run(command, input=messages, capture_output=True, check=False)
    assert finished.returncode == 0, f"the driver ended with {finished.returncode}: {finished.stderr.decode()}"
    answers, begin = memoryview(finished.stdout), 0
    results = []
    for job in jobs:
        end = begin + job.answer_length()
        results.append(job.results(bytes(answers[begin:end])))
        begin = end
    assert begin == len(answers)
    return results


# ---------------------------------------------------------------------------------------------------- jobs by operation


def _poisoned(shape, dtype, layout):
    return layout(np.full(shape, POISON, dtype))


def _sum_dtype(values):
    return np.float64 if values.dtype == np.float64 else np.float32


def pull(input, grid, spec, orders, layout=np.asarray, threads=1):
    """Return the job whose result is (N, C, *out)."""
    samples = _poisoned((grid.shape[0], input.shape[1], *grid.shape[1:-1]), input.dtype, layout)
    return Job("pull", spec, orders, {"field": layout(input), "grid": grid, "samples": samples}, threads)


def push(values, grid, shape, spec, orders, layout=np.asarray, threads=1):
    """Return the job whose result has the shape given, and the dtype that values add up in."""
    total = _poisoned(shape, _sum_dtype(values), layout)
    return Job("push", spec, orders, {"sum": total, "grid": grid, "samples": layout(values)}, threads)


def grid_gradient(values, input, grid, spec, orders, layout=np.asarray, threads=1):
    """Return the job whose result is shaped as ``grid``."""
    arrays = {"field": layout(input), "grid": grid, "samples": layout(values)}
    return Job(
        "grid_gradient", spec, orders, arrays | {"gradient": _poisoned(grid.shape, grid.dtype, np.asarray)}, threads
    )


def gradients(values, input, grid, spec, orders, layout=np.asarray, threads=1):
    """Return the job whose results are those of the two before."""
    arrays = {"field": layout(input), "sum": _poisoned(input.shape, _sum_dtype(values), layout), "grid": grid}
    arrays |= {"samples": layout(values), "gradient": _poisoned(grid.shape, grid.dtype, np.asarray)}
    return Job("gradients", spec, orders, arrays, threads)
