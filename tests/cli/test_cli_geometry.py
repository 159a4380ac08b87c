"""``gridsample warp``: sizes, the picture's own area, what is beside it, and perspectives."""

import numpy as np
import pytest

from cli.picture_files import SIZE, image_of, load, noise, save, warp
from gridsample.cli import main

WIDTH, HEIGHT = SIZE
MODES = ("nearest", "bilinear", "bicubic", "lanczos", "mitchell", "bspline")


def constant(value, dtype="uint8", bands=3, size=SIZE):
    """Return pixels that are all alike."""
    return np.full((*size[::-1], bands), value, dtype)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scale", [0.3, 0.5, 1.37, 2, 3.01])
@pytest.mark.parametrize(("dtype", "value"), [("uint8", 201), ("uint16", 60000)])
def test_a_resize_brings_in_nothing_from_outside(tmp_path, *, dtype, value, scale, mode):
    source = save(tmp_path / "in.png", constant(value, dtype))
    result = warp(source, tmp_path / "out.png", "--scale", scale, "--mode", mode)
    assert result.shape == (int(HEIGHT * scale + 0.5), int(WIDTH * scale + 0.5), 3)
    assert (result == value).all()


def test_scale_alone_is_a_resize(tmp_path, rng):
    pixels = noise(rng)
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.png", "--scale", 2, "--mode", "nearest")
    np.testing.assert_array_equal(result, pixels.repeat(2, axis=0).repeat(2, axis=1))


def test_size_with_scale_is_a_canvas(tmp_path, rng):
    pixels = noise(rng)
    options = ("--scale", 2, "--mode", "nearest", "--size", f"{WIDTH * 2 + 4}x{HEIGHT * 2 - 6}")
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.png", *options)
    larger = pixels.repeat(2, axis=0).repeat(2, axis=1)[3:-3]
    np.testing.assert_array_equal(result[:, 2:-2, :3], larger)
    assert not result[:, [0, 1, -2, -1]].any()
    assert (result[:, 2:-2, 3] == 255).all()


def test_x_may_be_large(tmp_path, rng):
    assert warp(save(tmp_path / "in.png", noise(rng)), tmp_path / "out.png", "--size", "7X5").shape == (5, 7, 3)


def test_shrinking_averages(tmp_path, capsys):
    """Stripes of one pixel become grey, where sampling would take one of two."""
    pixels = constant(0, size=(52, 44))
    pixels[:, ::2] = 255
    source = save(tmp_path / "in.png", pixels)
    result = warp(source, tmp_path / "out.png", "--scale", 0.25)
    assert capsys.readouterr().err == ""
    assert np.abs(result[:, 1:-1].astype(int) - 128).max() <= 2


def test_shrinking_is_the_file_librarys(tmp_path, rng):
    pixels = noise(rng, "uint16", 3, (52, 44))
    result = warp(save(tmp_path / "in.tif", pixels), tmp_path / "out.tif", "--scale", 0.25, "--mode", "bicubic")
    expected = image_of(pixels).cast("float").resize(0.25, kernel="cubic").numpy()
    assert np.abs(result - expected.clip(0, 65535)).max() <= 0.5 + 1e-2  # rounding, and libvips' own sums in float32


def test_shrinking_with_alpha_does_not_let_hidden_colours_through(tmp_path):
    pixels = constant(0, bands=4, size=(52, 44))
    pixels[:, ::2] = 255, 0, 0, 255  # beside hidden green
    pixels[:, 1::2] = 0, 255, 0, 0
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.png", "--scale", 0.25)
    assert (result[..., :3] == (255, 0, 0)).all()


@pytest.mark.parametrize(
    "options",
    [
        "--rotate 30 --scale 0.4",
        "--matrix 0.3 0 0 0 0.3 0",
        "--scale 0.4 --translate 1 0",
        "--matrix 0.3 0 0 0 3 0",
        "--perspective 0,0 5,4 12,0 7,4 12,10 12,10 0,10 0,10",
    ],
)
def test_other_shrinking_maps_say_that_they_skip_pixels(tmp_path, rng, capsys, options):
    source = save(tmp_path / "in.png", noise(rng))
    warp(source, tmp_path / "out.png", *options.split())
    assert capsys.readouterr().err.count("skips pixels") == 1
    warp(source, tmp_path / "out.png", *options.split(), "--mode", "nearest")  # which is asked to
    assert "skips" not in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".png", ".tif", ".webp"])
