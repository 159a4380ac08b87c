"""The server: the page, and the answers to its requests."""

import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import gridsample as gs
from gridsample.cli.refusal import Refusal
from gridsample.explorer import answers
from gridsample.explorer.choices import MOST_SIDE, choices, mapping, options_of, places_of, size_of
from gridsample.explorer.pictures import MOST_BYTES, MOST_PIXELS, Picture, TooLarge, check_bytes, from_bytes
from gridsample.explorer.security import HOSTS, Gate, Keys, WithHeaders
from gridsample.explorer.state import Shown, Stale, State

PAGE = Path(__file__).parent / "page"
MOST_QUESTION = 2**14
"""Bytes of a question that is no picture."""

Answer = Callable[[Shown, dict[str, Any]], Response]


def application(picture: Picture, keys: Keys, language: str | None = None) -> Starlette:
    """Return the application that shows a picture to who has the keys."""
    state = State(picture)

    async def page(_: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def about(_: Request) -> Response:
        return JSONResponse({"language": language, "version": gs.__version__, **described(state.shown)})

    async def opened(request: Request) -> Response:
        name = unquote(request.headers.get("x-name", ""))
        shown = await run_in_threadpool(open_picture, state, await body_of(request, MOST_BYTES), name)
        return JSONResponse(described(shown))

    def answering(answer: Answer) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            question = question_of(await body_of(request, MOST_QUESTION))
            return await run_in_threadpool(answer, state.of(question.get("picture")), question)

        return endpoint

    return Starlette(
        routes=[
            Route("/", page),
            Route("/about", about),
            Route("/picture", opened, methods=["POST"]),
            Route("/explain", answering(explain), methods=["POST"]),
            Route("/warp", answering(warp), methods=["POST"]),
            Route("/surroundings", answering(surroundings), methods=["POST"]),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        middleware=[
            Middleware(WithHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
            Middleware(Gate, keys=keys),
        ],
        exception_handlers={Refusal: refused, MemoryError: refused},
    )


def described(shown: Shown) -> dict[str, Any]:
    """Return what the page has to know before it asks."""
    height, width = shown.picture.size
    return {
        "picture": shown.number,
        "name": shown.picture.name,
        "width": width,
        "height": height,
        "channels": shown.picture.values.shape[1],
        "choices": choices(),
        "limits": {"bytes": MOST_BYTES, "pixels": MOST_PIXELS, "side": MOST_SIDE},
    }


def open_picture(state: State, data: bytes, name: str) -> Shown:
    """Show a picture that was sent; whatever it is, it is read or refused."""
    return state.put(from_bytes(data, name))


def explain(shown: Shown, question: dict[str, Any]) -> Response:
    """Answer about a point."""
    unit, points = places_of(question.get("place"), 1)
    return JSONResponse(answers.explained(shown, options_of(question.get("options")), unit, points))


def warp(shown: Shown, question: dict[str, Any]) -> Response:
    """Answer with the picture under a mesh."""
    unit, points = places_of(question.get("place"), 4)
    options, size = options_of(question.get("options")), size_of(question.get("size"))
    return with_pixels(*answers.warped(shown, options, unit, points, size))


def surroundings(shown: Shown, question: dict[str, Any]) -> Response:
    """Answer with the picture and what is around it."""
    return with_pixels(*answers.surroundings(shown, options_of(question.get("options"))))


def with_pixels(about: dict[str, Any], pixels: npt.NDArray[np.uint8]) -> Response:
    """Return the length of a description, the description, and the bytes of pixels, as they are."""
    head = json.dumps(about, allow_nan=False).encode()
    return Response(struct.pack("<I", len(head)) + head + pixels.tobytes(), media_type="application/octet-stream")


async def body_of(request: Request, most: int) -> bytes:
    """Return what was sent, or refuse it as soon as it is seen to be too large."""
    announced = request.headers.get("content-length", "")
    check = check_bytes if most == MOST_BYTES else check_question
    check(int(announced) if announced.isdecimal() else 0)
    parts, count = [], 0
    async for part in request.stream():
        count += len(part)
        check(count)
        parts.append(part)
    return b"".join(parts)


def check_question(count: int) -> None:
    """Refuse what no page of ours asks."""
    if count > MOST_QUESTION:
        raise TooLarge(f"a question has at most {MOST_QUESTION} bytes; got {count}")


def question_of(body: bytes) -> dict[str, Any]:
    """Return a question."""
    try:
        return dict(mapping(json.loads(body), "a question"))
    except (ValueError, RecursionError):
        raise Refusal("a question must be JSON") from None


async def refused(_: Request, error: Exception) -> Response:
    """Return why something is not answered."""
    status = 413 if isinstance(error, TooLarge) else 409 if isinstance(error, Stale) else 400
    return JSONResponse({"error": str(error) or "not enough memory"}, status)


def listening(port: int) -> socket.socket:
    """Return a socket on the loopback interface, on a port or a free one (0)."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
    except OSError as error:
        made.close()
        raise Refusal(f"cannot listen on port {port}: {error.strerror}; --port 0 takes a free one") from None
    made.listen()
    return made


def serve(app: Starlette, on: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[on])
