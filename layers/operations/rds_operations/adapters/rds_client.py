"""The client that the RDS adapters share."""

from typing import TYPE_CHECKING

from rds_operations.adapters.aws_clients import aws_client

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

CONNECT_TIMEOUT_SECONDS = 1
READ_TIMEOUT_SECONDS = 2
ATTEMPTS = 2


def rds_client(
    *,
    connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
) -> "RDSClient":
    """Return a client whose calls give up in good time.

    With the defaults a call that is never answered ends after 7 s: two attempts of 1 s to connect and 2 s to answer,
    and 1 s between them at most. The three calls of create_snapshot (find, describe, create) so end after 21 s, and
    with the look that follows a lost race after 28 s: inside its 30 s, so that the log names the call and not a killed
    function.

    Args:
        connect_timeout_seconds: Wait for a connection, per attempt.
        read_timeout_seconds: Wait for an answer, per attempt.
        attempts: How often a call is tried in all.
    """
    client: RDSClient = aws_client(
        "rds",
        connect_timeout_seconds=connect_timeout_seconds,
        read_timeout_seconds=read_timeout_seconds,
        attempts=attempts,
    )
    return client
