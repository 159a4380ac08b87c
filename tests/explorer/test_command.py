"""``gridsample explore``, without a browser."""

import socket
import sys
import webbrowser

import pytest

from gridsample.cli import main
from gridsample.explorer import server


@pytest.fixture
def served(monkeypatch):
    """Let nothing be served, and return what would be."""
    made = []
    monkeypatch.setattr(server, "serve", lambda app, on: made.append((app, on.getsockname())))
    monkeypatch.setattr(webbrowser, "open", made.append)
    return made


def test_it_listens_on_this_machine_alone(served, capsys):
    assert main(["explore", "--no-browser"]) == 0
    ((_, (host, port)),) = served
    address, words = capsys.readouterr().out.splitlines()
    assert host == "127.0.0.1"
    assert address.startswith(f"http://127.0.0.1:{port}/?token=")
    assert len(address.partition("token=")[2]) >= 40
    assert "Ctrl-C" in words


def test_it_opens_the_browser(served, capsys):
    assert main(["explore", "1 2; 3 4"]) == 0
    address = capsys.readouterr().out.splitlines()[0]
    assert address in served


def test_a_port_that_is_taken(served, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert main(["explore", "--no-browser", "--port", str(other.getsockname()[1])]) == 2
    assert "--port 0" in capsys.readouterr().err
    assert served == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("1 2 3", "rows and columns"),
        ("1 2;; 3 4", "rows and columns"),
        ("nothing.png", "IN must be"),
        ("", "IN must be"),
    ],
)
def test_what_it_cannot_show(served, capsys, given, said):
    assert main(["explore", "--no-browser", given]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert err.count("\n") == 1
    assert served == []


def test_a_file_that_is_no_picture(served, capsys, tmp_path):
    path = tmp_path / "words.png"
    path.write_text("no picture")
    assert main(["explore", "--no-browser", str(path)]) == 2
    assert "words.png" in capsys.readouterr().err
    assert served == []


@pytest.mark.parametrize("library", ["starlette", "uvicorn"])
def test_what_it_needs(monkeypatch, capsys, library):
    for name in [name for name in sys.modules if name.startswith(("gridsample.explorer", library))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    assert main(["explore", "--no-browser"]) == 2
    assert f'explore needs {library}: pip install "gridsample[explore]"' in capsys.readouterr().err


def test_the_page_is_part_of_the_package():
    assert {path.suffix for path in server.PAGE.iterdir()} == {".html", ".css", ".js", ".svg"}
