"""Integers, bool, complex numbers and times: copied as they are, or computed in floats that hold them exactly."""

import numpy as np
import pytest

import gridsample as gs
from support import MODES, NUMPY_PAD, Options, defined_sample, make_grid

torch = pytest.importorskip("torch")

COPIED = ["bool", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "c8", "c16", "M8[s]", "m8[ns]"]
COMPUTED = ["u1", "i1", "u2", "i2", "u4", "i4"]
SIZE = (5, 7)


def elements(rng, dtype, shape):
    """Return an array of random bytes, of everything that a dtype can be."""
    itemsize, count = np.dtype(dtype).itemsize, int(np.prod(shape))
    if dtype.startswith("c"):  # of numbers alone
        return rng.uniform(-9, 9, 2 * count).astype(f"f{itemsize // 2}").view(dtype).reshape(shape)
    bits = np.frombuffer(rng.bytes(count * itemsize), f"u{itemsize}").copy()
    return (bits % 2 == 0 if dtype == "bool" else bits.view(dtype)).reshape(shape)


def nearest_pixels(grid, size, padding):
    """Return the flat index of each place's pixel, and -1 outside, by the definition."""
    numbers = np.arange(1.0, 1 + np.prod(size)).reshape(1, 1, *size)
    return defined_sample(numbers, grid, Options("nearest", padding, False)).value[:, 0].astype(int) - 1


@pytest.mark.parametrize("padding", NUMPY_PAD)
@pytest.mark.parametrize("dtype", COPIED)
def test_nearest_copies_elements_as_they_are(rng, dtype, padding):
    image, grid = elements(rng, dtype, (2, 3, *SIZE)), make_grid(rng, 2)
    pixels = nearest_pixels(grid, SIZE, padding)
    flat = np.concatenate([image.reshape(2, 3, -1), np.zeros((2, 3, 1), image.dtype)], axis=-1)  # -1: outside
    expected = np.stack([flat[n][:, pixels[n]] for n in range(2)])
    for given in (image, image.astype(image.dtype.newbyteorder()), np.asfortranarray(image)):
        np.testing.assert_array_equal(gs.grid_sample(given, grid, "nearest", padding), expected)
    last = gs.grid_sample(np.moveaxis(image, 1, -1), grid, "nearest", padding, channels="last")
    np.testing.assert_array_equal(np.moveaxis(last, -1, 1), expected)
    out = np.empty_like(expected)
    assert gs.grid_sample(image, grid, "nearest", padding, out=out) is out
    np.testing.assert_array_equal(out, expected)
    if dtype[0] not in "Mm" and dtype not in ("u2", "u4", "u8"):  # which torch has, or has in part
        tensors = torch.from_numpy(image), torch.from_numpy(grid)
        np.testing.assert_array_equal(gs.grid_sample(*tensors, "nearest", padding).numpy(), expected)


@pytest.mark.parametrize("axes", [1, 3, 4])
@pytest.mark.parametrize("dtype", ["u1", "i8"])
def test_in_any_number_of_dimensions(rng, dtype, axes):
    size = (3, 5, 7, 2)[:axes]
    image, grid = elements(rng, dtype, (1, 1, *size)), rng.uniform(-0.9, 0.9, (1, 23, axes))
    pixels = nearest_pixels(grid, size, "zeros")
    np.testing.assert_array_equal(gs.grid_sample(image, grid, "nearest")[0, 0], image.reshape(-1)[pixels[0]])


@pytest.mark.parametrize("grid_dtype", ["float32", "float64"])
@pytest.mark.parametrize("padding", ["zeros", "mirror"])
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "nearest"])
@pytest.mark.parametrize("dtype", COMPUTED)
def test_integers_are_the_definition_rounded(rng, dtype, mode, padding, grid_dtype):
    """Saturated where a kernel overshoots; a half goes to the even number, but for those that floats miss by a hair."""
    image, grid = elements(rng, dtype, (2, 3, *SIZE)), make_grid(rng, 2, grid_dtype)
    limits = np.iinfo(dtype)
    exact = defined_sample(image.astype("float64"), grid, Options(mode, padding, False)).value
    expected = np.clip(np.round(exact), limits.min, limits.max)
    result = gs.grid_sample(image, grid, mode, padding)
    assert result.dtype == image.dtype
    levels = np.abs(result.astype("float64") - expected)
    if limits.bits == 8 and grid_dtype == "float32":
        assert levels.max() <= 1
        assert (levels > 0).mean() < 0.001
    else:  # the definition itself is right within some rounding errors of the largest number
        error = 64 * np.finfo("float64").eps * max(abs(limits.min), limits.max) * max(SIZE)
        near_a_half = np.abs(np.abs(exact - np.floor(exact)) - 0.5) < error
        assert levels[~near_a_half].max() == 0
    if dtype not in ("u2", "u4"):
        tensors = torch.from_numpy(image), torch.from_numpy(grid)
        np.testing.assert_array_equal(gs.grid_sample(*tensors, mode, padding).numpy(), result)


