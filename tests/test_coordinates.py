"""``locate`` alone: from coordinates to positions."""

import numpy as np
import pytest

from gridsample import reference
from gridsample.spec import convention_of
from support import normalized


@pytest.mark.parametrize("size", [1, 2, 4, 5, 7])
def test_ends_of_an_axis(size):
    ends = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(convention_of(False).locate(ends, size), [-0.5, (size - 1) / 2, size - 0.5])
    np.testing.assert_array_equal(convention_of(True).locate(ends, size), [0, (size - 1) / 2, size - 1])


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 7, 1000])
def test_the_definition_locates_alike(size, align, rng):
    for g in rng.uniform(-3, 3, 50):
        expected = reference.locate(g, size, align, "normalized")
        assert convention_of(align).locate(g, size) == pytest.approx(expected, rel=1e-15, abs=1e-15 * size)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [2, 4, 5, 7])
def test_scale_is_the_derivative(size, align):
    a, b = convention_of(align).locate(np.array([-0.75, 1.25]), size)
    assert (b - a) / 2 == convention_of(align).scale(size)


@pytest.mark.parametrize("size", [3, 7, 101])
def test_each_operation_is_rounded_in_float32(size, rng):
    g = rng.uniform(-2, 2, 1000).astype(np.float32)
    one, half = np.float32(1), np.float32(0.5)
    plain, centred = convention_of(False).locate(g, size), convention_of(True).locate(g, size)
    assert plain.dtype == centred.dtype == np.float32
    np.testing.assert_array_equal(plain, (g + one) * np.float32(size / 2) - half)
    np.testing.assert_array_equal(centred, (g + one) * np.float32((size - 1) / 2))


def test_a_single_pixel_with_aligned_corners_is_everywhere():
    np.testing.assert_array_equal(convention_of(True).locate(np.array([-1e30, -5.0, 0.0, 5.0, 1e30]), 1), 0)
    with np.errstate(invalid="ignore"):
        assert np.isnan(convention_of(True).locate(np.array([-np.inf, np.inf, np.nan]), 1)).all()


@pytest.mark.parametrize("align", [False, True])
def test_the_tests_own_inverse(align):
    positions = np.array([-3.0, 0.0, 0.25, 6.0, 9.5])
    located = convention_of(align).locate(normalized(positions, 7, align), 7)
    np.testing.assert_allclose(located, positions, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(convention_of(align).coordinate(located, 7), normalized(positions, 7, align), rtol=1e-14)
