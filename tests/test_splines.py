"""B-splines, with and without their filter, and Mitchell's kernels: against SciPy, the definition, and their laws."""

import itertools

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES
from gridsample import reference
from gridsample.definitions.boundaries import BOUNDARIES
from gridsample.definitions.splines import filter_along, poles
from gridsample.engines import cpu
from gridsample.spec import parse
from support import NUMPY_PAD, eps

ORDERS = range(8)
SIZES = {1: (23,), 2: (7, 11), 3: (5, 7, 6)}
SCIPY = {"mirror": "mirror", "symmetric": "reflect", "wrap": "grid-wrap"}
MITCHELLS = [gs.Mitchell(), gs.Mitchell(1, 0), gs.Mitchell(0, 0.5), gs.Mitchell(0.2, -0.3)]

every_order = pytest.mark.parametrize("order", ORDERS)
every_axes = pytest.mark.parametrize("axes", SIZES)


def positions(rng, size, count=41):
    return np.stack([rng.uniform(-s, 2 * s, (1, count)) for s in reversed(size)], axis=-1)


@pytest.mark.parametrize("padding", SCIPY)
@every_axes
@pytest.mark.parametrize("order", range(6))
def test_as_scipy(rng, order, axes, padding):
    ndimage = pytest.importorskip("scipy.ndimage")
    size = {1: (23,), 2: (21, 23), 3: (20, 21, 22)}[axes]  # its filter's ends are inexact on shorter axes
    image, points = rng.uniform(-1, 1, (1, 1, *size)), positions(rng, size)
    result = gs.grid_sample(image, points, gs.BSpline(order), padding, coords="pixel")
    expected = ndimage.map_coordinates(image[0, 0], points[0, :, ::-1].T, order=order, mode=SCIPY[padding])
    np.testing.assert_allclose(result[0, 0], expected, rtol=0, atol=1e-11)


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("prefilter", [True, False])
@pytest.mark.parametrize("axes", [1, 2])
@every_order
def test_samples_and_splats_are_as_defined(rng, order, axes, prefilter, padding):
    """Filters of high orders amplify rounding, by up to (product over poles of (1 + |z|)/(1 - |z|)) an axis."""
    size, kernel = SIZES[axes], gs.BSpline(order, prefilter)
    image, points = rng.uniform(-1, 1, (1, 2, *size)), positions(rng, size)
    values = rng.uniform(-1, 1, (1, 2, points.shape[1]))
    expected = reference.grid_sample(image, points, kernel, padding, coords="pixel")
    splat = reference.grid_splat(values, points, image.shape, kernel, padding, coords="pixel")
    for dtype in ("float32", "float64"):
        bound = 64 * eps(dtype) * amplification(order if prefilter else 0) ** axes * max(map(abs, (image.max(), 1)))
        arrays = image.astype(dtype), points, values.astype(dtype)
        result = gs.grid_sample(*arrays[:2], kernel, padding, coords="pixel")
        assert result.dtype == dtype
        np.testing.assert_allclose(result, expected, rtol=0, atol=bound)
        result = gs.grid_splat(arrays[2], points, image.shape, kernel, padding, coords="pixel")
        np.testing.assert_allclose(result, splat, rtol=0, atol=bound * points.shape[1])


