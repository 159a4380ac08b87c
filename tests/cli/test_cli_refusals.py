"""``gridsample warp``: every failure is one line on standard error, exit code 2, and no output."""

import importlib
import logging
import os
import signal
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest

import gridsample as gs
from cli.picture_files import image_of, noise, save, vips
from gridsample.cli import main

ENDINGS = (".png", ".jpg", ".tif", ".webp")


@pytest.fixture
def refused(tmp_path, capsys, rng):
    """Return a function that runs a command which must be refused, and returns its one line."""
    source = save(tmp_path / "in.png", noise(rng))

    def run(*arguments, source=source, target="out.png"):
        before = sorted(os.listdir(tmp_path))
        try:
            code = main(["warp", str(source), str(tmp_path / target), *map(str, arguments)])
        except SystemExit as leaving:  # argparse leaves by itself
            code = leaving.code
        out, err = capsys.readouterr()
        *notes, line = err.splitlines(keepends=True)
        assert code == 2
        assert out == ""
        assert line.startswith(("gridsample warp: ", "gridsample: "))
        assert line.endswith("\n")
        assert all("not kept" in note or "changed" in note for note in notes)
        assert sorted(os.listdir(tmp_path)) == before
        return line

    return run


WRONG_ARGUMENTS = {
    "--scale 0": "above 0",
    "--scale -2": "above 0",
    "--scale two": "invalid",
    "--rotate nan": "finite",
    "--rotate -inf": "finite",
    "--rotate": "expected one argument",
    "--translate 1": "expected 2 arguments",
    "--translate 1e300 0": "away",
    "--scale 1e-320": "no pixel",
    "--scale 1e300": "too large",
    "--rotate 1e300": "within a million",
    "--scale 2 --scale 3": "given twice",
    "--sca 3": "unrecognized",
    "--matrix 1 2 3": "expected 6 arguments",
    "--matrix 1 2 0 0.1 0.2 0": "no inverse",
    "--matrix 0.1 0.3 0 0.3 0.9 0": "no inverse",
    "--matrix 0 0 0 0 0 0": "no inverse",
    "--matrix 1e-200 0 0 0 1e-200 0": "no inverse",
    "--matrix 1e-10 0 0 0 1e-10 0": "away",
    "--matrix 1 0 0 0 1 0 --scale 2 --rotate 5": "--scale and --rotate",
    "--size 3": "WxH",
    "--size 0x5": "WxH",
    "--size=-3x5": "WxH",
    "--size 3.5x5": "WxH",
    "--size ³x5": "WxH",
    "--size 99999x99999": "too large",
    "--mode cubci": "'bicubic'",
    "--padding reflect": "'reflection'",
    "--speed 3": "unrecognized",
    "third": "--out-dir",
}


@pytest.mark.parametrize("arguments", WRONG_ARGUMENTS)
def test_wrong_arguments(refused, arguments):
    assert WRONG_ARGUMENTS[arguments] in refused(*arguments.split())


def test_lines_quoted_in_a_message_do_not_break_it(refused):
    assert "unrecognized" in refused("--two\nlines")
    assert "No such file" in refused(source="two\nlines.png")


def test_no_input(refused, tmp_path):
    assert "No such file" in refused(source=tmp_path / "missing.png")
    assert "cannot read" in refused(source=tmp_path)


def test_no_picture(refused, tmp_path):
    for content in (b"", b"P", b"A text, not a picture.", b"GIF89a" + bytes(100)):
        (tmp_path / "text.png").write_bytes(content)
        assert "none of PNG, JPEG, TIFF or WebP" in refused(source=tmp_path / "text.png")


@pytest.mark.parametrize("ending", ENDINGS)
def test_truncated(refused, tmp_path, rng, ending):
    options = {"Q": 95} if ending in {".jpg", ".webp"} else {"compression": 6} if ending == ".png" else {}
    format_name = {".png": "PNG", ".jpg": "JPEG", ".tif": "TIFF", ".webp": "WebP"}[ending]
    whole = save(tmp_path / f"whole{ending}", noise(rng, size=(53, 47)), **options).read_bytes()
    path = tmp_path / f"cut{ending}"
    for length in (12, 20, 40, len(whole) // 2, len(whole) - 20, len(whole) - 1, *rng.integers(12, len(whole), 20)):
        path.write_bytes(whole[:length])
        assert f"truncated {format_name}" in refused(source=path)
    path.write_bytes(whole + bytes(5000))  # what follows the end does no harm
    assert main(["warp", str(path), str(tmp_path / "whole.png")]) == 0


def test_truncated_tiff_with_its_directory_in_front(refused, tmp_path):
    pixels = bytes(range(13)) * 11
    tags = {256: 13, 257: 11, 258: 8, 259: 1, 262: 1, 273: 8 + 2 + 9 * 12 + 4, 277: 1, 278: 11, 279: len(pixels)}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    whole = b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4) + pixels
    path = tmp_path / "in.tif"
    path.write_bytes(whole)
    assert main(["warp", str(path), str(tmp_path / "whole.png")]) == 0
    path.write_bytes(whole[:-1])
    assert "broken or truncated TIFF" in refused(source=path)


