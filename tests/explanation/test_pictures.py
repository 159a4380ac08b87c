"""Pictures: what is drawn, compared with stored ones; and what happens without Matplotlib, or without a font.

``python -m tests.explanation.test_pictures`` from the root draws the stored ones anew; look at them before you keep
them.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import gridsample as gs

mpl = pytest.importorskip("matplotlib")
mpl.use("agg")

from matplotlib import pyplot as plt  # noqa: E402  (after the choice of what it draws with)

from gridsample.explanation import drawing  # noqa: E402
from gridsample.explanation.curves import response, spectrum  # noqa: E402
from gridsample.explanation.window import FEW_CELLS, MOST_CELLS, span_of  # noqa: E402

STORED = Path(__file__).parent / "pictures"
STYLE = {"font.family": "DejaVu Sans", "savefig.dpi": 50, "text.hinting": "none"}
FARTHEST = 5.0  # root mean square, of 255: letters may be drawn a little differently; a line that is missing makes more

ARRAY = np.array([[85, 63, 51, 26], [30, 4, 7, 1], [17, 81, 64, 91], [50, 60, 97, 72]], "float32")[None, None]
CORNER = np.array([[[-1.2, 1.3]]])
ROW = np.array([[[10.0, 40, 20, 30, 70]]])
VOLUME = np.arange(2.0 * 3 * 4).reshape(1, 1, 2, 3, 4)


def explained(*arguments, **options):
    """Return a function that draws a record."""
    return lambda: gs.explain(*arguments, **options).plot()


def waves():
    """Return a picture and a grid that bends it."""
    y, x = np.mgrid[:21, :31].astype(float)
    picture = np.stack([x / 30, y / 20, (x + y) % 2], -1)[None]
    return picture, np.stack([x + np.sin(y / 3) - 2, y + 2 * np.cos(x / 5)], -1)[None]


PICTURES = {
    "folded": explained(ARRAY, CORNER, padding_mode="reflection"),
    "nothing": explained(ARRAY, CORNER, 0, "bicubic"),
    "resolved": explained(ARRAY, CORNER, 0, "bicubic", "mirror"),
    "undefined": explained(ARRAY, np.array([[[np.nan, 0.0]]]), padding_mode="border"),
    "row": explained(ROW, np.array([[[0.9]]]), 0, "lanczos", "border"),
    "far": explained(
        np.arange(9e4).reshape(1, 1, 300, 300), np.array([[[-250.25, 80.5]]]), 0, "linear", "mirror", coords="pixel"
    ),
    "volume": explained(VOLUME, np.array([[[0.3, 0.2, -1.1]]]), 0, "linear", "border"),
    "grid": lambda: gs.plot_grid(*waves(), coords="pixel", channels="last", lines=9),
    "kernel": lambda: gs.plot_kernel(["nearest", "linear", gs.Keys(-0.5), "lanczos", "bspline"])[0],
    "boundary": lambda: gs.plot_boundary("mirror", "cubic"),
}


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context(STYLE):
        yield
        plt.close("all")


@pytest.mark.parametrize("name", PICTURES)
def test_it_looks_as_it_did(name, tmp_path):
    from matplotlib.testing.compare import compare_images  # noqa: PLC0415

    path = tmp_path / f"{name}.png"
    PICTURES[name]().figure.savefig(path)
    difference = compare_images(STORED / f"{name}.png", path, FARTHEST)
    assert difference is None, difference


@pytest.mark.parametrize("name", PICTURES)
def test_the_comparison_sees_a_missing_line(name, tmp_path):
    from matplotlib.testing.compare import compare_images  # noqa: PLC0415

    ax = PICTURES[name]()
    for line in [*ax.lines, *ax.patches]:
        line.remove()
    path = tmp_path / f"{name}.png"
    ax.figure.savefig(path)
    assert compare_images(STORED / f"{name}.png", path, FARTHEST) is not None


def texts(ax):
    """Return all that is written in axes."""
    return [text.get_text() for text in ax.texts]


def test_cells_have_their_values_and_taps_their_weights():
    ax = gs.explain(ARRAY, CORNER, padding_mode="reflection").plot()
    written = texts(ax)
    assert {str(int(value)) for value in ARRAY.ravel()} <= set(written)
    assert written.count("×0.1") == written.count("×0.9") == 1
    assert ax.get_title(loc="left").endswith("0.1 × 17 + 0.9 × 50 = 46.7")


def test_cells_outside_have_what_the_boundary_makes_of_them():
    """One row of cells around the array, or more, in which each has the value that padding puts there."""
    ax = gs.explain(ROW, np.array([[[-2.0]]]), 0, "cubic", "mirror", coords="pixel").plot()
    values = {round(text.get_position()[0]): text.get_text() for text in ax.texts if text.get_text().isdigit()}
    padded = np.pad(ROW[0, 0], (5, 5), "reflect")
    assert ax.get_xlim()[0] <= -4
    assert all(values[i] == f"{padded[i + 5]:g}" for i in range(-4, 6) if abs(i + 2) > 0.5)


def test_cells_outside_hold_nothing_under_zeros():
    ax = gs.explain(ROW, np.array([[[-2.0]]]), 0, "cubic", coords="pixel").plot()
    outside = [text.get_text() for text in ax.texts if text.get_text().isdigit() and text.get_position()[0] < -0.5]
    assert len(outside) >= 4
    assert set(outside) == {"0"}


@pytest.mark.parametrize("channel", [0, 1, -1])
def test_the_channel_is_the_callers(channel):
    image = np.concatenate([ARRAY, ARRAY + 100, ARRAY + 200], 1)
    ax = gs.explain(image, CORNER, padding_mode="border").plot(channel=channel)
    assert f"{50 + 100 * (channel % 3)}" in texts(ax)
    assert f"[{channel % 3}]" in ax.get_title(loc="left")


@pytest.mark.parametrize("channel", [1, -2])
def test_a_channel_that_there_is_not(channel):
    with pytest.raises(IndexError, match=f"one of 1; got {channel}"):
        gs.explain(ARRAY, CORNER).plot(channel=channel)


MODES = {
    1: ("nearest", "lanczos", "bspline"),
    2: ("nearest", "lanczos", "bspline"),
    3: ("linear", "cubic"),
    4: ("linear",),
}


@pytest.mark.parametrize("axes", MODES)
@pytest.mark.parametrize("place", [0.2, -1.3, 7.0, 1e9, np.nan])
def test_anything_can_be_drawn(rng, axes, place):
    image = rng.uniform(-1, 1, (1, 1, 3, 4, 2, 5)[: axes + 2])
    for i, mode in enumerate(MODES[axes]):
        padding = ("zeros", "wrap", "mirror", "border")[(i + axes) % 4]
        ax = gs.explain(image, np.full((1, 1, axes), place), 0, mode, padding).plot()
        ax.figure.canvas.draw()


@pytest.mark.parametrize("dtype", ["uint8", "complex64", "float16", "bool"])
def test_any_dtype_can_be_drawn(dtype):
    mode = "nearest" if dtype == "bool" else "linear"
    gs.explain(ARRAY.astype(dtype), CORNER, 0, mode, "border").plot().figure.canvas.draw()


def test_a_span_shows_all_taps_and_never_too_much(rng):
    image = rng.uniform(-1, 1, (1, 1, 40, 3))
    for place in rng.uniform(-2.5, 2.5, (50, 2)):
        found = gs.explain(image, place[None, None], 0, "lanczos", "wrap")
        for axis in found.axes:
            span = span_of(axis, 2)
            assert span.length <= MOST_CELLS[2]
            assert all(span.low <= tap.index <= span.high for tap in axis.taps)
            assert span_of(axis, 3).length <= max(FEW_CELLS, len(axis.taps))


def test_the_callers_axes_are_drawn_into():
    _, (left, right) = plt.subplots(1, 2)
    assert gs.explain(ARRAY, CORNER).plot(right) is right
    assert gs.plot_boundary("wrap", ax=left) is left
    assert gs.plot_kernel("lanczos", axes=(left, right)) == (left, right)
    assert len(plt.get_fignums()) == 1


# ------------------------------------------------------------------------------------------------ grids and kernels


def test_the_mesh_lies_where_sampling_reads():
    """A grid in normalized coordinates, with a place that is none: its line breaks there."""
    picture = np.zeros((1, 1, 5, 7))
    theta = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    grid = gs.affine_grid(theta, picture.shape)
    grid[0, 2, 3] = np.nan
    ax = gs.plot_grid(picture, grid, lines=100)
    rows, columns = ax.lines[:5], ax.lines[5:]
    assert len(columns) == 7
    np.testing.assert_allclose(rows[1].get_xdata(), np.arange(7), atol=1e-12)
    np.testing.assert_allclose(columns[4].get_xdata(), 4, atol=1e-12)
    assert np.isnan(rows[2].get_xdata()[3])
    assert np.isnan(columns[3].get_ydata()[2])


@pytest.mark.parametrize("lines", [2, 4, 9])
def test_the_mesh_has_so_many_lines_and_both_ends(lines):
    picture, grid = waves()
    ax = gs.plot_grid(picture, grid, coords="pixel", channels="last", lines=lines)
    assert len(ax.lines) <= 2 * lines + 2
    first, last = grid[0, 0], grid[0, -1]
    drawn = [line.get_xydata() for line in ax.lines]
    assert any(np.array_equal(line, first) for line in drawn)
    assert any(np.array_equal(line, last) for line in drawn)


def test_relative_grids_and_points():
    picture, grid = waves()
    flow = grid - np.stack(np.meshgrid(np.arange(31.0), np.arange(21.0)), -1)
    drawn = [gs.plot_grid(picture, g, coords=c, channels="last") for g, c in ((grid, "pixel"), (flow, "relative"))]
    for absolute, relative in zip(*(ax.lines for ax in drawn), strict=True):
        np.testing.assert_allclose(absolute.get_xydata(), relative.get_xydata(), atol=1e-12)
    assert len(gs.plot_grid(picture, grid.reshape(1, -1, 2), channels="last", coords="pixel").lines) == 1


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"lines": 1}, ValueError, "at least 2"),
        ({"entry": 1}, IndexError, "one of N = 1"),
        ({"coords": "metres"}, ValueError, "coords must be one of"),
        ({"language": "fr"}, ValueError, "language must be one of"),
    ],
)
def test_wrong_grids(change, error, words):
    picture, grid = waves()
    with pytest.raises(error, match=words):
        gs.plot_grid(picture, grid, **{"coords": "pixel", "channels": "last", **change})


def test_a_volume_is_no_picture():
    with pytest.raises(ValueError, match="two spatial axes"):
        gs.plot_grid(VOLUME, np.zeros((1, 2, 3, 3)))


@pytest.mark.parametrize(("mode", "taps"), [("linear", 2), ("cubic", 4), ("lanczos", 6), (gs.BSpline(4, False), 5)])
def test_the_curve_is_the_weights(mode, taps):
    """At a position, the curve at the distances of the taps is what they weigh; and the sum is 1."""
    image = np.zeros((1, 1, 31))
    found = gs.explain(image, np.array([[[15.3]]]), 0, mode, coords="pixel").axes[0]
    distances = found.folded - np.array([tap.index for tap in found.taps])
    from gridsample.spec import check_kernel  # noqa: PLC0415

    assert len(found.taps) == taps
    np.testing.assert_allclose(response(check_kernel(mode), distances), [tap.weight for tap in found.taps], atol=1e-12)


def test_frequencies_are_known_ones():
    """A box gives a sinc, a triangle its square, and what is constant is kept by all."""
    frequencies = np.linspace(0, 2, 41)
    np.testing.assert_allclose(spectrum(gs.Nearest(), frequencies), np.sinc(frequencies), atol=1e-3)
    np.testing.assert_allclose(spectrum(gs.Linear(), frequencies), np.sinc(frequencies) ** 2, atol=1e-3)
    for kernel in (gs.Keys(), gs.Lanczos(3), gs.Mitchell(), gs.BSpline(3)):
        assert spectrum(kernel, [0.0]) == pytest.approx(1, abs=1e-4)


def test_of_a_kernel_that_is_not_even_the_magnitude_is_drawn():
    class Before(gs.Kernel):
        taps = 1
        has_slopes = False

        def place(self, xp, position):
            return xp.floor(position), position - xp.floor(position)

        def weights(self, xp, t, order):  # noqa: ARG002  (a kernel takes all three)
            return [xp.ones_like(t)]

    frequencies = np.linspace(0, 2, 41)
    np.testing.assert_allclose(spectrum(Before(), frequencies), abs(np.sinc(frequencies)), atol=1e-2)


def test_cells_outside_hold_the_fill_value():
    options = {"padding_mode": "fill", "fill_value": 9.0, "coords": "pixel"}
    ax = gs.explain(ROW, np.array([[[-2.0]]]), 0, "cubic", **options).plot()
    outside = [text.get_text() for text in ax.texts if text.get_text().isdigit() and text.get_position()[0] < -0.5]
    assert set(outside) == {"9"}


def test_a_filled_place_says_so():
    ax = gs.explain(ARRAY, CORNER, padding_mode="border", outside="fill", fill_value=7.0).plot()
    assert "fill value: 7" in texts(ax)
    ax.figure.canvas.draw()


@pytest.mark.parametrize("name", ["zeros", "fill", "border", "mirror", "symmetric", "wrap"])
def test_a_boundary_is_drawn_as_numpy_pads(name):
    numpy_name = {"zeros": "constant", "fill": "constant", "border": "edge", "mirror": "reflect"}.get(name, name)
    constant = {"constant_values": 6.0} if name == "fill" else {}
    ax = gs.plot_boundary(name, "nearest", values=(3.0, 5, 1, 4), fill_value=6.0)
    bars = sorted((bar.get_x() + 0.5, bar.get_height()) for bar in ax.patches)
    np.testing.assert_allclose([height for _, height in bars], np.pad([3.0, 5, 1, 4], 5, numpy_name, **constant))
    (line,) = (line for line in ax.lines if len(line.get_xdata()) > 100)
    middle = np.isin(line.get_xdata().round(6), [x for x, _ in bars])
    np.testing.assert_allclose(line.get_ydata()[middle], [height for _, height in bars])


@pytest.mark.parametrize("values", [(), (1.0, np.nan), [[1.0, 2.0]]])
def test_wrong_rows(values):
    with pytest.raises(ValueError, match="row of finite numbers"):
        gs.plot_boundary(values=values)


def test_no_kernel():
    with pytest.raises(ValueError, match="got none"):
        gs.plot_kernel([])
    with pytest.raises(ValueError, match="mode must be one of"):
        gs.plot_kernel("foo")


# -------------------------------------------------------------------------------------- languages, and what is missing


@pytest.fixture
def no_chinese(monkeypatch):
    monkeypatch.setattr(drawing, "CHINESE", ("No Such Font",))
    drawing.chinese_font.cache_clear()
    yield
    drawing.chinese_font.cache_clear()


def test_chinese_where_there_is_a_font():
    if drawing.chinese_font() is None:
        pytest.skip("no font with Chinese is installed")
    ax = gs.explain(ARRAY, CORNER, padding_mode="reflection", language="zh").plot()
    assert "双线性插值" in ax.get_title(loc="left")
    assert ax.get_xlabel() == "x（像素）"
    with warnings.catch_warnings(action="error"):  # of letters that no font has
        ax.figure.canvas.draw()
        gs.plot_kernel(["linear", "bspline"], language="zh")[0].figure.canvas.draw()
        gs.plot_boundary("symmetric", language="zh").figure.canvas.draw()
        gs.plot_grid(*waves(), coords="pixel", channels="last", language="zh").figure.canvas.draw()


@pytest.mark.usefixtures("no_chinese")
def test_english_and_a_warning_where_there_is_none():
    with pytest.warns(UserWarning, match="no font with Chinese characters, so the picture is in English"):
        ax = gs.explain(ARRAY, CORNER, language="zh").plot()
    assert ax.get_title(loc="left").startswith("Bilinear")
    with pytest.warns(UserWarning, match="fonts-noto-cjk"):
        gs.plot_boundary(language="zh")


@pytest.mark.parametrize("draw", [PICTURES["row"], PICTURES["grid"], PICTURES["kernel"], PICTURES["boundary"]])
def test_without_matplotlib_it_is_said_what_to_install(draw, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "gridsample\[plot\]"'):
        draw()


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        for name, draw in PICTURES.items():
            draw().figure.savefig(STORED / f"{name}.png", metadata={"Software": None})
            plt.close("all")
