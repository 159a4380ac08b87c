"""``gridsample warp``: the geometry and the samples."""

import itertools

import numpy as np
import pytest

from cli.picture_files import DTYPES, LOSSLESS, SIZE, load, noise, save, warp
from gridsample import reference
from gridsample.cli.warp import sampling as command
from support import BOUNDARIES

WIDTH, HEIGHT = SIZE
SWAPPED = f"{HEIGHT}x{WIDTH}"
MODES = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}


def rounding(dtype):
    """Half a level for the rounding to whole ones, and what float32 samples lose: 2**-24, at most eight times over."""
    return 0.5 + 8 * 2.0**-24 * np.iinfo(dtype).max


def expected(pixels, backward, size, mode, padding):
    """Return the samples in float64 by the definition; ``backward`` maps output to input pixels, x first."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    position = np.stack([x, y], axis=-1) @ np.asarray(backward)[:, :2].T + np.asarray(backward)[:, 2]
    grid = (2 * position + 1) / np.array(pixels.shape[1::-1]) - 1
    image = pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float64)
    samples = reference.grid_sample(image, grid[np.newaxis], mode, padding)
    return samples[0].transpose(1, 2, 0).clip(0, np.iinfo(pixels.dtype).max)


def same_map(*options):
    """Return the matrix that ``--rotate`` and so on stand for, made of one matrix for each step."""
    scale, degrees, shift, size = options
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)  # y points down, so that the sine changes sign
    steps = [
        [[1, 0, -(WIDTH - 1) / 2], [0, 1, -(HEIGHT - 1) / 2], [0, 0, 1]],
        [[scale, 0, 0], [0, scale, 0], [0, 0, 1]],
        [[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]],
        [[1, 0, (size[0] - 1) / 2 + shift[0]], [0, 1, (size[1] - 1) / 2 + shift[1]], [0, 0, 1]],
    ]
    matrix = np.eye(3)
    for step in steps:
        matrix = np.array(step) @ matrix
    return matrix


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
@pytest.mark.parametrize(("ending", "dtype"), [*itertools.product([".png", ".tif"], DTYPES), (".webp", "uint8")])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_asked_changes_nothing(tmp_path, rng, *, ending, dtype, bands, mode):
    pixels = noise(rng, dtype, bands)
    source = save(tmp_path / f"in{ending}", pixels)
    stored = load(source)
    result = warp(source, tmp_path / f"out{ending}", "--mode", mode)
    assert result.dtype == DTYPES[dtype]
    np.testing.assert_array_equal(result, stored)
    if ending != ".webp":  # which has no grey
        np.testing.assert_array_equal(stored, pixels)


@pytest.mark.parametrize("bands", [1, 3])
def test_jpeg_is_encoded_anew_and_nothing_else(tmp_path, rng, bands):
    source = save(tmp_path / "in.jpg", noise(rng, "uint8", bands))
    again = save(tmp_path / "again.jpg", load(source), Q=75)  # which is what it was saved with
    np.testing.assert_array_equal(warp(source, tmp_path / "out.jpg"), load(again))


@pytest.mark.parametrize("source", LOSSLESS)
@pytest.mark.parametrize("target", LOSSLESS)
def test_from_any_format_to_any(tmp_path, rng, source, target):
    pixels = noise(rng, "uint8", 4)
    np.testing.assert_array_equal(warp(save(tmp_path / f"in{source}", pixels), tmp_path / f"out{target}"), pixels)


@pytest.mark.parametrize("bands", [1, 2])
def test_grey_becomes_rgb_in_webp(tmp_path, rng, bands):
    pixels = noise(rng, "uint8", bands)
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.webp")
    np.testing.assert_array_equal(result, pixels[..., [0, 0, 0, 1][: bands + 2]])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("degrees", [90, -90, 180, 270, 450, -990])
def test_quarter_turns_move_whole_pixels(tmp_path, rng, degrees, mode):
    pixels = noise(rng, "uint16", 3)
    size = f"{WIDTH}x{HEIGHT}" if degrees % 180 == 0 else SWAPPED
    source = save(tmp_path / "in.tif", pixels)
    result = warp(source, tmp_path / "out.tif", "--rotate", degrees, "--size", size, "--mode", mode)
    np.testing.assert_array_equal(result, np.rot90(pixels, degrees // 90))


def test_translate_by_whole_pixels(tmp_path, rng):
    pixels = noise(rng, "uint16", 3)
    result = warp(
        save(tmp_path / "in.png", pixels), tmp_path / "out.png", "--translate", 3, -2, "--background", "black"
    )
    moved = np.zeros_like(pixels)
    moved[:-2, 3:] = pixels[2:, :-3]
    np.testing.assert_array_equal(result, moved)


def test_size_extends_and_crops_around_the_centre(tmp_path, rng):
    pixels = noise(rng)
    source = save(tmp_path / "in.png", pixels)
    larger = warp(source, tmp_path / "larger.png", "--size", f"{WIDTH + 6}x{HEIGHT + 4}", "--padding", "zeros")
    np.testing.assert_array_equal(larger, np.pad(pixels, ((2, 2), (3, 3), (0, 0))))
    smaller = warp(source, tmp_path / "smaller.png", "--size", f"{WIDTH - 6}x{HEIGHT - 4}")
    np.testing.assert_array_equal(smaller, pixels[2:-2, 3:-3])


def test_nearest_decides_ties_alike_everywhere(tmp_path, rng):
    """Halving puts every position of nearest sampling half way between two pixels."""
    size = (1346, 1082)
    pixels = noise(rng, "uint8", 1, size)
    half = f"{size[0] // 2}x{size[1] // 2}"
    source = save(tmp_path / "in.png", pixels)
    result = warp(source, tmp_path / "out.png", "--scale", 0.5, "--size", half, "--mode", "nearest")
    np.testing.assert_array_equal(result, pixels[1::2, 1::2])


def test_scale_repeats_pixels_of_nearest(tmp_path, rng):
    pixels = noise(rng)
    source = save(tmp_path / "in.png", pixels)
    options = ("--scale", 3, "--size", f"{3 * WIDTH}x{3 * HEIGHT}", "--mode", "nearest")
    result = warp(source, tmp_path / "out.png", *options)
    np.testing.assert_array_equal(result, pixels.repeat(3, axis=0).repeat(3, axis=1))


@pytest.mark.parametrize("padding", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_agrees_with_the_definition(tmp_path, rng, dtype, mode, padding):
    pixels, size = noise(rng, dtype, 3), (17, 19)
    backward = np.linalg.inv(same_map(1.3, 33, (2.25, -1.5), size))[:2]
    source = save(tmp_path / "in.tif", pixels)
    options = ("--scale", 1.3, "--rotate", 33, "--translate", 2.25, -1.5, "--size", "17x19")
    result = warp(source, tmp_path / "out.tif", *options, "--mode", mode, "--padding", padding)
    samples = expected(pixels, backward, size, MODES[mode], padding)
    assert np.abs(result - samples).max() <= rounding(dtype)


@pytest.mark.parametrize(("options", "same"), [((), "symmetric"), (("--align-corners",), "mirror")])
def test_reflection_is_about_edges_or_centres(tmp_path, rng, options, same):
    source = save(tmp_path / "in.png", noise(rng))
    moved = ("--translate", 5.25, 4.5, "--padding")
    result = warp(source, tmp_path / "a.png", *moved, "reflection", *options)
    np.testing.assert_array_equal(result, warp(source, tmp_path / "b.png", *moved, same))


def test_matrix_maps_input_to_output_pixels(tmp_path, rng):
    pixels, size = noise(rng, "uint16"), (17, 19)
    matrix = [1.25, -0.5, 3.5, 0.125, 0.75, -1.5]
    backward = np.linalg.inv([matrix[:3], matrix[3:], [0, 0, 1]])[:2]
    result = warp(
        save(tmp_path / "in.png", pixels),
        tmp_path / "out.png",
        "--matrix",
        *matrix,
        "--size",
        "17x19",
        "--padding",
        "zeros",
    )
    assert np.abs(result - expected(pixels, backward, size, "linear", "zeros")).max() <= rounding("uint16")


def test_matrix_stands_for_the_other_options(tmp_path, rng):
    source = save(tmp_path / "in.png", noise(rng, "uint16"))
    matrix = same_map(0.75, -25, (1, -2), SIZE)[:2].ravel()
    size = ("--size", f"{WIDTH}x{HEIGHT}")
    steps = warp(source, tmp_path / "a.png", "--scale", 0.75, "--rotate", -25, "--translate", 1, -2, *size)
    at_once = warp(source, tmp_path / "b.png", "--matrix", *matrix)
    assert np.abs(steps.astype(int) - at_once).max() <= 1  # two orders of rounding, seen at most where one is a tie


def test_numbers_may_look_like_options(tmp_path, rng):
    source = save(tmp_path / "in.png", noise(rng))
    result = warp(source, tmp_path / "out.png", "--matrix", -1.0, "-1e-17", WIDTH - 1, "-0e-3", "-1E0", HEIGHT - 1)
    np.testing.assert_array_equal(result, load(source)[::-1, ::-1])


@pytest.mark.parametrize("mode", MODES)
def test_bands_of_rows_make_no_difference(tmp_path, rng, monkeypatch, mode):
    source = save(tmp_path / "in.tif", noise(rng, "uint16", 4, (61, 67)))
    options = ("--rotate", 21, "--scale", 1.1, "--mode", mode, "--padding", "reflection")
    whole = warp(source, tmp_path / "whole.tif", *options)
    for rows in (1, 2, 5):
        monkeypatch.setattr(command, "BAND", rows * 61 + 3)
        np.testing.assert_array_equal(warp(source, tmp_path / f"{rows}.tif", *options), whole)


def test_16_bits_stay_exact_across_a_wide_picture(tmp_path, rng):
    pixels = noise(rng, "uint16", 1, (6007, 3)).astype(np.float64)
    source = save(tmp_path / "in.tif", pixels.astype(np.uint16))
    result = warp(source, tmp_path / "out.tif", "--translate", 0.25, 0, "--background", "black")
    samples = 0.75 * pixels[:, 1:] + 0.25 * pixels[:, :-1]
    assert np.abs(result[:, 1:] - samples).max() <= rounding("uint16")


@pytest.mark.parametrize("dtype", DTYPES)
def test_overshoot_is_clipped(tmp_path, dtype):
    most = np.iinfo(dtype).max
    pixels = np.zeros((*SIZE[::-1], 1), dtype)
    pixels[:, 6:] = most
    result = warp(
        save(tmp_path / "in.png", pixels),
        tmp_path / "out.png",
        "--translate",
        0.5,
        0,
        "--mode",
        "bicubic",
        "--padding",
        "zeros",
    )
    row = result[5, 1:, 0].astype(int)
    assert row.min() == 0
    assert row.max() == most
    assert (np.diff(row) >= 0).all()  # unclipped, both sides of the step would have wrapped around


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_transparent_does_not_shine_through(tmp_path, dtype, mode):
    most = np.iinfo(dtype).max
    pixels = np.zeros((*SIZE[::-1], 4), dtype)
    pixels[:, :6] = most, 0, 0, 0
    pixels[:, 6:] = 0, most, 0, most
    options = ("--translate", 0.25, 0.5, "--rotate", 10, "--mode", mode, "--padding", "zeros")
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.png", *options)
    alpha = result[..., 3]
    assert ((alpha > 0) & (alpha < most)).any()
    np.testing.assert_array_equal(result[alpha > 0][:, :3] / most, [[0, 1, 0]] * (alpha > 0).sum())
    assert not result[alpha == 0].any()


def test_alpha_is_blended_like_a_colour_over_black(tmp_path, rng):
    """Colour times alpha, which is what is seen over black, is sampled as it is."""
    pixels = noise(rng, "uint16", 4)
    source = save(tmp_path / "in.png", pixels)
    result = warp(source, tmp_path / "out.png", "--rotate", 30, "--padding", "zeros").astype(np.float64)
    backward = np.linalg.inv(same_map(1, 30, (0, 0), SIZE))[:2]
    seen = pixels[..., :3] * (pixels[..., 3:] / 65535)
    samples = expected(np.dstack([seen, pixels[..., 3:]]).astype(np.uint16), backward, SIZE, "linear", "zeros")
    # the oracle's pixels were cut to whole levels (1), and colour and alpha are rounded (1/2 each)
    assert np.abs(result[..., :3] * result[..., 3:] / 65535 - samples[..., :3]).max() <= 2 + rounding("uint16")
