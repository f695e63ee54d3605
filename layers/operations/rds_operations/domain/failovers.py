"""What can be said about a completed failover from RDS's events and descriptions alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from rds_operations.domain.alerts import Fact, Severity
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import HistoryEntry
from rds_operations.domain.rds_events import RdsEvent, failover_started_at

DURATION_FROM_EVENTS = "events"
_SAME_TIME = timedelta(milliseconds=50)
"""RDS stamps completion and reason alike; the margin is for clocks that are read twice."""


@dataclass(frozen=True, slots=True)
class FailoverCompletion:
    """One completed failover.

    Args:
        duration_seconds: From RDS's start event to its completion event; None where the history tells no start.
            RDS completes 3 to 42 s after the database is usable again (aws-facts section 9), so it is an upper bound.
        instance_status: RDS's word for the instance; None where it could not be asked.
        replicas: Status by identifier of each read replica.
        reasons: What RDS's history says at the moment of the completion beside the completion itself.
    """

    duration_seconds: float | None
    instance_status: str | None
    replicas: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: RdsEvent, findings: Findings) -> Self:
        """Return what the findings tell about the failover that the event completed."""
        history = findings.history or ()
        started_at = failover_started_at(history, event.occurred_at)
        return cls(
            duration_seconds=None if started_at is None else round((event.occurred_at - started_at).total_seconds(), 3),
            instance_status=None if findings.instance is None else findings.instance.status,
            replicas=dict(findings.replicas),
            reasons=_reasons(event, history),
        )

    @property
    def duration_source(self) -> str | None:
        """What the duration was measured by, or None without a duration."""
        return None if self.duration_seconds is None else DURATION_FROM_EVENTS

    @property
    def severity(self) -> Severity:
        """Resolved once RDS calls the instance available; until then someone should look."""
        return Severity.RESOLVED if self.instance_status == "available" else Severity.WARNING

    def title(self, meaning: str) -> str:
        """Return the event's meaning with the duration, where it is known."""
        return meaning if self.duration_seconds is None else f"{meaning} after {self.duration_seconds:g} s"

    def summary(self) -> str:
        """Return what it means for users, and what is not known."""
        status = f"is {self.instance_status}" if self.instance_status else "could not be described"
        took = (
            "RDS's events do not tell how long it took."
            if self.duration_seconds is None
            else f"It took {self.duration_seconds:g} s by RDS's events; users are usually cut off for less than that."
        )
        return f"The instance {status}. {took} Writes were not probed: see that the application saves again."

    def facts(self) -> dict[str, Fact]:
        """Return what was found, with a note on each value that is not known."""
        notes: dict[str, Fact] = {}
        if self.duration_seconds is None:
            notes["failover_duration_seconds_note"] = "RDS's event history does not tell when the failover started"
        if self.reasons:
            notes["rds_reasons"] = list(self.reasons)
        return {
            "failover_duration_seconds": self.duration_seconds,
            "duration_source": self.duration_source,
            "instance_status": self.instance_status,
            "writable": None,
            "writable_note": "writes were not probed",
            "replicas": dict(self.replicas),
            "availability_zone": None,
            "availability_zone_note": "RDS shows the move one to nine minutes later",
            **notes,
        }


def _reasons(event: RdsEvent, history: Iterable[HistoryEntry]) -> tuple[str, ...]:
    said = (
        entry.message.strip()
        for entry in history
        if "failover" in entry.categories and abs(entry.occurred_at - event.occurred_at) <= _SAME_TIME
    )
    return tuple(message for message in said if message != event.message.strip())
