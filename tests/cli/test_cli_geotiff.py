"""``gridsample warp``: a GeoTIFF stays where it is in the world."""

import io

import numpy as np
import pytest

from cli import odd_files as odd
from cli.picture_files import noise
from gridsample.cli.pictures import geotiff

tifffile = pytest.importorskip("tifffile")
TURN = ("--rotate", 90, "--expand")


def world_of(data, pixel):
    """Return where in the world a pixel's centre is, by the tags of a GeoTIFF whose pixels are areas."""
    tags = tifffile.TiffFile(io.BytesIO(data)).pages[0].tags
    x, y = pixel[0] + 0.5, pixel[1] + 0.5
    if 34264 in tags:
        return (np.reshape(tags[34264].value, (4, 4)) @ (x, y, 0, 1))[:2]
    (sx, sy, _), (i, j, _, u, v, _) = tags[33550].value, tags[33922].value
    return np.array([u + sx * (x - i), v - sy * (y - j)])


PLACE = [(33550, "d", 3, (2.0, 3.0, 0.0), True), (33922, "d", 6, (1.0, 2.0, 0.0, 5e5, 4.2e6, 0.0), True)]
KEYS = (34735, "H", len(odd.UTM), tuple(odd.UTM), True)


@pytest.mark.parametrize("kind", ["scale", "transformation"])
@pytest.mark.parametrize(
    "options", [TURN, ("--rotate", 30), ("--scale", 3), ("--size", "21x19"), ("--matrix", 1, 0.2, 3, 0, 1, 2)]
)
def test_geotiff_stays_where_it_is(turned, options, kind):
    """A marked pixel is at the same place in the world before and after."""
    pixels = np.zeros((11, 13), np.float32)
    pixels[3, 8] = 1000
    matrix = (2, 0.5, 0, 5e5, 0.25, -3, 0, 4.2e6, 0, 0, 0, 0, 0, 0, 0, 1)
    place = PLACE if kind == "scale" else [(34264, "d", 16, matrix, True)]
    content = odd.tiff(pixels, extratags=[*place, KEYS])
    result, said = turned(content, ".tif", None, *options)
    after = tifffile.TiffFile(io.BytesIO(result)).pages[0].asarray().astype(np.float64)
    y, x = np.indices(after.shape)
    centre = (x * after).sum() / after.sum(), (y * after).sum() / after.sum()
    where = world_of(content, (8, 3))
    np.testing.assert_allclose(world_of(result, centre), where, rtol=0, atol=0.3 if "--rotate" in options else 1e-4)
    assert tifffile.TiffFile(io.BytesIO(result)).pages[0].tags[34735].value == tuple(odd.UTM)
    assert (33550 in tifffile.TiffFile(io.BytesIO(result)).pages[0].tags) == (
        kind == "scale" and options[0] in {"--scale", "--size"}
    )
    assert "skips" not in said


def test_tie_points_move_with_their_pixels():
    own = {33922: {"datatype": 12, "data": [1.0, 2.0, 0.0, 10.0, 20.0, 0.0, 5.0, 6.0, 0.0, 50.0, 60.0, 0.0]}}
    moved = geotiff.moved(own, np.linalg.inv([[2.0, 0, 4], [0, 3, 5], [0, 0, 1]]))[33922]["data"]
    # raster coordinates begin half a pixel before the first centre
    expected = [2 * 0.5 + 4.5, 3 * 1.5 + 5.5, 0, 10, 20, 0, 2 * 4.5 + 4.5, 3 * 5.5 + 5.5, 0, 50, 60, 0]
    np.testing.assert_allclose(moved, expected)


def test_a_place_in_the_world_of_a_picture_stored_turned(tmp_path, rng, refusal):
    path = tmp_path / "in.tif"
    path.write_bytes(odd.tiff(noise(rng), extratags=[*PLACE, KEYS, (274, "H", 1, 6, True)]))
    assert "stored turned" in refusal(path, tmp_path / "out.tif")


def test_a_place_in_the_world_is_not_lost_silently(turned, rng, tmp_path, refusal):
    content = odd.tiff(noise(rng), extratags=[*PLACE, KEYS])
    assert "ModelPixelScaleTag" in turned(content, ".tif", ".png")[1]
    corners = ["0,0", "0,0", "9,0", "8,1", "9,9", "9,9", "0,9", "0,9"]
    assert "GeoTIFF" in refusal(tmp_path / "in.tif", tmp_path / "flat.tif", "--perspective", *corners)
