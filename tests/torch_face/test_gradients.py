"""Gradients of tensors: against the engines, finite differences and torch; every order, mode and dimension."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import gridsample as gs
from engines import ENGINES
from gridsample.spec import parse
from support import SIZES, TORCH_MODES, eps, every_option, make_grid, make_image, smooth_grid
from torch_face.tools import EngineCalls, small_options, small_tensors

every_small_case = pytest.mark.parametrize(("axes", "options"), small_options())
# Finite differences of a polynomial of degree 3 with a step of 1e-6: their own error is below 1e-9 relative.
CHECK = {"atol": 1e-7, "rtol": 1e-6, "nondet_tol": 0.0}


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_are_the_engines(rng, axes, options, dtype):
    """What comes back is bit for bit what the engine gives for NumPy arrays."""
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    image_tensor, grid_tensor = torch.from_numpy(image).requires_grad_(), torch.from_numpy(grid).requires_grad_()
    result = gs.grid_sample(image_tensor, grid_tensor, *options)
    values = np.array(rng.uniform(-1, 1, result.shape), dtype)
    result.backward(torch.from_numpy(values))

    engine, spec, orders = ENGINES["cpu" if axes in (1, 2, 3) else "portable"], parse(*options), (0,) * axes
    expected = engine.pull(image, grid, spec, orders)
    if axes == 4 and options.mode == "lanczos":  # of NumPy's sine and of torch's
        np.testing.assert_allclose(result.detach().numpy(), expected, rtol=0, atol=100 * eps(dtype))
    else:
        np.testing.assert_array_equal(result.detach().numpy(), expected)
    if axes in (1, 2, 3):
        np.testing.assert_array_equal(image_tensor.grad.numpy(), engine.push(values, grid, image.shape, spec, orders))
        np.testing.assert_array_equal(grid_tensor.grad.numpy(), engine.grid_gradient(values, image, grid, spec, orders))
    else:  # NumPy and torch add up in orders of their own
        rounding = 100 * eps(dtype)
        by_image = engine.push(values, grid, image.shape, spec, orders)
        by_grid = engine.grid_gradient(values, image, grid, spec, orders)
        np.testing.assert_allclose(image_tensor.grad.numpy(), by_image, atol=rounding * abs(by_image).max())
        np.testing.assert_allclose(grid_tensor.grad.numpy(), by_grid, atol=rounding * abs(by_grid).max())


@pytest.mark.parametrize("options", every_option(tuple(TORCH_MODES), ("zeros", "border", "reflection")))
@pytest.mark.parametrize("axes", [2, 3])
def test_gradients_agree_with_torch(rng, axes, options):
    if axes == 3 and options.mode == "cubic":
        pytest.skip("torch 2.13 has no cubic in 3-D")
    size = SIZES[axes]
    image = torch.from_numpy(make_image(rng, axes)).requires_grad_()
    out = (11, 13, 3)[:axes]
    grid = torch.from_numpy(smooth_grid(rng, size, options.align, out=out)).requires_grad_()
    ours = gs.grid_sample(image, grid, *options)
    theirs = torch.nn.functional.grid_sample(image, grid, TORCH_MODES[options.mode], options.padding, options.align)
    values = torch.from_numpy(rng.uniform(-1, 1, ours.shape))
    for mine, peers in zip(
        torch.autograd.grad(ours, (image, grid), values),
        torch.autograd.grad(theirs, (image, grid), values),
        strict=True,
    ):
        # some hundred terms of size up to 10, each rounded on its way through positions, weights and sums
        torch.testing.assert_close(
            mine, peers, rtol=0, atol=1000 * eps("float64") * max(float(peers.detach().abs().max()), 1)
        )


@every_small_case
def test_first_order(rng, axes, options):
    image, grid = small_tensors(rng, axes, options.align)
    assert gradcheck(lambda x, g: gs.grid_sample(x, g, *options), (image, grid), check_forward_ad=True, **CHECK)


@every_small_case
def test_second_order(rng, axes, options):
    image, grid = small_tensors(rng, axes, options.align, points=1, channels=1)
    assert gradgradcheck(
        lambda x, g: gs.grid_sample(x, g, *options),
        (image, grid),
        check_fwd_over_rev=True,
        check_rev_over_rev=True,
        **CHECK,
    )


@pytest.mark.parametrize("mode", ["linear", "cubic"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_third_order(rng, axes, mode):
    """The second derivatives, as a function, have the right derivative themselves."""
    image, grid = small_tensors(rng, axes, False, points=1, channels=1)
    weights = torch.from_numpy(rng.uniform(-1, 1, grid.shape))

    def second(x, g):
        result = gs.grid_sample(x, g, mode, "mirror").sin().sum()
        by_image, by_grid = torch.autograd.grad(result, (x, g), create_graph=True)
        return torch.autograd.grad((by_grid * weights).sum() + (by_image**2).sum(), (x, g), create_graph=True)

    assert gradcheck(second, (image, grid), **CHECK)


@every_small_case
def test_splatting_first_order(rng, axes, options):
    image, grid = small_tensors(rng, axes, options.align, batch=2)
    values = torch.from_numpy(rng.uniform(-1, 1, (2, 2, 2))).requires_grad_()
    for batch in (1, 2):
        shape = (batch, *image.shape[1:])
        assert gradcheck(
            lambda v, g, shape=shape: gs.grid_splat(v, g, shape, *options),
            (values, grid),
            check_forward_ad=True,
            **CHECK,
        )


@pytest.mark.parametrize("mode", ["linear", "cubic"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_splatting_second_order(rng, axes, mode):
    image, grid = small_tensors(rng, axes, False, points=1, channels=1)
    values = torch.from_numpy(rng.uniform(-1, 1, (1, 1, 1))).requires_grad_()
    assert gradgradcheck(
        lambda v, g: gs.grid_splat(v, g, image.shape, mode, "border"), (values, grid), check_fwd_over_rev=True, **CHECK
    )


def test_four_dimensions_have_them_all(rng):
    """By the portable engine, which also serves other devices."""
    image = torch.from_numpy(rng.uniform(-1, 1, (1, 1, 2, 3, 2, 3))).requires_grad_()
    grid = torch.from_numpy(smooth_grid(rng, (2, 3, 2, 3), True, 1, (1,))).requires_grad_()

    def sample(x, g):
        return gs.grid_sample(x, g, "linear", "mirror", True)

    assert gradcheck(sample, (image, grid), check_forward_ad=True, **CHECK)
    assert gradgradcheck(sample, (image, grid), check_fwd_over_rev=True, **CHECK)


@pytest.mark.parametrize("batches", [(1, 3), (3, 1), (1, 1), (3, 3)], ids=str)
@pytest.mark.parametrize("operation", ["sample", "splat", "splat into one"])
def test_broadcast_batches(rng, operation, batches):
    """A batch of one has a gradient of one, whatever it was broadcast to; to the second order."""
    image, _ = small_tensors(rng, 2, False, batch=batches[0], channels=1)
    _, grid = small_tensors(rng, 2, False, batch=batches[1])
    target = (1 if operation == "splat into one" else max(batches), 1, 3, 4)

    def function(x, g):
        if operation == "sample":
            return gs.grid_sample(x, g, "cubic")
        return gs.grid_splat(x[..., 0, :2], g, target, "cubic")

    assert gradcheck(function, (image, grid), check_forward_ad=True, **CHECK)
    assert gradgradcheck(function, (image, grid), check_fwd_over_rev=True, **CHECK)


@pytest.mark.parametrize("options", every_option(paddings=("zeros", "mirror")))
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_fused_gradient_is_the_composition(rng, axes, options):
    """One sweep for all components of the grid's gradient equals one pull for each, which defines it."""
    image = torch.from_numpy(make_image(rng, axes))
    grid = torch.from_numpy(make_grid(rng, axes))
    spec, orders = parse(*options), (0,) * axes
    values = torch.from_numpy(rng.uniform(-1, 1, (*image.shape[:2], *grid.shape[1:-1])))
    plain = spec.text
    fused = torch.ops.gridsample.grid_gradient(values, image, grid, orders, *plain)
    for d in range(axes):
        raised = [int(a == d) for a in range(axes)]
        slope = torch.ops.gridsample.pull(image, grid, raised, None, *plain)
        composed = (values * slope).sum(1)
        torch.testing.assert_close(fused[..., d], composed, rtol=0, atol=64 * eps("float64") * float(slope.abs().max()))


