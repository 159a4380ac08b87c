"""Fixtures: the application, and a client that has its cookie."""

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httpx2")

from starlette.testclient import TestClient

from gridsample.explorer import pictures, security, server

PORT = 8123
ADDRESS = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def keys():
    return security.Keys(PORT)


@pytest.fixture
def picture(rng):
    """A picture of coprime sides, as a file of 8 bits has it."""
    return pictures.picture(rng.integers(0, 256, (1, 3, 11, 17)).astype("uint8"), "noise.png")


@pytest.fixture
def application(picture, keys):
    return server.application(picture, keys)


@pytest.fixture
def stranger(application):
    """A client without the cookie."""
    with TestClient(application, base_url=ADDRESS, follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(stranger, keys):
    """The browser that opened the address, on the explorer's own page."""
    assert stranger.get(f"/?token={keys.token}").status_code == 303
    stranger.headers["origin"] = ADDRESS
    return stranger


OPTIONS = {
    "mode": "bilinear",
    "padding_mode": "zeros",
    "align_corners": False,
    "coords": "normalized",
    "fill_value": 0,
    "language": "en",
}


@pytest.fixture
def question():
    """Return a function that makes a question about the first picture."""

    def make(points, unit="grid", picture=1, **options):
        return {
            "picture": picture,
            "options": {**OPTIONS, **options},
            "place": {"unit": unit, "points": points},
        }

    return make
