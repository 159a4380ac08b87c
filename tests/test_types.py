"""What type checkers say of calls: what is wrong is an error on its line, and nothing else is."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gridsample

SOURCE = str(Path(gridsample.__file__).parent.parent)

CALLS = """
from typing import TypeAlias, assert_type

import numpy as np
import numpy.typing as npt
import torch

import gridsample as gs
import gridsample.torch as gst

Single: TypeAlias = npt.NDArray[np.float32]
Double: TypeAlias = npt.NDArray[np.float64]

def calls(x: Single, g: Double, i: npt.NDArray[np.int64], t: torch.Tensor, p: torch.nn.Parameter) -> None:
    assert_type(gs.grid_sample(x, g), Single)
    assert_type(gs.grid_sample(x, g, "bicubic", "reflection", None, coords="pixel", channels="last", out=x), Single)
    assert_type(gs.grid_splat(g, x, (1, 1, 4), gs.Keys(-0.5), "wrap"), Double)
    assert_type(gs.affine_grid(g, (1, 1, 4)), Double)
    assert_type(gs.grid_sample(t, t, gs.Lanczos(3)), torch.Tensor)
    assert_type(gs.grid_sample(p, t, ("linear", gs.Keys(-0.5)), ("border", "zeros")), torch.Tensor)
    assert_type(gs.grid_splat(t, p, [1, 1, 4]), torch.Tensor)
    assert_type(gst.GridSample("bilinear", coords="pixel")(t, t), torch.Tensor)
    assert_type(gs.grid_sample(i, g, "nearest"), npt.NDArray[np.int64])
    gs.grid_sample(t, "grid")  # refused
    gs.grid_sample(t, x)  # refused
    gs.grid_sample(x, t)  # refused
    gs.grid_sample(x, i)  # refused
    gs.grid_sample(x, 1)  # refused
    gs.grid_sample(x, g, "bicubick")  # refused
    gs.grid_sample(x, g, 3)  # refused
    gs.grid_sample(x, g, ("linear", "cubi"))  # refused
    gs.grid_sample(x, g, "linear", "reflect")  # refused
    gs.grid_sample(x, g, "linear", gs.Keys())  # refused
    gs.grid_sample(x, g, coords="pixels")  # refused
    gs.grid_sample(x, g, channels="middle")  # refused
    gs.grid_sample(t, t, out=t)  # refused
    gs.grid_splat(x, i, (1, 1, 4))  # refused
    gs.grid_splat(x, g, 4)  # refused
    gs.affine_grid(i, (1, 1, 4))  # refused
    gs.affine_grid("theta", (1, 1, 4))  # refused
    gst.GridSample("bilinear")("image", t)  # refused
    gst.GridSample("bilinear")(x, g)  # refused
    gst.GridSample("area")  # refused
"""

REFUSED = {number for number, line in enumerate(CALLS.splitlines(), 1) if line.endswith("# refused")}


@pytest.fixture
def program(tmp_path):
    """The calls as a file."""
    path = tmp_path / "calls.py"
    path.write_text(CALLS)
    return path


def run(command, directory):
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    # A checker finds an installed package by itself, and mypy refuses to be shown where.
    if "site-packages" not in SOURCE:
        environment["MYPYPATH"] = SOURCE
    done = subprocess.run(command, capture_output=True, text=True, cwd=directory, env=environment, check=False)
    return done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("mypy") or not importlib.util.find_spec("torch"), reason="needs both")
def test_mypy(program):
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    told, broken = run([*command, "--follow-imports=silent", program.name], program.parent)
    assert not broken
    lines = {int(line) for line in re.findall(r"^calls\.py:(\d+): error", told, re.MULTILINE)}
    assert lines == REFUSED, told


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("pyright"), reason="needs pyright")
def test_pyright(program):
    (program.parent / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [SOURCE], "pythonVersion": "3.11"}))
    told, _ = run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, program.name], program.parent
    )
    found = json.loads(told)["generalDiagnostics"]
    lines = {entry["range"]["start"]["line"] + 1 for entry in found if entry["severity"] == "error"}
    assert lines == REFUSED, told
