"""JAX's arrays through the portable engine: as they are, and under jit, grad and vmap; NumPy arrays beside them."""

import functools

import numpy as np
import pytest

import gridsample as gs
from support import (
    BATCH,
    BOUNDARIES,
    CHANNELS,
    OUTS,
    SIZES,
    Options,
    assert_within,
    defined_sample,
    defined_splat,
    every_option,
    make_grid,
    make_image,
)

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")

every_axes = pytest.mark.parametrize("axes", SIZES)
CUBIC = Options("cubic", "mirror", False)


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    """Both precisions; JAX has the double one only where the user wants it."""
    with jax.enable_x64(request.param == "float64"):
        yield request.param


@pytest.fixture
def double():
    """Double precision, for derivatives."""
    with jax.enable_x64(True):
        yield "float64"


def both(rng, axes=2, dtype="float64"):
    """Return an image and a grid of NumPy's."""
    return make_image(rng, axes, dtype), make_grid(rng, axes, dtype)


def assert_close(result, expected):
    """Assert that what compiled code gives is the same but for roundings.

    Products and sums that it fuses move a position of some tens of pixels by as many eps; a slope is a few times the
    values, which are at most 1, on each of two axes.
    """
    result = np.asarray(result)
    assert result.dtype == expected.dtype
    np.testing.assert_allclose(result, expected, rtol=0, atol=400 * np.finfo(expected.dtype).eps)


# ------------------------------------------------------------------------------------------------------ what comes out


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [1, 2])
def test_sampling(rng, dtype, axes, options):
    image, grid = both(rng, axes, dtype)
    result = gs.grid_sample(jnp.asarray(image), jnp.asarray(grid), *options)
    assert isinstance(result, jax.Array)
    assert result.dtype == dtype
    assert_within(np.asarray(result), defined_sample(image, grid, options))


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize(
    ("axes", "mode"),
    [
        (1, "lanczos"),
        (2, "linear"),
        (3, "linear"),
        *[pytest.param(*p, marks=pytest.mark.slow) for p in ((2, "cubic"), (4, "linear"))],
    ],
)
def test_sampling_under_jit(rng, dtype, axes, mode, padding):
    options = Options(mode, padding, True)
    image, grid = both(rng, axes, dtype)
    sample = jax.jit(lambda x, g: gs.grid_sample(x, g, *options))
    assert_close(sample(image, grid), gs.grid_sample(image, grid, *options))


def test_nearest_under_jit(rng, dtype):
    """Away from ties, where a fused product decides for the other pixel."""
    image, positions = make_image(rng, dtype=dtype), rng.integers(-9, 19, (BATCH, *OUTS[2], 2))
    grid = (positions + rng.uniform(-0.4, 0.4, positions.shape)).astype(dtype)
    sample = jax.jit(functools.partial(gs.grid_sample, mode="nearest", padding_mode="wrap", coords="pixel"))
    np.testing.assert_array_equal(sample(image, grid), gs.grid_sample(image, grid, "nearest", "wrap", coords="pixel"))