def test_beside_the_picture_is_transparent(tmp_path, ending):
    source = save(tmp_path / "in.png", constant(77))
    result = warp(source, tmp_path / f"out{ending}", "--rotate", 30, "--lossless")
    assert result.shape == (HEIGHT, WIDTH, 4)
    alpha = result[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[HEIGHT // 2, WIDTH // 2] == 255
    assert ((alpha > 0) & (alpha < 255)).any()  # its edge is smooth
    assert (result[alpha > 0][:, :3] == 77).all()  # and its colour goes up to there
    assert not result[alpha == 0].any()


def test_beside_the_picture_is_the_background_where_there_is_no_alpha(tmp_path):
    source = save(tmp_path / "in.png", constant(77))
    black = warp(source, tmp_path / "black.jpg", "--rotate", 30, "--quality", 100)
    white = warp(source, tmp_path / "white.jpg", "--rotate", 30, "--quality", 100, "--background", "white")
    assert black.shape == white.shape == (HEIGHT, WIDTH, 3)
    assert black[0, 0].max() <= 3
    assert white[0, 0].min() >= 252


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#f80", (255, 136, 0)),
        ("#0180FF", (1, 128, 255)),
        ("white", (255,) * 3),
        ("7,8,9", (7, 8, 9)),
        ("5", (5, 5, 5)),
    ],
)
def test_backgrounds(tmp_path, rng, text, colour):
    source = save(tmp_path / "in.png", noise(rng))
    result = warp(source, tmp_path / "out.png", "--size", f"{WIDTH + 2}x{HEIGHT}", "--background", text)
    assert result.shape[2] == 3
    assert (result[:, [0, -1]] == colour).all()
    np.testing.assert_array_equal(result[:, 1:-1], load(source))


def test_a_background_goes_behind_alpha_where_it_cannot_be_kept(tmp_path):
    pixels = constant(100, bands=4)
    pixels[..., 3] = 51  # a fifth
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.jpg", "--background", "white", "--quality", 100)
    assert np.abs(result.astype(int) - (0.2 * 100 + 0.8 * 255)).max() <= 2  # JPEG's own loss


def test_coverage_is_that_of_the_area(tmp_path):
    """A picture moved by a quarter of a pixel covers three quarters of its last column, and nothing beyond."""
    source = save(tmp_path / "in.png", constant(200, "uint16", 1))
    result = warp(source, tmp_path / "out.png", "--translate", 0.25, -2, "--size", f"{WIDTH + 4}x{HEIGHT}")
    alpha = result[3, :, 1]
    np.testing.assert_array_equal(np.rint(alpha / 65535 * 4), [0, 0, 3, *[4] * (WIDTH - 1), 1, 0])
    assert not result[-2:].any()


def test_the_rim_of_a_plain_move_is_not_darkened(tmp_path):
    source = save(tmp_path / "in.png", constant(200))
    result = warp(source, tmp_path / "out.png", "--translate", 0.5, 0, "--size", f"{WIDTH - 2}x{HEIGHT}")
    assert result.shape[2] == 3
    assert (result == 200).all()


def test_zeros_are_still_to_be_had(tmp_path):
    source = save(tmp_path / "in.png", constant(200))
    result = warp(source, tmp_path / "out.png", "--scale", 2, "--padding", "zeros")
    assert result.shape[2] == 3
    assert (result[0, 1:-1] == 150).all()  # blended with a quarter of nothing


