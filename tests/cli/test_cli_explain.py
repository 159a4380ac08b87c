"""``gridsample explain``: arrays and pictures, tables and drawings."""

import io

import numpy as np
import pytest

import gridsample as gs
from gridsample.cli import given, main
from gridsample.cli.explain import NOTES

TYPED = "85 63 51 26; 30 4 7 1; 17 81 64 91; 50 60 97 72"
ARRAY = np.array([[85, 63, 51, 26], [30, 4, 7, 1], [17, 81, 64, 91], [50, 60, 97, 72]], float)[None, None]


def explain(capsys, *arguments):
    """Run the command, and return what it prints."""
    assert main(["explain", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys, *arguments):
    """Run the command, which must refuse, and return its one line."""
    try:
        code = main(["explain", *arguments])
    except SystemExit as leaving:
        code = leaving.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    return err


def test_a_typed_array(capsys):
    out = explain(capsys, TYPED, "--at", "-1.2", "1.3", "--padding", "reflection")
    expected = gs.explain(ARRAY, np.array([[[-1.2, 1.3]]]), padding_mode="reflection")
    assert out == f"{expected}\n"


def test_all_options(capsys):
    options = ["--mode", "linear", "keys(-0.5)", "--padding", "wrap", "mirror", "--coords", "pixel", "--align-corners"]
    more = ["--derivative", "0", "1", "--language", "zh", "--dtype", "float32"]
    out = explain(capsys, TYPED, "--at", "-1.2", "1.3", *options, *more)
    called = {"coords": "pixel", "derivative": (0, 1), "language": "zh"}
    mode, padding = ("linear", "keys(-0.5)"), ("wrap", "mirror")
    place = np.array([[[-1.2, 1.3]]])
    assert out == f"{gs.explain(ARRAY.astype('float32'), place, 0, mode, padding, True, **called)}\n"


def test_the_fill_value(capsys):
    options = ["--padding", "fill", "--fill-value", "8", "--coords", "pixel"]
    assert "result  9.5" in explain(capsys, "10 20 30", "--at", "-0.25", *options)
    options = ["--padding", "border", "--outside", "fill", "--fill-value", "nan", "--coords", "pixel"]
    assert "result  nan" in explain(capsys, "10 20 30", "--at", "-0.75", *options)
    assert "result  7" in explain(capsys, "1 2", "--at", "nan", "--nan-places", "fill", "--fill-value", "7")
    assert "fill_value 7.0 would not be used" in refused(capsys, "1 2", "--at", "0", "--fill-value", "7")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2 3", [1, 2, 3]),
        ("-1, 2.5,3e2", [-1, 2.5, 300]),
        ("7", [7]),
        ("1 2; 3 4", [[1, 2], [3, 4]]),
        ("1 2; 3 4;; 5 6; 7 8", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
        ("1;2;3", [[1], [2], [3]]),
        ("[[1, 2, 3]]", [[1, 2, 3]]),
        ("[[[[1], [2]]]]", [[[[1], [2]]]]),
        ("1 nan inf", [1, np.nan, np.inf]),
    ],
)
def test_what_can_be_typed(text, expected):
    np.testing.assert_array_equal(given.typed(text), expected, strict=False)
    assert given.typed(text).shape == np.shape(expected)


@pytest.mark.parametrize("text", ["", "cat.jpg", "1 2; 3", "[1, [2]]", "[]", "1 two", "[1", '{"a": 1}', ";"])
def test_what_is_no_array(capsys, text):
    assert "IN must be an array" in refused(capsys, text, "--at", "0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1 2"], "--at"),
        (["1 2", "--at", "0", "0"], "--at must have 1 number, x first"),
        (["1 2; 3 4", "--at", "0"], "--at must have 2 numbers"),
        (["1 2", "--at", "x"], "invalid float"),
        (["1 2", "--at", "0", "--mode", "keys(x)"], "invalid choice"),
        (["1 2", "--at", "0", "--mode", "lanczos(9)"], "invalid choice"),
        (["1 2", "--at", "0", "--mode", "linear", "linear"], "one for each axis"),
        (["1 2", "--at", "0", "--derivative", "1", "--mode", "nearest"], "no derivative"),
        (["1 2.5", "--at", "0", "--dtype", "uint8"], "--dtype uint8 cannot hold"),
        (["1 300", "--at", "0", "--dtype", "uint8"], "--dtype uint8 cannot hold"),
        (["1 2", "--at", "0", "--out", "x.gif"], "must end in one of .png, .svg, .pdf"),
        (["1 2", "--at", "0", "--out", "nowhere/x.png"], "cannot write 'nowhere/x.png': No such file"),
        (["1 2", "--at", "0", "--out", "x.png", "--channel", "3"], "channel must be one of 1; got 3"),
    ],
)
def test_refusals(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert words in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_pixel_of_a_picture(capsys, tmp_path, rng):
    files = pytest.importorskip("cli.picture_files", exc_type=ImportError)
    pixels = files.noise(rng)
    path = files.save(tmp_path / "in.png", pixels)
    out = explain(capsys, str(path), "--at", "3.25", "2.5", "--coords", "pixel", "--mode", "bicubic")
    image = np.moveaxis(pixels, -1, 0)[None]
    assert out == f"{gs.explain(image, np.array([[[3.25, 2.5]]]), 0, 'bicubic', coords='pixel')}\n"


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".PDF", b"%PDF")])
def test_drawings(capsys, tmp_path, ending, start):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"out{ending}"
    assert explain(capsys, TYPED, "--at", "0.2", "0.3", "--out", str(path)) == ""
    assert path.read_bytes().startswith(start)


def test_drawings_need_matplotlib(capsys, tmp_path, monkeypatch):
    from gridsample.explanation import drawing  # noqa: PLC0415

    def missing(module):
        raise ModuleNotFoundError('pictures need Matplotlib: pip install "gridsample[plot]"', name=module)

    monkeypatch.setattr(drawing, "matplotlib", missing)
    line = refused(capsys, TYPED, "--at", "0.2", "0.3", "--out", str(tmp_path / "x.png"))
    assert 'pip install "gridsample[plot]"' in line


class Terminal(io.StringIO):
    """What a terminal is to the command."""

    encoding = "utf-8"

    def isatty(self):
        """Say yes."""
        return True


@pytest.mark.parametrize(
    ("environment", "expected"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_are_for_terminals(monkeypatch, environment, expected):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    assert main(["explain", TYPED, "--at", "0.2", "0.3"]) == 0
    assert ("\033[" in screen.getvalue()) is expected


def test_an_output_that_lacks_letters(monkeypatch):
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", screen)
    assert main(["explain", "1 2", "--at", "0", "--language", "zh"]) == 0


@pytest.mark.parametrize("example", [line for line in NOTES.splitlines() if line.startswith("  gridsample ")])
def test_examples_run(capsys, tmp_path, monkeypatch, rng, example):
    import shlex  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    if "cat.jpg" in example:
        files = pytest.importorskip("cli.picture_files", exc_type=ImportError)
        files.save(tmp_path / "cat.jpg", files.noise(rng, size=(140, 60)))
    if "--out" in example:
        pytest.importorskip("matplotlib")
        monkeypatch.setattr("gridsample.explanation.drawing.chinese_font", lambda: "DejaVu Sans")
        monkeypatch.setattr("gridsample.cli.explain.draw", lambda *_: None)
    assert main(shlex.split(example)[1:]) == 0
    capsys.readouterr()
