"""Kernels alone: their weights, their derivatives, their first taps."""

from typing import get_args

import numpy as np
import pytest

from gridsample import reference
from gridsample.definitions.kernels import (
    KERNELS,
    KINDS,
    Kernel,
    KernelName,
    Keys,
    Linear,
    Nearest,
    is_registered,
    kernel_of,
)
from support import eps

CASES = [Nearest(), Linear(), Keys(), Keys(a=-0.5)]
DISTANCES = np.concatenate([np.linspace(0, 1, 97, endpoint=False), [np.nextafter(1, 0)]])

every_kernel = pytest.mark.parametrize("kernel", CASES, ids=str)


def weights(kernel, t, order=0):
    return np.stack(kernel.weights(np, np.asarray(t), order))


@every_kernel
@pytest.mark.parametrize("order", range(6))
def test_weights_sum_to_one_and_their_derivatives_to_zero(kernel, order):
    w = weights(kernel, DISTANCES, order)
    assert w.shape == (kernel.taps, len(DISTANCES))
    rounding = 16 * eps("float64") * max(1, np.abs(w).max())  # as in support.ROUNDINGS, for the largest weight
    np.testing.assert_allclose(w.sum(axis=0), float(order == 0), rtol=0, atol=rounding)


@every_kernel
@pytest.mark.parametrize("order", range(5))
def test_derivatives_are_those_of_finite_differences(kernel, order):
    step = 1 / 64
    t = np.linspace(3 * step, 1 - 3 * step, 29)  # all of the stencil in one piece
    stencil = [(-2, 1), (-1, -8), (1, 8), (2, -1)]  # exact for polynomials up to the fourth degree
    slope = sum(weight * weights(kernel, t + offset * step, order) for offset, weight in stencil) / (12 * step)
    rounding = 16 * eps("float64") * 18 * max(1, np.abs(weights(kernel, t, order)).max()) / (12 * step)
    np.testing.assert_allclose(weights(kernel, t, order + 1), slope, rtol=0, atol=rounding)


@every_kernel
def test_at_a_pixel_the_weights_are_exact(kernel):
    expected = {1: [1], 2: [1, 0], 4: [0, 1, 0, 0]}[kernel.taps]
    np.testing.assert_array_equal(weights(kernel, 0.0), expected)


@every_kernel
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("order", range(5))
def test_weights_keep_the_dtype(kernel, dtype, order):
    assert weights(kernel, np.linspace(0, 0.9, 5, dtype=dtype), order).dtype == dtype


@pytest.mark.parametrize(
    ("t", "expected"),
    [(0.25, (-0.10546875, 0.87890625, 0.26171875, -0.03515625)), (0.5, (-0.09375, 0.59375, 0.59375, -0.09375))],
)
def test_cubic_weights_worked_out_by_hand(t, expected):
    np.testing.assert_array_equal(weights(Keys(), t), expected)


def test_cubic_does_not_keep_a_ramp_but_its_relative_does():
    ramp = np.array([-1, 0, 1, 2])
    assert weights(Keys(), 0.25) @ ramp == 0.296875
    assert weights(Keys(a=-0.5), 0.25) @ ramp == 0.25


def test_cubic_is_the_definition():
    w = weights(Keys(), DISTANCES)
    expected = [[reference.cubic(t - k) for t in DISTANCES] for k in (-1, 0, 1, 2)]
    np.testing.assert_allclose(w, expected, rtol=0, atol=16 * eps("float64"))


def test_slopes_of_linear():
    np.testing.assert_array_equal(weights(Linear(), 0.3, 1), [-1, 1])
    np.testing.assert_array_equal(weights(Linear(), 0.3, 2), [0, 0])


def test_nearest_has_no_slope():
    np.testing.assert_array_equal(weights(Nearest(), DISTANCES, 1), np.zeros((1, len(DISTANCES))))


def test_first_taps_and_distances():
    positions = np.array([-1.5, -0.5, 0.0, 0.5, 1.5, 2.25, 2.5])
    floors = [-2, -1, 0, 0, 1, 2, 2]
    for kernel, expected, from_ in [
        (Nearest(), [-2, 0, 0, 0, 2, 2, 2], [-2, 0, 0, 0, 2, 2, 2]),
        (Linear(), floors, floors),
        (Keys(), [-3, -2, -1, -1, 0, 1, 1], floors),
    ]:
        first, t = kernel.place(np, positions)
        np.testing.assert_array_equal(first, expected)
        np.testing.assert_array_equal(t, positions - from_)


def test_names_lead_to_few_kernels():
    assert KERNELS["bilinear"] == KERNELS["trilinear"] == KERNELS["linear"]
    assert KERNELS["bicubic"] == KERNELS["tricubic"] == KERNELS["cubic"] == Keys(-0.75)
    assert len({kernel.names for kernel in KERNELS.values()}) == len(KINDS)


def test_type_checkers_are_told_all_names():
    assert set(get_args(KernelName)) == set(KERNELS)


@pytest.mark.parametrize(
    "kernel", [*KERNELS.values(), Keys(-0.1), Keys(1 / 3), Keys(-1), Keys(1e-30), Keys(1e22)], ids=str
)
def test_a_text_says_a_kernel_exactly(kernel):
    assert kernel_of(str(kernel)) == kernel
    assert type(kernel_of(str(kernel))) is type(kernel)


@pytest.mark.parametrize(
    "text", ["", "area", "keys(", "keys()", "keys(a)", "keys(1,2)", "linear(1)", "keys(1)x", "(1)"]
)
def test_what_is_no_kernel(text):
    assert kernel_of(text) is None


def test_whole_numbers_and_floats_are_one_kernel():
    assert Keys(-1) == Keys(-1.0)
    assert str(Keys(-1)) == str(Keys(-1.0)) == "keys(-1)"


@pytest.mark.parametrize(
    ("bad", "error"), [(np.inf, ValueError), (np.nan, ValueError), ("-0.5", TypeError), (None, TypeError)]
)
def test_parameters_are_refused(bad, error):
    with pytest.raises(error, match=rf"^a of Keys must be .*{bad}"):
        Keys(bad)


def test_a_kernel_of_ones_own_is_no_text():
    """Whatever it calls itself."""

    class Named(Keys):
        pass

    assert is_registered(Keys(-0.5))
    assert not is_registered(Named())
    assert not is_registered(Kernel())
