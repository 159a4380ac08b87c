"""``gridsample info``: what is installed and what is used."""

import argparse
import importlib.util
import platform
from importlib import metadata

import numpy as np

import gridsample as gs
from gridsample.engines import cpu, support

OPTIONAL = {
    "torch": "tensors and gradients",
    "jax": "arrays, through the portable engine",
    "cupy": "arrays, through the portable engine",
    "pyvips": "gridsample warp",
    "matplotlib": "pictures that explain",
    "shtab": "gridsample completion",
    "starlette": "gridsample explore",
    "uvicorn": "gridsample explore",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Say what it takes."""


def run(options: argparse.Namespace) -> None:  # noqa: ARG001  (it has none)
    """Print the text."""
    print(info())


def info() -> str:
    """Return the text."""
    rows = [
        ("gridsample", gs.__version__),
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("NumPy", np.__version__),
        ("instruction set", cpu.instruction_set()),
        ("threads", str(gs.get_num_threads())),
        ("", ""),
    ]
    for name, served in support().items():
        rows.append((f"engine {name}", served.pop("arrays")))
        rows += [(f"  {what}", text) for what, text in served.items()]
    rows.append(("", ""))
    rows += [(library, f"{version(library)} ({purpose})") for library, purpose in OPTIONAL.items()]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value}".rstrip() for label, value in rows)


def version(library: str) -> str:
    """Return the version of a library without importing it."""
    if importlib.util.find_spec(library) is None:
        return "not installed"
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "installed"  # under a distribution of another name, as CuPy's
