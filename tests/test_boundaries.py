"""Boundaries alone: ``resolve`` and ``fold`` on numbers, before any interpolation."""

import math
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest

import gridsample as gs
from gridsample import reference
from gridsample.definitions.boundaries import (
    BORDER,
    BOUNDARIES,
    MIRROR,
    REACH,
    SYMMETRIC,
    ZEROS,
    Boundary,
    BoundaryName,
    is_registered,
)
from support import NUMPY_PAD, PERIODIC

PADS = {**NUMPY_PAD, "fill": "constant"}  # with 0
ROUNDS = 3  # how many sizes beyond each end
SIZES_OF_AN_AXIS = (1, 2, 3, 4, 5, 7)

every_boundary = pytest.mark.parametrize("name", BOUNDARIES)
every_size = pytest.mark.parametrize("size", SIZES_OF_AN_AXIS)


@every_boundary
@every_size
def test_resolve_is_numpy_pad(name, size):
    row = np.arange(1, size + 1)
    reach = ROUNDS * size
    padded = np.pad(row, reach, mode=PADS[name])
    index, inside = BOUNDARIES[name].resolve(np, np.arange(-reach, size + reach), size)
    assert ((index >= 0) & (index < size)).all()
    np.testing.assert_array_equal(np.where(inside, row[index], 0), padded)


@every_boundary
@every_size
def test_the_definition_resolves_as_numpy_pad(name, size):
    row = np.arange(1, size + 1)
    reach = ROUNDS * size
    padded = np.pad(row, reach, mode=PADS[name])
    walked = [reference.resolve(i, size, name) for i in range(-reach, size + reach)]
    np.testing.assert_array_equal([0 if i in (None, reference.FILL) else row[i] for i in walked], padded)


def walk(position, size, name):
    """Return a position folded by walking home one reflection at a time, and the sign of the walk."""
    sign = 1
    if name in ("mirror", "symmetric"):
        low, high = (Fraction(0), Fraction(size - 1)) if name == "mirror" else (Fraction(-1, 2), size - Fraction(1, 2))
        if low == high:
            return Fraction(0), 0
        while not low <= position <= high:
            position, sign = (2 * low if position < low else 2 * high) - position, -sign
    clamped = min(max(position, Fraction(0)), Fraction(size - 1))
    return clamped, sign if 0 < position < size - 1 else 0


@pytest.mark.parametrize("name", [name for name, boundary in BOUNDARIES.items() if boundary.folds])
@every_size
def test_fold_is_a_walk_home(name, size):
    boundary = BOUNDARIES[name]
    positions = np.arange(-ROUNDS * size * 8, (ROUNDS + 1) * size * 8) / 8  # eighths are exact
    folded, sign = boundary.fold(np, boundary.reduce(np, positions, size)[0], size)
    expected = [walk(Fraction(p), size, name) for p in positions]
    np.testing.assert_array_equal(folded, [float(q) for q, _ in expected])
    np.testing.assert_array_equal(sign, [float(s) for _, s in expected])


@pytest.mark.parametrize("name", [name for name, boundary in BOUNDARIES.items() if boundary.folds])
@every_size
def test_the_definition_folds_as_a_walk_home(name, size):
    positions = np.arange(-ROUNDS * size * 8, (ROUNDS + 1) * size * 8) / 8
    for p in positions:
        assert reference.fold(p, size, name) == float(walk(Fraction(p), size, name)[0])


def test_zeros_has_no_fold():
    positions = np.linspace(-9, 9, 37)
    folded, sign = ZEROS.fold(np, positions, 5)
    np.testing.assert_array_equal(folded, positions)
    np.testing.assert_array_equal(sign, 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("boundary", [MIRROR, SYMMETRIC], ids=lambda boundary: boundary.name)
@every_size
def test_reduce_is_exact_however_large_the_position(boundary, size, dtype):
    limit = float(np.finfo(dtype).max)
    positions = np.array([0.0, 0.5, 12345.5, 2.0**24 + 2, 1e10, 3e18, 3e38, limit], dtype)
    positions = np.concatenate([positions, -positions])
    reduced, slope = boundary.reduce(np, positions, size)
    assert reduced.dtype == dtype
    assert np.all(slope == 1)
    period = boundary.period(size)
    for p, r in zip(positions, reduced, strict=True):
        exact = Fraction(float(p))
        assert Fraction(float(r)) == math.copysign(1, p) * (abs(exact) % period)


@pytest.mark.parametrize("boundary", [ZEROS, BORDER], ids=lambda boundary: boundary.name)
@pytest.mark.parametrize("position", [-math.inf, -3e38, -1e10, 1e10, 3e38, math.inf])
@every_size
def test_reduce_keeps_the_side_where_nothing_repeats(boundary, size, position):
    reduced, slope = boundary.reduce(np, np.array([position]), size)
    assert reduced == (-REACH if position < 0 else size - 1 + REACH)
    assert slope == 0


@every_size
def test_reduce_leaves_positions_alone_within_reach(size):
    positions = np.linspace(-REACH, size - 1 + REACH, 101)
    for boundary in (ZEROS, BORDER):
        reduced, slope = boundary.reduce(np, positions, size)
        np.testing.assert_array_equal(reduced, positions)
        np.testing.assert_array_equal(slope, 1)


@every_boundary
def test_undefined_positions(name):
    positions = np.array([math.nan, -math.inf, math.inf, -3e38, 0.0])
    infinite = name in PERIODIC
    undefined = BOUNDARIES[name].undefined(np, positions)
    np.testing.assert_array_equal(undefined, [True, infinite, infinite, False, False])


def test_names_are_distinct_and_type_checkers_are_told_of_them():
    assert [boundary.name for boundary in BOUNDARIES.values()] == list(BOUNDARIES)
    assert get_args(BoundaryName) == tuple(BOUNDARIES)


def test_a_kernel_of_many_taps_reaches_farther():
    """At the reach of its taps no pixel of the array is among them any more."""
    for taps in (1, 8, 9, 100):
        reduced, _ = ZEROS.reduce(np, np.array([-1e30, 1e30]), 5, taps)
        assert -reduced[0] >= taps
        assert reduced[1] - 4 >= taps


def test_a_boundary_of_ones_own_is_not_ours():
    """Whatever it calls itself."""
    assert is_registered(BORDER)
    assert not is_registered(Boundary("border", ZEROS.resolve))
    assert not is_registered(Boundary("new", ZEROS.resolve))


def test_wrap_takes_the_remainder_of_a_position():
    """As Python's: exact, then moved up by one rounded sum; both ends are places of the array."""
    boundary = BOUNDARIES["wrap"]
    positions = np.array([0.0, 4.75, 5.0, -0.25, -5.0, 1e18 + 3, -12.5, -1e-30])
    reduced, slope = boundary.reduce(np, positions, 5)
    np.testing.assert_array_equal(reduced, [p % 5 for p in positions.tolist()])
    assert slope == 1
    assert reduced.max() == 5  # of -1e-30, and its index is that of 0
    np.testing.assert_array_equal(boundary.resolve(np, np.array([5, -1]), 5)[0], [0, 4])


def test_linear_has_no_seam_under_wrap():
    """Between the last pixel and the first the two are blended; a fold would drop one of them."""
    row = np.array([[[10.0, 20.0, 30.0, 40.0]]])
    ends = np.array([[[-1.0], [1.0]]])  # at -0.5 and 3.5
    np.testing.assert_array_equal(gs.grid_sample(row, ends, "linear", "wrap"), [[[25, 25]]])
