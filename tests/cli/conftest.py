"""Fixtures of the tests of ``gridsample warp``."""

import pytest

from gridsample.cli import main

TURN = ("--rotate", 90, "--expand")


@pytest.fixture
def turned(tmp_path, capsys):
    """Return a function that turns a file by a quarter, and returns what it wrote and what it said."""

    def run(content, ending, target=None, *options):
        source, target = tmp_path / f"in{ending}", tmp_path / f"out{target or ending}"
        source.write_bytes(content)
        assert main(["warp", str(source), str(target), *map(str, options or TURN)]) == 0
        return target.read_bytes(), capsys.readouterr().err

    return run


@pytest.fixture
def refusal(capsys):
    """Return a function that returns why a file is not warped, in its own place if there is no other."""

    def run(path, target=None, *options):
        before = path.read_bytes()
        assert main(["warp", str(path), str(target or path), *map(str, options or TURN)]) == 2
        assert path.read_bytes() == before
        return capsys.readouterr().err

    return run
