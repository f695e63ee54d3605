"""`aws:SecureTransport`: plain HTTP on the loopback interface counts as secure, unless the request says otherwise.

On AWS every client of this kit speaks TLS, and policies refuse plain HTTP. The emulator has no certificate that those
clients would trust, and its traffic does not leave the machine. A request with `X-Forwarded-Proto: http` is insecure,
so that the refusal can be seen.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_evaluator

type Scope = MutableMapping[str, Any]
type Serve = Callable[[Scope, Any, Any], Awaitable[None]]
_MARK = b"x-forwarded-proto"


def install() -> None:
    """Count requests as secure, and what services do between themselves."""
    iam_evaluator._request_origin = ContextVar("request_origin", default=("127.0.0.1", True))
    app.app = securely(app.app)


def securely(serve: Serve) -> Serve:
    """Return the server's application with every unmarked request marked as having come by TLS."""

    async def serve_securely(scope: Scope, receive: Any, send: Any) -> None:
        headers = scope.get("headers", [])
        if scope["type"] == "http" and all(name.lower() != _MARK for name, _ in headers):
            scope = {**scope, "headers": [*headers, (_MARK, b"https")]}
        await serve(scope, receive, send)

    return serve_securely
