"""Arrays as they may lie in memory, and outputs that are guarded and poisoned."""

import functools
import math

import numpy as np


def transposed(array):
    """Axes in the opposite order."""
    return np.ascontiguousarray(array.T).T


def negative(array):
    """Every axis runs backwards."""
    backwards = tuple(slice(None, None, -1) for _ in array.shape)
    return np.ascontiguousarray(array[backwards])[backwards]


def stepped(array):
    """Every third element of the first and the last axis of a larger array, from the second."""
    steps = [3 if axis in (0, array.ndim - 1) else 1 for axis in range(array.ndim)]
    large = np.full([step * length + 2 for step, length in zip(steps, array.shape, strict=True)], np.nan, array.dtype)
    view = large[tuple(slice(1, 1 + step * n, step) for step, n in zip(steps, array.shape, strict=True))]
    view[...] = array
    return view


def padded(array):
    """A part of a larger array."""
    large = np.full([length + 3 + 2 * axis for axis, length in enumerate(array.shape)], np.nan, array.dtype)
    view = large[tuple(slice(2, 2 + length) for length in array.shape)]
    view[...] = array
    return view


def channels_last(array):
    """(N, C, *size) as a view of (N, *size, C)."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1)


def unaligned(array):
    """One byte past an aligned address."""
    view = np.frombuffer(bytearray(array.nbytes + 1), np.uint8)[1:].view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


def field(array):
    """A field of records: strides that are no multiples of the element's size."""
    records = np.zeros(array.shape, [("before", "u1"), ("value", array.dtype)])
    records["value"] = array
    return records["value"]


def read_only(array):
    """A copy that must not be written to."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def byte_swapped(array):
    """The other byte order."""
    return array.astype(array.dtype.newbyteorder("S"))


WRITABLE_LAYOUTS = (transposed, negative, stepped, padded, channels_last, unaligned, field)
LAYOUTS = (*WRITABLE_LAYOUTS, read_only, byte_swapped)


class GuardedEmpty:
    """A stand-in for ``np.empty`` that fills floats with NaN, between guards that show a write beyond the ends."""

    GUARD = 64  # bytes, as much as NumPy aligns to
    MARK = 0xA5

    def __init__(self, empty):
        functools.update_wrapper(self, empty)  # it may be asked for its name
        self.empty = empty
        self.buffers = []

    def __call__(self, shape, dtype=float, order="C", **others):
        dtype = np.dtype(dtype)
        if dtype.kind != "f" or others.get("like") is not None:
            return self.empty(shape, dtype, order, **others)
        size = math.prod(shape) if np.iterable(shape) else int(shape)
        buffer = self.empty(size * dtype.itemsize + 2 * self.GUARD, np.uint8)
        buffer[: self.GUARD] = buffer[-self.GUARD :] = self.MARK
        self.buffers.append(buffer)
        array = np.ndarray(shape, dtype, buffer, offset=self.GUARD, order=order)
        array.fill(np.nan)
        return array

    def check(self):
        """Assert that nothing wrote beyond the ends of an array since the last check."""
        buffers, self.buffers = self.buffers, []
        for buffer in buffers:
            untouched = (buffer[: self.GUARD] == self.MARK).all() and (buffer[-self.GUARD :] == self.MARK).all()
            assert untouched, "something was written beyond the ends of an array"
