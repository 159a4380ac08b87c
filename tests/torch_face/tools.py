"""What the tests of the torch face share: tensors away from kinks, layouts, and a record of what engines were given."""

import itertools

import pytest
import torch

from gridsample.engines.cpu import CPU
from support import BOUNDARIES, MODES, Options, eps, make_image, smooth_grid

SMALL = {1: (4,), 2: (3, 4), 3: (3, 4, 5)}  # a Jacobian has a column for each number


def small_options():
    """Return every mode, boundary and alignment in 1 to 3 dimensions, as parameters with readable names.

    But for 216 taps a point, which take gradcheck's thousand calls too long: a dimension is a product of axes.
    """
    cases = itertools.product((1, 2, 3), MODES, BOUNDARIES, (False, True))
    return [
        pytest.param(axes, Options(*rest), id=f"{axes}d-{Options(*rest)}")
        for axes, *rest in cases
        if rest[0] != "lanczos" or axes < 3
    ]


def small_tensors(rng, axes, align, *, batch=1, points=2, channels=2):
    """Return an image (N, C, *size) and smooth places (N, K, D), in float64 and differentiable."""
    image = make_image(rng, axes, batch=batch, size=SMALL[axes])[:, :channels]
    grid = smooth_grid(rng, SMALL[axes], align, batch, (points,))
    return torch.from_numpy(image.copy()).requires_grad_(), torch.from_numpy(grid).requires_grad_()


def is_channels_last(tensor):
    """Whether (N, C, *size) lies in memory as (N, *size, C)."""
    return tensor.movedim(1, -1).is_contiguous() and not tensor.is_contiguous()


def channels_last(tensor):
    """Return a copy of (N, C, *size) that lies in memory as (N, *size, C)."""
    return tensor.movedim(1, -1).contiguous().movedim(-1, 1)


class EngineCalls:
    """A record of what the compiled engine was given: names, and tensors by the name of the call."""

    def __init__(self, monkeypatch):
        self.names, self.tensors = [], []
        for name in ("sample", "pull", "push", "grid_gradient", "gradients", "gradients_along"):
            monkeypatch.setattr(CPU, name, self._recording(name, getattr(CPU, name)))

    def _recording(self, name, function):
        def record(*arguments):
            result = function(*arguments)
            if name != "sample" or result is not None:  # None: it is left to others
                self.names.append("pull" if name == "sample" else name)
                tensors = (*arguments, result)
                self.tensors.append([argument for argument in tensors if isinstance(argument, torch.Tensor)])
            return result

        return record


def assert_same(mine, theirs):
    """Assert two ways of float64 to differ by the rounding of their sums alone."""
    torch.testing.assert_close(mine, theirs, rtol=0, atol=100 * eps("float64"))
