"""What can be said about a completed failover from RDS's events and descriptions alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from rds_operations.domain.alerts import Fact, Severity
from rds_operations.domain.failover_history import SAME_TIME, failover_started_at
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.domain.rds_events import RdsEvent

DURATION_FROM_EVENTS = "events"
_REBOOTING = "rebooting"
# RDS keeps saying "rebooting" for some seconds after a completion: one was told 67 s after the request, "available" at
# about 78 s (aws-facts section 9). No later event would resolve a warning.
_STATUSES_OF_SUCCESS = frozenset({"available", _REBOOTING})


@dataclass(frozen=True, slots=True)
class FailoverCompletion:
    """One completed failover.

    Args:
        duration_seconds: From RDS's start event to its completion event; None where the history tells no start.
            RDS completes 3 to 42 s after the database is usable again (aws-facts section 9), so it is an upper bound.
        instance_status: RDS's word for the instance; None where it could not be asked.
        is_drill: Whether it is one that RDS knows nothing of.
        replicas: Status by identifier of each read replica.
        zones: Zone by role, as RDS shows them at this moment.
        reasons: What RDS's history says at the moment of the completion beside the completion itself.
    """

    duration_seconds: float | None
    instance_status: str | None
    is_drill: bool = False
    replicas: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: RdsEvent, findings: Findings) -> Self:
        """Return what the findings tell about the failover that the event completed; a drill is not in the history."""
        history = () if event.is_drill else findings.history or ()
        started_at = failover_started_at(history, event.occurred_at)
        return cls(
            duration_seconds=None if started_at is None else round((event.occurred_at - started_at).total_seconds(), 3),
            instance_status=None if findings.instance is None else findings.instance.status,
            is_drill=event.is_drill,
            replicas=dict(findings.replicas),
            zones=_zones(findings.instance),
            reasons=_reasons(event, history),
        )

    @property
    def duration_source(self) -> str | None:
        """What the duration was measured by, or None without a duration."""
        return None if self.duration_seconds is None else DURATION_FROM_EVENTS

    @property
    def severity(self) -> Severity:
        """Resolved where RDS calls the instance available or still rebooting; otherwise someone should look."""
        return Severity.RESOLVED if self.instance_status in _STATUSES_OF_SUCCESS else Severity.WARNING

    def title(self, meaning: str) -> str:
        """Return the event's meaning with the duration, where it is known."""
        return meaning if self.duration_seconds is None else f"{meaning} after {self.duration_seconds:g} s"

    def summary(self) -> str:
        """Return what it means for users, and what is not known."""
        status = f"is {self.instance_status}" if self.instance_status else "could not be described"
        if self.instance_status == _REBOOTING:
            status += ", as RDS keeps saying for some seconds after a completed failover"
        return f"The instance {status}. {self._took()} Writes were not probed: see that the application saves again."

    def facts(self) -> dict[str, Fact]:
        """Return what was found, with a note on each value that is not known."""
        notes: dict[str, Fact] = {}
        if self.duration_seconds is None:
            notes["failover_duration_seconds_note"] = (
                "a drill is not in RDS's event history"
                if self.is_drill
                else "RDS's event history does not tell when the failover started"
            )
        if self.zones:
            notes["zones_shown"] = dict(self.zones)
            notes["zones_shown_note"] = "by RDS when it told of the completion; they swap later"
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

    def _took(self) -> str:
        if self.is_drill:
            return "This is a drill, of which RDS's events tell no duration."
        if self.duration_seconds is None:
            return "RDS's events do not tell how long it took."
        return f"It took {self.duration_seconds:g} s by RDS's events; users are usually cut off for less than that."


def _reasons(event: RdsEvent, history: Iterable[HistoryEntry]) -> tuple[str, ...]:
    said = (
        entry.message.strip()
        for entry in history
        if "failover" in entry.categories and abs(entry.occurred_at - event.occurred_at) <= SAME_TIME
    )
    return tuple(message for message in said if message != event.message.strip())


def _zones(instance: DbInstance | None) -> dict[str, str]:
    if instance is None:
        return {}
    zones = {"primary": instance.availability_zone, "standby": instance.secondary_availability_zone}
    return {role: zone for role, zone in zones.items() if zone}
