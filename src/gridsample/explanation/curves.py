"""What a kernel weighs at any distance, and what it keeps of each frequency; by sampling an impulse."""

from typing import Any

import numpy as np

from gridsample.definitions.kernel import Kernel
from gridsample.sampling import grid_sample

REACH = 32  # pixels to either side of the impulse: a filter's response has died away there
PER_PIXEL = 64
EVEN = 1e-6


def response(kernel: Kernel, distances: Any) -> Any:
    """Return the weight of a pixel whose distance from the position is ``position - pixel``, filters included."""
    impulse = np.zeros((1, 1, 2 * REACH + 1))
    impulse[..., REACH] = 1
    return grid_sample(impulse, REACH + np.reshape(distances, (1, -1, 1)).astype(float), kernel, coords="pixel")[0, 0]


def spectrum(kernel: Kernel, frequencies: Any) -> Any:
    """Return what is kept of each frequency, in cycles per pixel: the Fourier integral of the response.

    Of an even kernel with its sign; of another, which moves what it keeps, the magnitude.
    """
    distances = (np.arange(2 * REACH * PER_PIXEL) + 0.5) / PER_PIXEL - REACH
    waves = np.exp(-2j * np.pi * np.outer(frequencies, distances))
    kept = waves @ response(kernel, distances) / PER_PIXEL
    return kept.real if np.abs(kept.imag).max() < EVEN else np.abs(kept)