@pytest.mark.parametrize(
    ("ending", "options"),
    [(".png", {"compression": 6}), (".jpg", {"interlace": True}), (".tif", {"compression": "deflate"})],
)
def test_corrupt(refused, tmp_path, rng, ending, options):
    """WebP is not here: it has no checksum, and nearly all bits are a picture."""
    whole = save(tmp_path / f"whole{ending}", noise(rng, size=(53, 47)), **options).read_bytes()
    path = tmp_path / f"corrupt{ending}"
    third = len(whole) // 3
    path.write_bytes(whole[:third] + bytes(third) + whole[2 * third :])
    assert "broken or truncated" in refused(source=path)


def png_header(width, height):
    """Return a PNG of that size, with next to nothing in it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_absurdly_large(refused, tmp_path):
    (tmp_path / "bomb.png").write_bytes(png_header(65535, 65535))
    assert "too large: 65535x65535" in refused(source=tmp_path / "bomb.png")


def test_six_bands(refused, tmp_path, rng):
    image = image_of(noise(rng))
    image.bandjoin(image).write_to_file(str(tmp_path / "kind.tif"))
    assert "6 bands" in refused(source=tmp_path / "kind.tif")


@pytest.mark.parametrize(
    ("dtype", "bands", "target", "line"),
    [
        ("uint8", 4, "out.jpg", "JPEG cannot hold alpha; write PNG, TIFF or WebP, or give a --background"),
        ("uint8", 2, "out.jpg", "JPEG cannot hold alpha; write PNG, TIFF or WebP, or give a --background"),
        ("uint16", 3, "out.jpg", "JPEG cannot hold 16-bit samples; write PNG or TIFF"),
        ("uint16", 1, "out.webp", "WebP cannot hold 16-bit samples; write PNG or TIFF"),
    ],
)
def test_what_a_format_cannot_hold(refused, tmp_path, rng, *, dtype, bands, target, line):
    source = save(tmp_path / "kind.png", noise(rng, dtype, bands))
    assert line in refused(source=source, target=target)


def test_grey_profile_into_webp(refused, tmp_path, rng):
    image = image_of(noise(rng, bands=1)).copy()
    profile = bytearray(image_of(noise(rng)).icc_transform("p3", input_profile="srgb").get("icc-profile-data"))
    profile[16:20] = b"GRAY"
    image.set_type(vips.GValue.blob_type, "icc-profile-data", bytes(profile))
    image.write_to_file(str(tmp_path / "grey.tif"))
    if not vips.Image.new_from_file(str(tmp_path / "grey.tif")).get_typeof("icc-profile-data"):
        pytest.skip("libvips did not keep the profile")
    assert "WebP cannot hold grey with an ICC profile" in refused(source=tmp_path / "grey.tif", target="out.webp")


def test_larger_than_a_format_can_hold(refused):
    line = refused("--size", "16384x1", target="out.webp")
    assert "cannot write" in line
    assert "WebP" in line


def test_unknown_format_of_output(refused):
    assert "must end in one of .png, .jpg" in refused(target="out.bmp")
    assert "must end in one of .png, .jpg" in refused(target="out")


def test_output_that_cannot_be_written(refused, tmp_path):
    assert "No such directory" in refused(target="missing/out.png")
    (tmp_path / "folder.png").mkdir()
    assert "not a regular file" in refused(target="folder.png")
    assert "cannot write" in refused(target="in.png/out.png")


@pytest.mark.skipif(os.name != "posix", reason="about devices")
def test_devices_are_not_replaced(refused, tmp_path):
    (tmp_path / "device.png").symlink_to("/dev/null")
    assert "not a regular file" in refused(target="device.png")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="about permissions, which root does not need")
def test_permission_denied(refused, tmp_path):
    (tmp_path / "kept.png").touch(mode=0o400)
    assert "write-protected" in refused(target="kept.png")
    (tmp_path / "in.png").chmod(0)
    assert "Permission denied" in refused()


def test_without_the_library(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvips", None)
    assert 'pip install "gridsample[cli]"' in refused()


def test_with_half_of_the_library(refused, monkeypatch):
    def fail(name):
        raise OSError(f"cannot load library of {name}")

    monkeypatch.setattr(importlib, "import_module", fail)
    assert 'pip install "gridsample[cli]"' in refused()


def test_not_enough_memory(refused, monkeypatch):
    monkeypatch.setattr(gs, "grid_sample", lambda *_, **__: np.zeros(2**55))
    assert "not enough memory" in refused()


def test_interrupted(tmp_path, rng, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    source = save(tmp_path / "in.png", noise(rng))
    monkeypatch.setattr(gs, "grid_sample", interrupt)
    assert main(["warp", str(source), str(tmp_path / "out.png")]) == 130
    assert capsys.readouterr().err == "gridsample warp: interrupted\n"
    assert os.listdir(tmp_path) == ["in.png"]


class CtrlC(logging.Handler):
    """Press Ctrl-C while libvips itself is telling something: the first time while reading, or the last, writing."""

    def __init__(self, when):
        super().__init__()
        self.when, self.told = when, 0

    def emit(self, record):
        self.told += record.getMessage().startswith("VIPS: ")
        if self.told == self.when:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)  # while the main thread takes note, and all others are told


@pytest.mark.parametrize("when", [1, 2, 3])
def test_interrupted_inside_of_the_library(tmp_path, rng, capfd, caplog, when):
    source, handler = save(tmp_path / "in.png", noise(rng)), CtrlC(when)
    logger = logging.getLogger("pyvips")
    with caplog.at_level(logging.INFO, "pyvips"):
        logger.addHandler(handler)
        try:
            code = main(["warp", str(source), str(tmp_path / "out.png")])
        finally:
            logger.removeHandler(handler)
    assert handler.told >= when
    assert code == 130
    assert capfd.readouterr().err == "gridsample warp: interrupted\n"
    assert os.listdir(tmp_path) == ["in.png"]


FULL_DISC = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from gridsample.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="about POSIX limits")
@pytest.mark.parametrize("ending", ENDINGS)
def test_full_disc(tmp_path, rng, ending):
    """A real process, so that what a C library might print itself would be seen too."""
    source, target = save(tmp_path / "in.png", noise(rng, size=(53, 47))), tmp_path / f"out{ending}"
    target.write_bytes(b"before")
    command = [sys.executable, "-c", FULL_DISC, "warp", str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    line = done.stderr.splitlines()[-1]
    assert line == f"gridsample warp: cannot write '{target}': File too large"  # as the system calls this limit
    assert target.read_bytes() == b"before"
    assert sorted(os.listdir(tmp_path)) == ["in.png", f"out{ending}"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_prints_one_line(tmp_path, rng, ending):
    whole = save(tmp_path / f"in{ending}", noise(rng, size=(53, 47))).read_bytes()
    (tmp_path / f"in{ending}").write_bytes(whole[: len(whole) // 2])
    command = [sys.executable, "-m", "gridsample", "warp", str(tmp_path / f"in{ending}"), str(tmp_path / "out.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("gridsample warp: cannot read")
    assert done.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == [f"in{ending}"]


def test_a_compression_that_the_file_library_lacks_is_no_broken_file(refused, tmp_path, rng):
    pixels = noise(rng)
    save(tmp_path / "kind.tif", pixels, compression="none")
    content = bytearray((tmp_path / "kind.tif").read_bytes())
    at = content.index(struct.pack("<HHIH", 259, 3, 1, 1))
    content[at + 8 : at + 10] = struct.pack("<H", 50000)  # ZSTD
    (tmp_path / "kind.tif").write_bytes(content)
    line = refused(source=tmp_path / "kind.tif")
    if "ZSTD" not in line:
        pytest.skip("this libvips has ZSTD")
    assert "broken" not in line
    assert "this libvips cannot read it" in line


def test_whatever_the_file_library_cannot_do_is_one_line(refused, monkeypatch):
    def fail(*_, **__):
        raise vips.Error("unable to call resize")

    monkeypatch.setattr(vips.Image, "resize", fail, raising=False)
    assert "cannot warp" in refused("--scale", 0.5)