@pytest.mark.parametrize("degrees", [90, -90, 270])
def test_expand_at_quarter_turns(tmp_path, rng, degrees):
    pixels = noise(rng)
    result = warp(save(tmp_path / "in.png", pixels), tmp_path / "out.png", "--rotate", degrees, "--expand")
    np.testing.assert_array_equal(result, np.rot90(pixels, degrees // 90))


@pytest.mark.parametrize("scale", [0.5, 1, 2.4])
@pytest.mark.parametrize("degrees", [30, 45, 133])
def test_expand_shows_all_of_the_picture(tmp_path, degrees, scale):
    source = save(tmp_path / "in.png", constant(255, "uint16", 1))
    result = warp(source, tmp_path / "out.png", "--rotate", degrees, "--scale", scale, "--expand")
    area = result[..., 1].sum() / 65535
    assert area == pytest.approx(scale**2 * WIDTH * HEIGHT, rel=0.02)  # corners are but nearly right
    cos, sin = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
    assert abs(result.shape[1] - scale * (WIDTH * cos + HEIGHT * sin)) <= 1
    assert abs(result.shape[0] - scale * (WIDTH * sin + HEIGHT * cos)) <= 1


def test_perspective_takes_corners_to_corners(tmp_path, rng):
    """As OpenCV has it."""
    cv2 = pytest.importorskip("cv2")
    pixels = noise(rng, "uint8", 3, (61, 53))
    before = np.array([[5, 3], [50, 8], [55, 49], [2, 40]], np.float32)
    after = np.array([[0, 0], [36, 0], [36, 46], [0, 46]], np.float32)
    corners = [f"{x},{y}" for pair in zip(before.tolist(), after.tolist(), strict=True) for x, y in pair]
    source = save(tmp_path / "in.png", pixels)
    result = warp(source, tmp_path / "out.png", "--perspective", *corners, "--size", "37x47", "--mode", "bicubic")
    backward = np.linalg.inv(cv2.getPerspectiveTransform(before, after).astype(np.float64))
    u, v = np.meshgrid(np.arange(37), np.arange(47))
    x, y, w = np.einsum("ij,jkl->ikl", backward, np.stack([u, v, np.ones_like(u)]))
    maps = (x / w).astype(np.float32), (y / w).astype(np.float32)
    expected = cv2.remap(pixels, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    difference = np.abs(result[..., :3].astype(int) - expected)
    assert np.median(difference) <= 1
    assert np.percentile(difference, 99) <= 16  # OpenCV's positions go by 1/32 of a pixel


def test_perspective_that_is_affine_is_the_matrix(tmp_path, rng):
    source = save(tmp_path / "in.png", noise(rng, "uint16"))
    corners = ["0,0", "-2.5,1", "10,0", "7.5,2", "0,10", "-1.5,11", "10,10", "8.5,12"]
    by_corners = warp(source, tmp_path / "a.png", "--perspective", *corners)
    by_matrix = warp(source, tmp_path / "b.png", "--matrix", 1, 0.1, -2.5, 0.1, 1, 1)
    assert np.abs(by_corners.astype(int) - by_matrix).max() <= 1


def test_beyond_the_horizon_is_nothing(tmp_path):
    """A floor that ends in the upper half of the output."""
    source = save(tmp_path / "in.png", constant(200, size=(40, 40)))
    corners = ["0,0", "18,20", "39,0", "21,20", "0,39", "0,39", "39,39", "39,39"]
    result = warp(source, tmp_path / "out.png", "--perspective", *corners)
    assert not result[:19].any()
    assert (result[30, 18:22] == (200, 200, 200, 255)).all()


REFUSED = {
    "--perspective 0,0 0,0 1,1 5,0 2,2 5,5 9,0 0,5": "no three lie on one line",
    "--perspective 0,0 0,0 9,0 9,9 9,9 9,0 0,9 0,9": "inside out",
    "--perspective 0,0 0,0 9,0 9,0 9,9 9,9 0,9 x,9": "X,Y",
    "--perspective 0,0 1,1": "expected 8 arguments",
    "--perspective 0,0 0,0 9,0 9,0 9,9 9,9 0,9 0,9 --rotate 3": "--perspective describes the whole map",
    "--expand --size 3x3 --rotate 30": "not allowed with",
    "--background pink": "#RRGGBB",
    "--background 1,2": "2 numbers for 3 bands",
}


@pytest.mark.parametrize("options", REFUSED)
def test_refused(tmp_path, rng, capsys, options):
    source = save(tmp_path / "in.png", noise(rng))
    try:
        code = main(["warp", str(source), str(tmp_path / "out.png"), *options.split()])
    except SystemExit as leaving:
        code = leaving.code
    assert code == 2
    assert REFUSED[options] in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


IDLE = {
    "--align-corners": "--align-corners has no effect",
    "--background white": "--background has no effect: nothing outside",
    "--background white --padding wrap --rotate 30": "--background has no effect beside --padding wrap",
    "--quality 50": "--quality has no effect: PNG",
    "--lossless": "--lossless has no effect: PNG",
    "--page 1": "--page has no effect",
    "--expand": "--expand has no effect",
}


@pytest.mark.parametrize("options", IDLE)
def test_options_without_effect_are_told(tmp_path, rng, capsys, options):
    source = save(tmp_path / "in.png", noise(rng))
    warp(source, tmp_path / "out.png", *options.split())
    assert IDLE[options] in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", ["--align-corners --padding reflection", "--rotate 30 --background white", "--page all"]
)
def test_options_with_effect_are_not(tmp_path, rng, capsys, options):
    warp(save(tmp_path / "in.png", noise(rng)), tmp_path / "out.png", *options.split())
    assert capsys.readouterr().err == ""
