"""NumPy arrays through our functions against ``torch.nn.functional``, for every option that torch has."""

import numpy as np
import pytest

import gridsample as gs
from engines import ENGINES, engines_for
from gridsample.engines.portable import PORTABLE as portable
from gridsample.spec import parse
from support import (
    BATCH,
    CHANNELS,
    OUTS,
    ROUNDINGS,
    SIZES,
    TORCH_MODES,
    TORCH_PADDINGS,
    Options,
    assert_as_good_as,
    defined_sample,
    eps,
    every_option,
    make_grid,
    make_image,
    normalized,
    positions_in,
    smooth_grid,
)

torch = pytest.importorskip("torch")

TORCH_AXES = (2, 3)
CASES = [
    pytest.param(axes, *case.values, id=f"{axes}d-{case.id}")
    for axes in TORCH_AXES
    for case in every_option(modes=tuple(TORCH_MODES), paddings=TORCH_PADDINGS)
    if axes == 2 or case.values[0].mode != "cubic"  # torch 2.13 has no cubic in 3-D
]
every_case = pytest.mark.parametrize(("axes", "options"), CASES)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def torch_sample(image, grid, options):
    """Return torch's samples of tensors, for any number of output axes; torch wants as many as the image has."""
    axes, out = grid.shape[-1], grid.shape[1:-1]
    places = grid.reshape(len(grid), *(1,) * (axes - 1), -1, axes)
    result = torch.nn.functional.grid_sample(image, places, TORCH_MODES[options.mode], options.padding, options.align)
    return result.reshape(*image.shape[:2], *out)


def torch_gradients(image, grid, values, options):
    """Return torch's samples and its gradients to the image and the grid."""
    image, grid = (torch.from_numpy(array.copy()).requires_grad_() for array in (image, grid))
    result = torch_sample(image, grid, options)
    result.backward(torch.from_numpy(values))
    return result.detach().numpy(), image.grad.numpy(), grid.grad.numpy()


def few_eps(options, axes, dtype):
    return ROUNDINGS[options.mode] * axes * eps(dtype)


def exact(image, grid, options):
    """Return the samples in float64 at exact positions."""
    with positions_in("float64"):
        return defined_sample(image.astype("float64"), grid.astype("float64"), options).value


@every_case
@every_dtype
def test_samples(rng, dtype, axes, options):
    """Away from ties, where the peers' positions, which differ in their last bits, lie in one cell."""
    image = make_image(rng, axes, dtype)
    grid = smooth_grid(rng, SIZES[axes], options.align, out=OUTS[axes]).astype(dtype)
    theirs = torch_sample(*map(torch.from_numpy, (image, grid)), options).numpy()
    truth = exact(image, grid, options)
    assert_as_good_as(gs.grid_sample(image, grid, *options), theirs, truth, few_eps(options, axes, dtype))


@every_case
@every_dtype
def test_gradients(rng, dtype, axes, options):
    image = make_image(rng, axes, dtype)
    grid = smooth_grid(rng, SIZES[axes], options.align, out=OUTS[axes]).astype(dtype)
    values = make_image(rng, dtype=dtype, size=OUTS[axes])
    _, to_image, to_grid = torch_gradients(image, grid, values, options)
    _, true_image, true_grid = torch_gradients(*(a.astype("float64") for a in (image, grid, values)), options)
    rounding = few_eps(options, axes, dtype)
    # many values reach one pixel: as many roundings of a sum of as many
    adding = eps(dtype) * largest_sum(values, grid, image.shape, options)
    assert_as_good_as(gs.grid_splat(values, grid, image.shape, *options), to_image, true_image, rounding + adding)
    steep = CHANNELS * max(SIZES[axes]) * 3
    for name in engines_for(axes):
        gradient = ENGINES[name].grid_gradient(values, image, grid, parse(*options), (0,) * axes)
        assert_as_good_as(gradient, to_grid, true_grid, rounding * steep)


def largest_sum(values, grid, shape, options):
    """Return the largest sum of magnitudes that meet in one pixel, under linear weights."""
    return gs.grid_splat(np.abs(values), grid, shape, "linear", options.padding, options.align).max()


