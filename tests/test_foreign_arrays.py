"""Look-alikes of arrays: handled right, or refused before anything is computed, with the line to write instead.

Each line that a message gives is run, too, and gives what the call is to give.
"""

import pathlib
import re
import types

import numpy as np
import pytest

import gridsample as gs
from support import BATCH, CHANNELS, OUTS, make_grid, make_image

SPLATTED = (BATCH, CHANNELS, 17, 19)


def refusal(call, out=None):
    """Return the message of a refusal, which leaves ``out`` alone."""
    before = None if out is None else np.array(out, copy=True)
    with pytest.raises(TypeError) as caught:
        call()
    if out is not None:
        np.testing.assert_array_equal(np.asarray(out), before)
    return str(caught.value)


def advised(message, **names):
    """Run the line that a message ends with."""
    line = re.search(r"; pass ([^;]+?)( \(.*)?$", message).group(1)
    return eval(line, {"np": np, **names})


# ---------------------------------------------------------------------------------------------------- masks and units


@pytest.fixture
def units():
    return pytest.importorskip("astropy.units")


@pytest.fixture
def masked():
    return pytest.importorskip("astropy.utils.masked").Masked


MASKED = (
    r"^{0} is a masked array, and its mask would be lost; pass {0}\.filled\(value\), or {0}\.{1} if the mask does not "
    r"matter; gridsample\.sample_masked\({0}\.{1}, mask, grid\) leaves out what is masked, with a mask that is true "
)


@pytest.mark.parametrize("argument", ["input", "grid", "values", "theta", "labels", "points", "out"])
@pytest.mark.parametrize("kind", ["numpy", "astropy", "astropy with a unit"])
def test_a_mask_is_never_lost(rng, request, argument, kind):
    def hide(array):
        if kind == "numpy":
            return np.ma.array(array, mask=array > 0)
        masked, units = request.getfixturevalue("masked"), request.getfixturevalue("units")
        return masked(array if kind == "astropy" else array * units.m, mask=array > 0)

    image, grid, out = make_image(rng), make_grid(rng), np.full((BATCH, CHANNELS, *OUTS[2]), 7.0)
    hidden = hide(image)
    calls = {
        "input": lambda: gs.grid_sample(hidden, grid, out=out),
        "grid": lambda: gs.grid_sample(image, hide(grid), out=out),
        "values": lambda: gs.grid_splat(hide(out), grid, SPLATTED),
        "theta": lambda: gs.affine_grid(hide(np.ones((1, 2, 3))), (1, 1, 5, 7)),
        "labels": lambda: gs.sample_labels(hide(np.ones((1, 1, 5, 7), int)), grid),
        "points": lambda: gs.normalize(hide(np.ones((4, 2))), (5, 7)),
        "out": lambda: gs.grid_sample(image, grid, out=hide(out)),
    }
    data = "data" if kind == "numpy" else "unmasked"
    assert re.search(MASKED.format(argument, data), refusal(calls[argument], out))


def test_what_the_message_for_masks_gives_is_there(rng, masked):
    image, grid = make_image(rng, dtype="float64"), make_grid(rng, dtype="float64")
    for hidden, data in ((np.ma.array(image, mask=image > 0), "data"), (masked(image, mask=image > 0), "unmasked")):
        np.testing.assert_array_equal(gs.grid_sample(getattr(hidden, data), grid), gs.grid_sample(image, grid))
        filled = gs.grid_sample(hidden.filled(0.0), grid)
        np.testing.assert_array_equal(filled, gs.grid_sample(np.where(image > 0, 0, image), grid))
        mask = ~np.asarray(hidden.mask)[:, :1]
        assert gs.sample_masked(getattr(hidden, data), mask, grid).weight.min() < 0.5


def test_an_array_with_a_unit_keeps_it(rng, units):
    image, grid = make_image(rng, dtype="float64"), make_grid(rng, dtype="float64")
    quantity, values = image * units.m, make_image(rng, size=OUTS[2]) * units.s
    for result, plain, unit in (
        (gs.grid_sample(quantity, grid), gs.grid_sample(image, grid), units.m),
        (gs.grid_sample(quantity, grid, "bspline"), gs.grid_sample(image, grid, "bspline"), units.m),
        (gs.grid_sample(quantity, grid, derivative=(1, 0)), gs.grid_sample(image, grid, derivative=(1, 0)), units.m),
        (gs.spline_coefficients(quantity), gs.spline_coefficients(image), units.m),
        (gs.grid_splat(values, grid, SPLATTED), gs.grid_splat(values.value, grid, SPLATTED), units.s),
    ):
        assert type(result) is units.Quantity
        assert result.unit == unit
        np.testing.assert_array_equal(result.value, plain)


