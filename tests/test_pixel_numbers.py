"""Pixels given for -1...1: the most frequent mistake of beginners gives an array of zeros, and one warning."""

import subprocess
import sys

import pytest

CALL = """
import warnings
import numpy as np
import gridsample as gs
image = np.ones((1, 1, 23, 29))
y, x = np.mgrid[:23, :29].astype(float)
warnings.simplefilter("always")
"""


def warnings_of(code):
    """Return what a fresh interpreter says of some calls."""
    run = subprocess.run([sys.executable, "-c", CALL + code], capture_output=True, text=True, check=True)
    return run.stderr.count('pass coords="pixel" if they are pixels')


@pytest.mark.parametrize(
    ("places", "options", "warns"),
    [
        ("np.stack([x, y], -1)", "", True),
        ("np.stack([x, y], -1).astype('float32')", "", True),
        ("np.stack([x, y], -1)", "coords='pixel'", False),
        ("np.stack([x / 14 - 1, y / 11 - 1], -1)", "", False),
        ("(np.stack([x, y], -1) + 0.25)", "", False),
        ("np.stack([x, y], -1)[:2, :4]", "", False),  # a few points may be anywhere
        ("np.stack([x % 2, y % 2], -1)", "", False),
    ],
)
def test_whole_numbers_all_over_a_grid_are_taken_for_pixels(places, options, warns):
    assert warnings_of(f"gs.grid_sample(image, {places}[None], {options})") == warns


def test_places_of_labels_too():
    assert warnings_of("gs.sample_labels(image.astype(int), np.stack([x, y], -1)[None])") == 1


def test_it_is_said_once():
    """Whatever else is called."""
    assert warnings_of("for _ in range(3): gs.grid_sample(image, np.stack([x, y], -1)[None])") == 1


def test_it_points_at_the_caller():
    """And can be made an error, before anything is computed."""
    code = """
warnings.simplefilter("error")
out = np.full((1, 1, 23, 29), 7.0)
try:
    gs.grid_sample(image, np.stack([x, y], -1)[None], out=out)
except UserWarning as said:
    assert (out == 7).all()
    print(said, file=__import__("sys").stderr)
"""
    assert warnings_of(code) == 1
