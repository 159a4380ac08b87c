"""Picture files for the tests, made and read by libvips without the command's own code."""

from pathlib import Path

import numpy as np
import pytest

from gridsample.cli import main

vips = pytest.importorskip("pyvips")

SIZE = (13, 11)  # width, height
LOSSLESS = {".png": {}, ".tif": {}, ".webp": {"lossless": True, "exact": True}}
DTYPES = {"uint8": np.uint8, "uint16": np.uint16}


def noise(rng, dtype="uint8", bands=3, size=SIZE):
    """Return random pixels (height, width, bands); alpha, if there is one, is nowhere 0."""
    width, height = size
    pixels = rng.integers(0, np.iinfo(dtype).max, (height, width, bands), dtype=dtype, endpoint=True)
    if bands in (2, 4):
        pixels[..., -1] = np.maximum(pixels[..., -1], 1)
    return pixels


def image_of(pixels):
    """Return pixels as libvips has them."""
    height, width, bands = pixels.shape
    deep = pixels.dtype == np.uint16
    image = vips.Image.new_from_memory(pixels.tobytes(), width, height, bands, "ushort" if deep else "uchar")
    colours = ("grey16" if deep else "b-w") if bands < 3 else ("rgb16" if deep else "srgb")
    return image.copy(interpretation=colours)


def save(path, pixels, orientation=None, **options):
    """Write pixels to a file, without loss where the format can."""
    image = image_of(pixels)
    if orientation is not None:
        image.set_type(vips.GValue.gint_type, "orientation", orientation)
    image.write_to_file(str(path), **(options or LOSSLESS.get(path.suffix, {})))
    return path


def open_image(path):
    """Open a file. Through its bytes, as libvips remembers files by their names."""
    return vips.Image.new_from_buffer(Path(path).read_bytes(), "")


def load(path):
    """Return the pixels of a file (height, width, bands)."""
    image = open_image(path)
    return image.numpy().reshape(image.height, image.width, image.bands)


def warp(source, target, *options):
    """Run ``gridsample warp`` and return the pixels of what it wrote."""
    assert main(["warp", str(source), str(target), *map(str, options)]) == 0
    return load(target)
