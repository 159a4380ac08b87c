"""``gridsample warp``: what is kept of a file beside its pixels, and how it is written."""

import os
import stat
import sys

import numpy as np
import pytest

from cli.picture_files import SIZE, image_of, load, noise, open_image, save, vips, warp
from gridsample.cli.pictures import files
from gridsample.cli.stopping import Stop

UPRIGHT = {  # EXIF's numbers, and what makes a picture upright
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90,
}
ENDINGS = (".png", ".jpg", ".tif", ".webp")


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("ending", ENDINGS)
def test_exif_orientation_is_applied_and_cleared(tmp_path, rng, ending, orientation):
    source = save(tmp_path / f"in{ending}", noise(rng), orientation)
    assert open_image(source).get("orientation") == orientation
    result = warp(source, tmp_path / "out.png")
    np.testing.assert_array_equal(result, UPRIGHT[orientation](load(source)))
    after = open_image(tmp_path / "out.png")
    assert not after.get_typeof("orientation") or after.get("orientation") == 1


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_orientation_is_invented(tmp_path, rng, ending):
    image_of(noise(rng)).write_to_file(str(tmp_path / "in.png"), keep="none")
    warp(tmp_path / "in.png", tmp_path / f"out{ending}")
    result = open_image(tmp_path / f"out{ending}")
    assert not result.get_typeof("orientation") or result.get("orientation") == 1


@pytest.mark.parametrize("source", ENDINGS)
@pytest.mark.parametrize("target", ENDINGS)
def test_icc_profile_is_kept(tmp_path, rng, source, target):
    image = image_of(noise(rng, bands=3 if ".jpg" in (source, target) else 4)).icc_transform("p3", input_profile="srgb")
    image.write_to_file(str(tmp_path / f"in{source}"))
    warp(tmp_path / f"in{source}", tmp_path / f"out{target}", "--rotate", 10)
    assert open_image(tmp_path / f"out{target}").get("icc-profile-data") == image.get("icc-profile-data")


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_exif_data_is_kept(tmp_path, rng, ending):
    image = image_of(noise(rng)).copy()
    image.set_type(vips.GValue.gstr_type, "exif-ifd0-Make", "Camera (Camera, ASCII, 7 components, 7 bytes)")
    image.write_to_file(str(tmp_path / f"in{ending}"))
    warp(tmp_path / f"in{ending}", tmp_path / f"out{ending}", "--size", "17x19")
    result = open_image(tmp_path / f"out{ending}")
    assert result.get("exif-ifd0-Make").startswith("Camera")
    assert result.get("exif-ifd2-PixelXDimension").startswith("17 ")


@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif"])
def test_resolution_is_kept(tmp_path, rng, ending):
    image_of(noise(rng)).copy(xres=300 / 25.4, yres=100 / 25.4).write_to_file(str(tmp_path / f"in{ending}"))
    before = open_image(tmp_path / f"in{ending}")
    warp(tmp_path / f"in{ending}", tmp_path / f"out{ending}")
    after = open_image(tmp_path / f"out{ending}")
    assert (after.xres, after.yres) == (before.xres, before.yres)


@pytest.mark.parametrize("name", ["OUT.PNG", "out.TiF", "out.jpeg", "a[1].png", "-1.png", "out;.webp", "ä 🐈.png"])
def test_names(tmp_path, rng, name):
    source = save(tmp_path / "in.png", noise(rng))
    assert warp(source, tmp_path / name).shape == (SIZE[1], SIZE[0], 3)
    if not name.endswith("jpeg"):
        np.testing.assert_array_equal(warp(tmp_path / name, tmp_path / "again.png"), load(source))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text")
def test_names_that_are_no_text(tmp_path, rng):
    source = save(tmp_path / "in.png", noise(rng))
    np.testing.assert_array_equal(warp(source, tmp_path / "\udcff.png"), load(source))
    np.testing.assert_array_equal(warp(tmp_path / "\udcff.png", tmp_path / "out.png"), load(source))


def test_content_decides_over_the_name(tmp_path, rng):
    pixels = noise(rng)
    save(tmp_path / "in.tif", pixels).rename(tmp_path / "in.jpg")
    np.testing.assert_array_equal(warp(tmp_path / "in.jpg", tmp_path / "out.png"), pixels)


def test_input_may_be_output(tmp_path, rng):
    pixels = noise(rng)
    path = save(tmp_path / "picture.png", pixels)
    np.testing.assert_array_equal(warp(path, path, "--rotate", 180), pixels[::-1, ::-1])
    assert os.listdir(tmp_path) == ["picture.png"]


@pytest.mark.skipif(os.name != "posix", reason="about POSIX permissions")
def test_permissions(tmp_path, rng):
    source, kept = save(tmp_path / "in.png", noise(rng)), tmp_path / "kept.png"
    kept.touch()
    kept.chmod(0o604)
    before = os.umask(0o027)
    try:
        warp(source, tmp_path / "new.png")
        warp(source, kept)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.png").stat().st_mode) == 0o640
    assert stat.S_IMODE(kept.stat().st_mode) == 0o604


@pytest.mark.skipif(os.name != "posix", reason="about symbolic links")
def test_a_link_stays_a_link(tmp_path, rng):
    source = save(tmp_path / "in.png", noise(rng))
    (tmp_path / "link.png").symlink_to(tmp_path / "target.png")
    warp(source, tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    np.testing.assert_array_equal(load(tmp_path / "target.png"), load(source))


def test_palettes_and_single_bits_are_read(tmp_path, rng):
    pixels = noise(rng, bands=1) // 128 * 255
    for name, options in {"a.png": {"bitdepth": 1}, "b.tif": {"bitdepth": 1}, "c.png": {"palette": True}}.items():
        save(tmp_path / name, pixels, **options)
        result = warp(tmp_path / name, tmp_path / "out.png")
        np.testing.assert_array_equal(result[..., :1], pixels)


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch, error):
    path = tmp_path / "out.png"
    path.write_bytes(b"before")
    path.chmod(0o604)

    def break_off(*_):
        assert len(os.listdir(tmp_path)) == 2
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(files.shutil, "copymode", break_off)
        with pytest.raises(error):
            files.replace(path, b"after", Stop())
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["out.png"]
    files.replace(path, b"after", Stop())
    assert path.read_bytes() == b"after"
    assert os.listdir(tmp_path) == ["out.png"]
