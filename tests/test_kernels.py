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
    Lanczos,
    Linear,
    Nearest,
    is_registered,
    kernel_of,
)
from support import eps

CASES = [Nearest(), Linear(), Keys(), Keys(a=-0.5), Lanczos(2), Lanczos(3), Lanczos(4)]
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
    # and of others its error is the fifth derivative of these, nothing for polynomials of ours, times step^4 / 30
    beyond = step**4 / 30 * np.abs(weights(kernel, DISTANCES, order + 5)).max()
    np.testing.assert_allclose(weights(kernel, t, order + 1), slope, rtol=0, atol=rounding + beyond)


@every_kernel
def test_at_a_pixel_the_weights_are_exact(kernel):
    """Also at the far end, where a distance that was rounded to 1 belongs to the next pixel."""
    first, _ = kernel.place(np, np.array(0.0))
    np.testing.assert_array_equal(weights(kernel, 0.0), np.arange(kernel.taps) == -first)
    if kernel.taps > 1:
        np.testing.assert_array_equal(weights(kernel, 1.0), np.arange(kernel.taps) == 1 - first)


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


def test_lanczos_is_the_definition():
    for a in (2, 3, 4):
        expected = [[w for _, w in reference.weights(t, "lanczos", (a,))] for t in DISTANCES]
        np.testing.assert_allclose(weights(Lanczos(a), DISTANCES).T, expected, rtol=0, atol=16 * eps("float64"))


# From mpmath in 120 digits: (a, t, order) and the weights' derivatives.
LANCZOS = [
    (2, 0.5, 0, (-0.0625, 0.5625, 0.5625, -0.0625)),
    (
        3,
        0.25,
        0,
        (
            0.03011228536189766,
            -0.1332746355359615,
            0.8927707740853273,
            0.2710105682570789,
            -0.06799726302855179,
            0.007378270860209317,
        ),
    ),
    (
        3,
        0.25,
        1,
        (
            0.03683065965552551,
            -0.245197730744434,
            -0.8326054807875067,
            1.2950690684804547,
            -0.3116076616254737,
            0.05751114502143415,
        ),
    ),
    (
        3,
        0,
        2,
        (
            -0.6634966715663441,
            2.307973372530752,
            -3.5111756241510386,
            2.307973372530752,
            -0.6634966715663441,
            0.2222222222222222,
        ),
    ),
    (
        3,
        1,
        3,
        (
            -0.4444444444444444,
            -0.950871480841283,
            1.6390757910738432,
            0.4444444444444444,
            -1.6390757910738432,
            0.950871480841283,
        ),
    ),
    (
        3,
        0.25,
        4,
        (
            6.179904575266139,
            -15.008457624750049,
            23.24556003661667,
            -19.054512636689534,
            10.343820965258974,
            -5.706315315702199,
        ),
    ),
    (
        4,
        0.75,
        6,
        (
            -41.60105634377309,
            52.2286983919298,
            -57.852918716615406,
            35.26808877162353,
            -43.13603687538768,
            102.07861949296468,
            -69.10394229107787,
            22.118547570336048,
        ),
    ),
]


@pytest.mark.parametrize(("a", "t", "order", "expected"), LANCZOS)
def test_lanczos_derivatives_of_every_order(a, t, order, expected):
    """To 32 eps of the largest: each order takes a division and some products more than the one before."""
    bound = 32 * np.abs(expected).max()
    np.testing.assert_allclose(weights(Lanczos(a), t, order), expected, rtol=0, atol=bound * eps("float64"))
    single = weights(Lanczos(a), np.float32(t), order)
    np.testing.assert_allclose(single, expected, rtol=0, atol=bound * eps("float32"))


@pytest.mark.parametrize("order", range(7))
def test_lanczos_is_symmetric_and_keeps_its_accuracy_near_both_ends(order):
    near = np.array([0.0, 1e-300, 2.0**-60, 1e-9, 0.25, 0.5])  # 1 minus each is exact or 1
    for a in (2, 3, 4):
        left, right = weights(Lanczos(a), near, order), weights(Lanczos(a), 1 - near, order)
        bound = 64 * eps("float64") * np.abs(left).max()
        # a distance of 1e-300 is 1 from the other end: the slope over that distance is nothing
        steep = np.abs(weights(Lanczos(a), near, order + 1)).max() * 2.0**-53
        np.testing.assert_allclose(left, (-1) ** order * right[::-1], rtol=0, atol=bound + steep)


@pytest.mark.parametrize(("bad", "error"), [(1, ValueError), (5, ValueError), (2.5, ValueError), ("3", TypeError)])
def test_lanczos_is_of_two_to_four_pixels(bad, error):
    with pytest.raises(error, match=r"^a of Lanczos must be "):
        Lanczos(bad)


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
    "kernel",
    [*KERNELS.values(), Keys(-0.1), Keys(1 / 3), Keys(-1), Keys(1e-30), Keys(1e22), Lanczos(2), Lanczos(4.0)],
    ids=str,
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
