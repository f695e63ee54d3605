"""What could be found out about an alarm in the little time that an alert can wait, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rds_operations.domain.alarm_history import AlarmPast
from rds_operations.domain.alarms import AlarmNotification
from rds_operations.domain.alerts import Fact
from rds_operations.domain.diagnoses import Diagnosis
from rds_operations.domain.drill_marks import DrillMark, drill_mark
from rds_operations.domain.findings import Findings
from rds_operations.domain.metric_units import measured
from rds_operations.domain.times import duration_text


@dataclass(frozen=True, slots=True)
class Peak:
    """The worst value of a metric.

    Args:
        metric: The metric's name, or what its expression is called.
        value: In the metric's unit.
    """

    metric: str
    value: float

    def __str__(self) -> str:
        return measured(self.metric, self.value)


@dataclass(frozen=True, slots=True)
class AlarmFindings:
    """The answers that came in time; what is missing is said in words.

    Args:
        instance: What RDS says.
        maintenance: What RDS will do to the instance, or None where that is not known.
        diagnoses: What the database itself says.
        trends: How the metrics that belong to the alarm went in the hour before, by name.
        past: What the alarm did before; None where that is not known.
        peaks: The worst value while it was on, by alarm: its own, or those of a composite one.
        unavailable: One sentence per question that was not answered, beside those in `instance`.
    """

    instance: Findings = field(default_factory=Findings)
    maintenance: tuple[str, ...] | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    trends: Mapping[str, str] = field(default_factory=dict)
    past: AlarmPast | None = None
    peaks: Mapping[str, Peak] = field(default_factory=dict)
    unavailable: tuple[str, ...] = ()

    def all_unavailable(self) -> tuple[str, ...]:
        """Return one sentence per question that was not answered; the database's own words of why are among them."""
        failed = (f"asking the database for {each.kind}: {each.error}" for each in self.diagnoses if each.error)
        return (*self.instance.unavailable, *self.unavailable, *failed)

    def drill(self, at: datetime) -> DrillMark | None:
        """Return the mark of a drill that the instance bears at a time in UTC; None without one."""
        return drill_mark(self.instance.instance.tags, at) if self.instance.instance else None

    def past_facts(self, alarm: AlarmNotification) -> dict[str, Fact]:
        """Return how long it was on, how bad it got and how often it came, as far as that is known."""
        facts: dict[str, Fact] = {}
        if self.past and self.past.began_at:
            time_on = alarm.changed_at - self.past.began_at
            facts |= {"time_in_alarm_seconds": round(time_on.total_seconds())}
            facts |= {"time_in_alarm_seconds_note": duration_text(time_on)}
        if own := self.peaks.get(alarm.name):
            facts |= {"peak": own.value, "peak_note": f"{own} while it was on"}
        elif self.peaks:
            facts["peaks"] = {name: f"{peak.metric} {peak}" for name, peak in self.peaks.items()}
        if self.past:
            facts["times_in_alarm_24_hours"] = self.past.times_on
        return facts

    def database_facts(self) -> dict[str, Fact]:
        """Return what the database itself says, a fact per question."""
        return {f"database_{each.kind}": list(each.lines) for each in self.diagnoses if not each.error}

    def surrounding_facts(self, until: datetime) -> dict[str, Fact]:
        """Return trends, the instance's state, its last hour up to `until` (UTC), and what is pending."""
        facts: dict[str, Fact] = {"trends": dict(self.trends)} if self.trends else {}
        facts |= self.instance.instance_facts() | self.instance.history_facts(until)
        if self.maintenance:
            facts["pending_maintenance"] = list(self.maintenance)
        return facts

    def missing_facts(self) -> dict[str, Fact]:
        """Return what could not be found out, as one fact; nothing when everything was."""
        missing = self.all_unavailable()
        return {"enrichment_unavailable": list(missing)} if missing else {}

    def said_in(self, summary: str) -> str:
        """Return the summary with what could not be found out added to it: the first of it, for a small screen."""
        missing = self.all_unavailable()
        if not missing:
            return summary
        more = f"; and {len(missing) - 1} more, see below" if len(missing) > 1 else ""
        return f"{summary} (enrichment unavailable: {missing[0]}{more})"
