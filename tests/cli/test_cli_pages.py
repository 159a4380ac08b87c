"""``gridsample warp``: files of many pictures."""

import io
import struct

import numpy as np
import pytest

from cli import odd_files as odd
from cli.picture_files import image_of, load, noise, vips
from gridsample.cli import main
from gridsample.cli.pictures import files
from gridsample.cli.refusal import Refusal

tifffile = pytest.importorskip("tifffile")
TURN = ("--rotate", 90, "--expand")


def warp(tmp_path, content, source, target, *options):
    """Warp a file given by its bytes; return the exit code and that of the result."""
    (tmp_path / source).write_bytes(content)
    code = main(["warp", str(tmp_path / source), str(tmp_path / target), *map(str, options)])
    return code, (tmp_path / target).read_bytes() if (tmp_path / target).exists() else b""


def pages_of(tiff):
    """Return the pixels of all pages."""
    return [page.asarray() for page in tifffile.TiffFile(io.BytesIO(tiff)).pages]


def test_every_page_of_a_tiff_is_warped_alike(tmp_path, rng, capsys):
    content = odd.pages(rng)
    code, result = warp(tmp_path, content, "in.tif", "out.tif", *TURN)
    assert code == 0
    assert capsys.readouterr().err == ""
    for before, after in zip(pages_of(content), pages_of(result), strict=True):
        assert before.dtype == after.dtype
        np.testing.assert_array_equal(after, np.rot90(before))


@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize("target", ["out.tif", "out.png"])
def test_one_page_can_be_taken(tmp_path, rng, capsys, *, target, page):
    content = odd.pages(rng)
    code, _ = warp(tmp_path, content, "in.tif", target, *TURN, "--page", page)
    assert code == 0
    expected = np.rot90(pages_of(content)[page - 1])
    result = load(tmp_path / target)
    np.testing.assert_array_equal(result if expected.ndim == 3 else result[..., 0], expected)
    assert "not taken: 2 other pages" in capsys.readouterr().err


def test_pages_have_their_own_tags(tmp_path, rng):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for name in ("front", "back"):
            writer.write(noise(rng)[..., 0], description=name, metadata=None, resolution=(len(name), 100))
    _, result = warp(tmp_path, file.getvalue(), "in.tif", "out.tif", *TURN)
    pages = tifffile.TiffFile(io.BytesIO(result)).pages
    assert [page.description for page in pages] == ["front", "back"]
    assert [page.tags["XResolution"].value for page in pages] == [(5, 1), (4, 1)]


def test_a_page_that_is_not_there(tmp_path, rng, capsys):
    assert warp(tmp_path, odd.pages(rng), "in.tif", "out.tif", "--page", 4) == (2, b"")
    assert "it holds 3 pages; got --page 4" in capsys.readouterr().err
    for wrong in ("0", "-1", "two", "1.5"):
        with pytest.raises(SystemExit):
            warp(tmp_path, odd.pages(rng), "in.tif", "out.tif", f"--page={wrong}")
        assert "must be a whole number from 1 on" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["out.png", "out.jpg"])
def test_formats_of_one_picture_refuse_many(tmp_path, rng, capsys, target):
    assert warp(tmp_path, odd.pages(rng), "in.tif", target)[0] == 2
    assert "holds one picture, not 3; take one by --page, or write TIFF or WebP" in capsys.readouterr().err


def test_pages_are_no_animation(tmp_path, rng, capsys):
    assert warp(tmp_path, odd.pages(rng), "in.tif", "out.webp")[0] == 2
    assert "WebP would show 3 pages as an animation; take one by --page, or write TIFF" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [{"lossless": True}, {"quality": 90}])
def test_an_animation_keeps_its_frames_their_times_and_its_loop(tmp_path, rng, capsys, kind):
    content = odd.moving(rng, "WEBP", duration=[40, 50, 60], loop=3, **kind)
    code, result = warp(tmp_path, content, "in.webp", "out.webp", *TURN)
    assert code == 0
    before, after = (vips.Image.new_from_buffer(data, "", n=-1) for data in (content, result))
    assert after.get("n-pages") == 3
    assert after.get("delay") == [40, 50, 60]
    assert after.get("loop") == 3
    frames = before.numpy().reshape(3, 11, 13, -1), after.numpy().reshape(3, 13, 11, -1)
    for one, other in zip(*frames, strict=True):
        assert np.abs(np.rot90(one).astype(int) - other).max() <= (0 if "lossless" in kind else 8)
    assert (b"VP8L" in result) == ("lossless" in kind)
    assert capsys.readouterr().err == ""


