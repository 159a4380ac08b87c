"""``gridsample warp``: samples of every kind, in the kind that they were."""

import io

import numpy as np
import pytest

from cli import odd_files as odd
from cli.picture_files import image_of, load, noise, open_image, vips
from gridsample.cli import main

tifffile = pytest.importorskip("tifffile")
UPRIGHT = {  # EXIF's numbers, and what makes a picture upright
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].T,
    8: np.rot90,
}
TURN = ("--rotate", 90, "--expand")
KINDS = ("int8", "int16", "uint32", "int32", "float16", "float32", "float64")


def values(rng, dtype, shape=(11, 13)):
    """Return numbers over all of a dtype's range, or around 0."""
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def warp_bytes(tmp_path, content, *options, target="out.tif", source="in.tif"):
    """Warp a file given by its bytes, and return that of the result."""
    (tmp_path / source).write_bytes(content)
    assert main(["warp", str(tmp_path / source), str(tmp_path / target), *map(str, options)]) == 0
    return (tmp_path / target).read_bytes()


def pixels_of(tiff, page=0):
    """Return a TIFF's pixels."""
    return tifffile.TiffFile(io.BytesIO(tiff)).pages[page].asarray()


def refused(tmp_path, content, *options, target="out.tif", source="in.tif", capsys):
    """Return why a file cannot be warped."""
    (tmp_path / source).write_bytes(content)
    assert main(["warp", str(tmp_path / source), str(tmp_path / target), *map(str, options)]) == 2
    assert not (tmp_path / target).exists()
    return capsys.readouterr().err


@pytest.mark.parametrize("shape", [(11, 13), (11, 13, 3), (11, 13, 4)])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", KINDS)
def test_kinds_stay_what_they_are(tmp_path, rng, capsys, *, dtype, compression, shape):
    data = values(rng, dtype, shape)
    extra = {"extrasamples": ["unassalpha"]} if shape[-1] == 4 else {}
    if extra:  # an opaque picture, as what is under alpha 0 is not kept
        data[..., 3] = np.iinfo(dtype).max if data.dtype.kind == "i" or dtype == "uint32" else 1
    result = pixels_of(warp_bytes(tmp_path, odd.tiff(data, compression=compression, **extra), *TURN))
    assert result.dtype == dtype
    if data.dtype.kind == "f" and extra:
        np.testing.assert_allclose(result, np.rot90(data), rtol=1e-3 if dtype == "float16" else 1e-6)
    else:
        np.testing.assert_array_equal(result, np.rot90(data))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("dtype", KINDS)
def test_kinds_are_sampled_in_their_own_precision(tmp_path, rng, dtype):
    data = values(rng, dtype)
    if np.dtype(dtype).kind == "i":
        data //= 2  # so that half sums stay inside
    result = pixels_of(warp_bytes(tmp_path, odd.tiff(data), "--matrix", 1, 0, -0.5, 0, 1, 0, "--size", "12x11"))
    expected = (data[:, :-1].astype(np.float64) + data[:, 1:]) / 2
    assert result.dtype == dtype
    if data.dtype.kind == "f":
        np.testing.assert_allclose(result, expected, rtol=2 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)
    else:
        assert np.abs(result - expected).max() <= 0.5


@pytest.mark.parametrize("dtype", KINDS)
def test_beside_measurements_is_the_background_with_a_hard_edge(tmp_path, dtype):
    data = np.full((11, 13), 100, dtype)
    result = pixels_of(
        warp_bytes(tmp_path, odd.tiff(data), "--rotate", 30, "--background", -7 if dtype != "uint32" else 7)
    )
    assert result.ndim == 2
    assert set(np.rint(np.unique(result))) == {7 if dtype == "uint32" else -7, 100}


