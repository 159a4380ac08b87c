"""Options: aliases, the cache, and the text of every refusal."""

import dataclasses
import itertools
import re

import numpy as np
import pytest

import gridsample as gs
from gridsample.definitions.boundaries import BORDER, BOUNDARIES, MIRROR, SYMMETRIC, ZEROS, Boundary
from gridsample.definitions.conventions import CORNERS, EDGES
from gridsample.definitions.kernels import KINDS, Kernel, Keys, Linear, Nearest
from gridsample.spec import (
    MODES,
    PADDING_MODES,
    check_align_corners,
    check_axes,
    check_channels,
    from_text,
    parse,
    parse_options,
)


@pytest.mark.parametrize(
    ("mode", "kernel"),
    [
        ("nearest", Nearest()),
        *[(name, Linear()) for name in ("linear", "bilinear", "trilinear")],
        *[(name, Keys(-0.75)) for name in ("cubic", "bicubic", "tricubic")],
    ],
)
def test_modes(mode, kernel):
    assert parse(mode, "zeros", False).axes == ((kernel, ZEROS),)


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
    assert parse("linear", padding, align).axes == ((Linear(), boundary),)


def test_no_align_corners_means_false():
    assert parse("linear", "zeros", None) == parse("linear", "zeros", False)
    assert parse("linear", "zeros", None).convention == EDGES
    assert parse("linear", "zeros", True).convention == CORNERS


def test_a_spec_is_frozen_hashable_and_made_once():
    spec = parse("linear", "border", True)
    assert parse("linear", "border", True) is spec
    assert parse("bilinear", "border", True) is spec
    assert parse(Linear(), BORDER, True) is spec
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.convention = EDGES


def test_all_names_parse():
    combinations = itertools.product(MODES, PADDING_MODES, (False, True))
    assert len({parse(*options) for options in combinations}) == len(KINDS) * len(BOUNDARIES) * 2


@pytest.mark.parametrize("mode", ["area", "", "Bilinear", "bilinear "])
def test_unknown_mode(mode):
    with pytest.raises(ValueError, match=r"^mode must be one of ") as refusal:
        parse_options(mode, "zeros", False)
    assert repr(mode) in str(refusal.value)
    assert all(repr(name) in str(refusal.value) for name in MODES)


@pytest.mark.parametrize("padding", ["reflect", "constant", "ZEROS"])
def test_unknown_padding_mode(padding):
    with pytest.raises(ValueError, match=r"^padding_mode must be one of ") as refusal:
        parse_options("linear", padding, False)
    assert repr(padding) in str(refusal.value)
    assert all(repr(name) in str(refusal.value) for name in PADDING_MODES)


@pytest.mark.parametrize("bad", [1, None, ["linear"], {"linear"}, b"linear", ()], ids=repr)
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


# ------------------------------------------------------------------------------------------------------------ by axis


def test_options_by_axis():
    spec = parse(("linear", Keys(-0.5)), ("border", "reflection"), True)
    assert spec.axes == ((Linear(), BORDER), (Keys(-0.5), MIRROR))
    assert spec.axis(0) == (Linear(), BORDER)
    assert spec.axis(1) == (Keys(-0.5), MIRROR)


def test_one_entry_stands_for_every_axis():
    assert parse(("linear", "nearest"), "border", False) is parse(("linear", "nearest"), ("border", "border"), False)
    assert parse("linear", ("zeros", "border"), False) is parse(("linear", "linear"), ("zeros", "border"), False)
    assert parse("linear", "zeros", False).axis(2) == (Linear(), ZEROS)
    assert parse(("linear",), "zeros", False) is parse("linear", ("zeros",), False)


def test_numbers_of_entries_that_differ():
    with pytest.raises(
        ValueError, match=r"^mode and padding_mode must have an entry for each axis.*got 2 and 3 entries"
    ):
        parse(("linear", "nearest"), ("zeros", "border", "mirror"), False)


@pytest.mark.parametrize("axes", [1, 3])
def test_entries_for_another_number_of_axes(axes):
    with pytest.raises(ValueError, match=rf"must have one entry or {axes}, .*got 2 entries"):
        check_axes(parse(("linear", "nearest"), "zeros", False), axes)


