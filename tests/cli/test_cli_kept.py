"""``gridsample warp``: what a file says beside its pixels goes to the output, or is named; nothing is invented."""

import io
import struct
import zlib

import numpy as np
import pytest

from cli import odd_files as odd
from cli.picture_files import SIZE, image_of, noise, vips
from gridsample.cli import main
from gridsample.cli.pictures import metadata

tifffile = pytest.importorskip("tifffile")
TURN = ("--rotate", 90, "--expand")
ENDINGS = (".png", ".jpg", ".tif", ".webp")


def open_image_of(data):
    """Return a file's image."""
    return vips.Image.new_from_buffer(data, "")


def test_png_colours_and_texts(turned, rng):
    chunks = {
        **odd.COLOURS,
        "sRGB": b"\0",
        "pHYs": struct.pack(">IIB", 5000, 4000, 1),
        "tEXt": b"Title\0A cat",
        "zTXt": b"Author\0\0" + zlib.compress(b"Nobody"),
        "iTXt": b"Copyright\0\0\0\0\0None",
        "tIME": bytes((7, 234, 11, 27, 5, 0, 0)),
        "juNk": b"safe to copy, by its name",
    }
    result, said = turned(odd.with_chunks(odd.png(noise(rng)), **chunks), ".png")
    found = odd.chunks_of(result)
    assert {name: found.get(name) for name in chunks} == chunks
    assert said == ""
    assert list(found).index("cICP") < list(found).index("IDAT")
    assert open_image_of(result).get("bits-per-sample") == 8


def test_png_chunks_that_are_not_safe_to_copy_are_named(turned, rng, tmp_path, refusal):
    content = odd.with_chunks(odd.png(noise(rng)), juNK=b"about the pixels", bKGD=bytes(6))
    result, said = turned(content, ".png")
    assert "not kept: PNG's juNK" in said
    assert "not kept, as it shows the picture as it was: background (PNG's bKGD)" in said
    assert "juNK" not in odd.chunks_of(result)
    assert "would lose PNG's juNK" in refusal(tmp_path / "in.png")


