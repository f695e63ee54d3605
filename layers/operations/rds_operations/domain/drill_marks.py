"""Marks an instance as being drilled, by its own tags: RDS's events of a forced failover look like those of a real one.

A mark begins and ends by itself. A drill that died, or a slip of the hand, must not make a drill of a real outage
before or after it, so a mark without a beginning, or one that is longer than a drill may take, counts for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rds_operations.domain.alerts import Fact
from rds_operations.domain.times import utc_text

SINCE_TAG = "drill-since"
UNTIL_TAG = "drill-until"
REPORT_TAG = "drill-report"
LONGEST_DRILL = timedelta(hours=2)
_LINK = "https://"


@dataclass(frozen=True, slots=True)
class DrillMark:
    """What an instance's tags say of a drill.

    Args:
        since: When it begins, UTC: what happened before and is told late is no drill.
        until: When it ends by itself, UTC.
        report: Where its report will be: an address, or a place in words; empty where nobody said.
    """

    since: datetime
    until: datetime
    report: str = ""

    def facts(self) -> dict[str, Fact]:
        """Return what people are told of it."""
        note = f"the instance is marked as drilled until {self.until:%H:%M:%S} UTC"
        report: dict[str, Fact] = {"drill_report": self.report} if self.report else {}
        return {"drill": True, "drill_note": note, **report}

    def links(self) -> dict[str, str]:
        """Return the report's address by name, where it has one."""
        return report_link(self.report)

    def tags(self) -> dict[str, str]:
        """Return the tags that say so."""
        times = {SINCE_TAG: utc_text(self.since), UNTIL_TAG: utc_text(self.until)}
        return times | ({REPORT_TAG: self.report} if self.report else {})


def drill_mark(tags: Mapping[str, str], at: datetime) -> DrillMark | None:
    """Return the mark that holds at a time; None without one, or with one that cannot be read.

    Args:
        tags: The instance's.
        at: In UTC.
    """
    since, until = _time(tags.get(SINCE_TAG, "")), _time(tags.get(UNTIL_TAG, ""))
    if not (since and until) or until - since > LONGEST_DRILL or not since <= at <= until:
        return None
    return DrillMark(since, until, tags.get(REPORT_TAG, "").strip())


def report_link(report: str) -> dict[str, str]:
    """Return a report's address by name; nothing for a place in words."""
    return {"report": report} if report.startswith(_LINK) and " " not in report else {}


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