@every_case
@every_dtype
def test_samples_at_ties_and_borders(rng, dtype, axes, options):
    """Sizes of powers of two make half positions exact in every order of evaluation, so torch sees the same ties."""
    size = (4, 8, 16)[:axes]
    image = make_image(rng, dtype=dtype, size=size)
    halves = [rng.integers(-2 * length, 6 * length, (BATCH, 97)) / 2 for length in reversed(size)]
    grid = np.stack([normalized(p, s, False) for p, s in zip(halves, reversed(size), strict=True)], -1).astype(dtype)
    options = options._replace(align=False)
    theirs = torch_sample(*map(torch.from_numpy, (image, grid)), options).numpy()
    ours = gs.grid_sample(image, grid, *options)
    if options.mode == "nearest":
        np.testing.assert_array_equal(ours, theirs)
    else:
        rounding = 2 * few_eps(options, axes, dtype)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding)


@pytest.mark.parametrize("options", every_option(modes=("linear",), paddings=TORCH_PADDINGS))
@pytest.mark.parametrize("axes", TORCH_AXES)
def test_gradients_at_borders(rng, axes, options):
    """Exactly on the first and last pixels, on their edges and on reflections, where slopes are a matter of rule."""
    size = (4, 8, 16)[:axes]
    if options.align:
        size = tuple(s + 1 for s in size)  # S - 1 is the power of two then
    image, values = make_image(rng, size=size), make_image(rng, size=(97,))
    halves = [rng.integers(-2 * length, 6 * length, (BATCH, 97)) / 2 for length in reversed(size)]
    grid = np.stack([normalized(p, s, options.align) for p, s in zip(halves, reversed(size), strict=True)], axis=-1)
    _, _, theirs = torch_gradients(image, grid, values, options)
    ours = ENGINES["portable"].grid_gradient(values, image, grid, parse(*options), (0,) * axes)
    rounding = few_eps(options, axes, "float64") * CHANNELS * max(size)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding)


@every_case
def test_edges_of_the_range(axes, options):
    """-1, 1, one ulp beyond them, and the first places from which nothing of the image is seen."""
    image = np.random.default_rng(axes).uniform(-1, 1, (1, CHANNELS, *(4, 8, 16)[:axes]))
    if options.align:
        image = np.pad(image, [(0, 0), (0, 0)] + axes * [(0, 1)], mode="wrap")
    beyond = [np.nextafter(-1, -2), np.nextafter(-1, 0), np.nextafter(1, 0), np.nextafter(1, 2)]
    ends = [-1, 1, *beyond, -1.5, 1.5, -2, 2, 9]
    grid = np.zeros((1, *(1,) * (axes - 1), len(ends) * axes, axes))
    for d in range(axes):
        grid[..., d * len(ends) : (d + 1) * len(ends), d] = ends
    theirs = torch_sample(*map(torch.from_numpy, (image, grid)), options).numpy()
    ours = gs.grid_sample(image, grid, *options)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=8 * few_eps(options, axes, "float64"))


@pytest.mark.parametrize("axes", TORCH_AXES)
@pytest.mark.parametrize("padding", TORCH_PADDINGS)
def test_float16(rng, padding, axes):
    """Computed in float32, where torch's 3-D kernels compute in half precision: our only rounding is the result's."""
    options = Options("linear", padding, False)
    image = make_image(rng, axes, "float16")
    grid = smooth_grid(rng, SIZES[axes], False, out=OUTS[axes]).astype("float16")
    theirs = torch_sample(*map(torch.from_numpy, (image, grid)), options).numpy()
    ours, truth = gs.grid_sample(image, grid, *options), exact(image, grid, options)
    assert_as_good_as(ours, theirs, truth, few_eps(options, axes, "float32") + eps("float16"))
    # positions in float32 are off by at most 2 eps of 6 sizes
    own = eps("float16") / 2 + 24 * eps("float32") * max(SIZES[axes]) * axes
    np.testing.assert_allclose(ours.astype(float), truth, rtol=0, atol=own)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("axes", TORCH_AXES)