UNIT = r"^{} has a unit \({}\), .*; pass its \.value$"


@pytest.mark.parametrize("argument", ["grid", "theta", "labels", "points", "mask"])
@pytest.mark.parametrize("unit", ["deg", ""])
def test_coordinates_and_the_like_are_plain_numbers(rng, units, argument, unit):
    image, grid, unit = make_image(rng), make_grid(rng), units.Unit(unit)
    calls = {
        "grid": lambda: gs.grid_sample(image, grid * unit),
        "theta": lambda: gs.affine_grid(np.ones((1, 2, 3)) * unit, (1, 1, 5, 7)),
        "labels": lambda: gs.sample_labels(units.Quantity(np.ones((1, 1, 5, 7)), unit), grid),
        "points": lambda: gs.normalize(np.ones((4, 2)) * unit, (5, 7)),
        "mask": lambda: gs.sample_masked(image, np.ones((1, 1, 5, 7)) * unit, grid),
    }
    assert re.search(UNIT.format(argument, str(unit) or "dimensionless"), refusal(calls[argument]))


def test_a_unit_is_not_lost_in_a_result_that_cannot_have_it(rng, units):
    image, grid = make_image(rng), make_grid(rng)
    quantity, out = image * units.m, np.full((BATCH, CHANNELS, *OUTS[2]), 7.0)
    for mode in ("linear", "bspline", "nearest"):
        assert "the array has a unit (m), which out would lack" in refusal(
            lambda mode=mode: gs.grid_sample(quantity, grid, mode, out=out), out
        )
    assert re.search(UNIT.format("out", "s"), refusal(lambda: gs.grid_sample(image, grid, out=out * units.s)))
    mask = np.ones((1, 1, *image.shape[2:]), bool)
    assert re.search(UNIT.format("input", "m"), refusal(lambda: gs.sample_masked(quantity, mask, grid)))
    column = pytest.importorskip("astropy.table").Column  # an array that keeps its unit only in its own shape
    assert re.search(UNIT.format("input", "m"), refusal(lambda: gs.grid_sample(column(image, unit="m"), grid)))
    assert type(gs.grid_sample(column(image), grid)) is np.ndarray


def test_data_with_mask_and_unit_apart(rng):
    data = pytest.importorskip("astropy.nddata").NDData(make_image(rng), unit="m")
    message = refusal(lambda: gs.grid_sample(data, make_grid(rng)))
    assert "its mask and unit would be lost; pass input.data" in message
    assert advised(message, input=data) is data.data


# ------------------------------------------------------------------------------------------------------ other packages


def xarrays(array):
    return pytest.importorskip("xarray").DataArray(array)


def dasks(array):
    return pytest.importorskip("dask.array").from_array(array)


def pandass(array):
    return pytest.importorskip("pandas").DataFrame(array.reshape(-1, array.shape[-1]))


def zarrs(array):
    return pytest.importorskip("zarr").array(array)


def pictures(array):  # noqa: ARG001  (one signature)
    return pytest.importorskip("PIL.Image").new("RGB", (7, 5))


PACKAGES = {
    xarrays: "input.values",
    dasks: "input.compute()",
    pandass: "input.to_numpy()",
    zarrs: "input[...]",
    pictures: "np.asarray(input)",
    lambda array: array.tolist(): "np.asarray(input)",
    list: "np.stack(input)",
    memoryview: "np.asarray(input)",
}


