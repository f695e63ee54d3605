"""What a look at the database answers, whatever it meets."""

from datetime import UTC, datetime

import pytest

from rds_operations.domain.errors import ConfigurationError, RefusedError, RetryableError
from rds_operations.domain.probes import ProbeResult, ReplicaProgress
from rds_operations.usecases.probe_database import probe_database
from tests.fakes.clock import FakeClock
from tests.fakes.database import FakeServer

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
REPLICA = ReplicaProgress("rds_replica_slot", "streaming", 4096, 0.25)


def look(server: FakeServer) -> ProbeResult:
    return probe_database(probe=server, clock=FakeClock(NOW))


def test_primary_that_takes_writes_is_told_with_its_replicas() -> None:
    server = FakeServer(followers=[REPLICA])

    assert look(server).as_response() == {
        "reachable": True,
        "writable": True,
        "in_recovery": False,
        "server_version": "16.14",
        "connect_ms": 0,
        "replicas": [
            {"name": "rds_replica_slot", "state": "streaming", "replay_lag_bytes": 4096, "replay_lag_seconds": 0.25}
        ],
        "error": None,
    }
    assert server.writes == 1


def test_replica_is_not_asked_to_write() -> None:
    server = FakeServer(in_recovery=True)

    result = look(server)

    assert (result.reachable, result.writable, result.in_recovery, result.error) == (True, False, True, None)
    assert server.writes == 0


@pytest.mark.parametrize("error", [RetryableError("nobody answered"), RefusedError("the login is refused")])
def test_server_that_cannot_be_reached_is_an_answer(error: RetryableError | RefusedError) -> None:
    result = look(FakeServer(unreachable=error))

    assert result == ProbeResult(reachable=False, connect_ms=0, error=str(error))
    assert (result.writable, result.in_recovery, result.server_version) == (None, None, None)


@pytest.mark.parametrize("error", [RetryableError("no answer within 2 s"), RefusedError("disk is full")])
def test_server_that_takes_no_writes_is_an_answer(error: RetryableError | RefusedError) -> None:
    result = look(FakeServer(unwritable=error, followers=[REPLICA]))

    assert (result.reachable, result.writable) == (True, False)
    assert result.error == f"it takes no writes: {error}"
    assert result.replicas == ()


def test_server_that_does_not_say_who_follows_it_is_still_writable() -> None:
    result = look(FakeServer(unasked=RefusedError("permission denied")))

    assert result.writable is True
    assert result.error == "it does not say who follows it: permission denied"


def test_wrong_setting_is_no_answer() -> None:
    with pytest.raises(ConfigurationError, match="another form"):
        look(FakeServer(unreachable=ConfigurationError("the secret is of another form")))