@pytest.mark.parametrize("target", ["out.png", "out.jpg", "out.webp"])
@pytest.mark.parametrize("dtype", KINDS)
def test_other_formats_refuse_them(tmp_path, rng, capsys, *, dtype, target):
    line = refused(tmp_path, odd.tiff(values(rng, dtype)), target=target, capsys=capsys)
    assert "-bit" in line
    assert line.endswith("write TIFF\n")


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float64"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_by_whichever_library_reads(tmp_path, rng, orientation, dtype):
    data = rng.integers(0, 100, (11, 13)).astype(dtype)
    content = odd.tiff(data, extratags=[(274, "H", 1, orientation, True)])
    result = warp_bytes(tmp_path, content)
    np.testing.assert_array_equal(pixels_of(result), UPRIGHT[orientation](data))
    assert 274 not in tifffile.TiffFile(io.BytesIO(result)).pages[0].tags


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
def test_icc_profiles_are_kept_by_whichever_library_reads(tmp_path, rng, dtype):
    profile = image_of(noise(rng)).icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    content = odd.tiff(rng.integers(0, 100, (11, 13, 3)).astype(dtype), iccprofile=profile)
    page = tifffile.TiffFile(io.BytesIO(warp_bytes(tmp_path, content, *TURN))).pages[0]
    assert page.dtype == dtype
    assert page.iccprofile == profile


def test_numbers_that_are_none_stay_where_they_are(tmp_path):
    """What is not finite in a picture is not seen beside it."""
    data = np.full((11, 13), np.inf, np.float32)
    data[:, ::2] = np.nan
    result = pixels_of(warp_bytes(tmp_path, odd.tiff(data), "--rotate", 30, "--background", 5))
    assert (result[[0, 0, -1, -1], [0, -1, 0, -1]] == 5).all()
    assert not np.isfinite(result[3:8, 4:9]).any()


@pytest.mark.parametrize("dtype", ["uint64", "int64", "complex64"])
def test_what_cannot_be_sampled_is_not_called_broken(tmp_path, capsys, dtype):
    line = refused(tmp_path, odd.tiff(np.ones((11, 13), dtype)), capsys=capsys)
    assert "64 bits; possible are whole numbers of up to 32 bits and floating-point ones" in line
    assert "broken" not in line


def test_truncated_float64(tmp_path, rng, capsys):
    content = odd.tiff(values(rng, "float64"))
    assert "truncated" in refused(tmp_path, content[:-200], capsys=capsys)


def test_float64_in_a_compression_that_needs_another_library(tmp_path, rng, capsys):
    image = vips.Image.new_from_array(values(rng, "float64")).copy(interpretation="b-w")
    content = image.tiffsave_buffer(compression="lzw", predictor="none")
    try:
        tifffile.TiffFile(io.BytesIO(content)).pages[0].asarray()
    except ValueError:
        assert "pip install imagecodecs" in refused(tmp_path, content, capsys=capsys)
    else:
        pytest.skip("imagecodecs is installed")


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("target", ["out.png", "out.tif"])
@pytest.mark.parametrize("source", ["in.png", "in.tif"])
def test_one_bit_stays_one_bit(tmp_path, rng, capsys, *, source, target, mode):
    bits = rng.random((11, 13)) > 0.5
    options = {"compression": "group4"} if source == "in.tif" else {}
    content = odd.bilevel(bits, "TIFF" if options else "PNG", **options)
    result = warp_bytes(tmp_path, content, *TURN, "--mode", mode, source=source, target=target)
    np.testing.assert_array_equal(load(tmp_path / target)[..., 0] > 0, np.rot90(bits))
    if target == "out.png":
        assert result[24:26] == b"\x01\x00"
    else:
        page = tifffile.TiffFile(io.BytesIO(result)).pages[0]
        assert (page.bitspersample, page.compression) == (1, 4 if source == "in.tif" else 8)
    assert "bit" not in capsys.readouterr().err
    turned = warp_bytes(tmp_path, content, "--rotate", 30, "--background", "white", source=source, target=target)
    assert len(turned) < 1000
    assert set(np.unique(load(tmp_path / target))) == {0, 255}


