"""Answers to CloudFormation over real connections: delivered, repeated, refused, and never shown."""

import logging
import ssl
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.postgres.certificates import certificate_file, issue_certificates, key_file
from rds_operations.adapters.cloudformation_response import PAUSES, CloudFormationReplies
from rds_operations.domain.custom_resources import CustomResourceAnswer, ReplyAddress
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from tests.answer_server import DROP, HANG, PATH, answer_server
from tests.fakes.pause import FakePause

ANSWER = CustomResourceAnswer.success("done", {"EngineVersion": "16.15"})
HOST = "answers.example"
SIGNATURE = "c0ffee"


def address(url: str) -> ReplyAddress:
    return ReplyAddress(url, "arn:stack", "request-1", "ResolvedEngineVersion", "stack/ResolvedEngineVersion")


def send(url: str, pause: FakePause | None = None, timeout_seconds: float = 5) -> None:
    CloudFormationReplies(pause or FakePause(), timeout_seconds=timeout_seconds).send(ANSWER, address(url))


def test_answer_is_put_at_the_address_without_a_content_type() -> None:
    with answer_server() as server:
        send(server.url)

    assert server.paths == [PATH]
    assert (server.received[0]["Status"], server.received[0]["Data"]) == ("SUCCESS", {"EngineVersion": "16.15"})
    assert server.headers[0]["Content-Type"] == ""


@pytest.mark.parametrize("first", [DROP, 500, 503])
def test_answer_that_got_lost_is_sent_again(first: int) -> None:
    pause = FakePause()
    with answer_server(first, first, 200) as server:
        send(server.url, pause)

    assert len(server.received) == 3
    assert pause.waits == list(PAUSES)


@pytest.mark.parametrize(("status", "words"), [(DROP, "RemoteDisconnected"), (503, "HTTP 503"), (HANG, "TimeoutError")])
def test_answer_that_gets_lost_each_time_is_retryable(status: int, words: str) -> None:
    with answer_server(status) as server, pytest.raises(RetryableError) as caught:
        send(server.url, timeout_seconds=0.2)

    assert str(caught.value) == f"the answer for ResolvedEngineVersion could not be delivered: {words}"
    assert len(server.paths) == len(PAUSES) + 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 403, 404])
def test_answer_that_is_not_taken_is_neither_repeated_nor_sent_elsewhere(status: int) -> None:
    with answer_server(status) as server, pytest.raises(RefusedError, match=f"did not take the answer: HTTP {status}$"):
        send(server.url)

    assert server.paths == [PATH]


def test_address_where_nobody_listens_is_retryable() -> None:
    with answer_server() as server:
        url = server.url

    with pytest.raises(RetryableError, match=r"could not be delivered: ConnectionRefusedError$"):
        send(url)


def test_certificate_that_is_trusted_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with answer_server(certificate=_certificate(tmp_path)) as server:
        send(server.url)

    assert len(server.received) == 1


def test_certificate_of_a_stranger_gets_no_answer(tmp_path: Path) -> None:
    with answer_server(certificate=_certificate(tmp_path)) as server, pytest.raises(RetryableError) as caught:
        send(server.url)

    assert str(caught.value).endswith(": SSLCertVerificationError")
    assert server.paths == []


@pytest.mark.parametrize("status", [DROP, 503, 403, 302])
def test_address_is_in_no_error_and_in_no_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    with answer_server(status) as server, pytest.raises(OperationsError) as caught:
        send(server.url)

    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert SIGNATURE not in told
    assert server.url not in told


def test_silent_address_takes_no_longer_than_its_timeouts() -> None:
    began = datetime.now(UTC)

    with answer_server(HANG) as server, pytest.raises(RetryableError):
        send(server.url, timeout_seconds=0.2)

    assert datetime.now(UTC) - began < timedelta(seconds=10)


def _certificate(folder: Path) -> ssl.SSLContext:
    issue_certificates(folder, [HOST], datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file(folder, HOST), key_file(folder, HOST))
    return context
