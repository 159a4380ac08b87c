"""The check of a built site: what it lets pass, and what it finds."""

import importlib.util
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "docs/check_site.py"


@pytest.fixture
def problems():
    spec = importlib.util.spec_from_file_location("check_site", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.problems


def write(site, body):
    (site / "sub").mkdir(exist_ok=True)
    (site / "index.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    (site / "sub/page.html").write_text('<h1 id="top">A page</h1><a href="../index.html">up</a>', encoding="utf-8")
    (site / "picture.png").write_bytes(b"")
    return site


@pytest.mark.parametrize(
    "body",
    [
        '<a href="sub/page.html#top">a place</a>',
        '<img src="picture.png">',
        '<a href="https://example.org">a link that is clicked</a>',
        '<a href="#here">here</a><h1 id="here">here</h1>',
        '<link rel="canonical" href="https://example.org/index.html">',
    ],
)
def test_what_is_right(problems, tmp_path, body):
    assert problems(write(tmp_path, body)) == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<a href="nowhere.html">', "which is not there"),
        ('<img src="nothing.png">', "which is not there"),
        ('<a href="sub/page.html#nowhere">', "not on that page"),
        ('<a href="#nowhere">', "not on that page"),
        ('<script src="https://example.org/a.js"></script>', "index.html fetches https://example.org/a.js"),
        ('<link rel="stylesheet" href="//example.org/a.css">', "fetches //example.org/a.css"),
    ],
)
def test_what_is_wrong(problems, tmp_path, body, told):
    (found,) = problems(write(tmp_path, body))
    assert told in found


def test_a_sheet_that_fetches(problems, tmp_path):
    (write(tmp_path, "") / "a.css").write_text("@font-face { src: url('https://example.org/font') }", encoding="utf-8")
    assert problems(tmp_path) == ["a.css fetches from https://example.org"]


def test_a_site_that_is_not_there(problems, tmp_path):
    assert "no pages" in problems(tmp_path / "none")[0]
