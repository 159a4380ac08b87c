"""``gridsample warp``: pipes, many files, full disks, and signals."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import gridsample as gs
from cli import odd_files as odd
from cli.picture_files import image_of, load, noise, save, vips
from gridsample.cli import main
from gridsample.cli.pictures import files, libvips
from gridsample.cli.refusal import Stopped
from gridsample.cli.warp import many

HERE = {**os.environ, "PYTHONPATH": str(Path(gs.__file__).parents[1])}
COMMAND = (sys.executable, "-m", "gridsample", "warp")


def piped(content, *options, **more):
    """Run the command with a file's bytes at its standard input."""
    return subprocess.run([*COMMAND, *options], input=content, capture_output=True, check=False, env=HERE, **more)


@pytest.mark.parametrize(
    ("format", "start"), [("png", b"\x89PNG"), ("jpeg", b"\xff\xd8"), ("tiff", b"II"), ("webp", b"RIFF")]
)
def test_pipes(rng, format, start):
    done = piped(odd.png(noise(rng)), "-", "-", "--format", format, "--scale", "2")
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout.startswith(start)
    assert vips.Image.new_from_buffer(done.stdout, "").width == 26


def test_pipes_keep_the_format_by_themselves(rng, tmp_path):
    done = piped(odd.jpeg(noise(rng)), "-", "-")
    assert done.stdout.startswith(b"\xff\xd8")
    done = piped(odd.jpeg(noise(rng)), "-", str(tmp_path / "out.png"))
    assert done.returncode == 0
    assert load(tmp_path / "out.png").shape == (11, 13, 3)


def test_pipes_that_fail(rng):
    done = piped(b"a text", "-", "-")
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr == b"gridsample warp: cannot read standard input: it is none of PNG, JPEG, TIFF or WebP\n"
    assert b"truncated PNG" in piped(odd.png(noise(rng))[:-9], "-", "-").stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="about a device of Linux")
def test_a_full_disk_is_called_so(rng):
    command = f"exec {' '.join(COMMAND)} - - > /dev/full"
    done = subprocess.run(command, shell=True, input=odd.png(noise(rng)), capture_output=True, check=False, env=HERE)
    assert done.returncode == 2
    assert done.stderr == b"gridsample warp: cannot write standard output: No space left on device\n"


def test_a_reader_that_leaves(rng, tmp_path):
    save(tmp_path / "in.tif", noise(rng, size=(500, 400)))
    command = f"{' '.join(COMMAND)} in.tif - --scale 3 | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, env=HERE, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"gridsample warp: cannot write standard output: Broken pipe\n"


def test_formats_by_name(tmp_path, rng, capsys):
    source = save(tmp_path / "in.png", noise(rng))
    assert main(["warp", str(source), str(tmp_path / "out"), "--format", "webp"]) == 0
    assert (tmp_path / "out").read_bytes().startswith(b"RIFF")
    assert main(["warp", str(source), str(tmp_path / "out.jpg"), "--format", "webp"]) == 2
    assert "--format webp does not fit the ending" in capsys.readouterr().err


