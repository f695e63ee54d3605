"""What is looked at again some minutes after a failover started or was completed, and how it is remembered until then.

RDS shows the zones one to nine minutes late and has no event for a failover that does not end (aws-facts section 9), so
both are found by a timer. The timer carries all that the second look needs: nothing else is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rds_operations.domain.alerts import alert_id
from rds_operations.domain.instances import DbInstance
from rds_operations.domain.rds_events import RdsEvent
from rds_operations.domain.times import utc_text


class FollowUpKind(StrEnum):
    """What is followed up."""

    STARTED = "failover_started"
    COMPLETED = "failover_completed"
    RESTARTED = "instance_restarted"


RESTART_DECIDED_AFTER = timedelta(minutes=3)
"""RDS completes a failover 10 to 40 s after the restart (aws-facts section 9), and lists it at once."""


@dataclass(frozen=True, slots=True)
class FollowUpPlan:
    """When there is a second look.

    Args:
        zones_after: After a completion, for what RDS shows late.
        completion_within: After a start that is not completed until then.
    """

    zones_after: timedelta
    completion_within: timedelta


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One second look, to be taken or being taken.

    Args:
        kind: What is followed up.
        event: The event that began it.
        incident: What makes the failover unique: the same for every event of it that is told.
        zones: Zone by role, as RDS showed them at the event.
        restorable_time: The latest restorable time at the event, UTC; None where it was not known.
    """

    kind: FollowUpKind
    event: RdsEvent
    incident: str
    zones: Mapping[str, str] = field(default_factory=dict)
    restorable_time: datetime | None = None

    @classmethod
    def of_start(cls, event: RdsEvent) -> "FollowUp":
        """Return the look whether the failover that has started was completed."""
        return cls(FollowUpKind.STARTED, event, event.date)

    @classmethod
    def of_restart(cls, event: RdsEvent) -> "FollowUp":
        """Return the look whether a restart belonged to a failover, which could not be told at once."""
        return cls(FollowUpKind.RESTARTED, event, event.date)

    @classmethod
    def of_completion(cls, event: RdsEvent, started_at: datetime | None, instance: DbInstance | None) -> "FollowUp":
        """Return the look at what RDS shows late.

        Args:
            event: The completion.
            started_at: When the failover had started: two completions of one failover have it in common.
            instance: The instance as RDS describes it at the completion.
        """
        incident = event.date if started_at is None else started_at.isoformat()
        restorable_time = instance.latest_restorable_time if instance else None
        return cls(FollowUpKind.COMPLETED, event, incident, zones_of(instance), restorable_time)

    @property
    def id(self) -> str:
        """The identifier of its alert."""
        return alert_id(self.event.resource, f"{self.kind}-follow-up", self.incident, str(self.event.is_simulated))

    @property
    def name(self) -> str:
        """The timer's name, the same whenever the same failover is told again; 64 characters at most."""
        return f"{self.kind.replace('_', '-')}-{self.id}"

    def due_at(self, now: datetime, plan: FollowUpPlan) -> datetime:
        """Return when to look, in UTC; counted from `now`, because an event may have come late."""
        if self.kind is FollowUpKind.RESTARTED:
            return now + RESTART_DECIDED_AFTER
        return now + (plan.completion_within if self.kind is FollowUpKind.STARTED else plan.zones_after)

    def as_input(self) -> dict[str, object]:
        """Return what the function is sent when it is time (runtime/events/follow_up reads it)."""
        event = self.event
        return {
            "follow_up": self.kind.value,
            "incident": self.incident,
            "zones": dict(self.zones),
            "restorable_time": utc_text(self.restorable_time) if self.restorable_time else None,
            "event": {
                "source": event.source,
                "detail-type": "RDS DB Instance Event",
                "id": event.envelope_id,
                "region": event.place.region,
                "detail": {
                    "EventID": event.identifier,
                    "EventCategories": list(event.categories),
                    "SourceIdentifier": event.resource,
                    "SourceArn": event.arn,
                    "Date": event.date,
                    "Message": event.message,
                    **({"Tags": event.mark.tags()} if event.mark else {}),
                },
            },
        }


def zones_of(instance: DbInstance | None) -> dict[str, str]:
    """Return the zone by role, `primary` and `standby`, as far as RDS shows them."""
    if instance is None:
        return {}
    zones = {"primary": instance.availability_zone, "standby": instance.secondary_availability_zone}
    return {role: zone for role, zone in zones.items() if zone}