@pytest.mark.parametrize("ending", [".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("name", ["gAMA", "cICP"])
def test_colours_that_only_png_can_tell_are_not_lost(tmp_path, rng, refusal, *, ending, name):
    path = tmp_path / "in.png"
    path.write_bytes(odd.with_chunks(odd.png(noise(rng)), **{name: odd.COLOURS[name]}))
    said = refusal(path, tmp_path / f"out{ending}")
    assert f"only PNG holds PNG's {name}, without which its colours look wrong; write PNG" in said
    assert not (tmp_path / f"out{ending}").exists()


def test_colours_that_everybody_assumes_may_go_unsaid(turned, rng):
    usual = {"sRGB": b"\0", "gAMA": struct.pack(">I", 45455), "cHRM": odd.COLOURS["cHRM"]}
    _, said = turned(odd.with_chunks(odd.png(noise(rng)), **usual), ".png", ".webp")
    assert said == ""


def test_jpeg_segments(turned, rng):
    own = [(0xE5, b"Nikon or whoever"), (0xFE, b"a remark"), (0xFE, b"a second")]
    icc = image_of(noise(rng)).icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    content = odd.with_segments(
        odd.jpeg(noise(rng), icc_profile=icc, dpi=(300, 200)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + odd.XMP),
        (0xED, b"Photoshop 3.0\0" + odd.RESOURCES),
        *own,
    )
    result, said = turned(content, ".jpg")
    before, after = odd.segments_of(content), odd.segments_of(result)
    kept = [each for each in before if each[0] in {0xFE, *range(0xE0, 0xF0)}]
    assert sorted(each for each in after if each[0] in {0xFE, *range(0xE0, 0xF0)}) == sorted(kept)
    assert after[0][1].startswith(b"JFIF\0")
    assert said == ""


def test_exif_is_kept_byte_for_byte_but_for_what_changed(turned, rng):
    block = odd.exif(orientation=6)
    content = odd.jpeg(noise(rng), exif=b"Exif\0\0" + block)
    result, said = turned(content, ".jpg", None, "--size", "17x19")
    after = next(data for _, data in odd.segments_of(result) if data.startswith(b"Exif"))[6:]
    assert len(after) == len(block)
    changed = [index for index in range(len(block)) if block[index] != after[index]]
    assert len(changed) == 4  # orientation, width, height, and the link to the thumbnail
    assert "EXIF's thumbnail" in said
    image = open_image_of(result)
    assert image.get("orientation") == 1
    assert image.get("exif-ifd2-PixelXDimension").startswith("17 ")
    assert image.get("exif-ifd2-PixelYDimension").startswith("19 ")


def test_exif_in_tiff_tells_the_new_size(turned, rng):
    content = odd.jpeg(noise(rng), exif=b"Exif\0\0" + odd.exif(orientation=1))
    first, _ = turned(content, ".jpg", ".tif", "--size", "17x19")
    second, said = turned(first, ".tif", None, "--scale", 2)
    for result, size in ((first, (17, 19)), (second, (34, 38))):
        exif = tifffile.TiffFile(io.BytesIO(result)).pages[0].tags["ExifTag"].value
        assert (exif["PixelXDimension"], exif["PixelYDimension"]) == size
        assert exif["MakerNote"] == b"maker's own."
    assert said == ""


@pytest.mark.parametrize("target", ENDINGS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_exif_and_xmp_go_to_every_format(turned, rng, ending, target):
    """By way of what libvips writes itself, and reads."""
    image = image_of(noise(rng)).copy()
    image.set_type(vips.GValue.gstr_type, "exif-ifd0-Make", "Cam (Cam, ASCII, 4 components, 4 bytes)")
    image.set_type(vips.GValue.blob_type, "xmp-data", odd.XMP)
    options = {"lossless": True} if ending == ".webp" else {}
    content = image.write_to_buffer(ending, **options)
    if ending == ".tif":  # in which libvips puts no EXIF
        content = odd.tiff(noise(rng), extratags=[(271, "s", 0, "Cam", True), (700, "B", len(odd.XMP), odd.XMP, True)])
    result, said = turned(content, ending, target)
    assert "XMP" not in said
    assert "EXIF" not in said
    assert open_image_of(result).get("xmp-data") == odd.XMP
    if target == ".tif":
        assert tifffile.TiffFile(io.BytesIO(result)).pages[0].tags[271].value == "Cam"
    else:
        assert open_image_of(result).get("exif-ifd0-Make").startswith("Cam")


@pytest.mark.parametrize("ending", [".jpg", ".tif"])
@pytest.mark.parametrize("target", [".jpg", ".tif"])
def test_iptc_goes_from_jpeg_to_tiff_and_back(turned, rng, ending, target):
    jpeg = odd.with_segments(odd.jpeg(noise(rng)), (0xED, b"Photoshop 3.0\0" + odd.RESOURCES))
    tiff = odd.tiff(noise(rng), extratags=[(33723, "B", len(odd.IPTC), odd.IPTC, True)])
    result, said = turned({".jpg": jpeg, ".tif": tiff}[ending], ending, target)
    assert said == ""
    assert odd.IPTC in result


def test_what_another_format_cannot_hold_is_named(turned, rng):
    content = odd.with_segments(
        odd.jpeg(noise(rng), dpi=(300, 300)),
        (0xED, b"Photoshop 3.0\0" + odd.RESOURCES),
        (0xE5, b"own"),
        (0xFE, b"a remark"),
    )
    assert (
        "not kept: JPEG's segment APP5, IPTC, comment and resolution (300 dpi)" in turned(content, ".jpg", ".webp")[1]
    )
    result, said = turned(content, ".jpg", ".png")
    assert "not kept: JPEG's segment APP5 and IPTC" in said
    assert odd.chunks_of(result)["tEXt"] == b"Comment\0a remark"
    assert odd.chunks_of(result)["pHYs"] == struct.pack(">IIB", 11811, 11811, 1)
    content = odd.with_chunks(odd.png(noise(rng)), tEXt=b"Title\0A cat")
    assert "not kept: text 'Title'" in turned(content, ".png", ".jpg")[1]


@pytest.mark.parametrize("target", ENDINGS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_invented(turned, rng, ending, target):
    pixels = noise(rng)
    plain = {
        ".png": odd.png(pixels),
        ".jpg": odd.jpeg(pixels),
        ".tif": odd.tiff(pixels, resolutionunit="none"),
        ".webp": image_of(pixels).webpsave_buffer(lossless=True, keep="none"),
    }[ending]
    result, said = turned(plain, ending, target)
    assert said == ""
    if target == ".png":
        assert list(odd.chunks_of(result)) == ["IHDR", "IDAT", "IEND"]
    elif target == ".jpg":
        assert not any(marker in range(0xE1, 0xF0) for marker, _ in odd.segments_of(result))
        assert all(content[7] == 0 for marker, content in odd.segments_of(result) if marker == 0xE0)  # no unit
    elif target == ".webp":
        assert b"VP8X" not in result
    else:
        tags = tifffile.TiffFile(io.BytesIO(result)).pages[0].tags
        assert {tag.code for tag in tags} - {282, 283, 296} <= {
            254,
            *range(256, 260),
            262,
            273,
            *range(277, 280),
            284,
            317,
            339,
        }
        assert ending == ".tif" or 282 not in tags


def test_resolutions_are_converted_exactly_enough(turned, rng):
    content = odd.jpeg(noise(rng), dpi=(300, 150))
    for target in (".png", ".tif", ".jpg"):
        image = open_image_of(turned(content, ".jpg", target)[0])
        assert image.xres * 25.4 == pytest.approx(300, abs=0.02)  # whole pixels a metre
        assert image.yres * 25.4 == pytest.approx(150, abs=0.02)


def test_tiff_tags_are_kept(turned, rng):
    own = [
        (270, "s", 0, "A cat, from the left", True),
        (306, "s", 0, "2026:11:27 05:00:00", True),
        (65000, "d", 2, (0.1, -3.5), True),
        (65001, "s", 0, "private", True),
        (42112, "s", 0, "<GDALMetadata/>", True),
    ]
    result, said = turned(odd.tiff(noise(rng), extratags=own, resolution=(300, 200), software="tests"), ".tif")
    tags = tifffile.TiffFile(io.BytesIO(result)).pages[0].tags
    assert {code: tags[code].value for code, *_ in own} == {code: value for code, _, _, value, _ in own}
    assert tags["Software"].value == "tests"
    assert tags["XResolution"].value == (300, 1)
    assert said == ""


@pytest.mark.parametrize("compression", ["none", "deflate", "lzw", "packbits"])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("tile", [False, True])
def test_tiff_coding_is_kept(turned, rng, *, tile, bigtiff, compression):
    pixels = noise(rng, size=(53, 47))
    options = {"tile": True, "tile_width": 32, "tile_height": 16} if tile else {}
    content = image_of(pixels).tiffsave_buffer(compression=compression, bigtiff=bigtiff, **options)
    result, _ = turned(content, ".tif")
    with tifffile.TiffFile(io.BytesIO(content)) as before, tifffile.TiffFile(io.BytesIO(result)) as after:
        assert after.is_bigtiff == bigtiff
        assert after.pages[0].compression == before.pages[0].compression
        assert after.pages[0].is_tiled == tile
        assert not tile or (after.pages[0].tilewidth, after.pages[0].tilelength) == (32, 16)
    np.testing.assert_array_equal(open_image_of(result).numpy(), np.rot90(pixels))


def test_jpeg_in_tiff_stays_jpeg(turned, rng):
    content = image_of(noise(rng, size=(64, 48))).tiffsave_buffer(compression="jpeg", Q=80)
    result, _ = turned(content, ".tif")
    assert tifffile.TiffFile(io.BytesIO(result)).pages[0].compression == 7
    lossless, said = turned(content, ".tif", None, "--lossless")
    assert "--lossless has no effect" not in said
    assert tifffile.TiffFile(io.BytesIO(lossless)).pages[0].compression == 8


def test_smaller_copies_are_not_kept_and_other_sub_files_not_lost(turned, rng, tmp_path, refusal):
    pyramid = image_of(noise(rng, size=(64, 48))).tiffsave_buffer(
        tile=True, tile_width=16, tile_height=16, pyramid=True
    )
    result, said = turned(pyramid, ".tif")
    assert "as it shows the picture as it was: 2 smaller copies" in said
    assert len(tifffile.TiffFile(io.BytesIO(result)).pages) == 1
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(noise(rng)[..., 0], subifds=1, metadata=None)
        writer.write(noise(rng)[..., 1], metadata=None)
    assert "not kept: SubIFDs" in turned(file.getvalue(), ".tif")[1]
    assert "would lose SubIFDs" in refusal(tmp_path / "in.tif")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("form", [b'tiff:Orientation="6"', b"<tiff:Orientation>6</tiff:Orientation>"])
def test_xmp_says_upright_too(turned, rng, ending, form):
    content = odd.with_segments(odd.jpeg(noise(rng)), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + form))
    result, _ = turned(content, ".jpg", ending)
    assert open_image_of(result).get("xmp-data") == form.replace(b"6", b"1")
    if ending == ".tif":
        assert open_image_of(turned(result, ".tif")[0]).get("xmp-data") == form.replace(b"6", b"1")


@pytest.mark.parametrize("options", [{"Q": 60}, {"Q": 83, "interlace": True}, {"Q": 95, "subsample_mode": "off"}])
def test_jpeg_keeps_its_coding(turned, rng, options):
    content = image_of(noise(rng, size=(64, 48))).jpegsave_buffer(**options)
    result, _ = turned(content, ".jpg")

    def coding(data):
        return [(marker, content) for marker, content in odd.segments_of(data) if marker in (0xDB, 0xC0, 0xC2)]

    (*tables, (frame, before)), (*same, (again, after)) = coding(content), coding(result)
    assert same == tables  # of quantization, so of quality
    assert again == frame == (0xC2 if "interlace" in options else 0xC0)
    assert after[5:] == before[5:]  # the factors of subsampling
    other, _ = turned(content, ".jpg", None, "--quality", 30)
    assert coding(other)[0] != tables[0]


@pytest.mark.parametrize("lossless", [False, True])
def test_webp_keeps_its_kind(turned, rng, lossless):
    content = image_of(noise(rng, size=(64, 48))).webpsave_buffer(lossless=lossless, Q=70)
    assert (b"VP8L" in turned(content, ".webp")[0]) == lossless
    assert b"VP8L" in turned(content, ".webp", None, "--lossless")[0]
    small, large = (turned(content, ".webp", None, "--quality", q)[0] for q in (10, 90))
    assert b"VP8 " in small
    assert len(small) < len(large)


def test_webp_chunks_are_kept(turned, rng):
    content = image_of(noise(rng)).webpsave_buffer(lossless=True, keep="none")
    more = b"junk" + struct.pack("<I", 3) + b"own\0"
    header = b"VP8X" + struct.pack("<IBBBB", 10, 0, 0, 0, 0) + bytes((12, 0, 0, 10, 0, 0))
    body = b"WEBP" + header + content[12:] + more
    result, said = turned(b"RIFF" + struct.pack("<I", len(body)) + body, ".webp")
    assert more in result
    assert said == ""
    np.testing.assert_array_equal(open_image_of(result).numpy(), np.rot90(open_image_of(content).numpy()))


def test_png_stays_interlaced(turned, rng):
    content = image_of(noise(rng)).pngsave_buffer(interlace=True)
    assert turned(content, ".png")[0][28] == 1
    assert turned(odd.png(noise(rng)), ".png")[0][28] == 0


def test_in_place_nothing_is_lost(tmp_path, rng, refusal):
    for name, content in {
        "trailer.jpg": odd.jpeg(noise(rng)) + b"a film",
        "trailer.png": odd.png(noise(rng)) + b"more",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert "bytes after its end" in refusal(tmp_path / name)
    path = tmp_path / "all.jpg"
    path.write_bytes(odd.folder(rng)["described.jpg"])
    before = odd.segments_of(path.read_bytes())
    assert main(["warp", str(path), str(path), "--size", f"{SIZE[0]}x{SIZE[1]}"]) == 0
    assert {marker for marker, _ in before} == {marker for marker, _ in odd.segments_of(path.read_bytes())}


@pytest.mark.parametrize("block", [b"", b"II", b"XX*\0" + bytes(8), b"II*\0" + struct.pack("<I", 500), odd.exif()[:40]])
def test_broken_exif(block):
    assert metadata.upright(block, (3, 4)) is None
    assert not metadata.has_thumbnail(block)


def test_big_endian_exif():
    block = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 99)
    assert metadata.upright(block, (3, 4)) == b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 1, 0, 0)


def test_image_resources():
    named = b"8BIM" + struct.pack(">H", 1000) + b"\3abc" + struct.pack(">I", 3) + b"xyz\0"
    assert list(metadata.resources_of(named + odd.RESOURCES)) == [(1000, b"xyz"), (0x0404, odd.IPTC)]
    assert list(metadata.resources_of(named[:9])) == []
