"""The portable engine itself, on NumPy arrays: whatever engine the public functions choose, it computes the same."""

import pytest

from gridsample.engines.portable import PORTABLE as portable
from gridsample.engines.portable import SCATTER_ADD
from gridsample.spec import parse
from support import (
    DTYPES,
    OUTS,
    SIZES,
    assert_within,
    defined_sample,
    defined_splat,
    every_option,
    make_grid,
    make_image,
)


@pytest.mark.parametrize("options", every_option())
@pytest.mark.parametrize("axes", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_pull_and_push(rng, dtype, axes, options):
    image, grid = make_image(rng, axes, dtype), make_grid(rng, axes, dtype)
    values, orders, spec = make_image(rng, dtype=dtype, size=OUTS[axes]), (0,) * axes, parse(*options)
    assert_within(portable.pull(image, grid, spec, orders), defined_sample(image, grid, options))
    splatted = portable.push(values, grid, image.shape, spec, orders)
    assert_within(splatted, defined_splat(values, grid, image.shape, options))


def test_every_library_with_a_scatter_add_is_named():
    assert set(SCATTER_ADD) == {"numpy", "torch", "jax", "cupy"}
