"""Keywords and names of other libraries: the refusal says what they are called here."""

import inspect
import itertools

import numpy as np
import pytest

import gridsample as gs
from gridsample import names
from gridsample.spec import MODE_WORDS, PADDING_WORDS

IMAGE, GRID = np.arange(35.0).reshape(1, 1, 5, 7), np.array([[[0.1, -0.3], [1.2, 0.5]]])

CALLS = {
    "grid_sample": lambda **unknown: gs.grid_sample(IMAGE, GRID, **unknown),
    "grid_splat": lambda **unknown: gs.grid_splat(IMAGE[:, :, 0, :2], GRID, IMAGE.shape, **unknown),
    "sample_labels": lambda **unknown: gs.sample_labels(IMAGE.astype(int), GRID, **unknown),
    "sample_masked": lambda **unknown: gs.sample_masked(IMAGE, IMAGE > 3, GRID, **unknown),
    "affine_grid": lambda **unknown: gs.affine_grid(np.ones((1, 2, 3)), IMAGE.shape, **unknown),
}
every_function = pytest.mark.parametrize("function", CALLS)


def refusal(function, **unknown):
    """Return the message of a refusal, which begins as Python's own."""
    with pytest.raises(TypeError) as caught:
        CALLS[function](**unknown)
    start = f"{function}() got an unexpected keyword argument {next(iter(unknown))!r}; "
    assert str(caught.value).startswith(start)
    return str(caught.value).removeprefix(start)


@every_function
@pytest.mark.parametrize("word", names.KEYWORDS)
def test_keywords_of_other_libraries(function, word):
    """What a keyword is called here, where the function has that; else what the function has."""
    parameter, advice = names.KEYWORDS[word]
    possible = inspect.signature(getattr(gs, function)).parameters
    if word in possible:
        pytest.skip("is ours too")
    message = refusal(function, **{word: 1})
    if parameter in possible:
        assert message == f"it is {advice}"
        assert advice.startswith(f"{parameter} here") or parameter in advice
    else:
        assert message.startswith(("did you mean ", "possible are "))


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        ({"order": 3}, "it is mode here: 'nearest' for 0, 'linear' for 1, gridsample.BSpline(order) for the others"),
        ({"interpolation": 2}, "it is mode here: 'nearest', 'linear', 'cubic' and gridsample.Lanczos(4) are OpenCV's"),
        ({"borderMode": 4}, "it is padding_mode here, such as 'border', 'symmetric' or 'wrap'"),
        ({"prefilter": False}, "it is a parameter of the kernel: mode=gridsample.BSpline(order, prefilter=False)"),
        ({"output": None}, "it is out here"),
        ({"data_format": "NHWC"}, "it is channels here: 'first' or 'last'"),
    ],
)
def test_some_of_them_in_full(unknown, expected):
    assert refusal("grid_sample", **unknown).startswith(expected)


def test_a_value_for_outside_is_called_fill_value():
    for function, word in itertools.product(("grid_sample", "sample_labels"), ("cval", "borderValue", "padding_value")):
        message = refusal(function, **{word: 7})
        assert message.startswith("it is fill_value here, with padding_mode='fill', or outside='fill_centres'")
    far = np.full_like(GRID, 9.0)
    for options in ({"padding_mode": "fill"}, {"outside": "fill_centres"}):
        assert (gs.grid_sample(IMAGE, far, fill_value=7.0, **options) == 7).all()
    assert (gs.sample_labels(IMAGE.astype(int), far, outside="fill_centres", fill_value=7) == 7).all()


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("padding_mod", "padding_mode"),
        ("paddingmode", "padding_mode"),
        ("align_corner", "align_corners"),
        ("alignCorners", "align_corners"),
        ("chanels", "channels"),
        ("coord", "coords"),
        ("derivatives", "derivative"),
    ],
)
def test_near_names_of_keywords(word, near):
    assert refusal("grid_sample", **{word: None}) == f"did you mean {near!r}?"


@every_function
def test_other_keywords_are_told_what_there_is(function):
    message = refusal(function, xyzzy=None)
    assert message == f"possible are {', '.join(inspect.signature(getattr(gs, function)).parameters)}"
    assert "unknown" not in message


@every_function
def test_what_collects_unknown_keywords_is_not_shown(function):
    kinds = {one.kind for one in inspect.signature(getattr(gs, function)).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds


# --------------------------------------------------------------------------------------------------- names of options


@pytest.mark.parametrize(
    ("mode", "meant"),
    [
        ("reflect", "padding_mode='mirror' (NumPy's reflect) or 'symmetric' (SciPy's)"),
        ("constant", "padding_mode='fill' (with fill_value) or 'zeros'"),
        ("wrap", "padding_mode='wrap'"),
        ("grid-wrap", "padding_mode='wrap'"),
        ("mirror", "padding_mode='mirror'"),
        ("border", "padding_mode='border'"),
        ("bilinar", "'bilinear'"),
        ("Bicubic", "'bicubic'"),
        ("lanczos4", "gridsample.Lanczos(4)"),
        ("nearest-exact", "'nearest'"),
        ("quintic", "gridsample.BSpline(5)"),
        ("catmull-rom", "gridsample.Keys(-0.5)"),
        ("spline", "gridsample.BSpline(3)"),
        (0, "'nearest'"),
        (1, "'linear'"),
        (3, "gridsample.BSpline(3)"),
    ],
)
def test_names_of_kernels(mode, meant):
    with pytest.raises((TypeError, ValueError), match=r"^mode must be ") as caught:
        gs.grid_sample(IMAGE, GRID, mode)
    assert str(caught.value).endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize(
    ("padding", "meant"),
    [
        ("reflect", "'mirror' (NumPy's reflect) or 'symmetric' (SciPy's)"),
        ("replicate", "'border'"),
        ("circular", "'wrap'"),
        ("symetric", "'symmetric'"),
        ("Zeros", "'zeros'"),
        (1, "'border' (OpenCV's BORDER_REPLICATE)"),
        (4, "'mirror' (OpenCV's BORDER_REFLECT_101)"),
    ],
)
def test_names_of_boundaries(padding, meant):
    with pytest.raises((TypeError, ValueError), match=r"^padding_mode must be ") as caught:
        gs.grid_sample(IMAGE, GRID, "linear", padding)
    assert str(caught.value).endswith(f"; did you mean {meant}?")


def test_everything_that_is_advised_is_there():
    """Each kernel and boundary that a message names makes a call."""
    for meant in itertools.chain(MODE_WORDS.values(), PADDING_WORDS.values()):
        for name in meant.replace("padding_mode=", "").split(" or "):
            option = eval(name.split(" (")[0], {"gridsample": gs})
            if isinstance(option, gs.Kernel) or option in ("nearest", "linear", "lanczos"):
                gs.grid_sample(IMAGE, GRID, option)
            else:
                gs.grid_sample(IMAGE, GRID, "linear", option)


def test_what_opencv_calls_its_boundaries():
    cv2 = pytest.importorskip("cv2")
    for number, meant in names.OPENCV_BORDERS.items():
        assert getattr(cv2, meant.split("OpenCV's ")[1].rstrip(")")) == number
