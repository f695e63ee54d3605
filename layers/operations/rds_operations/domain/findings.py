"""What could be found out about an instance in the little time that an alert can wait."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rds_operations.domain.alerts import Fact
from rds_operations.domain.instances import DbInstance, HistoryEntry

RECENT_PERIOD = timedelta(hours=1)
_MOST_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Findings:
    """The answers that came in time; what is missing is said in words.

    Args:
        instance: The instance as RDS describes it, or None.
        history: Its recent events, oldest first, or None.
        replicas: Status by identifier of each of its read replicas.
        primary: The primary that was asked about beside it, or None.
        unavailable: One sentence per question that was not answered.
    """

    instance: DbInstance | None = None
    history: tuple[HistoryEntry, ...] | None = None
    replicas: Mapping[str, str] = field(default_factory=dict)
    primary: DbInstance | None = None
    unavailable: tuple[str, ...] = ()

    @property
    def tags(self) -> Mapping[str, str]:
        """The instance's tags; none of an instance that was not described."""
        return self.instance.tags if self.instance else {}

    def instance_facts(self) -> dict[str, Fact]:
        """Return the instance's state as facts; nothing about an instance that was not described."""
        if self.instance is None:
            return {}
        return {"instance_status": self.instance.status, "multi_az": self.instance.multi_az}

    def history_facts(self, until: datetime) -> dict[str, Fact]:
        """Return the last hour's events up to `until` (UTC) as one fact, the newest ten, oldest first."""
        if self.history is None:
            return {}
        recent = [entry for entry in self.history if until - RECENT_PERIOD <= entry.occurred_at <= until]
        return {"recent_events": [_line(entry) for entry in recent[-_MOST_EVENTS:]]}

    def missing_facts(self) -> dict[str, Fact]:
        """Return what could not be found out, as one fact; nothing when everything was."""
        return {"enrichment_unavailable": list(self.unavailable)} if self.unavailable else {}

    def said_in(self, summary: str) -> str:
        """Return the summary with what could not be found out added to it."""
        if not self.unavailable:
            return summary
        return f"{summary} (enrichment unavailable: {'; '.join(self.unavailable)})"


def history_span(now: datetime, happened_at: datetime) -> timedelta:
    """Return how far back a history has to reach that shows the hour before `happened_at`, both in UTC."""
    return RECENT_PERIOD + max(now - happened_at, timedelta(0))


def _line(entry: HistoryEntry) -> str:
    categories = ", ".join(entry.categories) or "no category"
    return f"{entry.occurred_at:%H:%M:%S} {entry.message.strip()} ({categories})"
