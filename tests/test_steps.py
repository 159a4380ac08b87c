"""Grids in half precision on axes that their numbers are too coarse for: one warning, and what it says is true."""

import warnings

import numpy as np
import pytest

import gridsample as gs
from gridsample import notices
from gridsample.definitions.conventions import CORNERS, EDGES, PIXEL
from gridsample.faces import plan, steps
from processes import in_a_new_process

HALF = 2.0**-10


@pytest.fixture(autouse=True)
def _as_in_a_new_process(monkeypatch):
    monkeypatch.setattr(notices, "_given", set())
    plan.plan_pull.cache_clear()
    plan.plan_whole.cache_clear()
    plan.plan_push.cache_clear()


@pytest.mark.parametrize("convention", [EDGES, CORNERS, PIXEL], ids=["edges", "corners", "pixel"])
@pytest.mark.parametrize("size", [2, 3, 100, 1024, 1025, 1026, 2048, 2049, 4095, 4097])
def test_the_step_is_that_of_the_numbers(size, convention):
    """Between the last pixel's coordinate and the number before it."""
    last = np.float16(convention.coordinate(size - 1, size))
    before = np.nextafter(last, np.float16(0))
    step = (float(last) - float(before)) * convention.scale(size)
    assert steps.step_at_the_end(HALF, size, convention) == pytest.approx(step, abs=1e-12)


# the longest axes whose steps are no more than half a pixel, and one pixel more
LIMITS = {"normalized": (2048, 2049), "pixel": (1025, 1026)}


def call(size, dtype="float16", coords="normalized", align=False, function="sample"):
    image = np.zeros((1, 1, 3, size), "uint8" if function == "sample bytes" else "float16")
    grid = np.zeros((1, 2, 2), dtype)
    if function == "splat":
        return gs.grid_splat(np.zeros((1, 1, 2), "float16"), grid, image.shape, "linear", "zeros", align, coords=coords)
    return gs.grid_sample(image, grid, "linear", "zeros", align, coords=coords)


@pytest.mark.parametrize("function", ["sample", "splat", "sample bytes"])
@pytest.mark.parametrize("coords", LIMITS)
def test_it_is_said_where_steps_are_coarse(coords, function):
    short, long = LIMITS[coords]
    call(short, coords=coords, function=function)  # warnings are errors here
    with pytest.warns(UserWarning, match=rf"float16 has steps of .* pixels at the far end of an axis of {long} pixels"):
        call(long, coords=coords, function=function)


def test_it_is_said_once_and_where_the_caller_is():
    with pytest.warns(UserWarning, match="float16") as told:
        call(3000)
    assert len(told) == 1
    for size in (3000, 4000, 5000):
        call(size)
    assert told[0].filename == __file__


def test_nothing_is_said_of_other_dtypes_and_of_relative_places():
    for dtype in ("float32", "float64"):
        call(5000, dtype)
    grid = np.zeros((1, 2, 5000, 2), "float16")
    gs.grid_sample(np.zeros((1, 1, 3, 5000), "float32"), grid, coords="relative")
    gs.grid_sample(np.zeros((1, 1, 3, 5000), "float16"), np.zeros((1, 2, 2), "float32"))


def test_places_are_as_far_off_as_it_says():
    """And the line that it gives keeps them."""
    size = 3500
    position = 2000.43 + np.arange(300.0)
    exact = (2 * position + 1) / size - 1
    ramp = np.arange(size, dtype="float64").reshape(1, 1, size)
    with pytest.warns(UserWarning, match=r"steps of 0\.85 pixels.*up to 0\.43 pixels off"):
        off = gs.grid_sample(ramp, exact.astype("float16").reshape(1, -1, 1))[0, 0] - position
    assert 0.1 < np.abs(off).max() < 0.43
    kept = gs.grid_sample(ramp.astype("float32"), exact.astype("float32").reshape(1, -1, 1))[0, 0] - position
    assert np.abs(kept).max() < 0.002


def test_the_line_that_it_gives_runs():
    with pytest.warns(UserWarning, match="float16") as told:
        call(4000)
    line = str(told[0].message).rpartition(": ")[2]
    names = {"grid_sample": gs.grid_sample, "affine_grid": gs.affine_grid, "size": (1, 1, 4, 4000)}
    names |= {"theta": np.array([[[1, 0, 0], [0, 1, 0]]], "float16"), "input": np.ones((1, 1, 4, 4000), "float16")}
    assert eval(line, names).dtype == np.float16


def test_torch_has_a_coarser_dtype():
    torch = pytest.importorskip("torch")
    image, grid = torch.zeros(1, 1, 2, 257), torch.zeros(1, 2, 2, dtype=torch.bfloat16)
    gs.grid_sample(image[..., :256], grid)
    with pytest.warns(UserWarning, match=r"bfloat16 has steps of 0\.5 pixels .*theta\.float\(\)"):
        gs.grid_sample(image.requires_grad_(), grid).sum().backward()


def test_a_warning_that_is_an_error_is_said_once_too():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            call(3000)
        call(3000)


def test_in_a_new_process():
    code = """
import numpy, gridsample
for _ in range(3):
    gridsample.grid_sample(numpy.zeros((1, 1, 2500)), numpy.zeros((1, 4, 1), "float16"))
"""
    assert in_a_new_process(code)[1].count("UserWarning") == 1