@pytest.mark.parametrize(
    ("wanted", "computed"), [("x", ["pull", "push"]), ("g", ["pull", "grid_gradient"]), ("", ["pull"])]
)
def test_only_what_is_asked_for_is_computed(rng, monkeypatch, wanted, computed):
    image, grid = small_tensors(rng, 2, False)
    image.requires_grad_("x" in wanted)
    grid.requires_grad_("g" in wanted)
    calls = EngineCalls(monkeypatch)
    result = gs.grid_sample(image, grid)
    if wanted:
        result.sum().backward()
    assert calls.names == computed
    assert (image.grad is not None) == ("x" in wanted)
    assert (grid.grad is not None) == ("g" in wanted)


def test_nothing_is_saved_but_what_was_given(rng):
    image, grid = small_tensors(rng, 2, False)
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: saved.append(tensor) or tensor, lambda tensor: tensor):
        result = gs.grid_sample(image, grid)
        gs.grid_splat(result, grid, image.shape)
    pointers = {tensor.untyped_storage().data_ptr() for tensor in saved}
    assert pointers == {tensor.untyped_storage().data_ptr() for tensor in (image, grid, result)}


def test_changing_a_saved_tensor_is_noticed(rng):
    image, grid = small_tensors(rng, 2, False)
    result = gs.grid_sample(image * 1, grid)
    with torch.no_grad():
        grid += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        result.sum().backward()


