"""Tensors of bytes are sampled as arrays of bytes are, whichever way they come."""

import pytest
import torch

import gridsample as gs
import gridsample.torch as gst


@pytest.mark.parametrize("channels", ["first", "last"])
@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
def test_tensors_of_bytes(channels, mode):
    """Plain ones by the core, compiled and mapped ones carried by floats."""
    generator = torch.Generator().manual_seed(5)
    image = torch.randint(0, 256, (2, 3, 11, 13), generator=generator, dtype=torch.uint8)
    grid = torch.rand((2, 5, 7, 2), generator=generator) * 2.4 - 1.2
    given = image.movedim(1, -1).contiguous() if channels == "last" else image

    def sample(image, grid):
        return gs.grid_sample(image, grid, mode, channels=channels)

    expected = torch.from_numpy(gs.grid_sample(given.numpy(), grid.numpy(), mode, channels=channels))
    plain = sample(given, grid)
    assert plain.dtype == torch.uint8
    assert torch.equal(plain, expected)
    assert torch.equal(sample(given, grid.clone().requires_grad_()), expected)
    assert torch.equal(torch.compile(sample, backend="aot_eager")(given, grid), expected)
    mapped = torch.func.vmap(lambda x, g: sample(x[None], g[None])[0])(given, grid)
    assert torch.equal(mapped, expected)
    assert torch.equal(gst.GridSample(mode, channels=channels)(given, grid), expected)
