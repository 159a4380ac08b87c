"""Memory: what a backward pass takes, and that nothing is left behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("memory_child.py")
MB = 2**20


def in_new_process(*arguments):
    """Return what a fresh process measured."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", str(CHILD), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of the resident set is reset there")
def test_one_image_under_many_grids():
    """The backward pass adds one image and one batch of grids, where torch adds an image for each grid."""
    ours, theirs = in_new_process("backward", "ours"), in_new_process("backward", "torch")
    print(f"extra memory of backward: ours {ours['extra'] / MB:.1f} MB, torch {theirs['extra'] / MB:.1f} MB")
    assert ours["extra"] < 2 * (ours["image"] + ours["grids"])
    assert theirs["extra"] > 64 * theirs["image"]  # else this test would see nothing


@pytest.mark.slow
@pytest.mark.parametrize("way", ["eager", "traced", "scripted", "compiled"])
def test_nothing_leaks(way):
    """5,000 calls of one shape and 600 of different shapes, forward and backward, against torch's own."""
    ours, theirs = in_new_process("leak", "ours", way), in_new_process("leak", "torch", way)
    grown = " and ".join(f"{which['grown'] / MB:.2f} MB" for which in (ours, theirs))
    print(f"{way}: the resident set grew by {grown}, with ours and with torch's")
    assert ours["grown"] - theirs["grown"] < 2 * MB


def test_a_leak_would_be_seen():
    assert in_new_process("leak", "leaking", "eager")["grown"] > 2 * MB
