"""Half precision: computed in float32, rounded once, in planes of any size."""

import numpy as np
import pytest

import gridsample as gs
from gridsample.engines.portable import PORTABLE as portable
from gridsample.spec import parse
from support import MODES, Options, assert_within, defined_sample, eps


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(181, 182), (300, 400), (1000, 997)], ids=str)
def test_float16_images_of_any_size(rng, size, mode):
    """Beyond 32,767 elements a plane torch answers garbage or crashes, so the definition alone is asked."""
    options = Options(mode, "zeros", False)
    image = rng.uniform(0, 1, (1, 2, *size)).astype("float16")
    grid = rng.uniform(-1.01, 1.01, (1, 101, 103, 2)).astype("float32")
    result = gs.grid_sample(image, grid, *options)
    assert result.dtype == np.float16
    some = (slice(None), slice(0, None, 13), slice(0, None, 11))
    assert_within(result[(slice(None), *some)], defined_sample(image, grid[some], options))
    whole = portable.pull(image.astype("float64"), grid, parse(*options), (0, 0))
    if mode != "nearest":  # ties fall differently in float64
        slack = eps("float16") + 4 * eps("float32") * max(size) * 3 * 2
        np.testing.assert_allclose(result.astype(float), whole, rtol=0, atol=slack)


def test_float16_splat_of_any_size(rng):
    """The gradient of the image in the same case."""
    values = rng.uniform(0, 1, (1, 2, 300, 400)).astype("float16")
    theta = np.array([[[0.9, 0.1, 0.05], [-0.1, 0.9, -0.03]]])
    grid = gs.affine_grid(theta, (1, 1, 300, 400)).astype("float32")
    ours = gs.grid_splat(values, grid, values.shape).astype(float)
    truth = portable.push(values.astype("float64"), grid, values.shape, parse("linear", "zeros", False), (0, 0))
    slack = eps("float16") * np.abs(truth) + 9 * 4 * eps("float32") * 400 * 2
    assert (np.abs(ours - truth) <= slack).all()
