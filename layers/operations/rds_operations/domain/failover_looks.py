"""What the second look at a failover says: what RDS shows late of a completed one, and that one was never completed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rds_operations.domain.alerts import Fact, Severity
from rds_operations.domain.failovers import STATUSES_OF_SUCCESS
from rds_operations.domain.findings import Findings
from rds_operations.domain.follow_ups import FollowUp, zones_of
from rds_operations.domain.probes import NOT_ASKED, ProbeAnswer
from rds_operations.domain.times import utc_text

STALLED_AFTER = timedelta(minutes=15)
"""RDS ships the log every five minutes (RDS User Guide, "Restoring to a specified time"); the alarm waits as long."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LaterLook:
    """What became of a completed failover some minutes later.

    Args:
        follow_up: What was known at the completion.
        findings: What RDS answers now.
        now: The time of the look, UTC.
        probe: What the database answers now.
    """

    follow_up: FollowUp
    findings: Findings
    now: datetime
    probe: ProbeAnswer = NOT_ASKED

    @property
    def zones_before(self) -> dict[str, str]:
        """Zone by role, as RDS showed them with the completion."""
        return dict(self.follow_up.zones)

    @property
    def zones_after(self) -> dict[str, str]:
        """Zone by role, as RDS shows them now."""
        return zones_of(self.findings.instance)

    @property
    def moved(self) -> bool | None:
        """Whether RDS shows the primary in another zone than with the completion; None where it showed none."""
        before, after = self.zones_before.get("primary"), self.zones_after.get("primary")
        return before != after if before and after else None

    @property
    def availability_zone(self) -> str | None:
        """The primary's zone, once RDS shows it moved."""
        return self.zones_after["primary"] if self.moved else None

    @property
    def restorable_time_moves(self) -> bool | None:
        """Whether the latest restorable time has advanced since the completion; None where it is too early to say."""
        before = self.follow_up.restorable_time
        after = self.findings.instance.latest_restorable_time if self.findings.instance else None
        if after and before and after > before:
            return True
        return False if after and self.now - after > STALLED_AFTER else None

    @property
    def problems(self) -> tuple[str, ...]:
        """What is not as it should be, each in a sentence."""
        instance = self.findings.instance
        if instance is None:
            return ("The instance could not be described.",)
        found = {
            f"The instance is {instance.status}.": instance.status not in STATUSES_OF_SUCCESS,
            "There is no standby: the next loss of a server is an outage.": not instance.multi_az,
            "Fewer replicas follow than RDS names.": self.probe.follow(len(self.findings.replicas)) is False,
            "The latest restorable time does not advance.": self.restorable_time_moves is False,
        }
        return tuple(sentence for sentence, is_so in found.items() if is_so)

    @property
    def severity(self) -> Severity:
        """Critical without writes, a warning with any other problem, otherwise resolved."""
        if self.probe.refuses_writes:
            return Severity.CRITICAL
        return Severity.WARNING if self.problems else Severity.RESOLVED

    def title(self) -> str:
        """Return where the primary is."""
        zone = self.zones_after.get("primary", "a zone that is not known")
        if self.moved:
            return f"The failover moved the primary from {self.zones_before['primary']} to {zone}"
        return f"After the failover RDS shows the primary in {zone}"

    def summary(self) -> str:
        """Return what it means for users, and what is not as it should be."""
        zones = {
            True: "Primary and standby have changed places.",
            False: "RDS shows the same zones as with the completion: it is late, or had shown the move by then.",
            None: "RDS did not show zones at both times.",
        }[self.moved]
        return " ".join([self.probe.in_words(), zones, *self.problems])

    def facts(self) -> dict[str, Fact]:
        """Return what was found."""
        instance = self.findings.instance
        restorable_time = instance.latest_restorable_time if instance else None
        note: dict[str, Fact] = {"writable_note": self.probe.note} if self.probe.note else {}
        return {
            "availability_zone": self.availability_zone,
            "zones_before": self.zones_before,
            "zones_after": self.zones_after,
            "multi_az": instance.multi_az if instance else None,
            "instance_status": instance.status if instance else None,
            "writable": self.probe.writable,
            **note,
            "replicas": dict(self.findings.replicas),
            "replicas_follow": self.probe.follow(len(self.findings.replicas)),
            "replication": self.probe.replication(),
            "latest_restorable_time": utc_text(restorable_time) if restorable_time else None,
            "restorable_time_moves": self.restorable_time_moves,
        }


@dataclass(frozen=True, slots=True)
class OverdueFailover:
    """A failover that RDS began and never called complete; RDS has no event for that.

    Args:
        started_at: When it had started, UTC.
        findings: What RDS answers now.
        now: The time of the look, UTC.
        probe: What the database answers now.
    """

    started_at: datetime
    findings: Findings
    now: datetime
    probe: ProbeAnswer = field(default=NOT_ASKED)

    @property
    def severity(self) -> Severity:
        """Critical; a warning only where RDS's history could not be read and the database takes writes."""
        is_guess = self.findings.history is None and self.probe.writable
        return Severity.WARNING if is_guess else Severity.CRITICAL

    def title(self) -> str:
        """Return what did not happen, and for how long."""
        minutes = (self.now - self.started_at) / _MINUTE
        return f"Failover not completed {minutes:.1f} min after its start"

    def summary(self) -> str:
        """Return what it means for users."""
        status = self.findings.instance.status if self.findings.instance else None
        said = (
            "RDS's events could not be read, so its completion is not known."
            if self.findings.history is None
            else "RDS's events tell a start and no completion."
        )
        return (
            f"{said} {self.probe.in_words()} RDS calls the instance {status or 'nothing: it could not be described'}."
        )

    def facts(self) -> dict[str, Fact]:
        """Return what was found."""
        note: dict[str, Fact] = {"writable_note": self.probe.note} if self.probe.note else {}
        return {
            "failover_started_at": utc_text(self.started_at),
            "waited_seconds": round((self.now - self.started_at).total_seconds(), 3),
            "instance_status": self.findings.instance.status if self.findings.instance else None,
            "writable": self.probe.writable,
            **note,
            "replication": self.probe.replication(),
        }

    def advice(self) -> str:
        """Return what to do first."""
        if self.probe.writable:
            return "The database works: see that the application does, and ask AWS Support why RDS is not done."
        return "Call AWS Support now, and prepare a restore to a point in time: the runbook says how."
