"""Reads an RDS event out of EventBridge's envelope."""

from collections.abc import Mapping

from rds_operations.domain.console_links import Place
from rds_operations.domain.rds_events import DRILL_SOURCE, RDS_SOURCE, RdsEvent
from rds_operations.runtime.events.fields import section, text, texts, utc_time, wrong

_SOURCE_TYPES = {
    "RDS DB Instance Event": "DB_INSTANCE",
    "RDS DB Snapshot Event": "SNAPSHOT",
    "RDS DB Parameter Group Event": "DB_PARAM",
}


def parse_rds_event(event: object) -> RdsEvent:
    """Return the event inside an EventBridge envelope.

    RDS leaves out `EventID` in very old events, `Date` falls back to the envelope's time, and categories may be none.

    Raises:
        InvalidEventError: a field is missing or wrong; the message names it and what is allowed.
    """
    if not isinstance(event, Mapping):
        raise wrong("the event", event, "an object as EventBridge sends it")
    source = _one_of(event, "source", (RDS_SOURCE, DRILL_SOURCE))
    source_type = _SOURCE_TYPES[_one_of(event, "detail-type", _SOURCE_TYPES)]
    detail = section(event, "detail", "detail")
    date = text(detail, "Date", "detail.Date", default="") or text(event, "time", "detail.Date, and time,")
    arn = text(detail, "SourceArn", "detail.SourceArn", default="")
    return RdsEvent(
        identifier=text(detail, "EventID", "detail.EventID", default=""),
        resource=text(detail, "SourceIdentifier", "detail.SourceIdentifier"),
        source_type=source_type,
        categories=texts(detail, "EventCategories", "detail.EventCategories"),
        occurred_at=utc_time(date, "detail.Date"),
        date=date,
        message=text(detail, "Message", "detail.Message", default=""),
        arn=arn,
        place=Place.of_arn(arn) or Place.of_region(text(event, "region", "region")),
        envelope_id=text(event, "id", "id", default=""),
        is_simulated=source == DRILL_SOURCE,
        tags=_tags(detail),
    )


def _tags(detail: Mapping[str, object]) -> dict[str, str]:
    """Return the tags that RDS may send; what is no map of texts is left out, for no event fails by its tags."""
    tags = detail.get("Tags")
    return {key: value for key, value in tags.items() if isinstance(value, str)} if isinstance(tags, Mapping) else {}


def _one_of(event: Mapping[str, object], key: str, choices: Mapping[str, str] | tuple[str, ...]) -> str:
    value = event.get(key)
    if not isinstance(value, str) or value not in choices:
        raise wrong(key, value, "one of " + ", ".join(choices))
    return value