@every_dtype
def test_affine_grid(rng, dtype, axes, align):
    theta, size = rng.normal(size=(BATCH, axes, axes + 1)).astype(dtype), (BATCH, 1, *SIZES[axes])
    theirs = torch.nn.functional.affine_grid(torch.from_numpy(theta), size, align).numpy()
    truth = gs.affine_grid(theta.astype("float64"), size, align)
    ours = gs.affine_grid(theta, size, align)
    assert ours.dtype == dtype
    assert_as_good_as(ours, theirs, truth, (axes + 1) * eps(dtype) * np.abs(theta).sum(-1).max())


@pytest.mark.filterwarnings("ignore:Since version 1.3.0, affine_grid behavior has changed")  # for what is tested here
@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(1, 1, 1, 1), (1, 1, 1, 7), (1, 1, 5, 1), (1, 1, 1, 5, 1)], ids=str)
def test_affine_grid_of_single_points(size, align):
    theta = np.random.default_rng(0).normal(size=(1, len(size) - 2, len(size) - 1))
    theirs = torch.nn.functional.affine_grid(torch.from_numpy(theta), size, align).numpy()
    np.testing.assert_allclose(gs.affine_grid(theta, size, align), theirs, rtol=0, atol=8 * eps("float64"))


# ------------------------------------------------------------------------------- torch's tensors, the portable engine


@every_case
def test_the_portable_engine_on_tensors(rng, axes, options):
    pytest.importorskip("array_api_compat")
    image, grid, values = make_image(rng, axes), make_grid(rng, axes), make_image(rng, size=OUTS[axes])
    spec, orders = parse(*options), (0,) * axes
    tensors = {name: torch.from_numpy(a) for name, a in (("image", image), ("grid", grid), ("values", values))}
    rounding = few_eps(options, axes, "float64")
    pairs = [
        (portable.pull(tensors["image"], tensors["grid"], spec, orders), portable.pull(image, grid, spec, orders)),
        (
            portable.push(tensors["values"], tensors["grid"], image.shape, spec, orders),
            portable.push(values, grid, image.shape, spec, orders),
        ),
        (
            portable.grid_gradient(tensors["values"], tensors["image"], tensors["grid"], spec, orders),
            portable.grid_gradient(values, image, grid, spec, orders),
        ),
    ]
    for theirs, ours in pairs:
        assert isinstance(theirs, torch.Tensor)
        np.testing.assert_allclose(theirs.numpy(), ours, rtol=0, atol=rounding * max(1, np.abs(ours).max()) * 8)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("axes", SIZES)
def test_the_portable_engine_keeps_dtypes_of_tensors(rng, axes, dtype):
    pytest.importorskip("array_api_compat")
    image = torch.from_numpy(make_image(rng, axes)).to(getattr(torch, dtype))
    grid = torch.from_numpy(make_grid(rng, axes, "float32"))
    options = Options("linear", "border", False)
    result = portable.pull(image, grid, parse(*options), (0,) * axes)
    assert result.dtype == image.dtype
    expected = defined_sample(image.double().numpy(), grid.numpy(), options).value
    rounding = torch.finfo(image.dtype).eps + 24 * eps("float32") * max(SIZES[axes]) * axes
    np.testing.assert_allclose(result.double().numpy(), expected, rtol=0, atol=rounding)


def test_numpy_and_torch_do_not_mix(rng):
    image, grid = make_image(rng), make_grid(rng)
    out = np.full((BATCH, CHANNELS, *OUTS[2]), 7.0)
    for a, b in ((torch.from_numpy(image), grid), (image, torch.from_numpy(grid))):
        with pytest.raises(TypeError, match=r"^input and grid must be arrays of one library; got .*torch.*") as refusal:
            gs.grid_sample(a, b, out=out)
        assert "numpy.ndarray" in str(refusal.value)
        with pytest.raises(TypeError, match=r"^values and grid must be arrays of one library; got .*torch.*"):
            gs.grid_splat(a, b, (BATCH, CHANNELS, 5, 7), out=out)
    with pytest.raises(TypeError, match=r"^out must be a NumPy array; got torch\.Tensor"):
        gs.grid_sample(image, grid, out=torch.from_numpy(out))
    assert (out == 7).all()
