"""Coordinates relative to the output point, as an optical flow has them; and the same places in other coordinates."""

import numpy as np
import pytest

import gridsample as gs
from support import BATCH, DTYPES, SIZES, assert_within, defined_sample, defined_splat, eps, every_option, make_image

every_axes = pytest.mark.parametrize("axes", [1, 2, 3])


def flow(rng, axes, dtype="float64"):
    """Return displacements of whole 2**-8, so that places are exact in every dtype of positions."""
    out = (4, 3, 5)[:axes]
    return (rng.integers(-999, 999, (BATCH, *out, axes)) / 256).astype(dtype)


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "symmetric")))
@every_axes
@pytest.mark.parametrize(
    "dtypes", [("float32", "float32"), ("float32", "float64"), ("float64", "float32")], ids="-".join
)
def test_samples_and_splats_are_as_defined(rng, dtypes, axes, options):
    dtype, grid_dtype = dtypes
    image, grid = make_image(rng, axes, dtype), flow(rng, axes, grid_dtype)
    assert_within(
        gs.grid_sample(image, grid, *options, coords="relative"), defined_sample(image, grid, options, "relative")
    )
    values = make_image(rng, dtype=dtype, size=grid.shape[1:-1])
    splat = gs.grid_splat(values, grid, image.shape, *options, coords="relative")
    assert_within(splat, defined_splat(values, grid, image.shape, options, "relative"))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "int32"])
def test_no_displacement_gives_the_array_itself(rng, dtype):
    image = (rng.uniform(0, 99, (2, 3, 5, 7))).astype(dtype)
    for grid_dtype in ("float16", "float32", "float64"):
        still = np.zeros((1, 5, 7, 2), grid_dtype)
        np.testing.assert_array_equal(gs.grid_sample(image, still, "cubic", coords="relative"), image)


def test_far_from_the_origin_half_precision_is_not_enough_for_places():
    """A flow may be in half precision; the places are not."""
    image = np.arange(5000.0, dtype="float32").reshape(1, 1, 5000)
    shift = np.full((1, 5000, 1), 0.25, "float16")
    result = gs.grid_sample(image, shift, coords="relative")[0, 0, :-1]
    np.testing.assert_array_equal(result, np.arange(4999) + np.float32(0.25))


@pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning")
def test_torch_and_its_gradients(rng):
    torch = pytest.importorskip("torch")
    image = torch.from_numpy(rng.normal(size=(2, 3, 5, 7))).requires_grad_()
    grid = torch.from_numpy(flow(rng, 2) + 0.001).requires_grad_()
    expected = gs.grid_sample(image.detach().numpy(), grid.detach().numpy(), coords="relative")
    np.testing.assert_array_equal(gs.grid_sample(image, grid, coords="relative").detach().numpy(), expected)
    assert torch.autograd.gradcheck(lambda *tensors: gs.grid_sample(*tensors, coords="relative"), (image, grid))
    gst = pytest.importorskip("gridsample.torch")
    module = gst.GridSample(coords="relative")
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    np.testing.assert_array_equal(compiled(image, grid).detach().numpy(), expected)
    scripted = torch.jit.script(module)
    np.testing.assert_array_equal(scripted(image, grid).detach().numpy(), expected)


@pytest.mark.parametrize("shape", [(1, 4, 2), (1, 4, 5, 3), (1, 5, 7, 1, 2), (2,), ()])
def test_output_axes_must_be_the_spatial_ones(shape):
    with pytest.raises(ValueError, match=r"^grid must have the shape \(N, \*out, D\) with D output axes for coords="):
        gs.grid_sample(np.zeros((1, 1, 5, 7)), np.zeros(shape), coords="relative")


# ------------------------------------------------------------------------------------------- other coordinates


@pytest.mark.parametrize("align", [False, True, None])
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_formula_both_ways(rng, dtype, axes, align):
    size = SIZES[axes]
    points = rng.uniform(-3, 12, (2, 5, axes)).astype(dtype)
    lengths = np.array(size[::-1], float)
    exact = points.astype(float) / (lengths - 1) * 2 - 1 if align else (2 * points.astype(float) + 1) / lengths - 1
    grid = gs.normalize(points, size, align)
    assert grid.dtype == dtype
    compute = "float64" if dtype == "float64" else "float32"
    rounding = 8 * eps(compute) + eps(dtype)
    np.testing.assert_allclose(grid.astype(float), exact, rtol=rounding, atol=rounding)
    back = gs.to_pixels(grid, size, align)
    np.testing.assert_allclose(
        back.astype(float), points.astype(float), rtol=0, atol=(16 + 2 * max(size)) * 8 * eps(dtype)
    )