@pytest.mark.parametrize("transform", [lambda call: call, jax.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("numpys", ["input", "grid"])
def test_numpy_arrays_beside_jaxs(rng, dtype, numpys, transform):
    image, grid = both(rng, dtype=dtype)
    if numpys == "input":
        result = transform(lambda g: gs.grid_sample(image, g, *CUBIC))(jnp.asarray(grid))
    else:
        result = transform(lambda x: gs.grid_sample(x, grid, *CUBIC))(jnp.asarray(image))
    assert isinstance(result, jax.Array)
    assert_close(result, gs.grid_sample(image, grid, *CUBIC))


def test_numpy_arrays_of_any_layout_beside_jaxs(rng, dtype):
    image, grid = both(rng, dtype=dtype)
    swapped = np.asfortranarray(grid.astype(grid.dtype.newbyteorder("S")))
    assert_close(gs.grid_sample(jnp.asarray(image), swapped, *CUBIC), gs.grid_sample(image, grid, *CUBIC))


def calls_of_every_function(rng, dtype):
    """Return calls with the arrays that they are made with."""
    image, grid = both(rng, dtype=dtype)
    values, mask = make_image(rng, size=OUTS[2], dtype=dtype), make_image(rng)[:, :1] > 0
    labels, flow = (image * 9).astype("int32"), make_grid(rng, dtype=dtype, out=SIZES[2])
    shape, theta = (BATCH, CHANNELS, *SIZES[2]), rng.normal(size=(BATCH, 2, 3)).astype(dtype)
    last = np.moveaxis(image, 1, -1)
    return {
        "splat": (lambda v, g: gs.grid_splat(v, g, shape), values, grid),
        "splat of splines": (lambda v, g: gs.grid_splat(v, g, shape, "bspline"), values, grid),
        "affine_grid": (lambda t: gs.affine_grid(t, shape, coords="pixel", center=(2, 3)), theta),
        "normalize": (lambda p: gs.normalize(p, SIZES[2]), grid),
        "to_pixels": (lambda g: gs.to_pixels(g, SIZES[2], True), grid),
        "coverage": (lambda g: gs.coverage(SIZES[2], g), grid),
        "grid_count": (lambda g: gs.grid_count(g, (BATCH, 1, *SIZES[2])), grid),
        "sample_masked": (lambda x, m, g: gs.sample_masked(x, m, g).values, image, mask, grid),
        "sample_labels": (gs.sample_labels, labels, grid),
        "spline_coefficients": (gs.spline_coefficients, image),
        "splines": (lambda x, g: gs.grid_sample(x, g, "bspline", "wrap"), image, grid),
        "relative": (lambda x, g: gs.grid_sample(x, g, coords="relative"), image, flow),
        "channels last": (lambda x, g: gs.grid_sample(x, g, channels="last"), last, grid),
        "derivative": (lambda x, g: gs.grid_sample(x, g, "cubic", derivative=(1, 1)), image, grid),
        "uint8": (gs.grid_sample, (image * 99 + 100).astype("uint8"), grid),
        "complex": (gs.grid_sample, image.astype("complex64") * (1 + 2j), grid),
    }


NAMES = list(calls_of_every_function(np.random.default_rng(0), "float32"))


@pytest.mark.parametrize("transform", [lambda call: call, jax.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("name", NAMES)
def test_every_function(rng, dtype, name, transform):
    call, *arrays = calls_of_every_function(rng, dtype)[name]
    result, expected = transform(call)(*map(jnp.asarray, arrays)), call(*arrays)
    assert isinstance(result, jax.Array)
    assert result.dtype == expected.dtype
    if expected.dtype.kind in "iu":  # a rounding may decide a vote or a half, but seldom
        assert (np.asarray(result) == expected).mean() > 0.99
    else:  # derivatives carry the scales of both axes, splats and filters add up some tens of values
        eps = np.finfo(dtype).eps if expected.dtype.kind == "f" else np.finfo("float32").eps
        np.testing.assert_allclose(result, expected, rtol=4000 * eps, atol=4000 * eps)


def test_splatting_is_as_defined(rng, double):
    values, grid, shape = make_image(rng, size=OUTS[2]), make_grid(rng), (BATCH, CHANNELS, *SIZES[2])
    result = gs.grid_splat(jnp.asarray(values), jnp.asarray(grid), shape, *CUBIC)
    assert result.dtype == double
    assert_within(np.asarray(result), defined_splat(values, grid, shape, CUBIC))


# --------------------------------------------------------------------------------------------------------- derivatives


GRADIENTS = [
    *[(1, "cubic"), (2, "linear"), (2, "nearest")],
    *[pytest.param(*long, marks=pytest.mark.slow) for long in ((1, "lanczos"), (2, "cubic"), (3, "linear"))],
]  # what is slow is JAX's compiler


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize(("axes", "mode"), GRADIENTS)
def test_gradients_are_those_of_torch_tensors(rng, double, axes, mode, padding):
    torch = pytest.importorskip("torch")
    options = Options(mode, padding, False)
    image, grid = both(rng, axes, double)
    seed = rng.normal(size=(BATCH, CHANNELS, *OUTS[axes]))
    tensors = [torch.tensor(array, requires_grad=True) for array in (image, grid)]
    (gs.grid_sample(*tensors, *options) * torch.tensor(seed)).sum().backward()
    total = lambda x, g: (gs.grid_sample(x, g, *options) * seed).sum()  # noqa: E731
    gradients = jax.jit(jax.grad(total, argnums=(0, 1)))(image, grid)
    for ours, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-12, atol=1e-12)


ODD_PLACES = {
    "undefined, and far away": ([np.nan, 0.1, 0.2, np.inf, -np.inf, 0.3, 1e300, 0.2, -1e30, -0.4, 0.1, 0.2], True),
    "centres of pixels, and ends of axes": ([-1, 1, 0, 0.5, 1, -1, -0.5, 0, 3, -1, -3, 5], True),
    "outer edges": ([-1, 1, 0, 0.5, 1, -1, -0.5, 0, 3, -1, -3, 5], False),
}


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize("mode", ["linear", pytest.param("cubic", marks=pytest.mark.slow)])
@pytest.mark.parametrize("places", ODD_PLACES)
def test_gradients_at_odd_places(rng, double, places, mode, padding):
    """As in torch: none from undefined places or to them, and nowhere NaN; at the ends of axes, those inside."""
    torch = pytest.importorskip("torch")
    coordinates, align = ODD_PLACES[places]
    grid = np.array(coordinates, float).reshape(1, -1, 2)
    image = make_image(rng, dtype=double)[:1]
    tensors = [torch.tensor(array, requires_grad=True) for array in (image, grid)]
    gs.grid_sample(*tensors, mode, padding, align).nan_to_num().sum().backward()
    total = lambda x, g: jnp.nan_to_num(gs.grid_sample(x, g, mode, padding, align)).sum()  # noqa: E731
    for ours, tensor in zip(jax.jit(jax.grad(total, argnums=(0, 1)))(image, grid), tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_second_derivatives(rng, double):
    torch = pytest.importorskip("torch")
    image, grid = both(rng, 1, double)
    image, grid = image[:1], grid[:1, :1, :3]
    ours = jax.hessian(lambda g: gs.grid_sample(image, g, *CUBIC).sum())(grid)
    tensor = torch.tensor(image)
    theirs = torch.autograd.functional.hessian(lambda g: gs.grid_sample(tensor, g, *CUBIC).sum(), torch.tensor(grid))
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-10)


def test_gradients_of_the_transpose(rng, double):
    """Splatting is linear in its values: their gradient is the sample."""
    values, grid, weights = make_image(rng, size=OUTS[2]), make_grid(rng), make_image(rng, dtype=double)
    total = lambda v: (gs.grid_splat(v, grid, weights.shape, *CUBIC) * weights).sum()  # noqa: E731
    np.testing.assert_allclose(jax.grad(total)(values), gs.grid_sample(weights, grid, *CUBIC), rtol=0, atol=1e-13)


# ----------------------------------------------------------------------------------------------------------------- vmap


@pytest.mark.parametrize("mapped", ["input", "grid", "both"])
@pytest.mark.parametrize("jitted", [False, True])
def test_vmap(rng, double, mapped, jitted):
    images, grids = make_image(rng, dtype=double, batch=4)[:, None], make_grid(rng, dtype=double, batch=4)[:, None]
    axes = {"input": (0, None), "grid": (None, 0), "both": (0, 0)}[mapped]
    given = [array if axis == 0 else array[0] for array, axis in zip((images, grids), axes, strict=True)]
    sample = functools.partial(gs.grid_sample, mode="linear", padding_mode="symmetric")
    call = jax.vmap(sample, in_axes=axes)
    result = (jax.jit(call) if jitted else call)(*map(jnp.asarray, given))
    pick = lambda i: [array[i] if axis == 0 else array for array, axis in zip(given, axes, strict=True)]  # noqa: E731
    assert_close(result, np.stack([sample(*pick(i)) for i in range(4)]))


def test_transformations_of_transformations(rng, double):
    """The gradient of each of several grids, compiled: types of tracers of all kinds meet."""
    image, grids = make_image(rng, batch=1), make_grid(rng, batch=3)[:, None]
    one = lambda g: gs.grid_sample(image, g, "linear", "mirror").sum()  # noqa: E731
    result = jax.jit(jax.vmap(jax.grad(one)))(grids)
    expected = np.stack([jax.grad(one)(jnp.asarray(grid)) for grid in grids])
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
    assert result.dtype == double


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("name", ["int16", "uint16", "int32", "uint32"])
def test_integers_that_need_double_precision(rng, name):
    """Single precision would round them; with double precision they are as NumPy's."""
    image, grid = (make_image(rng) * 99 + 100).astype(name), make_grid(rng)
    splatted = np.ones((BATCH, CHANNELS, *OUTS[2]), name)
    for call in (
        lambda x, _: gs.grid_sample(x, jnp.asarray(grid)),
        lambda _, v: gs.grid_splat(v, jnp.asarray(grid), image.shape),
    ):
        with pytest.raises(TypeError, match=rf"dtype {name} is computed in float64.*jax_enable_x64.*astype"):
            call(jnp.asarray(image), jnp.asarray(splatted))
    with jax.enable_x64(True):
        result = gs.grid_sample(jnp.asarray(image), jnp.asarray(grid))
    np.testing.assert_array_equal(result, gs.grid_sample(image, grid))


def test_more_pixels_than_can_be_counted():
    """Without 64-bit integers; nothing is made for it, as JAX only traces the shapes."""
    image, grid = jax.ShapeDtypeStruct((1, 1, 2**16, 2**15), "float32"), jax.ShapeDtypeStruct((1, 4, 2), "float32")
    with pytest.raises(ValueError, match=r"input \(1, 1, 65536, 32768\) has more pixels than .*jax_enable_x64"):
        jax.eval_shape(gs.grid_sample, image, grid)
    values = jax.ShapeDtypeStruct((1, 1, 4), "float32")
    with pytest.raises(ValueError, match=r"shape \(1, 1, 65536, 32768\) has more pixels"):
        jax.eval_shape(lambda v, g: gs.grid_splat(v, g, image.shape), values, grid)
    with jax.enable_x64(True):
        assert jax.eval_shape(gs.grid_sample, image, grid).shape == (1, 1, 4)


def test_other_libraries_beside_jaxs(rng):
    torch = pytest.importorskip("torch")
    image, grid = both(rng, dtype="float32")
    with pytest.raises(
        TypeError, match=r"^input and grid must be arrays of one library; .*; pass jnp\.asarray\(grid\)"
    ):
        gs.grid_sample(jnp.asarray(image), torch.tensor(grid))
    with pytest.raises(TypeError, match=r"^grid must be a NumPy array.*; pass jnp\.asarray\(grid\)"):
        gs.grid_sample(jnp.asarray(image), grid.tolist())
    with pytest.raises(TypeError, match=r"^out is for NumPy arrays only"):
        gs.grid_sample(jnp.asarray(image), grid, out=np.zeros((BATCH, CHANNELS, *OUTS[2]), "float32"))


def test_shapes_are_refused_under_jit():
    with pytest.raises(ValueError, match=r"grid must have the shape \(N, \*out, 2\)"):
        jax.jit(gs.grid_sample)(np.zeros((1, 1, 3, 5)), np.zeros((1, 4, 3)))