def amplification(order):
    return float(np.prod([(1 + abs(pole)) / (1 - abs(pole)) for pole in poles(order)])) if order > 1 else 1.0


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("kernel", [*MITCHELLS, *(gs.BSpline(order, prefilter=False) for order in ORDERS)], ids=str)
@pytest.mark.parametrize("orders", [(0, 0), (1, 0), (0, 2), (3, 1)])
def test_the_compiled_engine_has_what_the_portable_one_has(rng, kernel, orders):
    if max(orders) > 0 and not kernel.has_slopes:
        pytest.skip("constant between pixels")
    image, grid = rng.uniform(-1, 1, (2, 3, 7, 11)), rng.uniform(-1.5, 1.5, (2, 5, 9, 2))
    values = rng.uniform(-1, 1, (2, 3, 5, 9))
    spec = parse(kernel, "symmetric", False)
    ours, theirs = ENGINES["cpu"], ENGINES["portable"]
    bound = 400 * eps("float64") * 8 ** sum(orders)
    for dtype, factor in (("float64", 1), ("float32", eps("float32") / eps("float64"))):
        x, v = image.astype(dtype), values.astype(dtype)
        arguments = grid.astype(dtype).astype("float64"), spec, orders
        result = ours.pull(x, *arguments)
        np.testing.assert_allclose(result, theirs.pull(image, *arguments), rtol=0, atol=bound * factor)
        pushed = ours.push(v, arguments[0], image.shape, spec, orders)
        expected = theirs.push(values, arguments[0], image.shape, spec, orders)
        np.testing.assert_allclose(pushed, expected, rtol=0, atol=45 * bound * factor)
        slopes = ours.grid_gradient(v, x, *arguments)
        expected = theirs.grid_gradient(values, image, *arguments)
        np.testing.assert_allclose(slopes, expected, rtol=0, atol=3 * 8 * bound * factor)


@pytest.mark.parametrize("kernel", MITCHELLS, ids=str)
def test_mitchells_are_as_defined(rng, kernel):
    image, points = rng.uniform(-1, 1, (1, 2, 7, 11)), positions(rng, (7, 11))
    expected = reference.grid_sample(image, points, kernel, "mirror", coords="pixel")
    result = gs.grid_sample(image, points, kernel, "mirror", coords="pixel")
    np.testing.assert_allclose(result, expected, rtol=0, atol=64 * eps("float64"))


@pytest.mark.parametrize(
    ("mitchell", "other"), [(gs.Mitchell(0, 0.5), gs.Keys(-0.5)), (gs.Mitchell(1, 0), gs.BSpline(3, prefilter=False))]
)
def test_kernels_that_mitchell_is_among(rng, mitchell, other):
    image, points = rng.uniform(-1, 1, (1, 2, 7, 11)), positions(rng, (7, 11))
    results = [gs.grid_sample(image, points, kernel, "wrap", coords="pixel") for kernel in (mitchell, other)]
    np.testing.assert_allclose(*results, rtol=0, atol=64 * eps("float64"))


@every_order
@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 13])
def test_it_passes_through_the_values(rng, length, padding, order):
    """On axes of every length, however short; but zeros and border cut off what the filter assumes to go on."""
    if padding in ("zeros", "border") and order > 1:
        padding = "mirror"
    image = rng.uniform(-1, 1, (1, 2, length, 3))
    whole = np.stack(np.meshgrid(np.arange(3.0), np.arange(float(length))), axis=-1)[None]
    result = gs.grid_sample(image, whole, gs.BSpline(order), padding, coords="pixel")
    np.testing.assert_allclose(result, image, rtol=0, atol=64 * eps("float64") * amplification(order) ** 2)


@pytest.mark.parametrize("order", range(1, 8))
def test_polynomials_of_its_order_are_reproduced(rng, order):
    """Far from the ends, where the filter knows nothing of how the polynomial goes on."""
    x = np.arange(120.0)
    points = rng.uniform(55, 65, (1, 50, 1))
    factors = rng.uniform(-1, 1, order + 1)
    image = np.polyval(factors, (x - 60) / 30)[None, None]
    result = gs.grid_sample(image, points, gs.BSpline(order), "mirror", coords="pixel")
    np.testing.assert_allclose(result[0, 0], np.polyval(factors, (points[0, :, 0] - 60) / 30), rtol=0, atol=1e-11)


@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("order", [2, 3, 5])
def test_splatting_is_the_transpose(rng, order, padding):
    image, points, values = rng.normal(size=(1, 2, 7, 11)), positions(rng, (7, 11)), rng.normal(size=(1, 2, 41))
    options = gs.BSpline(order), padding
    sampled = (gs.grid_sample(image, points, *options, coords="pixel") * values).sum()
    splatted = (gs.grid_splat(values, points, image.shape, *options, coords="pixel") * image).sum()
    np.testing.assert_allclose(sampled, splatted, rtol=0, atol=1e-11)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("padding", ["mirror", "symmetric", "wrap", "border"])
