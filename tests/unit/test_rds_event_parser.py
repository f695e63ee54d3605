"""RDS events in EventBridge's envelope."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from rds_operations.domain.console_links import Place
from rds_operations.domain.errors import InvalidEventError
from rds_operations.runtime.events.rds_event import parse_rds_event
from tests.samples import sample


def changed(envelope: Mapping[str, object] | None = None, **detail: object) -> dict[str, Any]:
    event: dict[str, Any] = sample("react_to_rds_event", "failover_completed")
    event |= envelope or {}
    event["detail"] |= detail
    event["detail"] = {key: value for key, value in event["detail"].items() if value != "left out"}
    return {key: value for key, value in event.items() if value != "left out"}


def test_instance_event_is_read() -> None:
    event = parse_rds_event(sample("react_to_rds_event", "failover_completed"))

    assert (event.identifier, event.resource, event.categories) == ("RDS-EVENT-0049", "langpont-prod-db", ("failover",))
    assert event.occurred_at == datetime(2026, 11, 23, 18, 0, 43, 292000, tzinfo=UTC)
    assert event.date == "2026-11-23T18:00:43.292Z"
    assert event.place == Place("aws", "ap-northeast-1")
    assert event.is_about_instance
    assert not event.is_simulated


def test_drill_is_known_by_its_source() -> None:
    assert parse_rds_event(sample("react_to_rds_event", "drill_failover_completed")).is_simulated


def test_automated_snapshot_keeps_its_whole_name() -> None:
    event = parse_rds_event(sample("react_to_rds_event", "automated_snapshot_created"))

    assert event.resource == "rds:langpont-prod-db-2026-11-24-03-07"
    assert not event.is_about_instance
    assert event.place == Place("aws", "ap-northeast-1")


@pytest.mark.parametrize("key", ["EventID", "EventCategories", "Message", "Date", "SourceArn", "SourceType"])
def test_event_without_a_dispensable_key_is_still_read(key: str) -> None:
    event = parse_rds_event(changed(None, **{key: "left out"}))

    assert event.resource == "langpont-prod-db"
    assert event.place == Place("aws", "ap-northeast-1")


def test_time_of_the_envelope_stands_in_for_a_missing_date() -> None:
    event = parse_rds_event(changed(Date="left out"))

    assert event.occurred_at == datetime(2026, 11, 23, 18, 0, 43, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        (None, "the event is missing, allowed: an object as EventBridge sends it"),
        (changed({"source": "aws.ec2"}), "source is 'aws.ec2', allowed: one of aws.rds, langpont.drill"),
        (changed({"detail-type": "left out"}), "detail-type is missing, allowed: one of RDS DB Instance Event, .*"),
        (changed({"detail-type": ["x"]}), r"detail-type is \['x'\], allowed: one of RDS DB Instance Event, .*"),
        (sample("react_to_rds_event", "failover_completed") | {"detail": "x"}, "detail is 'x', allowed: an object"),
        (changed(SourceIdentifier=""), "detail.SourceIdentifier is '', allowed: a text that is not empty"),
        (changed(Date="yesterday"), "detail.Date is 'yesterday', allowed: a time such as 2026-11-23T18:00:00Z"),
        *(
            (changed(Date=date), f"detail.Date is '{re.escape(date)}', allowed: a time such as 2026-11-23T18:00:00Z")
            for date in ("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00Z")
        ),
        (changed(EventCategories="failover"), "detail.EventCategories is 'failover', allowed: a list of texts"),
        (changed(EventID=49), "detail.EventID is 49, allowed: a text"),
        (changed({"time": "left out"}, Date="left out"), "detail.Date, and time, is missing, allowed: .*"),
        (changed({"region": "left out"}, SourceArn="left out"), "region is missing, allowed: a text that is not empty"),
    ],
)
def test_malformed_event_names_the_field(event: object, complaint: str) -> None:
    with pytest.raises(InvalidEventError, match=f"^{complaint}$"):
        parse_rds_event(event)
