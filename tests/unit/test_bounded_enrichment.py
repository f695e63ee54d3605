"""An alert never waits longer than its limit for what RDS says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from rds_operations.adapters.bounded_enrichment import BoundedEnrichment
from rds_operations.domain.errors import RetryableError
from rds_operations.domain.instances import DbInstance, HistoryEntry

HOUR = timedelta(hours=1)


def instance(identifier: str, *replicas: str) -> DbInstance:
    return DbInstance(
        identifier=identifier,
        arn=f"arn:aws:rds:ap-northeast-1:123456789012:db:{identifier}",
        resource_id="db-ABCDEFGHIJKL",
        status="available",
        multi_az=True,
        replica_identifiers=replicas,
    )


@dataclass
class SlowDirectory:
    """Answers at once, fails, or hangs until released, by identifier."""

    instances: dict[str, DbInstance]
    failing: dict[str, Exception] = field(default_factory=dict)
    hanging: tuple[str, ...] = ()
    released: Event = field(default_factory=Event)

    def describe(self, identifier: str) -> DbInstance:
        if identifier in self.hanging:
            self.released.wait(timeout=30)
        if identifier in self.failing:
            raise self.failing[identifier]
        return self.instances[identifier]

    def history(self, identifier: str, looking_back: timedelta) -> tuple[HistoryEntry, ...]:
        if "history" in self.failing:
            raise self.failing["history"]
        return ()


@pytest.fixture
def directory() -> Iterator[SlowDirectory]:
    slow = SlowDirectory({"db": instance("db", "replica-1"), "replica-1": instance("replica-1")})
    yield slow
    slow.released.set()


def test_everything_that_answers_is_found(directory: SlowDirectory) -> None:
    findings = BoundedEnrichment(directory).gather("db", HOUR)

    assert findings.instance == directory.instances["db"]
    assert (findings.history, findings.replicas, findings.unavailable) == ((), {"replica-1": "available"}, ())


def test_failed_question_is_named_and_the_others_are_kept(directory: SlowDirectory) -> None:
    directory.failing["history"] = RetryableError("RDS throttled")

    findings = BoundedEnrichment(directory).gather("db", HOUR)

    assert (findings.history, findings.replicas) == (None, {"replica-1": "available"})
    assert findings.unavailable == ("RDS throttled",)


def test_instance_that_cannot_be_described_has_no_replicas(directory: SlowDirectory) -> None:
    directory.failing["db"] = RetryableError("RDS throttled")

    findings = BoundedEnrichment(directory).gather("db", HOUR)

    assert (findings.instance, findings.history, findings.replicas) == (None, (), {})


def test_replica_that_cannot_be_described_is_unknown(directory: SlowDirectory) -> None:
    directory.failing["replica-1"] = RetryableError("RDS throttled")

    findings = BoundedEnrichment(directory).gather("db", HOUR)

    assert findings.replicas == {"replica-1": "unknown"}
    assert findings.unavailable == ("RDS throttled",)


@pytest.mark.parametrize("broken", ["db", "history", "replica-1"])
def test_unexpected_error_is_named_and_never_raised(directory: SlowDirectory, broken: str) -> None:
    directory.failing[broken] = KeyError("DBInstanceArn")

    findings = BoundedEnrichment(directory).gather("db", HOUR)

    [sentence] = findings.unavailable
    doing = "reading the events of db" if broken == "history" else f"describing {broken}"
    assert sentence == f"{doing} failed unexpectedly (KeyError: 'DBInstanceArn')"


def test_possible_primary_is_described_beside_the_instance(directory: SlowDirectory) -> None:
    findings = BoundedEnrichment(directory).gather("replica-1", HOUR, "db")

    assert (findings.instance, findings.primary) == (directory.instances["replica-1"], directory.instances["db"])


def test_primary_that_hangs_costs_no_second_limit(directory: SlowDirectory) -> None:
    directory.hanging = ("db", "replica-1")
    began = monotonic()

    findings = BoundedEnrichment(directory, limit=timedelta(seconds=0.5)).gather("replica-1", HOUR, "db")

    assert monotonic() - began < 0.95
    assert (findings.primary, findings.unavailable) == (
        None,
        ("describing replica-1 took longer than 0.5 s", "describing db took longer than 0.5 s"),
    )


@pytest.mark.parametrize("hanging", [("db",), ("replica-1",), ("db", "replica-1")])
def test_question_that_hangs_is_given_up_at_the_limit(directory: SlowDirectory, hanging: tuple[str, ...]) -> None:
    directory.hanging = hanging
    began = monotonic()

    findings = BoundedEnrichment(directory, limit=timedelta(seconds=0.2)).gather("db", HOUR)

    assert monotonic() - began < 5
    assert findings.unavailable == (f"describing {hanging[0]} took longer than 0.2 s",)
