"""``import gridsample`` brings NumPy and nothing else."""

import os
import subprocess
import sys

import pytest

FOREIGN = """
import sys, numpy
before = {name.partition(".")[0] for name in sys.modules}
import gridsample
EXTRA
after = {name.partition(".")[0] for name in sys.modules}
print(*sorted(after - before - sys.stdlib_module_names - {"gridsample"}))
"""
USE = """
x, g = numpy.ones((1, 2, 3, 5), "f4"), numpy.zeros((1, 7, 2), "f4")
gridsample.grid_splat(gridsample.grid_sample(x, g, "cubic"), g, x.shape)
gridsample.grid_sample(numpy.ones((1, 2, 3, 5, 7, 2)), numpy.zeros((1, 7, 4)))
gridsample.affine_grid(numpy.ones((1, 2, 3)), (1, 1, 3, 5))
"""


def loaded(extra="", path=None):
    """Return the packages beyond Python's and NumPy's that a fresh process has loaded."""
    environment = dict(os.environ)
    if path is not None:
        environment["PYTHONPATH"] = os.pathsep.join([str(path), environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", FOREIGN.replace("EXTRA", extra)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_importing_loads_numpy_alone():
    assert loaded() == set()


def test_using_it_on_numpy_arrays_loads_nothing_more():
    assert loaded(USE) == set()


@pytest.mark.parametrize("name", ["torch", "jax", "triton", "dask", "matplotlib"])
def test_a_package_that_is_loaded_would_be_seen(name, tmp_path):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    assert loaded(f"import {name}", tmp_path) == {name}


def test_what_users_may_call():
    import gridsample as gs  # noqa: PLC0415  (the other tests import it elsewhere)

    assert all(callable(getattr(gs, name)) and getattr(gs, name).__doc__ for name in gs.__all__)
    assert {"grid_sample", "grid_splat", "affine_grid"} <= set(gs.__all__)