@pytest.mark.parametrize("image_type", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("grid_type", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtypes_may_differ(rng, image_type, grid_type):
    """Each gradient has its tensor's dtype, in first and second order; values as in float64, up to that dtype."""
    image = torch.from_numpy(make_image(rng, 2)).to(image_type).requires_grad_()
    grid = torch.from_numpy(smooth_grid(rng, SIZES[2], False)).clamp(-0.9, 0.9).to(grid_type).requires_grad_()

    def gradients(x, g):
        result = gs.grid_sample(x, g, "cubic")
        by_image, by_grid = torch.autograd.grad(result.sum(), (x, g), create_graph=True)
        return result, by_image, by_grid, *torch.autograd.grad(by_grid.sum() + by_image.sum(), (x, g))

    exact = gradients(image.detach().double().requires_grad_(), grid.detach().double().requires_grad_())
    for tensor, truth, like in zip(gradients(image, grid), exact, (image, image, grid, image, grid), strict=True):
        assert tensor.dtype == like.dtype
        # the weights' float32, sums of up to 143 terms of size up to the largest, and half precision on the way
        rounding = 143 * torch.finfo(torch.float32).eps + 8 * max(torch.finfo(t).eps for t in (image_type, grid_type))
        torch.testing.assert_close(tensor.double(), truth, rtol=0, atol=rounding * float(truth.detach().abs().max()))


def test_affine_grid_has_gradients_of_any_order(rng):
    theta = torch.from_numpy(rng.uniform(-1, 1, (2, 2, 3))).requires_grad_()
    image, _ = small_tensors(rng, 2, False, batch=2)

    def warp(theta, image):
        return gs.grid_sample(image, gs.affine_grid(theta, (2, 2, 3, 2)), "cubic", "mirror")

    assert gradcheck(warp, (theta, image), check_forward_ad=True, **CHECK)
    assert gradgradcheck(lambda theta: warp(theta, image[:, :1].detach()), (theta,), **CHECK)