def test_wrong_entries_are_named():
    with pytest.raises(ValueError, match=r"^mode must be one of .*got 'cubi'"):
        parse(("linear", "cubi"), "zeros", False)
    with pytest.raises(TypeError, match=r"^padding_mode must be a string.*got 1 of type int"):
        parse("linear", ("zeros", 1), False)


# ------------------------------------------------------------------------------------------------------------- as text


@pytest.mark.parametrize(
    "spec",
    [
        parse("linear", "zeros", False),
        parse(Keys(-0.1), "reflection", True),
        parse(("linear", Keys(1 / 3), "nearest"), ("border", "mirror", "zeros"), True),
        parse((Keys(1), Keys(-0.75)), "symmetric", False),
        parse("linear", "fill", False, "pixel", (2.0, -1.0), "fill_centres", "fill"),
    ],
    ids=lambda spec: str(spec.text),
)
def test_a_spec_is_that_of_its_text(spec):
    assert from_text(*spec.text) == spec


def test_texts():
    assert parse("bilinear", "reflection", False).text == ("linear", "symmetric", (1.0, 0.5, 0.0, 0.5), "pad", (0.0,))
    by_axis = parse((Keys(-0.5), "nearest"), "zeros", True)
    assert by_axis.text == ("keys(-0.5),nearest", "zeros,zeros", (1.0, 0.5, -0.5, 0.0), "pad", (0.0,))
    filled = parse("linear", "fill", False, "pixel", (2.0, -1.0), "fill_centres", "fill")
    assert filled.text == ("linear", "fill", (0.0, 0.0, 1.0, 0.0), "fill_centres,undefined", (2.0, -1.0))


@pytest.mark.parametrize(
    "text",
    [
        ("lin", "zeros", (1, 0.5, 0, 0.5)),
        ("", "zeros", (1, 0.5, 0, 0.5)),
        ("linear", "reflection", (1, 0.5, 0, 0.5)),  # which one, no convention says
        ("linear,linear", "zeros", (1, 0.5, 0, 0.5)),
        ("linear", "zeros", (1, 0.5, 0)),
        ("linear nearest", "zeros", (1, 0.5, 0, 0.5)),
        ("linear", "zeros", (1, 0.5, 0, 0.5), "all", (0.0,)),
        ("linear", "zeros", (1, 0.5, 0, 0.5), "fill,nan", (0.0,)),
    ],
)
def test_what_is_no_text(text):
    with pytest.raises(ValueError, match="must"):
        from_text(*text)


def test_what_is_of_ones_own_has_no_text_and_is_nothing_to_the_core():
    class Named(Keys):
        pass

    for spec in (parse(Named(), "zeros", False), parse("linear", Boundary("border", ZEROS.resolve), False)):
        assert spec.text is None
        assert spec.core is None


def test_kernels_must_be_hashable():
    class Listed(Kernel):
        __hash__ = None

    with pytest.raises(TypeError, match="must be hashable"):
        parse_options(Listed(), "zeros", False)


@pytest.mark.parametrize(
    ("argument", "got", "meant"),
    [
        ("padding_mode", "reflect", "'mirror' (NumPy's reflect) or 'symmetric' (SciPy's)"),
        ("padding_mode", "edge", "'border'"),
        ("padding_mode", "nearest", "'border'"),
        ("padding_mode", "constant", "'fill' (with fill_value) or 'zeros'"),
        ("padding_mode", "Circular", "'wrap'"),
        ("padding_mode", "zero", "'zeros'"),
        ("mode", "bicubik", "'bicubic'"),
        ("mode", "Bilinear", "'bilinear'"),
        ("coords", "pixels", "'pixel'"),
    ],
)
def test_near_names_and_the_words_of_others_are_understood(argument, got, meant):
    with pytest.raises(ValueError, match=rf"got '{got}'; did you mean {re.escape(meant)}\?$"):
        gs.grid_sample(np.zeros((1, 1, 3)), np.zeros((1, 2, 1)), **{argument: got})


def test_what_is_near_to_nothing_is_not_guessed_at():
    with pytest.raises(ValueError, match=r"got 'area'$"):
        gs.grid_sample(np.zeros((1, 1, 3)), np.zeros((1, 2, 1)), "area")
