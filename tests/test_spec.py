"""Options: aliases, the cache, and the text of every refusal."""

import dataclasses
import itertools

import numpy as np
import pytest

from gridsample.boundaries import BORDER, MIRROR, SYMMETRIC, ZEROS
from gridsample.kernels import Keys, Linear, Nearest
from gridsample.spec import MODES, PADDING_MODES, check_align_corners, check_channels, parse, parse_options


@pytest.mark.parametrize(
    ("mode", "kernel"),
    [
        ("nearest", Nearest()),
        *[(name, Linear()) for name in ("linear", "bilinear", "trilinear")],
        *[(name, Keys(-0.75)) for name in ("cubic", "bicubic", "tricubic")],
    ],
)
def test_modes(mode, kernel):
    assert parse(mode, "zeros", False).kernel == kernel


@pytest.mark.parametrize(
    ("padding", "align", "boundary"),
    [
        *[("zeros", align, ZEROS) for align in (False, True)],
        *[("border", align, BORDER) for align in (False, True)],
        *[("mirror", align, MIRROR) for align in (False, True)],
        *[("symmetric", align, SYMMETRIC) for align in (False, True)],
        ("reflection", False, SYMMETRIC),
        ("reflection", None, SYMMETRIC),
        ("reflection", True, MIRROR),
    ],
)
def test_padding_modes(padding, align, boundary):
    assert parse("linear", padding, align).boundary is boundary


def test_no_align_corners_means_false():
    assert parse("linear", "zeros", None) == parse("linear", "zeros", False)
    assert parse("linear", "zeros", None).align_corners is False


def test_a_spec_is_frozen_hashable_and_made_once():
    spec = parse("linear", "border", True)
    assert parse("linear", "border", True) is spec
    assert hash(spec) == hash(parse("bilinear", "border", True))
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.align_corners = False


def test_all_names_parse():
    combinations = itertools.product(MODES, PADDING_MODES, (False, True))
    assert len({parse(*options).codes for options in combinations}) == 3 * 4 * 2


@pytest.mark.parametrize("mode", ["area", "", "Bilinear", "bilinear "])
def test_unknown_mode(mode):
    with pytest.raises(ValueError, match=r"^mode must be one of ") as refusal:
        parse_options(mode, "zeros", False)
    assert repr(mode) in str(refusal.value)
    assert all(repr(name) in str(refusal.value) for name in MODES)


@pytest.mark.parametrize("padding", ["wrap", "reflect", "constant", "ZEROS"])
def test_unknown_padding_mode(padding):
    with pytest.raises(ValueError, match=r"^padding_mode must be one of ") as refusal:
        parse_options("linear", padding, False)
    assert repr(padding) in str(refusal.value)
    assert all(repr(name) in str(refusal.value) for name in PADDING_MODES)


@pytest.mark.parametrize("bad", [1, None, ["linear"], {"linear"}, b"linear", ("linear", "linear")], ids=repr)
@pytest.mark.parametrize("argument", ["mode", "padding_mode"])
def test_names_that_are_no_strings(argument, bad):
    options = {"mode": "linear", "padding_mode": "zeros", argument: bad}
    with pytest.raises(TypeError, match=rf"^{argument} must be a string, one of ") as refusal:
        parse_options(options["mode"], options["padding_mode"], False)
    assert repr(bad) in str(refusal.value)
    assert type(bad).__name__ in str(refusal.value)


@pytest.mark.parametrize("bad", [0, 1, 1.0, "True", np.True_, [True]], ids=repr)
def test_align_corners_that_is_no_bool(bad):
    for call in (check_align_corners, lambda value: parse_options("linear", "zeros", value)):
        with pytest.raises(TypeError, match=r"^align_corners must be True, False or None") as refusal:
            call(bad)
        assert type(bad).__name__ in str(refusal.value)


def test_a_number_never_takes_the_place_of_a_bool_in_the_cache():
    parse("linear", "zeros", True)
    with pytest.raises(TypeError, match="align_corners"):
        parse_options("linear", "zeros", 1)


def test_channels():
    assert check_channels("first") is False
    assert check_channels("last") is True


@pytest.mark.parametrize(("bad", "error"), [("middle", ValueError), (1, TypeError), (None, TypeError), ([], TypeError)])
def test_unknown_channels(bad, error):
    with pytest.raises(error, match=r"^channels must be .*'first', 'last'; got") as refusal:
        check_channels(bad)
    assert repr(bad) in str(refusal.value)
