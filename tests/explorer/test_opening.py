"""Files: opened, or refused within limits, whatever they are."""

import zlib

import numpy as np
import pytest

from cli import picture_files as files  # which skips where pyvips is missing
from gridsample.explorer import pictures


def send(client, data, name="new.png"):
    """Upload a file."""
    return client.post("/picture", content=data, headers={"x-name": name})


def encoded(tmp_path, pixels, ending=".png", **options):
    """Return a file's bytes."""
    return files.save(tmp_path / f"made{ending}", pixels, **options).read_bytes()


def black(width, height):
    """Return the PNG of a black picture, which is a thousandth of its pixels."""
    image = files.vips.Image.black(width, height)
    return image.write_to_buffer(".png", compression=9)


def remains(client):
    """Whether the first picture is still shown."""
    told = client.get("/about").json()
    return (told["picture"], told["name"], told["width"], told["height"]) == (1, "noise.png", 17, 11)


@pytest.mark.parametrize("ending", [".png", ".tif", ".webp"])
@pytest.mark.parametrize("bands", [1, 3, 4])
def test_it_is_shown(client, question, tmp_path, rng, ending, bands):
    pixels = files.noise(rng, bands=3 if ending == ".webp" and bands == 1 else bands)
    told = send(client, encoded(tmp_path, pixels, ending), "a%20b%E5%9B%BE.png").json()
    assert told["name"] == "a b图.png"
    assert (told["picture"], told["width"], told["height"], told["channels"]) == (2, *files.SIZE, pixels.shape[2])
    answer = client.post("/explain", json=question([[5, 7]], picture=2, coords="pixel")).json()
    assert [float(text) for text in answer["result"]] == pixels[7, 5].tolist()
    assert answer["colour"][:3] == (pixels[7, 5, :3] if pixels.shape[2] > 1 else pixels[7, 5, [0, 0, 0]]).tolist()


def test_sixteen_bits_are_kept(client, question, tmp_path, rng):
    pixels = files.noise(rng, "uint16")
    assert send(client, encoded(tmp_path, pixels)).status_code == 200
    answer = client.post("/explain", json=question([[5, 7]], picture=2, coords="pixel")).json()
    assert [float(text) for text in answer["result"]] == pixels[7, 5].tolist()
    assert answer["colour"][:3] == np.rint(pixels[7, 5] * (255 / 65535)).tolist()


def test_questions_about_the_picture_before(client, question, tmp_path, rng):
    send(client, encoded(tmp_path, files.noise(rng)))
    answer = client.post("/explain", json=question([[0, 0]]))
    assert answer.status_code == 409


def test_turned_files_are_shown_upright(client, tmp_path, rng):
    told = send(client, encoded(tmp_path, files.noise(rng), ".tif", orientation=6)).json()
    assert (told["width"], told["height"]) == files.SIZE[::-1]


def test_a_file_announced_too_large(client):
    answer = client.post("/picture", content=b"", headers={"content-length": str(pictures.MOST_BYTES + 1)})
    assert answer.status_code == 413
    assert "64 MiB" in answer.json()["error"]
    assert remains(client)


def test_a_file_that_does_not_say_how_large_it_is(client):
    """It is refused as soon as it is seen; the rest is not asked for."""
    sent = 0

    def parts():
        nonlocal sent
        for _ in range(1000):
            sent += 2**20
            yield bytes(2**20)

    answer = client.post("/picture", content=parts())
    assert answer.status_code == 413
    assert remains(client)


def test_too_many_pixels(client):
    data = black(5000, 4000)
    assert len(data) < 100_000
    answer = send(client, data)
    assert answer.status_code == 413
    assert "5000 x 4000" in answer.json()["error"]
    assert "--scale" in answer.json()["error"]
    assert remains(client)


def test_the_most_pixels(client):
    assert send(client, black(4096, 4096)).status_code == 200


def test_a_question_that_is_too_large(client, question):
    assert client.post("/explain", json={**question([[0, 0]]), "more": "x" * 2**15}).status_code == 413


BROKEN = {
    "empty": lambda _: b"",
    "text": lambda _: b"no picture at all, but some words",
    "a page": lambda _: b"<!doctype html><script>alert(1)</script>",
    "svg": lambda _: b'<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>',
    "cut": lambda data: data[: len(data) // 2],
    "head": lambda data: data[:33],
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".webp"])
def test_broken_files(client, tmp_path, rng, kind, ending):
    answer = send(client, BROKEN[kind](encoded(tmp_path, files.noise(rng, size=(37, 41)), ending)))
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert remains(client)


def test_a_header_that_promises_too_much(client, tmp_path, rng):
    data = encoded(tmp_path, files.noise(rng))
    answer = send(client, data[:16] + b"\x00\xff\xff\xff" + data[20:])  # its width; the checksum is wrong, too
    assert answer.status_code in (400, 413)
    assert remains(client)


def test_random_damage(client, tmp_path, rng):
    """Whatever is changed, a file is shown or refused."""
    for ending in (".png", ".jpg", ".tif", ".webp"):
        data = bytearray(encoded(tmp_path, files.noise(rng, size=(37, 41)), ending))
        for _ in range(40):
            changed = bytearray(data)
            for place in rng.integers(0, len(data), 3):
                changed[place] = rng.integers(256)
            answer = send(client, bytes(changed))
            assert answer.status_code in (200, 400, 413), (ending, zlib.crc32(changed))