@pytest.mark.parametrize(("make", "line"), PACKAGES.items(), ids=PACKAGES.values())
@pytest.mark.parametrize("argument", ["input", "grid"])
def test_the_line_that_makes_an_array_of_it(rng, make, line, argument):
    arrays = {"input": make_image(rng, dtype="float64"), "grid": make_grid(rng, dtype="float64")}
    expected = gs.grid_sample(**arrays)
    other = make(arrays[argument])
    out = np.full((BATCH, CHANNELS, *OUTS[2]), 7.0)
    message = refusal(lambda: gs.grid_sample(**(arrays | {argument: other}), out=out), out)
    assert message.startswith(f"{argument} must be a NumPy array, a torch tensor, or ")
    assert message.endswith(f"; pass {line.replace('input', argument)}")
    made = advised(message, **{argument: other})
    assert type(made) is np.ndarray
    if make is not pictures:
        result = gs.grid_sample(**(arrays | {argument: made.reshape(arrays[argument].shape)}))
        np.testing.assert_array_equal(result, expected)


def test_a_set_of_variables(rng):
    xarray = pytest.importorskip("xarray")
    data = xarray.Dataset({"name": (tuple("nchw"), make_image(rng))})
    message = refusal(lambda: gs.grid_sample(data, make_grid(rng)))
    assert message.endswith("pass one of its variables, as in input['name'].values")
    assert gs.grid_sample(data["name"].values, make_grid(rng)).shape[1] == CHANNELS


def test_a_sparse_matrix(rng):
    sparse = pytest.importorskip("scipy.sparse").csr_array(np.eye(5))
    message = refusal(lambda: gs.grid_sample(sparse, make_grid(rng)))
    np.testing.assert_array_equal(advised(message, input=sparse), np.eye(5))


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("sparse", "input.todense()"),
        ("h5py._hl.dataset", "input[...]"),
        ("netCDF4", "input[...]"),
        ("polars.dataframe", "input.to_numpy()"),
        ("pyarrow.lib", "input.to_numpy()"),
        ("tensorflow.python.framework.ops", "input.numpy()"),
    ],
)
def test_packages_that_are_told_by_their_names(rng, package, line):
    """Even where they pass for arrays of the standard."""
    kind = type("Array", (), {"__module__": package, "__array_namespace__": lambda _: np})
    assert refusal(lambda: gs.grid_sample(kind(), make_grid(rng))).endswith(f"; pass {line}")


def test_a_number_with_a_unit_that_is_no_numpy_array(rng):
    quantity = types.SimpleNamespace(magnitude=make_image(rng), units="m")
    message = refusal(lambda: gs.grid_sample(quantity, make_grid(rng)))
    assert message.endswith("its unit would be lost; pass input.magnitude, and give what comes back its unit")


@pytest.mark.parametrize("name", ["image.png", b"image.png", pathlib.Path("image.png")], ids=repr)
def test_the_name_of_a_file(rng, name):
    assert refusal(lambda: gs.grid_sample(name, make_grid(rng))).endswith("; read the file first")


# -------------------------------------------------------------------------------------------------- several libraries


def test_libraries_mixed(rng):
    """The line makes all arrays those of the first one's library."""
    torch = pytest.importorskip("torch")
    image, grid = make_image(rng, dtype="float64"), make_grid(rng, dtype="float64")
    expected = gs.grid_sample(image, grid)
    tensors = {"input": torch.tensor(image), "grid": torch.tensor(grid)}
    message = refusal(lambda: gs.grid_sample(tensors["input"], grid))
    assert message.endswith("; pass torch.as_tensor(grid, device=input.device)")
    made = advised(message, input=tensors["input"], grid=grid, torch=torch)
    np.testing.assert_array_equal(gs.grid_sample(tensors["input"], made).numpy(), expected)
    message = refusal(lambda: gs.grid_sample(image, tensors["grid"]))
    assert message.endswith("; pass grid.numpy(force=True)")
    np.testing.assert_array_equal(gs.grid_sample(image, advised(message, grid=tensors["grid"])), expected)


def test_lists_beside_tensors(rng):
    torch = pytest.importorskip("torch")
    image, grid = (torch.tensor(make(rng, dtype="float32")) for make in (make_image, make_grid))
    expected = gs.grid_sample(image, grid).numpy()
    for other, line in ((image.tolist(), "torch.as_tensor(input)"), (list(image), "torch.stack(input)")):
        message = refusal(lambda other=other: gs.grid_sample(other, grid))
        assert message.endswith(f"; pass {line}")
        made = advised(message, input=other, torch=torch).to(image.dtype)
        np.testing.assert_array_equal(gs.grid_sample(made, grid).numpy(), expected)
