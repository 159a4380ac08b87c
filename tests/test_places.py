"""How many places there are to add to: CONTRIBUTING names them, and nothing else in the package names what exists."""

import ast
import re
from pathlib import Path

import pytest

import gridsample

SOURCES = Path(gridsample.__file__).parent
ROOT = Path(__file__).parent.parent

# For each row of the table in CONTRIBUTING: something that was added that way, by all its names.
EXAMPLES = {
    "a kernel": {"Lanczos", "lanczos"},
    "a boundary": {"WRAP", "wrap"},
    "a dtype": {"BFLOAT16", "bfloat16"},
    "a convention": {"PIXEL", "pixel"},
    "an engine": {"PORTABLE", "Portable", "portable"},
}

# What uses some of them without having to know all.
USES = {
    "an engine": {"faces/torch/face.py"},  # which shows compilers its steps
    "a convention": {  # which sample in pixels
        "cli/warp/sampling.py",
        "explorer/answers.py",
        "explanation/curves.py",
        "explanation/plots.py",
        "faces/touched.py",
    },
    "a kernel": {
        "cli/warp/shrinking.py",  # another library has some of them too
        "explorer/choices.py",  # some of other numbers than the usual ones are offered
    },
    "a boundary": {"cli/compare/peers.py"},  # which has other libraries' names of some
}


def words_of(path):
    """Return the names and the whole strings of a module's code: docstrings and comments may name what they like."""
    words = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.alias):
            words.add(node.name.rpartition(".")[2])
        elif isinstance(node, ast.ClassDef):
            words.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
    return words


def places_of(names):
    """Return the modules of the package whose code has any of some names."""
    return {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if words_of(path) & names}


@pytest.mark.parametrize("what", EXAMPLES)
def test_contributing_names_every_place(what):
    """A kernel is a class and its registration, and so on; whoever makes one more place necessary says so there."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {what} \|(.*?)\|", text, re.MULTILINE).group(1)
    told = set(re.findall(r"`([\w/]+\.py)`", row))
    assert places_of(EXAMPLES[what]) - USES.get(what, set()) == told


def test_the_places_in_the_core_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = re.findall(r"`(core/[\w/]+\.h)`", text)
    assert told
    assert all((ROOT / place).exists() for place in told)
