"""Reads what the schedule and the alerts topic send to rehearse_alert."""

import json
from collections.abc import Mapping

from rds_operations.domain.rehearsals import RehearsalArrival
from rds_operations.runtime.events.fields import section, text, utc_time, wrong


def parse_rehearsal(event: object) -> tuple[RehearsalArrival, ...] | None:
    """Return what arrived, or None where a rehearsal is to begin.

    Args:
        event: `{}` to begin, or SNS records with alerts of rehearsals.

    Raises:
        InvalidEventError: the event is neither, or an alert cannot be read.
    """
    if event == {}:
        return None
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records:
        raise wrong("the event", event, "an empty object, {}, or one with Records of SNS")
    return tuple(_arrival(record) for record in records)


def _arrival(record: object) -> RehearsalArrival:
    message = text(section(record, "Sns", "Sns"), "Message", "Sns.Message")
    try:
        alert = json.loads(message)
    except ValueError as error:
        raise wrong("Sns.Message", message[:100], "an alert in its machine form") from error
    facts = section(alert, "facts", "facts")
    unanswered = facts.get("enrichment_unavailable", [])
    return RehearsalArrival(
        sent_at=utc_time(text(alert, "occurred_at", "occurred_at"), "occurred_at"),
        unanswered=len(unanswered) if isinstance(unanswered, list) else 0,
    )
