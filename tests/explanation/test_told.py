"""What is told of a record: text that lines up, HTML that is well formed, both languages."""

import re
import unicodedata
from xml.etree import ElementTree

import numpy as np
import pytest

import gridsample as gs
from gridsample.explanation import words
from gridsample.explanation.contents import MOST_CHANNELS, MOST_ROWS, number

ARRAY = np.array([[85, 63, 51, 26], [30, 4, 7, 1], [17, 81, 64, 91], [50, 60, 97, 72]], "float32")[None, None]
CORNER = np.array([[[-1.2, 1.3]]])

CALLS = {
    "folded": {"padding_mode": "reflection"},
    "nothing": {"mode": "bicubic"},
    "resolved": {"mode": "lanczos", "padding_mode": "wrap"},
    "filtered": {"mode": "bspline", "padding_mode": "mirror"},
    "derived": {"mode": "bicubic", "derivative": (0, 1)},
}


@pytest.fixture(params=CALLS)
def record(request):
    return gs.explain(ARRAY, CORNER, 0, **CALLS[request.param])


def places(text):
    """Return how many places of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_columns_line_up(record, language):
    """The last column is one of numbers, to the right: all lines of a table are as wide."""
    for part in record.table(language).split("\n\n")[1:3]:
        lines = part.splitlines()
        assert len({places(line) for line in lines}) == 1, part


def test_the_table_has_every_tap(record):
    lines = record.table().splitlines()
    for tap in record.taps:
        assert any(line.startswith(str(list(tap.index))) and number(tap.weight) in line for line in lines)
    assert f"result  {number(record.result[0])}" in lines
    assert record.call in lines


def test_colours_are_there_only_if_asked_for(record):
    plain, coloured = record.table(), record.table(colours=True)
    assert "\033" not in plain
    assert "\033[34m" in coloured
    assert re.sub(r"\033\[\d+m", "", coloured) == plain


def test_negative_weights_have_another_colour():
    found = gs.explain(ARRAY, CORNER, 0, "bicubic").table(colours=True)
    assert "\033[31m-0.0594591\033[0m" in found
    assert "\033[34m0.957952\033[0m" in found


SENTENCES = {
    "folded": ("symmetric folds y = 4.1 to 2.9.", "symmetric 将 y = 4.1 折回到 2.9。"),
    "nothing": ("14 of 16 taps lie where there is nothing", "16 个邻点中有 14 个处没有像素"),
    "resolved": ("x = -0.9 has the neighbours of 3.1 under wrap.", "在 wrap 下，x = -0.9 与 3.1 的邻点相同。"),
    "filtered": ("A B-spline weighs coefficients", "B 样条加权的是系数"),
    "derived": ("Weights are derivatives", "权重为对格网坐标的导数"),
}


@pytest.mark.parametrize("call", CALLS)
def test_sentences(call):
    found = gs.explain(ARRAY, CORNER, 0, **CALLS[call])
    for language, sentence in zip(words.LANGUAGES, SENTENCES[call], strict=True):
        assert sentence in found.table(language)


def test_the_language_of_the_record_is_that_of_the_table():
    found = gs.explain(ARRAY, CORNER, language="zh")
    assert str(found) == repr(found) == found.table("zh")
    assert "双线性插值" in str(found)
    assert "双三次插值" in gs.explain(ARRAY, CORNER, 0, "bicubic", language="zh").table()
    assert "最邻近插值" in gs.explain(ARRAY, CORNER, 0, "nearest", language="zh").table()
    assert "双线性" not in found.table("en")


def test_every_text_has_both_languages():
    for english, chinese in words.TEXTS.values():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese))
        assert not re.search(r"[\u4e00-\u9fff]", english)


def test_every_kernel_and_boundary_has_a_name():
    from gridsample.definitions.boundaries import BOUNDARIES  # noqa: PLC0415
    from gridsample.definitions.kernels import KINDS  # noqa: PLC0415

    assert set(words.AXES_TITLES) == {kind.names[0] for kind in KINDS}
    assert set(words.BOUNDARY_TITLES) == set(BOUNDARIES)


@pytest.mark.parametrize("place", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_place_that_is_none(place, language):
    found = gs.explain(ARRAY, np.array([[[0.1, place]]]), padding_mode="mirror", language=language)
    assert ("no pixel is read" if language == "en" else "不读取任何像素") in str(found)
    assert found.taps == ()
    assert np.isnan(found.result[0])


@pytest.mark.parametrize(
    ("place", "coords", "said"),
    [((2.5, 1.0), "normalized", True), ((2.5, 1.0), "pixel", False), ((-2.5, 1.0), "normalized", False)],
)
def test_pixels_where_none_are_expected(place, coords, said):
    found = gs.explain(ARRAY, np.array([[place]]), coords=coords)
    assert ("If these coordinates are pixels, pass coords='pixel'" in str(found)) is said
    assert ("请使用 coords='pixel'" in found.table("zh")) is said


def test_a_place_far_outside():
    found = gs.explain(ARRAY, np.array([[[1e6, 0.0]]]), coords="pixel")
    assert "x = 1e+06 lies far outside: under zeros nothing changes beyond 11." in str(found)


def test_whole_numbers_are_said_to_be_rounded():
    found = gs.explain(ARRAY.astype("uint8"), CORNER, padding_mode="reflection")
    assert found.result == (47,)
    assert "uint8 holds whole numbers: the sum is rounded." in str(found)


def test_long_lists_say_what_they_leave_out():
    image = np.zeros((1, 7, 5, 7, 11))
    found = gs.explain(image, np.zeros((1, 1, 3)), 0, "lanczos", "border")
    rows = [line for line in str(found).splitlines() if line.startswith("[")]
    assert len(rows) == MOST_ROWS
    assert f"{6**3 - MOST_ROWS} taps of small weight are not shown" in str(found)
    assert f"{7 - MOST_CHANNELS} more channels are not shown" in str(found)
    largest = sorted((abs(tap.weight) for tap in found.taps), reverse=True)[:MOST_ROWS]
    assert sum(largest) > 0.9 * sum(abs(tap.weight) for tap in found.taps)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_html_is_well_formed_and_has_the_same_cells(record, language):
    record = gs.explain(ARRAY, CORNER, 0, **{**record.options, "language": language})
    page = ElementTree.fromstring(record._repr_html_())
    assert page.get("lang") == language
    steps, taps = page.findall("table")
    assert len(steps.findall("tbody/tr")) == 2
    assert len(taps.findall("tbody/tr")) == len(record.taps) + 1
    cells = {"".join(cell.itertext()) for cell in taps.iter("td")}
    assert {number(tap.weight) for tap in record.taps} <= cells
    assert number(record.blend[0]) in cells


def test_html_escapes_what_users_name():
    boundary = gs.Boundary("<script>&", lambda xp, index, size: (xp.clip(index, 0, size - 1), index < size))
    html = gs.explain(ARRAY, CORNER, padding_mode=boundary)._repr_html_()
    assert "<script>" not in html
    ElementTree.fromstring(html)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (np.float64(-0.0).item(), "0"), (1 / 3, "0.333333"), (True, "True"), (7, "7"), (1 - 2j, "1-2j")],
)
def test_numbers(value, text):
    assert number(value) == text
