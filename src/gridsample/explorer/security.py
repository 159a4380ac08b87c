"""Who may ask: the browser that was given the address, from the page itself, and nobody else on the network or the web.

The server listens on the loopback interface alone. A page of another site can make a browser ask there; it is kept
out by the name that it asks for (``Host``, against names that are made to point here), by a cookie that requests of
other sites do not carry, and by the origin that questions name. Other users of the machine are kept out by that cookie
too: it is given once, for the random token in the address, which a list of processes may show.
"""

import secrets
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ["127.0.0.1", "localhost"]

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Of every answer."""

NOT_YOU = (
    "This is gridsample's explorer, for the browser that opened its address first. That address works once: reload the "
    "page that is open, or start gridsample explore again.\n"
    "这是 gridsample 的交互页面，仅供最先打开其地址的浏览器使用。该地址只能使用一次："
    "请刷新已打开的页面，或重新运行 gridsample explore。\n"
)


class Keys:
    """The token of the address, and the cookie that it is exchanged for.

    Attributes
    ----------
    token : str or None
        None once it was exchanged.
    """

    def __init__(self, port: int) -> None:
        self.token: str | None = secrets.token_urlsafe(32)
        self.cookie = f"gridsample-{port}"  # cookies are shared by all ports
        self.secret = secrets.token_urlsafe(32)

    def exchange(self, token: str) -> bool:
        """Whether the token is right and was not exchanged yet; now it is."""
        right = self.token is not None and same(token, self.token)
        if right:
            self.token = None
        return right

    def opens(self, request: Request) -> bool:
        """Whether a request carries the cookie."""
        return same(request.cookies.get(self.cookie, ""), self.secret)


def same(given: str, wanted: str) -> bool:
    """Whether two texts are the same, in a time that does not tell where they differ."""
    return secrets.compare_digest(given.encode(), wanted.encode())


class Gate:
    """Lets requests through that carry the cookie, and exchanges the token for it."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app, self.keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let through."""
        if scope["type"] == "http":
            request = Request(scope)
            refusal = self.answer(request)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        elif scope["type"] != "lifespan":  # there are no sockets
            return
        await self.app(scope, receive, send)

    def answer(self, request: Request) -> Response | None:
        """Return what a request gets that is not let through."""
        token = request.query_params.get("token")
        opens = self.keys.opens(request)
        if token is not None and request.url.path == "/":
            return self.exchanged(opens, token)
        if not opens:
            return PlainTextResponse(NOT_YOU, 403)
        origin = f"{request.url.scheme}://{request.headers.get('host')}"
        if request.method not in ("GET", "HEAD") and request.headers.get("origin") != origin:
            return PlainTextResponse("only the explorer's own page may ask for that\n", 403)
        return None

    def exchanged(self, opens: bool, token: str) -> Response:
        """Return the way to the page, with the cookie for those who have the token."""
        if not opens and not self.keys.exchange(token):
            return PlainTextResponse(NOT_YOU, 403)
        answer = RedirectResponse("/", 303)
        if not opens:
            answer.set_cookie(self.keys.cookie, self.keys.secret, httponly=True, samesite="strict")
        return answer


class WithHeaders:
    """Adds :data:`HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the headers."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: Any = MutableHeaders(scope=message)
                headers.update(HEADERS)
            await send(message)

        await self.app(scope, receive, adding)
