"""Where CloudFormation waits for answers: a real HTTP server on this machine, scripted answer by answer."""

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DROP, HANG = 0, -1
PATH = "/arn%3Aaws%3Acloudformation/answer?X-Amz-Signature=c0ffee"


@dataclass
class AnswerServer:
    """What was received.

    Args:
        statuses: How each request in turn is answered, and those after them with the last one: an HTTP status, `DROP`
            for a connection that is closed, `HANG` for silence.
    """

    statuses: Sequence[int]
    url: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def next_status(self) -> int:
        """Return how the request that has just come is answered."""
        return self.statuses[min(len(self.paths), len(self.statuses)) - 1]


@contextmanager
def answer_server(*statuses: int, certificate: ssl.SSLContext | None = None) -> Iterator[AnswerServer]:
    """Run a server until the block ends; with a certificate it speaks TLS."""
    told = AnswerServer(statuses or (200,))

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            told.paths.append(self.path)
            told.headers.append(dict(self.headers))
            told.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status = told.next_status()
            if status == HANG:
                told.ended.wait(30)
            elif status != DROP:
                self.send_response(status)
                self.send_header("Location", f"{told.url}&redirected")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        server.socket = certificate.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    told.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}{PATH}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