@pytest.mark.parametrize("order", range(2, 8))
def test_the_filter_is_the_inverse_of_the_spline(order, padding, transposed):
    for length in (1, 2, 3, 4, 7, 16, 61):
        unit = np.eye(length)
        expected = reference.coefficients(unit, 0, order, padding, transposed)
        found = filter_along(np, unit, 0, order, BOUNDARIES[padding], transposed)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * amplification(order))


@pytest.mark.usefixtures("instructions")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1, 23), (2, 3, 5, 7), (17, 1, 4, 33, 2), (1, 2, 70001), (3, 19, 6)])
def test_coefficients(rng, shape, dtype):
    """On every axis, of any number of lines; by the compiled filter as by the portable one."""
    image = rng.uniform(-1, 1, shape).astype(dtype)
    result = gs.spline_coefficients(image, 3, "symmetric")
    assert result.dtype == ("float64" if dtype == "float64" else "float32")
    expected = image.astype("float64")
    for axis in range(2, image.ndim):
        if shape[axis] < 1000:
            expected = filter_along(np, expected, axis, 3, BOUNDARIES["symmetric"], False)
        else:
            scipy = pytest.importorskip("scipy.ndimage")
            expected = scipy.spline_filter1d(expected, 3, axis, mode="reflect")
    np.testing.assert_allclose(result, expected, rtol=0, atol=64 * eps(result.dtype.name) * 3 ** (image.ndim - 2))
    last = gs.spline_coefficients(np.moveaxis(image, 1, -1), 3, "symmetric", channels="last")
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), result, rtol=0, atol=64 * eps("float32"))
    before = gs.get_num_threads()
    try:
        gs.set_num_threads(3)
        np.testing.assert_array_equal(gs.spline_coefficients(image, 3, "symmetric"), result)
    finally:
        gs.set_num_threads(before)


def test_coefficients_made_once(rng):
    image, grid = rng.uniform(-1, 1, (1, 2, 7, 11)), rng.uniform(-1, 1, (1, 5, 2))
    once = gs.spline_coefficients(image, 5, "wrap")
    expected = gs.grid_sample(image, grid, gs.BSpline(5), "wrap")
    np.testing.assert_array_equal(gs.grid_sample(once, grid, gs.BSpline(5, prefilter=False), "wrap"), expected)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "complex64"])
def test_other_dtypes(rng, dtype):
    image, grid = rng.uniform(0, 99, (1, 2, 7, 11)).astype(dtype), rng.uniform(-1, 1, (1, 5, 2))
    result = gs.grid_sample(image, grid, "bspline", "mirror")
    assert result.dtype == dtype
    parts = [gs.grid_sample(part.astype("float64"), grid, "bspline", "mirror") for part in (image.real, image.imag)]
    expected = parts[0] + 1j * parts[1] if dtype == "complex64" else np.round(parts[0])
    np.testing.assert_allclose(result, expected, rtol=0, atol=400 * eps("float32") * 99)


def test_the_spline_of_order_0_copies_labels():
    labels = np.array([[[2**63, 7, 2**64 - 1]]], "uint64")
    result = gs.grid_sample(labels, np.array([[[2.2], [0.4]]]), gs.BSpline(0), coords="pixel")
    np.testing.assert_array_equal(result[0, 0], [2**64 - 1, 2**63])


@pytest.mark.parametrize("derivative", [(1, 0), (0, 1), (1, 1), (2, 0)])
def test_derivatives_are_those_of_scipys_differences(rng, derivative):
    image, points, step = rng.uniform(-1, 1, (1, 1, 21, 23)), rng.uniform(2, 18, (1, 30, 2)), 1e-4
    axis = 0 if derivative[0] else 1
    lower = tuple(order - (a == axis) for a, order in enumerate(derivative))
    near = [
        gs.grid_sample(image, points + sign * step * np.eye(2)[axis], gs.BSpline(5), coords="pixel", derivative=lower)
        for sign in (1, -1)
    ]
    result = gs.grid_sample(image, points, gs.BSpline(5), coords="pixel", derivative=derivative)
    np.testing.assert_allclose(result, (near[0] - near[1]) / (2 * step), rtol=0, atol=1e-5)


