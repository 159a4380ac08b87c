"""Docstrings: examples run, and every parameter is described."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import gridsample as gs

NEEDS_MORE = (
    "gridsample.torch",
    "gridsample.faces.torch",
    "gridsample.cli",
    "gridsample.__main__",
    "gridsample._core",
)  # than NumPy
MODULES = [
    module.name
    for module in pkgutil.walk_packages(gs.__path__, "gridsample.")
    if not module.name.startswith(NEEDS_MORE)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0


def test_there_are_examples():
    modules = map(importlib.import_module, MODULES)
    assert sum(doctest.testmod(module).attempted for module in modules) > len(gs.__all__)


@pytest.mark.parametrize("name", gs.__all__)
def test_public_functions(name):
    function = getattr(gs, name)
    sections = function.__doc__.split("\n    ")
    for parameter in inspect.signature(function).parameters:
        assert any(line.split(" : ")[0].split(", ").count(parameter) for line in sections), (
            f"{parameter} is not described"
        )
    assert ">>>" in function.__doc__
