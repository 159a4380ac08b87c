"""The ``gridsample`` command as a whole: help, version, info."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gridsample as gs
from gridsample.cli import main
from gridsample.cli.warp.arguments import NOTES
from gridsample.engines import cpu, support

EXAMPLES = [line.strip() for line in NOTES.splitlines() if line.startswith("  gridsample ")]


def leaves(*arguments):
    """Run a command that argparse ends, and return its exit code."""
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    return leaving.value.code


def test_help_has_examples(capsys):
    assert leaves("warp", "--help") == 0
    text = capsys.readouterr().out
    assert len(EXAMPLES) >= 3
    assert all(example in text for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_run(tmp_path, rng, example):
    """Each as a shell runs it."""
    from cli import picture_files as files  # noqa: PLC0415  (it skips the test where pyvips is missing)

    names = re.findall(r"[\w.]+\.(?:png|jpg|tif|webp)", example)
    read, written = (names, ["turned/c.jpg"]) if "--out-dir" in example else (names[:1], names[1:])
    for name in read:
        files.save(tmp_path / name, files.noise(rng))
    command = example.replace("gridsample", f"{shlex.quote(sys.executable)} -m gridsample", 1)
    here = {**os.environ, "PYTHONPATH": str(Path(gs.__file__).parents[1])}
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert all((tmp_path / name).exists() for name in written or ["turned/c.jpg"])


def test_version(capsys):
    assert leaves("--version") == 0
    assert capsys.readouterr().out == f"gridsample {gs.__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("wrap",), ("info", "more"), ("warp", "--sca", "2"), ("--loud",)])
def test_mistakes(capsys, arguments):
    assert leaves(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gridsample")
    assert err.count("\n") == 1
    assert "--help" in err


def test_info(capsys):
    assert main(["info"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line]
    told = {words[0]: words[1] for words in lines}
    assert told["gridsample"] == gs.__version__
    assert told["NumPy"] == np.__version__
    assert told["threads"] == str(gs.get_num_threads())
    assert told["instruction"] == f"set  {cpu.instruction_set()}"
    engines = [words[1].split()[0] for words in lines if words[0] == "engine"]
    assert engines == list(support())


def test_info_tells_what_is_installed(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    main(["info"])
    assert capsys.readouterr().out.count("not installed") == 8


def test_a_process_of_its_own():
    """It imports no library that it only names."""
    script = "import sys; from gridsample.cli import main; main(['info']); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    done = subprocess.run([sys.executable, "-m", "gridsample", "--version"], check=True, capture_output=True, text=True)
    assert done.stdout == f"gridsample {gs.__version__}{os.linesep}"
