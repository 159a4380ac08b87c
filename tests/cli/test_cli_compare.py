"""``gridsample compare``: everything beside the reference; and ``gridsample completion``."""

import importlib.util
import re
import shutil
import subprocess

import numpy as np
import pytest

import gridsample as gs
from gridsample.cli import main
from gridsample.cli.compare import measuring, peers
from gridsample.engines import ENGINES

FAST = ["--size", "13x11", "--checked", "50"]


@pytest.fixture(autouse=True)
def _once(monkeypatch):
    monkeypatch.setattr(measuring, "CALLS", 1)


def compare(capsys, *arguments):
    """Run the command, and return what each line of its table says: the difference, or the reason."""
    assert main(["compare", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = [re.split(r"\s{2,}", line) for line in out.split("\n\n", 1)[1].splitlines()]
    return out, {cells[0]: cells[1:] for cells in lines if cells[0]}


def difference(row):
    """Return the difference that a line says."""
    return float(row[1])


def test_every_engine_and_every_peer_has_its_line(capsys):
    out, table = compare(capsys, *FAST)
    names = ["reference", *(f"gridsample, {engine.name}" for engine in ENGINES), *(peer.name for peer in peers.PEERS)]
    assert list(table) == names
    assert out.startswith("143 places in 13x11 pixels of float32, 3 channels\nbilinear, zeros, align_corners=False\n\n")
    assert table["reference"][1] == "at 50 places"
    assert all(difference(table[f"gridsample, {engine.name}"]) < 1e-5 for engine in ENGINES)


MODES = ("nearest", "linear", "cubic", "lanczos", "bspline")


@pytest.mark.parametrize("size", ["17", "13x11", "7x6x5"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", ["zeros", "border", "mirror", "symmetric", "wrap"])
def test_who_answers_is_right(capsys, size, mode, padding):
    """In float64 all agree but for rounding, with two exceptions.

    OpenCV has weights for 32 places between two pixels in float64; float32 is tested below. Other libraries filter
    the edges of splines in their own ways under zeros and border, and SciPy's are not exact on short axes.
    """
    _, table = compare(
        capsys, "--size", size, "--mode", mode, "--padding", padding, "--dtype", "float64", "--checked", "60"
    )
    answers = {name: difference(row) for name, row in table.items() if re.fullmatch(r"[\d.e-]+", row[1])}
    assert {f"gridsample, {engine.name}" for engine in ENGINES} <= set(answers)
    for name, found in answers.items():
        own_edges = mode == "bspline" and padding in ("zeros", "border")
        if name.startswith("gridsample") or (name != "OpenCV" and not own_edges):
            assert found < (1e-5 if name == "SciPy" and mode == "bspline" else 1e-10), name


@pytest.mark.parametrize(
    ("name", "module", "mode", "padding", "align"),
    [
        ("torch", "torch", "bilinear", "reflection", True),
        ("torch", "torch", "bicubic", "border", False),
        ("OpenCV", "cv2", "bicubic", "mirror", False),
        ("SciPy", "scipy", "bspline", "symmetric", False),
        ("torch-interpol", "interpol", "bilinear", "wrap", True),
    ],
)
def test_peers_answer_what_they_can(capsys, name, module, mode, padding, align):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"needs {module}")
    _, table = compare(capsys, *FAST, "--mode", mode, "--padding", padding, *(["--align-corners"] if align else []))
    assert difference(table[name]) < 1e-4


def test_reasons_are_given(capsys, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "scipy" else real(name))
    _, table = compare(capsys, *FAST, "--mode", "lanczos", "linear", "--padding", "wrap")
    assert table["SciPy"] == ["not installed"]
    assert "one kernel and boundary for all axes" in " ".join(table["torch"])


def test_a_wrong_answer_is_seen(capsys, monkeypatch):
    class Wrong(type(ENGINES[0])):
        def pull(self, *arguments):
            return super().pull(*arguments) + 0.25

    wrong = Wrong()
    wrong.name = "wrong"
    monkeypatch.setattr(measuring, "ENGINES", (*ENGINES, wrong))
    _, table = compare(capsys, *FAST)
    assert difference(table["gridsample, wrong"]) == pytest.approx(0.25, abs=0.01)


def test_a_typed_array_and_a_picture(capsys, tmp_path, rng):
    out, table = compare(capsys, "85 63 51; 30 4 7", "--mode", "nearest", "--dtype", "float16")
    assert out.startswith("6 places in 3x2 pixels of float16, 1 channel\n")
    assert difference(table["gridsample, cpu"]) == 0
    files = pytest.importorskip("cli.picture_files", exc_type=ImportError)
    path = files.save(tmp_path / "in.png", files.noise(rng))
    out, _ = compare(capsys, str(path))
    assert out.startswith("143 places in 13x11 pixels of float32, 3 channels\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "0x3"], "must be W, WxH or WxHxD"),
        (["--checked", "0"], "whole number from 1 on"),
        (["--dtype", "uint8"], "invalid choice"),
        (["--mode", "linear", "nearest", "linear"], "one for each axis"),
        (["nothing.png"], "IN must be an array"),
    ],
)
def test_refusals(capsys, arguments, words):
    try:
        code = main(["compare", *arguments])
    except SystemExit as leaving:
        code = leaving.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_peers_are_asked_for_the_same_places():
    class Options:
        mode, padding, align_corners, dtype, input, size, seed = (
            ["linear"],
            ["border"],
            True,
            "float64",
            None,
            (7, 5),
            0,
        )

    job = measuring.job_of(Options)
    expected = np.moveaxis(gs.to_pixels(job.grid[0], (5, 7), True), -1, 0)[::-1]
    np.testing.assert_allclose(job.positions, expected, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------- completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_scripts_know_commands_and_options(capsys, shell):
    pytest.importorskip("shtab")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("warp", "explain", "compare", "completion", "padding", "symmetric"):
        assert word in script


def completed(script, line):
    """Return what bash offers for a line."""
    words = line.split(" ")
    ask = f"""
COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1}
COMP_LINE='{line}'
COMP_POINT={len(line)}
function=$(complete -p gridsample | sed -E 's/.*-F ([^ ]+) .*/\\1/')
$function gridsample "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", script + ask], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_bash_completes(capsys, tmp_path, monkeypatch):
    pytest.importorskip("shtab")
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    main(["completion", "bash"])
    script = capsys.readouterr().out
    assert {"explain", "compare", "completion", "info", "warp"} <= completed(script, "gridsample ")
    assert completed(script, "gridsample expl") == {"explain", "explore"}
    assert {"--mode", "--padding", "--language"} <= completed(script, "gridsample explain --")
    assert completed(script, "gridsample explain --language ") == {"en", "zh"}
    (tmp_path / "some.png").touch()
    monkeypatch.chdir(tmp_path)
    assert completed(script, "gridsample explain so") == {"some.png"}
    assert completed(script, "gridsample warp some.png so") == {"some.png"}


def test_what_is_missing_is_said(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert 'pip install "gridsample[cli]"' in capsys.readouterr().err
