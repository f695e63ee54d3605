"""The local RDS's forced failover: its events, their times, and a status that tells the truth."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from ministack.services import rds

from local.aws.gaps import rds_failover
from local.aws.gaps.rds_failover import run_failover
from local.errors import LocalError
from local.postgres.failover import Failover

STARTED_AT = datetime(2026, 11, 23, 18, 0, 0, tzinfo=UTC)
PROMOTED_AT = datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC)
FAILOVER = Failover("node1", "node2", STARTED_AT, STARTED_AT, PROMOTED_AT, PROMOTED_AT)
ABANDONED = "Abandoning user requested failover since a failover recently occurred on the database instance."


@dataclass
class FakeCluster:
    """Does nothing, or fails as told."""

    trouble: Exception | None = None
    trouble_afterwards: Exception | None = None
    is_answering: bool = True
    deadlines: list[float] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    instance: dict[str, Any] = field(default_factory=dict)

    def fail_over(self, *, deadline_seconds: float) -> Failover:
        self.deadlines.append(deadline_seconds)
        if self.trouble:
            raise self.trouble
        return FAILOVER

    def rebuild_standby(self, *, deadline_seconds: float) -> None:
        self.deadlines.append(deadline_seconds)
        self.statuses.append(self.instance["DBInstanceStatus"])
        if self.trouble_afterwards:
            raise self.trouble_afterwards

    def ensure_replica_follows(self, *, deadline_seconds: float) -> None:
        self.deadlines.append(deadline_seconds)

    def connect_as_superuser(self) -> AbstractContextManager[object]:
        if not self.is_answering:
            raise LocalError("the primary does not answer")
        return nullcontext()


@pytest.fixture
def instance() -> Iterator[dict[str, Any]]:
    record = {
        "DBInstanceIdentifier": "langpont-prod-db",
        "DBInstanceArn": "arn:aws:rds:us-east-1:000000000000:db:langpont-prod-db",
        "DBInstanceStatus": "rebooting",
        "AvailabilityZone": "us-east-1a",
        "SecondaryAvailabilityZone": "us-east-1c",
    }
    rds._events.clear()
    yield record
    rds._events.clear()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch, instance: dict[str, Any]) -> list[tuple[float, str]]:
    """Return how long it was waited, with the status meanwhile."""
    waits: list[tuple[float, str]] = []
    monkeypatch.setattr("time.sleep", lambda seconds: waits.append((seconds, instance["DBInstanceStatus"])))
    return waits


def _history() -> list[tuple[str, float]]:
    return [(event["Message"], event["Date"]) for event in rds._events.values()]


def test_events_come_in_rds_order_with_the_times_of_what_happened(instance: dict[str, Any], slept: list[Any]) -> None:
    run_failover(instance, FakeCluster(instance=instance))

    (started, started_at), (restarted, restarted_at), (reason, reason_at), (completed, completed_at) = _history()
    assert (started, restarted) == ("Multi-AZ instance failover started.", "DB instance restarted")
    assert (reason, completed) == (
        "The user requested a failover of the DB instance.",
        "Multi-AZ instance failover completed",
    )
    assert (started_at, restarted_at) == (STARTED_AT.timestamp(), PROMOTED_AT.timestamp())
    assert reason_at == completed_at


def test_instance_is_available_a_moment_after_the_completion_and_before_the_rebuild(
    instance: dict[str, Any], slept: list[tuple[float, str]]
) -> None:
    cluster = FakeCluster(instance=instance)

    run_failover(instance, cluster)

    assert slept == [
        (rds_failover.COMPLETED_AFTER_SECONDS, "rebooting"),
        (rds_failover.AVAILABLE_AFTER_SECONDS, "rebooting"),
        (rds_failover.ZONE_SHOWN_AFTER_SECONDS, "available"),
    ]
    assert cluster.statuses == ["available"]
    assert (instance["AvailabilityZone"], instance["SecondaryAvailabilityZone"]) == ("us-east-1c", "us-east-1a")


def test_every_step_waits_for_the_lock_of_the_cluster(instance: dict[str, Any], slept: list[Any]) -> None:
    cluster = FakeCluster(instance=instance)

    run_failover(instance, cluster)

    assert cluster.deadlines == [rds_failover.LOCK_DEADLINE_SECONDS] * 3


@pytest.mark.parametrize("trouble", [LocalError("the lock is held"), psycopg.OperationalError("timeout")])
def test_failover_that_did_nothing_is_abandoned(instance: dict[str, Any], trouble: Exception) -> None:
    run_failover(instance, FakeCluster(trouble))

    assert instance["DBInstanceStatus"] == "available"
    assert [message for message, _ in _history()] == [ABANDONED]


def test_instance_without_a_primary_that_answers_has_failed(instance: dict[str, Any]) -> None:
    run_failover(instance, FakeCluster(LocalError("not promoted"), is_answering=False))

    assert instance["DBInstanceStatus"] == "failed"
    assert [message for message, _ in _history()][-1] == "The DB instance has failed."


def test_error_that_nobody_expects_is_logged_and_shown(
    instance: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    run_failover(instance, FakeCluster(ZeroDivisionError("surprise")))

    assert instance["DBInstanceStatus"] == "failed"
    assert "surprise" in caplog.text


@pytest.mark.parametrize("trouble", [LocalError("no copy"), psycopg.OperationalError("connection lost")])
def test_instance_serves_even_where_the_standby_cannot_be_rebuilt(
    instance: dict[str, Any], slept: list[Any], caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    run_failover(instance, FakeCluster(instance=instance, trouble_afterwards=trouble))

    assert instance["DBInstanceStatus"] == "available"
    assert str(trouble) in caplog.text
