"""Who is let in, and what every answer says to the browser."""

import pytest

from gridsample.explorer import security

POSTS = ("/picture", "/explain", "/warp", "/surroundings")
GETS = ("/", "/about", "/page/main.js", "/page/style.css")


def test_the_token_is_exchanged_for_a_cookie(stranger, keys):
    answer = stranger.get(f"/?token={keys.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert keys.secret.lower() in cookie
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/"))
    assert "domain" not in cookie
    assert stranger.get("/").status_code == 200


def test_it_is_exchanged_once(stranger, keys):
    token = keys.token
    assert stranger.get(f"/?token={token}").status_code == 303
    assert stranger.get(f"/?token={token}").status_code == 303  # the same browser
    stranger.cookies.clear()
    assert stranger.get(f"/?token={token}").status_code == 403  # another


@pytest.mark.parametrize("token", ["", "wrong", "é", "None"])
def test_a_wrong_token(stranger, keys, token):
    answer = stranger.get("/", params={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert keys.token is not None


@pytest.mark.parametrize("path", [*GETS, *POSTS])
def test_nothing_without_the_cookie(stranger, keys, path):
    for cookie in ("", "wrong", "é"):
        headers = {"cookie": f"{keys.cookie}={cookie}".encode()}
        answer = stranger.get(path, headers=headers) if path in GETS else stranger.post(path, headers=headers)
        assert answer.status_code == 403
        assert "gridsample explore" in answer.text


@pytest.mark.parametrize("path", GETS)
def test_with_it(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8123", 200),
        ("localhost:8123", 200),
        ("evil.example", 400),
        ("evil.example:8123", 400),
        ("127.0.0.1.evil.example:8123", 400),
        ("192.168.0.1:8123", 400),
        ("", 400),
    ],
)
def test_hosts(client, host, status):
    cookie = f"gridsample-8123={client.cookies['gridsample-8123']}"  # which the client keeps from other hosts
    assert client.get("/about", headers={"host": host, "cookie": cookie}).status_code == status


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:8123", "null", ""]
)
@pytest.mark.parametrize("path", POSTS)
def test_questions_of_other_pages(client, path, origin):
    """Cookies go to all ports of this machine; so the origin is asked for."""
    assert client.post(path, headers={"origin": origin}, json={}).status_code == 403


def test_a_question_without_an_origin(client):
    del client.headers["origin"]
    assert client.post("/explain", json={}).status_code == 403


def test_every_answer_has_the_headers(client, stranger):
    answers = [
        *(client.get(path) for path in (*GETS, "/nothing", "/page/nothing", "/page/../server.py")),
        *(client.post(path, json={}) for path in POSTS),
        client.get("/about", headers={"host": "evil.example"}),
        client.get("/?token=wrong"),
    ]
    stranger.cookies.clear()
    answers += [stranger.get("/"), stranger.get("/?token=wrong")]
    assert {200, 303, 400, 403, 404, 409} >= {answer.status_code for answer in answers} >= {200, 400, 403, 404}
    for answer in answers:
        assert {name: answer.headers.get(name) for name in security.HEADERS} == security.HEADERS


def test_the_policy_lets_nothing_in_from_elsewhere():
    policy = dict(part.split(" ", 1) for part in security.HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {"script-src", "style-src", "img-src", "connect-src"} <= policy.keys()
    assert set(policy.values()) <= {"'none'", "'self'", "'script'"}
    assert security.HEADERS["Referrer-Policy"] == "no-referrer"


def test_nothing_beside_the_page_is_served(client):
    for path in ("/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page//etc/passwd"):
        assert client.get(path).status_code in (400, 404)
