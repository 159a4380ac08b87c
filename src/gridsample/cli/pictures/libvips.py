"""Pictures as libvips has them, and back."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from gridsample.cli.pictures.format import Broken, Picture
from gridsample.cli.refusal import Refusal, Stopped, needed
from gridsample.cli.stopping import Stop

DTYPES = {
    "uchar": np.uint8,
    "char": np.int8,
    "ushort": np.uint16,
    "short": np.int16,
    "uint": np.uint32,
    "int": np.int32,
    "float": np.float32,
    "double": np.float64,
}
BANDS = {"b-w": 1, "grey16": 1, "srgb": 3, "rgb": 3, "rgb16": 3, "scrgb": 3, "lab": 3, "labs": 3, "cmyk": 4, "xyz": 3}
DEEP = {"b-w": "grey16", "srgb": "rgb16"}  # what 16 bits of them are called
SHALLOW = {"grey16": "b-w", "rgb16": "srgb", "rgb": "srgb", "scrgb": "srgb"}
FORMATS = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def loaded(data: bytes, format: str, stop: Stop, **options: Any) -> Any:
    """Return a picture file's image, every pixel decoded."""
    vips = needed("pyvips")
    try:
        image = header(data, format, **options)
        with stop.killing(image):
            return image.copy_memory().autorot()
    except vips.Error as error:
        raise unread(error) from None


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Turn what libvips cannot do in the block into a refusal."""
    vips = needed("pyvips")
    try:
        yield
    except vips.Error as error:
        raise Refusal(f"libvips cannot do it: {reason(error)}") from None


def unread(error: Any) -> Exception:
    """Return what an error of a reader means: a broken file, or a sound one of a kind that it was built without."""
    if any(words in error.detail for words in ("not configured", "not supported", "not implemented")):
        return Refusal(f"this libvips cannot read it: {reason(error)}")
    return Broken(reason(error))


def header(data: bytes, format: str, **options: Any) -> Any:
    """Return a picture file's image, nothing of it decoded."""
    vips = needed("pyvips")
    try:
        return getattr(vips.Image, f"{format}load_buffer")(data, access="sequential", **options)
    except vips.Error as error:
        raise unread(error) from None


def pixels_of(image: Any) -> Any:
    """Return an image's pixels (height, width, bands)."""
    return image.numpy().reshape(image.height, image.width, image.bands)


def image_of(pixels: npt.NDArray[Any], colours: str, icc: bytes | None = None) -> Any:
    """Return pixels (height, width, bands) as an image."""
    vips = needed("pyvips")
    height, width, bands = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    image = vips.Image.new_from_memory(pixels.data, width, height, bands, FORMATS[pixels.dtype])
    if pixels.dtype == np.uint16:
        colours = DEEP.get(colours, colours)
    image = image.copy(interpretation=colours, xres=1.0, yres=1.0)
    if icc is not None:
        image.set_type(vips.GValue.blob_type, "icc-profile-data", icc)
    return image


def saved(picture: Picture, format: str, stop: Stop, **options: Any) -> bytes:
    """Return a picture as a file with its pixels and ICC profile, and nothing else."""
    return saved_image(image_of(picture.pixels, picture.colours, picture.page.metadata.icc), format, stop, **options)


def saved_image(image: Any, format: str, stop: Stop, **options: Any) -> bytes:
    """Return an image as a file with its pixels and ICC profile, and nothing else."""
    vips = needed("pyvips")
    try:
        with stop.killing(image):
            data: bytes = getattr(image, f"{format}save_buffer")(keep="icc", **options)
            return data
    except Stopped:
        raise
    except vips.Error as error:
        raise Refusal(f"cannot write {NAMES[format]}: {reason(error)}") from None


NAMES = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "webp": "WebP"}


def reason(error: Any) -> str:
    """Return the last thing that libvips said, which is the nearest to the cause."""
    said = [line.strip() for line in error.detail.splitlines() if line.strip()]
    return said[-1] if said else ""


def resized(pixels: npt.NDArray[Any], size: tuple[int, int], kernel: str, stop: Stop) -> npt.NDArray[Any]:
    """Return an array (height, width, bands) of floats shrunk to a size, by a kernel as wide as that asks for."""
    image = image_of(pixels, "multiband")
    scale, vscale = size[0] / image.width, size[1] / image.height
    with stop.killing(image):
        result = pixels_of(image.resize(scale, vscale=vscale, kernel=kernel))
    height, width, _ = result.shape
    if (width, height) != size:
        raise AssertionError(f"libvips resized to {width}x{height} instead of {size[0]}x{size[1]}")
    return result  # type: ignore[no-any-return]
