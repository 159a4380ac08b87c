"""The definition that the native drivers compare the core with is the project's: it says what the reference says."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gridsample import reference

HERE = Path(__file__).parent
COMPILER = shutil.which(os.environ.get("CXX", "c++"))
CALLS = 150

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """Return random calls, with what the drivers' definition says of each."""
    program = tmp_path_factory.mktemp("native") / "definition"
    subprocess.run([COMPILER, "-std=c++20", "-O1", HERE / "definition.cpp", "-o", program], check=True)
    printed = subprocess.run([program, "1", str(CALLS)], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in printed.splitlines()]


def array(call, name, batch):
    """Return an array of a call, of so many entries where it has one for all."""
    values = np.array(call[name], "float64").reshape(call[f"{name}_shape"])
    return np.broadcast_to(values, (batch, *values.shape[1:]))


def said_by_the_reference(call):
    """Return the result of a call, by loops."""
    batch = max((call[f"{name}_shape"][0] for name in ("grid", "values", "result")), key=lambda n: (n != 1, n))
    options = {name: call[name] for name in ("align_corners", "coords")}
    options |= {name: tuple(call[name]) for name in ("mode", "padding_mode")}
    options |= {name: call[name] for name in ("outside", "nan_places")}
    grid, values, shape = array(call, "grid", batch), array(call, "values", batch), call["result_shape"]
    if call["operation"] == "pull":
        return reference.grid_sample(values, grid, **options, fill_value=call["fill_value"] or 0.0)
    result = reference.grid_splat(values, grid, (batch, *shape[1:]), **options)
    return result.sum(axis=0, keepdims=True) if shape[0] == 1 else result


def test_the_drivers_definition_is_that_of_the_reference(calls):
    assert len(calls) == CALLS
    for number, call in enumerate(calls):
        expected = np.array(call["expected"]).reshape(call["result_shape"])
        scale = max(1, *map(abs, call["values"])) if call["values"] else 1
        about = f"call {number}: {call['operation']}, {call['mode']}, {call['padding_mode']}"
        np.testing.assert_allclose(said_by_the_reference(call), expected, rtol=1e-10, atol=1e-12 * scale, err_msg=about)


def test_every_kernel_and_boundary_is_among_them(calls):
    assert {mode.partition("(")[0] for call in calls for mode in call["mode"]} == set(reference.KERNELS.values())
    assert {padding for call in calls for padding in call["padding_mode"]} == set(reference.BOUNDARIES) - {"reflection"}
