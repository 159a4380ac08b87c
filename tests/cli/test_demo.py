"""The demo: the numbers agree, and the sheet is made."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def examples(monkeypatch):
    """Let the examples be imported as when they are run."""
    monkeypatch.syspath_prepend(EXAMPLES)


def test_columns_of_the_experiment_agree():
    import experiment  # noqa: PLC0415  (found by the fixture)

    lines = experiment.report().splitlines()
    rows = [line.split()[-len(experiment.samplers()) :] for line in lines if re.search(r"\.\d{5}$", line)]
    assert len(rows) == 5 + 9
    values = np.array(rows, dtype=float)
    # each value is printed with five digits after the point, and comes from float32 values below 100
    assert np.abs(values - values[:, :1]).max() <= 1e-5 + 16 * np.spacing(np.float32(100))


def test_contact_sheet(tmp_path, monkeypatch, capsys):
    pytest.importorskip("PIL")
    import demo  # noqa: PLC0415  (found by the fixture)
    from PIL import Image  # noqa: PLC0415  (only if it is installed)

    path = tmp_path / "new" / "sheet.png"
    monkeypatch.setattr(sys, "argv", ["demo.py", "--sheet", str(path)])
    demo.main()
    assert str(path) in capsys.readouterr().out
    with Image.open(path) as sheet:
        pixels = np.asarray(sheet)
    height, width, _ = pixels.shape
    middles = pixels[:, 24 + 138 :: 292]  # down the middle of each of the four columns
    assert width == 1200
    assert all(len(np.unique(column, axis=0)) > height / 10 for column in middles.transpose(1, 0, 2))  # not blank
