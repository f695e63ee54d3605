"""What can be said about a completed failover, by RDS's events and descriptions and by the database itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from rds_operations.domain.alerts import Fact, Severity
from rds_operations.domain.failover_history import failover_started_at
from rds_operations.domain.failover_reasons import FailoverReasons
from rds_operations.domain.findings import Findings
from rds_operations.domain.follow_ups import zones_of
from rds_operations.domain.probes import NOT_ASKED, ProbeAnswer
from rds_operations.domain.rds_events import RdsEvent
from rds_operations.domain.times import utc_text

DURATION_FROM_EVENTS = "events"
_REBOOTING = "rebooting"
# RDS keeps saying "rebooting" for some seconds after a completion: one was told 67 s after the request, "available" at
# about 78 s (aws-facts section 9). No later event would resolve a warning.
STATUSES_OF_SUCCESS = frozenset({"available", _REBOOTING})


@dataclass(frozen=True, slots=True)
class FailoverCompletion:
    """One completed failover.

    Args:
        duration_seconds: From RDS's start event to its completion event; None where the history tells no start.
            RDS completes 3 to 42 s after the database is usable again (aws-facts section 9), so it is an upper bound.
        instance_status: RDS's word for the instance; None where it could not be asked.
        is_simulated: Whether it is one that RDS knows nothing of.
        started_at: When it had started, UTC; None where the history tells no start.
        replicas: Status by identifier of each read replica.
        zones: Zone by role, as RDS shows them at this moment.
        reasons: Why RDS failed over.
        probe: What the database itself answered.
        restorable_time: The latest point in time that can be restored, UTC.
    """

    duration_seconds: float | None
    instance_status: str | None
    is_simulated: bool = False
    started_at: datetime | None = None
    replicas: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    reasons: FailoverReasons = field(default_factory=FailoverReasons)
    probe: ProbeAnswer = NOT_ASKED
    restorable_time: datetime | None = None

    @classmethod
    def of(cls, event: RdsEvent, findings: Findings, probe: ProbeAnswer = NOT_ASKED) -> Self:
        """Return what is known of the failover that the event completed; a drill is not in the history.

        Args:
            event: The completion.
            findings: What RDS answered.
            probe: What the database answered.
        """
        history = () if event.is_simulated else findings.history or ()
        started_at = failover_started_at(history, event.occurred_at)
        instance = findings.instance
        return cls(
            duration_seconds=None if started_at is None else round((event.occurred_at - started_at).total_seconds(), 3),
            instance_status=instance.status if instance else None,
            is_simulated=event.is_simulated,
            started_at=started_at,
            replicas=dict(findings.replicas),
            zones=zones_of(instance),
            reasons=FailoverReasons.told_at(event.occurred_at, event.message, history),
            probe=probe,
            restorable_time=instance.latest_restorable_time if instance else None,
        )

    @property
    def duration_source(self) -> str | None:
        """What the duration was measured by, or None without a duration."""
        return None if self.duration_seconds is None else DURATION_FROM_EVENTS

    @property
    def severity(self) -> Severity:
        """How soon a person has to act.

        1. Now, where the database was asked and takes no writes.
        2. Not at all, where RDS calls the instance available or still rebooting, or could not be asked and the database
           takes writes.
        3. Otherwise someone should look.
        """
        if self.probe.refuses_writes:
            return Severity.CRITICAL
        is_well = self.instance_status in STATUSES_OF_SUCCESS or (self.instance_status is None and self.probe.writable)
        return Severity.RESOLVED if is_well else Severity.WARNING

    def title(self, meaning: str) -> str:
        """Return the event's meaning with the duration, where it is known."""
        return meaning if self.duration_seconds is None else f"{meaning} after {self.duration_seconds:g} s"

    def summary(self) -> str:
        """Return what it means for users, and what is not known."""
        status = f"is {self.instance_status}" if self.instance_status else "could not be described"
        if self.instance_status == _REBOOTING:
            status += ", as RDS keeps saying for some seconds after a completed failover"
        because = f" Why: {self.reasons.root_cause}." if self.reasons.root_cause else ""
        return f"{self.probe.in_words()} The instance {status}. {self._took()}{because}"

    def facts(self) -> dict[str, Fact]:
        """Return what was found, with a note on each value that is not known."""
        notes: dict[str, Fact] = {}
        if self.duration_seconds is None:
            notes["failover_duration_seconds_note"] = (
                "a drill is not in RDS's event history"
                if self.is_simulated
                else "RDS's event history does not tell when the failover started"
            )
        if self.probe.note:
            notes["writable_note"] = self.probe.note
        if self.zones:
            notes["zones_shown"] = dict(self.zones)
            notes["zones_shown_note"] = "by RDS when it told of the completion; they swap later"
        if self.reasons.root_cause:
            notes["root_cause"] = self.reasons.root_cause
        if self.reasons.messages:
            notes["rds_reasons"] = list(self.reasons.messages)
        return {
            "failover_duration_seconds": self.duration_seconds,
            "duration_source": self.duration_source,
            "instance_status": self.instance_status,
            "writable": self.probe.writable,
            "replicas": dict(self.replicas),
            "replicas_follow": self.probe.follow(len(self.replicas)),
            "replication": self.probe.replication(),
            "latest_restorable_time": utc_text(self.restorable_time) if self.restorable_time else None,
            "availability_zone": None,
            "availability_zone_note": "RDS shows the move one to nine minutes later",
            **notes,
        }

    def _took(self) -> str:
        if self.is_simulated:
            return "This is a drill, of which RDS's events tell no duration."
        if self.duration_seconds is None:
            return "RDS's events do not tell how long it took."
        return f"It took {self.duration_seconds:g} s by RDS's events; users are usually cut off for less than that."
