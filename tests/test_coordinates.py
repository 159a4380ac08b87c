"""``locate`` alone: from coordinates to positions."""

import numpy as np
import pytest

from gridsample import reference
from gridsample.coordinates import locate, scale_and_shift
from support import normalized


@pytest.mark.parametrize("size", [1, 2, 4, 5, 7])
def test_ends_of_an_axis(size):
    ends = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(locate(ends, size, False), [-0.5, (size - 1) / 2, size - 0.5])
    np.testing.assert_array_equal(locate(ends, size, True), [0, (size - 1) / 2, size - 1])


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 7, 1000])
def test_the_definition_locates_alike(size, align, rng):
    for g in rng.uniform(-3, 3, 50):
        assert locate(g, size, align) == pytest.approx(reference.locate(g, size, align), rel=1e-15, abs=1e-15 * size)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [2, 4, 5, 7])
def test_scale_is_the_derivative(size, align):
    a, b = locate(np.array([-0.75, 1.25]), size, align)
    assert (b - a) / 2 == scale_and_shift(size, align)[0]


@pytest.mark.parametrize("size", [3, 7, 101])
def test_each_operation_is_rounded_in_float32(size, rng):
    g = rng.uniform(-2, 2, 1000).astype(np.float32)
    one, half = np.float32(1), np.float32(0.5)
    plain, centred = locate(g, size, False), locate(g, size, True)
    assert plain.dtype == centred.dtype == np.float32
    np.testing.assert_array_equal(plain, (g + one) * np.float32(size / 2) - half)
    np.testing.assert_array_equal(centred, (g + one) * np.float32((size - 1) / 2))


def test_a_single_pixel_with_aligned_corners_is_everywhere():
    np.testing.assert_array_equal(locate(np.array([-1e30, -5.0, 0.0, 5.0, 1e30]), 1, True), 0)
    with np.errstate(invalid="ignore"):
        assert np.isnan(locate(np.array([-np.inf, np.inf, np.nan]), 1, True)).all()


@pytest.mark.parametrize("align", [False, True])
def test_the_tests_own_inverse(align):
    positions = np.array([-3.0, 0.0, 0.25, 6.0, 9.5])
    np.testing.assert_allclose(locate(normalized(positions, 7, align), 7, align), positions, rtol=1e-14, atol=1e-14)