@pytest.mark.parametrize("depth", [2, 4])
def test_few_bits_stay_few(tmp_path, rng, depth):
    levels = rng.integers(0, 2**depth, (11, 13, 1)).astype(np.uint8) * (255 // (2**depth - 1))
    content = image_of(levels).pngsave_buffer(bitdepth=depth)
    result = warp_bytes(tmp_path, content, *TURN, source="in.png", target="out.png")
    assert result[24:26] == bytes((depth, 0))
    np.testing.assert_array_equal(load(tmp_path / "out.png"), np.rot90(levels))
    warp_bytes(tmp_path, content, "--rotate", 20, source="in.png", target="out.png")
    assert set(np.unique(load(tmp_path / "out.png"))) <= set(np.arange(2**depth) * (255 // (2**depth - 1)))


def test_one_bit_into_eight_is_said(tmp_path, rng, capsys):
    warp_bytes(tmp_path, odd.bilevel(rng.random((11, 13)) > 0.5, "PNG"), source="in.png", target="out.webp")
    assert "changed: 1-bit samples to 8-bit ones" in capsys.readouterr().err


def test_a_palette_becomes_rgb_and_is_said(tmp_path, rng, capsys):
    content = odd.palette(noise(rng))
    warp_bytes(tmp_path, content, *TURN, source="in.png", target="out.png")
    assert "changed: colours of a palette to RGB" in capsys.readouterr().err
    np.testing.assert_array_equal(load(tmp_path / "out.png"), np.rot90(load(tmp_path / "in.png")))


@pytest.mark.parametrize(
    ("photometric", "dtype"), [("cielab", "uint8"), ("cielab", "uint16"), ("icclab", "uint8"), ("icclab", "uint16")]
)
def test_lab_stays_lab(tmp_path, rng, capsys, *, photometric, dtype):
    data = values(rng, dtype, (11, 13, 3))
    if (photometric, dtype) == ("icclab", "uint16"):
        data[..., 0] = np.minimum(data[..., 0], 65280)  # which is white there
    result = warp_bytes(tmp_path, odd.tiff(data, photometric=photometric), *TURN)
    page = tifffile.TiffFile(io.BytesIO(result)).pages[0]
    assert page.photometric.name == photometric.upper()
    np.testing.assert_array_equal(page.asarray(), np.rot90(data))
    assert capsys.readouterr().err == ""


def test_lab_is_sampled_over_zero(tmp_path):
    """Halfway between a = -1 and a = +1 is 0; as the bytes are stored, 255 and 1, it would be 128."""
    data = np.zeros((1, 2, 3), np.uint8)
    data[..., 0], data[0, 0, 1], data[0, 1, 1] = 100, 255, 1
    result = pixels_of(
        warp_bytes(tmp_path, odd.tiff(data, photometric="cielab"), "--matrix", 1, 0, -0.5, 0, 1, 0, "--size", "1x1")
    )
    np.testing.assert_array_equal(result.ravel(), [100, 0, 0])


@pytest.mark.parametrize("target", ["out.png", "out.jpg", "out.webp"])
def test_lab_becomes_srgb_where_it_must(tmp_path, capsys, target):
    data = np.full((11, 13, 3), (137, 208, 240), np.uint8)  # L 53.7, a -48, b -16
    warp_bytes(tmp_path, odd.tiff(data, photometric="cielab"), target=target)
    assert "changed: LAB to sRGB" in capsys.readouterr().err
    lab = vips.Image.new_from_array(np.full((1, 1, 3), (137 / 2.55, -48, -16), np.float32)).copy(interpretation="lab")
    expected = lab.colourspace("srgb").numpy()
    assert np.abs(load(tmp_path / target).astype(int) - expected).max() <= 4  # JPEG's and WebP's own loss


@pytest.mark.parametrize("ending", [".jpg", ".tif"])
def test_cmyk_stays_cmyk(tmp_path, rng, ending):
    cmyk = image_of(noise(rng)).icc_transform("cmyk", input_profile="srgb")
    content = cmyk.write_to_buffer(ending, **({"Q": 100} if ending == ".jpg" else {}))
    result = warp_bytes(tmp_path, content, *TURN, source=f"in{ending}", target=f"out{ending}")
    image = vips.Image.new_from_buffer(result, "")
    assert image.interpretation == "cmyk"
    assert image.get("icc-profile-data") == cmyk.get("icc-profile-data")
    before = np.rot90(load(tmp_path / f"in{ending}")).astype(int)
    assert np.abs(image.numpy() - before).max() <= (60 if ending == ".jpg" else 0)  # noise is what JPEG is worst at
    warp_bytes(tmp_path, content, "--rotate", 30, source=f"in{ending}", target="moved.tif")
    assert tuple(load(tmp_path / "moved.tif")[0, 0]) == (0, 0, 0, 255)  # black ink outside
    warp_bytes(tmp_path, content, "--rotate", 30, "--background", "white", source=f"in{ending}", target="moved.tif")
    assert tuple(load(tmp_path / "moved.tif")[0, 0]) == (0, 0, 0, 0)


def test_cmyk_becomes_srgb_by_its_profile_or_not_at_all(tmp_path, capsys):
    pixels = np.full((11, 13, 3), (200, 120, 60), np.uint8)
    cmyk = image_of(pixels).icc_transform("cmyk", input_profile="srgb")
    warp_bytes(tmp_path, cmyk.tiffsave_buffer(keep="icc"), target="out.png")
    assert "changed: CMYK to sRGB, by its ICC profile" in capsys.readouterr().err
    assert (
        np.abs(load(tmp_path / "out.png").astype(int) - pixels).max() <= 6
    )  # there and back through the profile's tables
    (tmp_path / "out.png").unlink()
    line = refused(tmp_path, cmyk.tiffsave_buffer(keep="none"), target="out.png", capsys=capsys)
    assert "without an ICC profile nothing says what its colours are; write JPEG or TIFF" in line


def test_associated_alpha_stays_associated(tmp_path, rng):
    pixels = noise(rng, bands=4)
    content = image_of(pixels).tiffsave_buffer(premultiply=True)
    result = warp_bytes(tmp_path, content, *TURN)
    extra = [tifffile.TiffFile(io.BytesIO(data)).pages[0].extrasamples for data in (content, result)]
    assert extra[0] == extra[1]
    seen = np.rot90(load(tmp_path / "in.tif")).astype(int), load(tmp_path / "out.tif").astype(int)
    assert np.abs(seen[0][..., 3] - seen[1][..., 3]).max() == 0
    weighted = [colours[..., :3] * (colours[..., 3:] / 255) for colours in seen]
    assert np.abs(weighted[0] - weighted[1]).max() <= 2  # two roundings more


@pytest.mark.parametrize("nodata", [-9999, "nan", 0])
@pytest.mark.parametrize("options", [("--rotate", 20), ("--scale", 3), ("--scale", 0.5), ("--size", "31x29")])
def test_pixels_without_data_have_no_part_in_others(tmp_path, rng, options, nodata):
    data = rng.uniform(100, 101, (22, 26)).astype(np.float32)
    data[5:9, 7:12] = float(nodata)
    content = odd.tiff(data, extratags=[(42113, "s", 0, str(nodata), True)])
    result = pixels_of(warp_bytes(tmp_path, content, *options))
    missing = np.isnan(result) if nodata == "nan" else result == nodata
    assert missing.any()
    assert ((result[~missing] >= 100 - 1e-4) & (result[~missing] <= 101 + 1e-4)).all()
    if options[0] in {"--rotate", "--size"}:
        assert missing[0, 0]


def test_what_means_no_data_but_is_no_sample_means_nothing(tmp_path, rng):
    data = rng.integers(0, 256, (11, 13)).astype(np.uint8)  # of which 241 is -9999 to a careless program
    result = warp_bytes(tmp_path, odd.tiff(data, extratags=[(42113, "s", 0, "-9999", True)]), *TURN)
    np.testing.assert_array_equal(pixels_of(result), np.rot90(data))


def test_splines_and_pixels_without_data(tmp_path, capsys):
    content = odd.tiff(np.ones((11, 13), np.float32), extratags=[(42113, "s", 0, "0", True)])
    assert "--mode bspline filters all pixels" in refused(tmp_path, content, "--mode", "bspline", capsys=capsys)


def test_libvips_and_the_command_agree_on_what_a_format_is(tmp_path, rng):
    """Every kind of sample that is written is read again by libvips, but those that it does not know."""
    for dtype in ("int16", "uint32", "float32"):
        warp_bytes(tmp_path, odd.tiff(values(rng, dtype)), "--scale", 2)
        assert open_image(tmp_path / "out.tif").width == 26
