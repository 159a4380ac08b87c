"""Inside ``replacing_functional``: subclasses, modes and others that are asked about torch's functions."""

from typing import ClassVar

import pytest
import torch
import torch.nn.functional as F
from torch.nn.functional import affine_grid as early_affine_grid
from torch.nn.functional import grid_sample as early_grid_sample
from torch.overrides import TorchFunctionMode

import gridsample.torch as gst
from support import eps
from torch_face.tools import assert_same


class Asked(torch.Tensor):
    """Is asked about each function, and refuses methods that would make results of its own."""

    seen: ClassVar[list] = []

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        cls.seen.append((function, function is F.grid_sample))
        return super().__torch_function__(function, types, args, kwargs or {})

    def new_empty(self, *_arguments, **_options):
        raise AssertionError("a subclass was asked for memory")

    def __getitem__(self, _key):
        raise AssertionError("a subclass was asked for a view")


def test_a_subclass_is_asked_about_the_very_function(tensors, calls):
    """That which everybody knew before, and which torch.nn.functional says meanwhile."""
    image, grid = tensors
    expected = F.grid_sample(image, grid, align_corners=False)
    Asked.seen.clear()
    with gst.replacing_functional():
        result = F.grid_sample(image.as_subclass(Asked), grid, align_corners=False)
        assert F.grid_sample is not early_grid_sample
    assert Asked.seen[0] == (early_grid_sample, True)
    assert "pull" in calls  # as torch's own function, called by the subclass, is ours
    assert type(result) is Asked
    assert_same(result.as_subclass(torch.Tensor), expected)


def test_a_subclass_with_gradients(tensors):
    image, grid = tensors
    leaf = image.clone().requires_grad_()
    with gst.replacing_functional():
        F.grid_sample(leaf.as_subclass(Asked), grid, align_corners=False).as_subclass(torch.Tensor).sum().backward()
    expected = image.clone().requires_grad_()
    F.grid_sample(expected, grid, align_corners=False).sum().backward()
    assert_same(leaf.grad, expected.grad)


def test_a_subclass_where_it_is_not_asked(tensors):
    image, grid = tensors
    with gst.replacing_functional(), torch._C.DisableTorchFunctionSubclass():
        results = [
            F.grid_sample(image.as_subclass(Asked), grid, align_corners=False),
            gst.grid_sample(image.as_subclass(Asked), grid),
            gst.grid_sample(image.as_subclass(Asked), grid.as_subclass(Asked), channels="first"),
        ]
    for result in results:
        assert type(result) is torch.Tensor
        assert_same(result, F.grid_sample(image, grid, align_corners=False))


def test_the_other_function(tensors):
    theta = tensors[1].flatten(1)[:, :6].reshape(-1, 2, 3)
    Asked.seen.clear()
    with gst.replacing_functional():
        result = F.affine_grid(theta.as_subclass(Asked), (2, 3, 4, 11), align_corners=False)
    assert Asked.seen[0][0] is early_affine_grid
    assert_same(result.as_subclass(torch.Tensor), early_affine_grid(theta, (2, 3, 4, 11), False))


class Watching(TorchFunctionMode):
    """Sees every function of torch's."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.seen.append((function, function is F.grid_sample))
        return function(*args, **(kwargs or {}))


def test_a_mode_is_asked_about_the_very_function(tensors, calls):
    with gst.replacing_functional(), Watching() as mode:
        result = F.grid_sample(*tensors, align_corners=False)
    assert mode.seen[0] == (early_grid_sample, True)
    assert calls == ["pull"]
    assert_same(result, F.grid_sample(*tensors, align_corners=False))


class Duck:
    """No tensor at all."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return function, kwargs


def test_a_duck_is_asked_about_the_very_function(tensors):
    with gst.replacing_functional():
        function, options = F.grid_sample(tensors[0], Duck(), padding_mode="border")
        assert F.affine_grid(Duck(), (1, 1, 2, 3))[0] is early_affine_grid
    assert function is early_grid_sample
    assert options == {"mode": "bilinear", "padding_mode": "border", "align_corners": None}


def test_blocks_within_what_is_asked(tensors):
    class Nesting(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            with gst.replacing_functional():
                assert F.grid_sample is early_grid_sample
                return function(*args, **(kwargs or {}))

    with gst.replacing_functional():
        with Nesting():
            F.grid_sample(*tensors, align_corners=False)
        assert F.grid_sample is not early_grid_sample


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("axes", [2, 3])
def test_monais_tensors_with_metadata(generator, calls, axes):
    """Transforms that sample tensors of a subclass, and come in where it is not asked."""
    transforms = pytest.importorskip("monai.transforms")
    meta = pytest.importorskip("monai.data").MetaTensor
    image = meta(torch.rand(2, *(7, 9, 5)[:axes], generator=generator))
    resample = transforms.Affine(
        rotate_params=[0.3, 0.1, 0.2][: 1 if axes == 2 else 3], padding_mode="border", image_only=True
    )
    expected = resample(image)
    with gst.replacing_functional():
        result = resample(image)
    assert "pull" in calls
    assert type(result) is type(expected) is meta
    torch.testing.assert_close(result.as_tensor(), expected.as_tensor(), rtol=0, atol=100 * eps("float32"))
    torch.testing.assert_close(result.affine, expected.affine, rtol=0, atol=0)
