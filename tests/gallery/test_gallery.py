"""The gallery: every script runs, line by line as on its page, and what the page claims is so."""

import runpy
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import gridsample as gs

plt = pytest.importorskip("matplotlib.pyplot")
torch = pytest.importorskip("torch")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")
GALLERY = Path(__file__).parents[2] / "examples" / "gallery"


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a script, draws without a screen, and returns all that it made."""
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    plt.switch_backend("agg")
    return lambda name: runpy.run_path(str(GALLERY / f"{name}.py"))


def test_every_script_has_a_test():
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {path.stem for path in GALLERY.glob("*.py")} <= tested


@pytest.mark.slow
def test_stereo(run):
    page = run("stereo")
    errors, mask_errors = page["errors"], page["mask_errors"]
    assert errors["warped, seen by both"] < errors["not warped"] / 5
    assert errors["warped, occluded pixels"] > 10 * errors["warped, seen by both"]
    assert mask_errors["edges, with the mask"] < 0.95 * mask_errors["edges, without the mask"]
    assert 0.02 < page["occluded"].mean() < 0.15


@pytest.mark.slow
def test_panorama(run):
    page = run("panorama")
    errors, elsewhere = page["seam_errors"], page["elsewhere"]
    assert errors["wrap along x"] < 1.5 * elsewhere  # no seam
    assert errors["border"] > 3 * errors["wrap along x"]
    assert errors["zeros"] > 30 * errors["wrap along x"]


@pytest.mark.slow
def test_lens(run):
    page = run("lens")
    assert page["before"] > 2
    assert page["after"] < 0.1
    assert np.allclose(page["fit"].x, page["TRUE_LENS"], atol=0.01)


@pytest.mark.slow
def test_registration(run):
    page = run("registration")
    assert page["before"].mean() > 4
    assert page["after"].mean() < 0.3
    assert page["after"].max() < 1.5


@pytest.mark.slow
def test_volume_registration(run):
    page = run("volume_registration")
    assert page["before"].mean() > 1.5
    assert page["after"].mean() < 0.3
    assert page["after"].max() < 0.8


@pytest.mark.slow
def test_spatial_transformer(run):
    threads = torch.get_num_threads()
    page = run("spatial_transformer")
    torch.set_num_threads(threads)
    assert page["without"][-1] > 0.4  # the classifier alone learns, too
    assert page["within"][-1] > page["without"][-1] + 0.1


@pytest.mark.slow
def test_super_resolution(run):
    psnr = run("super_resolution")["psnr"]
    assert psnr["splatted"] > psnr["one frame, cubic"] + 1
    assert psnr["sharpened"] > psnr["splatted"] + 2


@pytest.mark.slow
def test_time_series(run):
    page = run("time_series")
    assert page["series"].shape == (page["MONTHS"], 1, len(page["stations"]))
    assert page["errors"]["bilinear"] < 0.001
    assert page["errors"]["the pixel it lies in"] > 50 * page["errors"]["bilinear"]


def test_a_raster_on_disk_is_not_copied(tmp_path):
    """What the page about time series says of memory."""
    raster = np.lib.format.open_memmap(tmp_path / "raster.npy", "w+", np.float32, (7, 1, 501, 1003))
    grid = np.random.default_rng(0).uniform(-1.1, 1.1, (1, 31, 2))
    tracemalloc.start()
    gs.grid_sample(raster, grid, "bilinear", ("wrap", "border"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < raster.nbytes / 50