def test_by_axis(rng):
    """Each axis has its own kernel, and its own filter or none."""
    image, points = rng.uniform(-1, 1, (1, 2, 7, 11)), positions(rng, (7, 11))
    for modes in itertools.permutations([gs.BSpline(3), "linear"]):
        result = gs.grid_sample(image, points, modes, ("wrap", "mirror"), coords="pixel")
        expected = reference.grid_sample(image, points, modes, ("wrap", "mirror"), coords="pixel")
        np.testing.assert_allclose(result, expected, rtol=0, atol=400 * eps("float64"))


def test_out_and_subclasses(rng):
    image, grid = rng.uniform(-1, 1, (1, 2, 7, 11)).astype(">f4"), rng.uniform(-1, 1, (1, 5, 2))
    kept = image.copy()
    expected = gs.grid_sample(image.astype("f4"), grid, gs.BSpline(3))
    out = np.empty_like(expected)
    assert gs.grid_sample(image, grid, gs.BSpline(3), out=out) is out
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(image, kept)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: gs.BSpline(9), ValueError, r"^order of BSpline must be one of 0 to 7; got 9"),
        (lambda: gs.BSpline(2.5), ValueError, r"^order of BSpline must be one of 0 to 7; got 2\.5"),
        (lambda: gs.BSpline("3"), TypeError, r"^order of BSpline must be a number; got '3' of type str"),
        (lambda: gs.BSpline(3, prefilter=2), ValueError, r"^prefilter of BSpline must be True or False; got 2"),
        (lambda: gs.Mitchell("a"), TypeError, r"^b of Mitchell must be a number"),
        (lambda: gs.Mitchell(0, np.inf), ValueError, r"^c of Mitchell must be finite; got inf"),
        (
            lambda: gs.spline_coefficients(np.zeros(3)),
            ValueError,
            r"^input must have the shape \(N, C, \*size\), a batch axis, channels and at least",
        ),
        (lambda: gs.spline_coefficients(np.zeros((1, 1, 3), int)), TypeError, r"^input must be of dtype"),
        (lambda: gs.spline_coefficients(np.zeros((1, 1, 3)), 8), ValueError, r"^order of BSpline"),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error, match=message):
        make()


# --------------------------------------------------------------------------------------------------------------- torch


@pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning")
def test_torch_in_every_way(rng):
    torch = pytest.importorskip("torch")
    gst = pytest.importorskip("gridsample.torch")
    image = torch.from_numpy(rng.normal(size=(2, 2, 5, 7))).requires_grad_()
    grid = torch.from_numpy(rng.uniform(-1.2, 1.2, (2, 6, 2))).requires_grad_()
    module = gst.GridSample(gs.BSpline(3), "wrap")
    expected = gs.grid_sample(image.detach().numpy(), grid.detach().numpy(), gs.BSpline(3), "wrap")
    np.testing.assert_array_equal(module(image, grid).detach().numpy(), expected)
    ways = {
        "compiled": torch.compile(module, fullgraph=True, backend="aot_eager"),
        "scripted": torch.jit.script(module),
        "exported": torch.export.export(module, (image, grid)).module(),
    }
    gradients = torch.autograd.grad(module(image, grid).sum(), (image, grid))
    for way in ways.values():
        result = way(image, grid)
        np.testing.assert_array_equal(result.detach().numpy(), expected)
        for ours, theirs in zip(torch.autograd.grad(result.sum(), (image, grid)), gradients, strict=True):
            torch.testing.assert_close(ours, theirs)
    vmapped = torch.vmap(lambda one: gs.grid_sample(one[None], grid[:1], gs.BSpline(3), "wrap"))(image)
    torch.testing.assert_close(vmapped[:, 0], gs.grid_sample(image, grid[:1], gs.BSpline(3), "wrap"))


@pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("padding", ["mirror", "symmetric", "wrap", "zeros"])
def test_gradients_of_every_kind(rng, padding):
    torch = pytest.importorskip("torch")
    image = torch.from_numpy(rng.normal(size=(1, 2, 4, 5))).requires_grad_()
    grid = torch.from_numpy(rng.uniform(-1.2, 1.2, (1, 3, 2))).requires_grad_()
    values = torch.from_numpy(rng.normal(size=(1, 2, 3))).requires_grad_()

    def sample(*tensors):
        return gs.grid_sample(*tensors, gs.BSpline(4), padding)

    def splat(*tensors):
        return gs.grid_splat(*tensors, (1, 2, 4, 5), gs.BSpline(4), padding)

    assert torch.autograd.gradcheck(sample, (image, grid), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(sample, (image, grid))
    assert torch.autograd.gradcheck(splat, (values, grid))
    assert torch.autograd.gradcheck(lambda x: gs.spline_coefficients(x, 2, padding), (image,))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_filtered_in_single(rng, dtype):
    torch = pytest.importorskip("torch")
    image = torch.from_numpy(rng.normal(size=(1, 2, 9, 7))).to(getattr(torch, dtype))
    grid = torch.from_numpy(rng.uniform(-1, 1, (1, 20, 2)))
    result = gs.grid_sample(image, grid, gs.BSpline(5))
    assert result.dtype == image.dtype
    expected = gs.grid_sample(image.double(), grid, gs.BSpline(5))
    assert ((result.double() - expected).abs() <= torch.finfo(image.dtype).eps * expected.abs() + 1e-5).all()
    assert gs.spline_coefficients(image).dtype == torch.float32


def test_arrays_of_the_standard(rng):
    xp = pytest.importorskip("array_api_strict")
    image, grid = rng.normal(size=(1, 2, 5, 7)), rng.uniform(-1, 1, (1, 6, 2))
    expected = gs.grid_sample(image, grid, gs.BSpline(3), "symmetric")
    result = gs.grid_sample(xp.asarray(image), xp.asarray(grid), gs.BSpline(3), "symmetric")
    np.testing.assert_allclose(np.asarray(result), expected, rtol=0, atol=64 * eps("float64"))
    found = gs.spline_coefficients(xp.asarray(image), 3, "symmetric")
    expected = gs.spline_coefficients(image, 3, "symmetric")
    np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=64 * eps("float64"))


@pytest.mark.parametrize("make", ["numpy", "torch"])
def test_axes_of_no_pixels(make):
    """There is nothing to filter, and nothing to sample unless there are no places either."""
    library = np if make == "numpy" else pytest.importorskip("torch")
    assert gs.spline_coefficients(library.zeros((1, 2, 0, 3))).shape == (1, 2, 0, 3)
    assert gs.grid_sample(library.zeros((1, 2, 0)), library.zeros((1, 0, 1)), "bspline").shape == (1, 2, 0)
    assert gs.grid_splat(library.zeros((1, 2, 0)), library.zeros((1, 0, 1)), (1, 2, 0), "bspline").shape == (1, 2, 0)
    with pytest.raises(ValueError, match=r"^input .* has a spatial axis of size 0, so there is nothing to sample"):
        gs.grid_sample(library.zeros((1, 2, 0)), library.zeros((1, 3, 1)), "bspline")
    with pytest.raises(ValueError, match=r"^grid must have the shape \(N, \*out, 1\)"):
        gs.grid_sample(library.zeros((1, 2, 5)), library.zeros((1, 3, 2)), "bspline")


@pytest.mark.parametrize("dtype", ["float64", "uint8"])
def test_a_wrong_out_is_refused_before_anything_is_computed(monkeypatch, dtype):
    def fail(*_):
        raise AssertionError

    monkeypatch.setattr(cpu.Cpu, "pull", fail)
    monkeypatch.setattr(cpu.Cpu, "sample", fail)
    monkeypatch.setattr(cpu.Cpu, "push", fail)
    image, grid, out = np.zeros((1, 1, 4), dtype), np.zeros((1, 3, 1)), np.zeros((1, 1, 5), dtype)
    with pytest.raises(ValueError, match=r"^out must have the result's shape \(1, 1, 3\); got \(1, 1, 5\)"):
        gs.grid_sample(image, grid, gs.BSpline(3), out=out)
    with pytest.raises(ValueError, match=r"^out must have the result's shape \(1, 1, 4\); got \(1, 1, 5\)"):
        gs.grid_splat(image[..., :3], grid, (1, 1, 4), gs.BSpline(3), out=out)
