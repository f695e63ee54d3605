"""Answers CloudFormation at the address that it signed for one upload.

With the standard library alone: it follows no redirect, and neither logs the address nor puts it into an error, as
urllib3 does. Whoever has the address can answer in our place.
"""

from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from rds_operations.domain.custom_resources import CustomResourceAnswer, ReplyAddress, answer_body
from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.ports.clock import Pause

TIMEOUT_SECONDS = 2
"""Wait for a connection, and again for an answer, per attempt."""
PAUSES = (timedelta(seconds=0.5), timedelta(seconds=1))
"""Between the attempts, of which there is one more; runtime/custom_resources.ANSWER_TAKES is more than all of it."""

_OK = 200
_SERVER_ERROR = 500


class CloudFormationReplies:
    """`CustomResourceReplies` by HTTP.

    Args:
        pause: Waits between the attempts.
        timeout_seconds: Wait for a connection, and again for an answer, per attempt.
    """

    def __init__(self, pause: Pause, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._pause = pause
        self._timeout_seconds = timeout_seconds

    def send(self, answer: CustomResourceAnswer, reply_to: ReplyAddress) -> None:
        """Deliver the answer, in three attempts.

        Raises:
            RetryableError: there was no connection, or the other side was at fault, each time.
            RefusedError: the answer was not taken; a redirect counts as such.
        """
        body = answer_body(answer, reply_to)
        failure = self._attempt(reply_to.response_url, body)
        for duration in PAUSES:
            if failure is None:
                return
            self._pause.wait(duration)
            failure = self._attempt(reply_to.response_url, body)
        if failure is not None:
            raise RetryableError(f"the answer for {reply_to.logical_id} could not be delivered: {failure}")

    def _attempt(self, url: str, body: bytes) -> str | None:
        """Return what went wrong that may go right later, without the address."""
        try:
            status = self._put(url, body)
        except (OSError, HTTPException) as error:
            return type(error).__name__
        if status == _OK:
            return None
        if status >= _SERVER_ERROR:
            return f"HTTP {status}"
        raise RefusedError(f"CloudFormation did not take the answer: HTTP {status}")

    def _put(self, url: str, body: bytes) -> int:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout_seconds)
        try:
            # The address is signed for a request with an empty content type.
            connection.request("PUT", f"{parts.path}?{parts.query}", body, {"Content-Type": ""})
            return connection.getresponse().status
        finally:
            connection.close()