def test_files_may_stand_anywhere(tmp_path, rng, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png"):
        save(tmp_path / name, noise(rng))
    assert main(["warp", "--rotate", "-90", "a.png", "--out-dir", "new", "b.png", "--expand"]) == 0
    assert sorted(os.listdir("new")) == ["a.png", "b.png"]
    assert main(["warp", "a.png", "--rotate", "90", "c.png"]) == 0
    with pytest.raises(SystemExit):
        main(["warp", "-a.png", "c.png"])
    assert "a file of that name is written ./-a.png" in capsys.readouterr().err


WRONG = {
    "a.png": "give IN and OUT, or IN ... and --out-dir",
    "": "give IN and OUT",
    "a.png b.png c.png": "3 files need --out-dir",
    "--out-dir new": "give the pictures to read",
    "- --out-dir new": "standard input has no name",
    "a.png sub/a.png --out-dir new": "'a.png' and 'sub/a.png' would both be written to 'new/a.png'",
    "a.png a.png --out-dir new": "would both be written",
    "a.png --out-dir a.png": "cannot make 'a.png'",
    "a.png b.jpg --quality 50 --lossless": "--lossless has no quality",
    "a.png b.jpg --lossless": "JPEG always loses something; write PNG, TIFF or WebP",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_files(tmp_path, rng, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "a.png", noise(rng))
    assert main(["warp", *arguments.split()]) == 2
    assert WRONG[arguments].replace("/", os.sep) in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["a.png"]


def test_many_files(tmp_path, rng, capsys):
    names = [f"{index:02d}{ending}" for index, ending in enumerate([".png", ".tif", ".webp"] * 7)]
    pictures = {name: load(save(tmp_path / name, noise(rng))) for name in names}
    threads = gs.get_num_threads()
    assert (
        main(
            [
                "warp",
                *(str(tmp_path / name) for name in names),
                "--out-dir",
                str(tmp_path / "a" / "b"),
                "--rotate",
                "180",
            ]
        )
        == 0
    )
    assert f"21 of 21 pictures written to '{tmp_path / 'a' / 'b'}'" in capsys.readouterr().err
    for name, pixels in pictures.items():
        np.testing.assert_array_equal(load(tmp_path / "a" / "b" / name), pixels[::-1, ::-1])
    assert gs.get_num_threads() == threads


def test_many_files_in_another_format_and_in_place(tmp_path, rng, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pixels = noise(rng)
    for name in ("a.png", "b.tif", "c"):
        (tmp_path / name).write_bytes(odd.png(pixels))
    assert main(["warp", "a.png", "b.tif", "c", "--out-dir", "new", "--format", "webp", "--lossless"]) == 0
    assert sorted(os.listdir("new")) == ["a.webp", "b.webp", "c.webp"]
    assert main(["warp", "a.png", "c", "--out-dir", ".", "--rotate", "180"]) == 0
    np.testing.assert_array_equal(load(tmp_path / "a.png"), pixels[::-1, ::-1])
    np.testing.assert_array_equal(load(tmp_path / "c"), pixels[::-1, ::-1])


def test_as_many_workers_as_cores(tmp_path, rng, monkeypatch):
    at_work, most, lock = set(), [], threading.Lock()
    cores = 3
    monkeypatch.setattr(many, "cores", lambda: cores)
    run = many.one.run

    def watched(*arguments):
        with lock:
            at_work.add(threading.get_ident())
            most.append(len(at_work))
        time.sleep(0.05)
        run(*arguments)
        with lock:
            at_work.discard(threading.get_ident())

    monkeypatch.setattr(many.one, "run", watched)
    names = [str(save(tmp_path / f"{index}.png", noise(rng))) for index in range(9)]
    assert main(["warp", *names, "--out-dir", str(tmp_path / "new")]) == 0
    assert max(most) == cores


@pytest.mark.skipif(os.name != "posix", reason="about terminals as POSIX has them")
def test_one_bar_on_a_terminal_and_none_elsewhere(tmp_path, rng):
    import fcntl  # noqa: PLC0415  (which others do not have)
    import termios  # noqa: PLC0415

    names = [str(save(tmp_path / f"{index}.png", noise(rng))) for index in range(3)]
    command = [*COMMAND, *names, "--out-dir", str(tmp_path / "new")]
    done = subprocess.run(command, capture_output=True, check=True, env=HERE, text=True)
    assert done.stderr.count("\n") == 1
    screen, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, env=HERE)
    os.close(terminal)
    seen = os.read(screen, 2**16).decode().replace("\r", "\n").split("\n")
    os.close(screen)
    assert any("0/3" in line and "pictures" in line for line in seen)
    assert [line for line in seen if line.strip()][-1].endswith(
        "3 of 3 pictures written to '" + str(tmp_path / "new") + "'"
    )


class Sends:
    """A function that sends a signal to this process, and goes on a while later: the first time that it is called."""

    def __init__(self, number, function):
        self.number, self.function, self.called = number, function, 0

    def __call__(self, *arguments, **options):
        self.called += 1
        if self.called == 1:
            os.kill(os.getpid(), self.number)
            time.sleep(0.3)  # while the main thread takes note, and all others are told
        return self.function(*arguments, **options)


@pytest.mark.skipif(os.name != "posix", reason="about POSIX signals")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
@pytest.mark.parametrize("when", ["sampling", "writing"])
@pytest.mark.parametrize("exists", [False, True])
def test_signals_leave_nothing_behind(tmp_path, rng, monkeypatch, capsys, *, number, code, word, when, exists):
    source, target = save(tmp_path / "in.png", noise(rng)), tmp_path / "out.png"
    if exists:
        target.write_bytes(b"before")
    where, name = (gs, "grid_sample") if when == "sampling" else (files.secrets, "token_hex")
    sends = Sends(number, getattr(where, name))
    monkeypatch.setattr(where, name, sends)
    handler = signal.getsignal(number)
    assert main(["warp", str(source), str(target), "--rotate", "20"]) == code
    assert sends.called == 1
    assert capsys.readouterr().err == f"gridsample warp: {word}\n"
    assert sorted(os.listdir(tmp_path)) == ["in.png", "out.png"][: 1 + exists]
    assert not exists or target.read_bytes() == b"before"
    assert signal.getsignal(number) is handler


@pytest.mark.skipif(os.name != "posix", reason="about POSIX signals")
@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".webp"])
def test_the_file_library_is_stopped_at_work(tmp_path, rng, monkeypatch, ending):
    """Writing of a large picture ends soon after Ctrl-C, not when it would have."""
    source, target = tmp_path / "in.tif", tmp_path / f"out{ending}"
    image_of(rng.integers(0, 256, (3001, 2989, 3), dtype=np.uint8)).tiffsave(
        str(source), compression="deflate"
    )  # and slowly so again
    save_image, started, stopped = libvips.saved_image, threading.Event(), []

    def watched(*arguments, **options):
        started.set()
        try:
            return save_image(*arguments, **options)
        except Stopped as end:
            stopped.append(end.__context__)
            raise

    def press():
        started.wait()
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(libvips, "saved_image", watched)
    threading.Thread(target=press).start()
    assert main(["warp", str(source), str(target), "--rotate", "180", "--mode", "nearest"]) == 130
    assert isinstance(stopped[0], vips.Error)  # it was ended, rather than asked when it was done
    assert os.listdir(tmp_path) == ["in.tif"]