def test_halves_go_to_the_even_number():
    image, grid = np.array([[[0, 1, 2, 3]]], "u1"), np.array([[[0.5], [1.5], [2.5]]])
    np.testing.assert_array_equal(gs.grid_sample(image, grid, coords="pixel")[0, 0], [0, 2, 2])


@pytest.mark.parametrize("dtype", ["i4", "u8", "bool", "M8[s]"])
def test_an_undefined_place_gives_zero(dtype):
    image, grid = np.ones((1, 1, 3), "i8").astype(dtype), np.array([[[0.0], [np.nan]]])
    np.testing.assert_array_equal(
        gs.grid_sample(image, grid, "nearest", "border")[0, 0],
        image[0, 0, :2] * [1, 0] if dtype[0] not in "M" else np.array([1, 0], "i8").astype(dtype),
    )


@pytest.mark.parametrize("dtype", ["c8", "c16"])
@pytest.mark.parametrize("mode", MODES)
def test_complex_numbers_go_by_parts(rng, mode, dtype):
    image, grid = elements(rng, dtype, (2, 3, *SIZE)), make_grid(rng, 2, "float32")
    parts = gs.grid_sample(image.real.copy(), grid, mode), gs.grid_sample(image.imag.copy(), grid, mode)
    result = gs.grid_sample(image, grid, mode)
    np.testing.assert_array_equal(result.real, parts[0])
    np.testing.assert_array_equal(result.imag, parts[1])
    splat = gs.grid_splat(result, grid, image.shape, mode)
    np.testing.assert_array_equal(splat.imag, gs.grid_splat(parts[1], grid, image.shape, mode))


def test_infinite_parts_stay_apart():
    image = np.array([[[complex(np.inf, 2), complex(3, -np.inf)]]])
    result = gs.grid_sample(image, np.array([[[0.0], [1.0]]]), "nearest", coords="pixel")
    np.testing.assert_array_equal(result.real[0, 0], [np.inf, 3])
    np.testing.assert_array_equal(result.imag[0, 0], [2, -np.inf])


def test_complex_gradients_are_those_of_torch(rng):
    image = torch.from_numpy(elements(rng, "c16", (1, 2, 3, 5))).requires_grad_()
    grid = torch.from_numpy(rng.uniform(-0.9, 0.9, (1, 4, 2))).requires_grad_()
    assert torch.autograd.gradcheck(lambda *tensors: gs.grid_sample(*tensors, "cubic"), (image, grid))
    assert torch.autograd.gradgradcheck(lambda *tensors: gs.grid_sample(*tensors, "cubic"), (image, grid))


def test_integers_in_compiled_code(rng):
    image = torch.from_numpy(elements(rng, "u1", (1, 3, *SIZE)))
    grid = torch.from_numpy(make_grid(rng, 2, "float32")[:1])
    compiled = torch.compile(gs.grid_sample, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(image, grid), gs.grid_sample(image, grid))
    assert torch.equal(compiled(image.long(), grid, "nearest"), gs.grid_sample(image.long(), grid, "nearest"))


@pytest.mark.parametrize("dtype", COMPUTED)
def test_splats_of_integers(rng, dtype):
    """Sums are exact before they are rounded and saturated."""
    values, grid = elements(rng, dtype, (1, 2, 31)), rng.uniform(-0.9, 0.9, (1, 31, 1))
    limits = np.iinfo(dtype)
    exact = gs.grid_splat(values.astype("float64"), grid, (1, 2, 5), "nearest")
    result = gs.grid_splat(values, grid, (1, 2, 5), "nearest")
    assert result.dtype == values.dtype
    error = 31 * np.finfo("float32" if limits.bits == 8 else "float64").eps * limits.max
    np.testing.assert_allclose(result, np.clip(np.round(exact), limits.min, limits.max), rtol=0, atol=1 + error)
    out = np.full_like(result, 1)
    assert gs.grid_splat(values, grid, (1, 2, 5), "nearest", out=out) is out
    np.testing.assert_array_equal(out, result)


@pytest.mark.parametrize(
    ("dtype", "message"),
    [
        ("bool", r"input of dtype bool can only be copied, by mode='nearest'; make it a float first: input.astype"),
        ("u8", r"input of dtype uint64 can only be copied"),
        ("m8[s]", r"input of dtype timedelta64\[s\] can only be copied, by mode='nearest'"),
        ("U3", r"input must be of dtype float16, float32 or float64, or of integers, bool or complex numbers; got str"),
    ],
)
def test_refusals(dtype, message):
    with pytest.raises(TypeError, match=f"^{message}"):
        gs.grid_sample(np.zeros((1, 1, 3), dtype), np.zeros((1, 2, 1)))


def test_sums_of_what_can_only_be_copied_are_refused():
    with pytest.raises(TypeError, match=r"^values of dtype int64 cannot be added up; make it a float first"):
        gs.grid_splat(np.zeros((1, 1, 2), "i8"), np.zeros((1, 2, 1)), (1, 1, 3))
