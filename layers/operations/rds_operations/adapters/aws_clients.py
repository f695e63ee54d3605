"""Makes the clients of AWS, by botocore: boto3's own session comes with resources and transfers that nothing here uses.

They cost a cold start a tenth of what a client costs. The clients are the same; the types are boto3's.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


def aws_client(
    service: str,
    *,
    connect_timeout_seconds: float,
    read_timeout_seconds: float,
    attempts: int,
    keeps_connection_alive: bool = False,
) -> Any:
    """Return a client with a limit to each of its waits; region and credentials are the environment's.

    All have one session: with its own the second client would cost ten times as much.

    Args:
        service: As botocore names it.
        connect_timeout_seconds: Wait for a connection, per attempt.
        read_timeout_seconds: Wait for an answer, per attempt.
        attempts: How often a call is tried in all.
        keeps_connection_alive: Whether TCP says from time to time that the connection is still wanted.
    """
    config = Config(
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=keeps_connection_alive,
    )
    return shared_session().create_client(service, config=config)


@cache
def shared_session() -> Session:
    """Return the session of this process: where it runs and as whom does not change."""
    return get_session()
