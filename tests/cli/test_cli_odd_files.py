"""``gridsample warp`` as a new user would try it: on a folder of odd files, all at once."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import gridsample as gs
from cli import odd_files as odd
from cli.picture_files import load
from gridsample.cli import main

HERE = {**os.environ, "PYTHONPATH": str(Path(gs.__file__).parents[1])}
REFUSED = {
    "animated.png": "an animation (APNG) of 3 pictures",
    "two eyes.jpg": "several pictures (MPO)",
    "gain map.jpg": "a gain map (HDR)",
    "empty.png": "none of PNG, JPEG, TIFF or WebP",
    "text.jpg": "none of PNG, JPEG, TIFF or WebP",
    "cut.tif": "truncated TIFF",
    "complex.tif": "complex numbers",
}
SAID = {"palette.png": "colours of a palette to RGB", "described.jpg": "EXIF's thumbnail"}


def run(folder, *arguments):
    """Run the command in a folder, as a shell would."""
    command = [sys.executable, "-m", "gridsample", "warp", *arguments]
    return subprocess.run(command, cwd=folder, env=HERE, capture_output=True, text=True, check=False)


def test_a_folder_of_odd_files(tmp_path, rng):
    files = odd.folder(rng)
    assert len(files) >= 20
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = run(tmp_path, *files, "--out-dir", "turned", "--rotate", "90", "--expand")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert all(line.startswith("gridsample warp: ") for line in lines)
    for name, words in REFUSED.items():
        assert any(f"cannot read {name!r}" in line and words in line for line in lines), name
    for name, words in SAID.items():
        assert any(f"{name!r}: " in line and words in line for line in lines), name
    written = set(files) - set(REFUSED)
    assert (
        lines[-1]
        == f"gridsample warp: {len(written)} of {len(files)} pictures written to 'turned'; {len(REFUSED)} failed"
    )
    assert len(lines) == len(REFUSED) + len(SAID) + 1
    assert set(os.listdir(tmp_path / "turned")) == written
    assert {name: (tmp_path / name).read_bytes() for name in files} == files  # untouched

    back = run(tmp_path / "turned", *sorted(written), "--out-dir", "back", "--rotate", "-90", "--expand")
    assert back.returncode == 0
    for name in sorted(written - {"float64.tif", "lab8.tif"}):  # which libvips does not read
        before, after = load(tmp_path / name), load(tmp_path / "turned" / "back" / name)
        assert after.dtype == before.dtype, name
        if not name.endswith(".jpg"):  # whose colours are lost a little each time
            np.testing.assert_array_equal(after, before, err_msg=name)


def test_spoilt_files_end_in_one_line(tmp_path, rng, capsys):
    """Each odd file, cut or with some of its bytes changed: a picture or a line, and never anything half done."""
    path = tmp_path / "in"
    for name, content in odd.folder(rng).items():
        for spoil in range(6):
            spoilt = bytearray(content)
            if spoil % 2:
                del spoilt[int(rng.integers(len(content) + 1)) :]
            else:
                for at in rng.integers(0, min(len(content), 2000), 5) if content else ():
                    spoilt[at] = rng.choice([0, 1, 127, 255, rng.integers(256)])
            path.write_bytes(spoilt)
            target = tmp_path / ("out", "out.png", "out.tif")[spoil % 3]
            code = main(
                ["warp", str(path), str(target), "--rotate", "20", *(("--format", "webp") if spoil % 3 == 0 else ())]
            )
            said = capsys.readouterr().err.splitlines()
            assert all(line.startswith("gridsample warp: ") for line in said), name
            assert code == 0 or (code == 2 and said), name
            assert target.exists() == (code == 0), name
            target.unlink(missing_ok=True)
            assert os.listdir(tmp_path) == ["in"], name