def test_a_frame_can_be_taken_and_frames_become_pages(tmp_path, rng, capsys):
    content = odd.moving(rng, "WEBP", duration=[40, 50, 60], lossless=True)
    frames = vips.Image.new_from_buffer(content, "", n=-1).numpy().reshape(3, 11, 13, -1)
    warp(tmp_path, content, "in.webp", "out.png", "--page", 2)
    np.testing.assert_array_equal(load(tmp_path / "out.png"), frames[1])
    assert "not taken: 2 other pages" in capsys.readouterr().err
    _, result = warp(tmp_path, content, "in.webp", "out.tif")
    np.testing.assert_array_equal(np.stack(pages_of(result)), frames)
    assert "not kept: the times of its frames" in capsys.readouterr().err
    _, one = warp(tmp_path, content, "in.webp", "still.webp", "--page", 3)
    assert b"ANIM" not in one
    assert b"VP8L" in one


BESIDE = {
    "animated.png": ("an animation (APNG) of 3 pictures", ".png"),
    "two eyes.jpg": ("several pictures (MPO)", ".jpg"),
    "gain map.jpg": ("a gain map (HDR)", ".jpg"),
}


@pytest.mark.parametrize("name", BESIDE)
def test_pictures_that_cannot_be_read_are_refused_by_name(tmp_path, rng, capsys, name):
    words, ending = BESIDE[name]
    content = odd.folder(rng)[name]
    for options in ((), ("--page", "all"), ("--page", 2)):
        assert warp(tmp_path, content, name, f"out{ending}", *options) == (2, b"")
        assert f"it holds {words}, of which only the first picture can be read" in capsys.readouterr().err
    code, result = warp(tmp_path, content, name, f"out{ending}", "--page", 1)
    assert code == 0
    assert f"not taken: {words}" in capsys.readouterr().err
    assert b"acTL" not in result
    assert b"MPF\0" not in result
    assert b"hdrgm" not in result
    assert np.abs(load(tmp_path / f"out{ending}").astype(int) - load(tmp_path / name)).max() <= (
        0 if ending == ".png" else 40
    )


def test_a_gain_map_by_its_iso_name(tmp_path, rng, capsys):
    content = odd.with_segments(odd.jpeg(noise(rng)), (0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)))
    assert warp(tmp_path, content, "in.jpg", "out.jpg")[0] == 2
    assert "a gain map (HDR)" in capsys.readouterr().err


def test_a_picture_in_place_keeps_its_other_pages(tmp_path, rng):
    path = tmp_path / "in.tif"
    path.write_bytes(odd.pages(rng))
    before = pages_of(path.read_bytes())
    assert main(["warp", str(path), str(path), "--rotate", "180"]) == 0
    for one, other in zip(before, pages_of(path.read_bytes()), strict=True):
        np.testing.assert_array_equal(other, one[::-1, ::-1])


@pytest.mark.parametrize("name", ["pages.tif", *BESIDE])
def test_in_place_no_page_is_lost(tmp_path, rng, capsys, name):
    path = tmp_path / name
    path.write_bytes(odd.folder(rng)[name])
    before = path.read_bytes()
    assert main(["warp", str(path), str(path), "--page", "1"]) == 2
    assert f"would lose {BESIDE.get(name, ['2 other pages'])[0]}; write to another file" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_other_commands_get_the_first_picture(tmp_path, rng):
    (tmp_path / "in.tif").write_bytes(odd.pages(rng))
    picture = files.first_picture(str(tmp_path / "in.tif"))
    np.testing.assert_array_equal(picture.pixels, pages_of((tmp_path / "in.tif").read_bytes())[0])
    with pytest.raises(Refusal, match=r"cannot read 'missing\.png': No such file"):
        files.first_picture("missing.png")


def test_directories_in_a_circle_are_broken(tmp_path, rng, capsys):
    content = bytearray(odd.tiff(noise(rng)))
    (start,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, start)
    struct.pack_into("<I", content, start + 2 + 12 * count, start)
    assert warp(tmp_path, bytes(content), "in.tif", "out.tif")[0] == 2
    assert "broken or truncated TIFF" in capsys.readouterr().err


def test_one_frame_is_no_animation(tmp_path, rng):
    content = odd.with_chunks(odd.png(noise(rng)), acTL=struct.pack(">II", 1, 0))
    assert warp(tmp_path, content, "in.png", "out.png")[0] == 0
    assert image_of(load(tmp_path / "out.png")).bands == 3
