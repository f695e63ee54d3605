"""Requests on the loopback interface count as secure for policies; one that says it came by plain HTTP does not."""

import asyncio
import json
from typing import Any

import pytest
from ministack import app
from ministack.core import iam_evaluator

from local.aws.gaps import secure_transport
from local.aws.gaps.secure_transport import securely

REFUSAL = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def serve(*headers: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Return the headers that the emulator gets of a request with these."""
    seen: list[tuple[bytes, bytes]] = []

    async def emulator(scope: Any, _receive: Any, _send: Any) -> None:
        seen.extend(scope["headers"])

    async def request() -> None:
        await securely(emulator)({"type": "http", "headers": list(headers)}, None, None)

    asyncio.run(request())
    return seen


def test_unmarked_request_counts_as_secure() -> None:
    assert serve((b"host", b"127.0.0.1")) == [(b"host", b"127.0.0.1"), (b"x-forwarded-proto", b"https")]


def test_request_marked_as_plain_stays_so() -> None:
    assert serve((b"X-Forwarded-Proto", b"http")) == [(b"X-Forwarded-Proto", b"http")]


@pytest.mark.parametrize("is_secure", [True, False])
def test_policy_that_refuses_plain_http_is_asked(monkeypatch: pytest.MonkeyPatch, is_secure: bool) -> None:  # noqa: FBT001
    monkeypatch.setattr(app, "app", app.app)
    monkeypatch.setattr(iam_evaluator, "_request_origin", iam_evaluator._request_origin)
    secure_transport.install()
    if not is_secure:
        iam_evaluator.pin_request_origin("127.0.0.1", secure_transport=False)

    context = iam_evaluator.EvalContext("arn:aws:iam::1:root", "Root", "1", "sns:Publish", "t", "us-east-1")

    policy = json.dumps({"Statement": [REFUSAL]})
    assert iam_evaluator.resource_policy_allows(policy, context, same_account=True) is is_secure