@pytest.mark.parametrize("align", [False, True])
def test_pixels_are_what_sampling_finds(rng, align):
    """Bit for bit: sampling at normalized coordinates, and at their pixels."""
    image, grid = rng.normal(size=(1, 2, 5, 7)).astype("float32"), rng.uniform(-1.3, 1.3, (1, 99, 2)).astype("float32")
    pixels = gs.to_pixels(grid, (5, 7), align)
    for mode in ("nearest", "cubic"):
        expected = gs.grid_sample(image, grid, mode, "mirror", align)
        np.testing.assert_array_equal(gs.grid_sample(image, pixels, mode, "mirror", coords="pixel"), expected)


def test_an_axis_of_one_pixel_has_no_ends():
    np.testing.assert_array_equal(gs.normalize(np.array([[3.0, 2.0]]), (5, 1), True), [[0.0, 0.0]])
    np.testing.assert_array_equal(gs.to_pixels(np.array([[0.7, -1.0]]), (5, 1), True), [[0.0, 0.0]])


def test_tensors_keep_their_graph():
    torch = pytest.importorskip("torch")
    points = torch.tensor([[1.0, 2.0]], requires_grad=True)
    gs.normalize(points, (4, 8)).sum().backward()
    torch.testing.assert_close(points.grad, torch.tensor([[2 / 8, 2 / 4]]))


@pytest.mark.parametrize(
    ("points", "size", "error", "message"),
    [
        (np.zeros((3, 2)), (4,), ValueError, r"^points must have the shape \(\.\.\., 1\), .* got \(3, 2\)"),
        (np.zeros((3, 2)), (4, 0), ValueError, r"^size must be the lengths of the spatial axes, all positive"),
        (np.zeros((3, 2)), 4, TypeError, r"^size must be a sequence of whole numbers of the spatial axes; got 4"),
        (np.zeros((3, 2), int), (4, 4), TypeError, r"^points must be of dtype float16, float32 or float64; got int64"),
        ([[0.0, 0.0]], (4, 4), TypeError, r"^points must be a NumPy array"),
        (np.zeros(()), (4,), ValueError, r"^points must have the shape"),
    ],
)
def test_refusals(points, size, error, message):
    with pytest.raises(error, match=message):
        gs.normalize(points, size)


# ---------------------------------------------------------------------------------------------- maps in pixels


@pytest.mark.parametrize("center", [None, (2.5, 1.0)])
def test_affine_maps_in_pixels(rng, center):
    theta = rng.normal(size=(2, 2, 3))
    grid = gs.affine_grid(theta, (2, 1, 3, 5), coords="pixel", center=center)
    x, y = np.meshgrid(np.arange(5.0), np.arange(3.0))
    c = np.zeros(2) if center is None else np.array(center)
    expected = np.einsum("nij,yxj->nyxi", theta[:, :, :2], np.stack([x, y], -1) - c) + theta[:, None, None, :, 2] + c
    np.testing.assert_allclose(grid, expected, rtol=0, atol=64 * eps("float64"))


def test_a_rotation_in_pixels_keeps_distances():
    """In -1...1 it does not, unless the picture is a square."""
    c, s = np.cos(0.3), np.sin(0.3)
    grid = gs.affine_grid(np.array([[[c, -s, 0], [s, c, 0]]]), (1, 1, 48, 64), coords="pixel", center=(31.5, 23.5))
    steps = np.linalg.norm(np.diff(grid, axis=1), axis=-1), np.linalg.norm(np.diff(grid, axis=2), axis=-1)
    for step in steps:
        np.testing.assert_allclose(step, 1, rtol=0, atol=200 * eps("float64"))
    np.testing.assert_allclose(grid.mean((0, 1, 2)), [31.5, 23.5], rtol=0, atol=200 * eps("float64"))


def test_the_shape_may_have_its_channels_last(rng):
    theta = rng.normal(size=(2, 2, 3))
    expected = gs.affine_grid(theta, (2, 9, 3, 5))
    np.testing.assert_array_equal(gs.affine_grid(theta, (2, 3, 5, 9), channels="last"), expected)
    torch = pytest.importorskip("torch")
    tensor = gs.affine_grid(torch.from_numpy(theta), (2, 3, 5, 9), channels="last", center=(0.5, 0.25))
    expected = gs.affine_grid(theta, (2, 9, 3, 5), center=(0.5, 0.25))
    np.testing.assert_allclose(tensor.numpy(), expected, rtol=0, atol=8 * eps("float64"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"center": (1,)}, ValueError, r"^center must be 2 finite numbers, x first, one for each axis; got \(1,\)"),
        ({"center": (1, np.inf)}, ValueError, r"^center must be 2 finite numbers"),
        ({"center": 3}, TypeError, r"^center must be 2 numbers, x first; got 3"),
        ({"center": "ab"}, TypeError, r"^center must be 2 numbers, x first; got 'ab'"),
        ({"coords": "relative"}, ValueError, r"^coords must be one of 'normalized', 'pixel'; got 'relative'"),
        ({"channels": "middle"}, ValueError, r"^channels must be one of"),
    ],
)
def test_maps_refuse(options, error, message):
    with pytest.raises(error, match=message):
        gs.affine_grid(np.zeros((1, 2, 3)), (1, 1, 3, 5), **options)