def test_interrupting_many_files_keeps_those_that_are_done(tmp_path, rng, monkeypatch, capsys):
    monkeypatch.setattr(many, "cores", lambda: 1)
    names = [str(save(tmp_path / f"{index}.png", noise(rng))) for index in range(5)]
    run, calls = many.one.run, []

    def third_is_interrupted(*arguments):
        calls.append(arguments[0].input)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)
        run(*arguments)

    monkeypatch.setattr(many.one, "run", third_is_interrupted)
    assert main(["warp", *names, "--out-dir", str(tmp_path / "new")]) == 130
    assert sorted(os.listdir(tmp_path / "new")) == ["0.png", "1.png"]
    assert capsys.readouterr().err == "gridsample warp: interrupted\n"


def test_files_of_different_kinds_at_once_do_not_get_in_each_others_way(tmp_path, rng, capsys):
    """Many times over, as what they share is told in the order in which they happen to be."""
    kinds = {"grey.png": 1, "both.png": 2, "colours.png": 3, "all.png": 4}
    names = [
        str(save(tmp_path / f"{index}{name}", noise(rng, bands=bands)))
        for index in range(8)
        for name, bands in kinds.items()
    ]
    assert main(["warp", *names, "--out-dir", str(tmp_path / "new"), "--scale", "0.5"]) == 0
    assert capsys.readouterr().err.count("\n") == 1
