"""How the events of the snapshot functions are read."""

from datetime import UTC, datetime

import pytest

from rds_operations.domain.errors import InvalidEventError
from rds_operations.domain.snapshots import SnapshotRequest, Tier
from rds_operations.runtime.events.schedule import parse_dry_run, parse_snapshot_request

NOW = datetime(2026, 11, 23, 18, 30, 15, tzinfo=UTC)
SIX = datetime(2026, 11, 23, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    "time", ["2026-11-23T18:00:00Z", "2026-11-23T18:00:00.000Z", "2026-11-24T03:00:00+09:00", "20261123T180000Z"]
)
def test_scheduled_time_is_read_in_utc(time: str) -> None:
    assert parse_snapshot_request({"scheduled_time": time}, NOW) == SnapshotRequest(SIX, "scheduled", asked_at=NOW)


def test_empty_event_means_now() -> None:
    assert parse_snapshot_request({}, NOW) == SnapshotRequest(NOW, "on-demand", Tier.ON_DEMAND)


@pytest.mark.parametrize("time", [{}, {"scheduled_time": "2026-11-23T18:00:00Z"}])
def test_reason_is_taken_over(time: dict[str, str]) -> None:
    assert parse_snapshot_request({**time, "reason": "pre-deploy"}, NOW).reason == "pre-deploy"


@pytest.mark.parametrize(
    ("event", "tier"),
    [
        ({"scheduled_time": "2026-11-23T18:00:00Z"}, Tier.SCHEDULED),
        ({"scheduled_time": "2026-11-23T18:00:00Z", "reason": "missed-schedule"}, Tier.SCHEDULED),
        ({"reason": "pre-deploy"}, Tier.ON_DEMAND),
        ({}, Tier.ON_DEMAND),
    ],
)
def test_what_no_schedule_asked_for_is_on_demand(event: dict[str, str], tier: Tier) -> None:
    assert parse_snapshot_request(event, NOW).tier is tier


@pytest.mark.parametrize(
    "time",
    [
        "<aws.scheduler.scheduled-time>",
        "",
        "now",
        "2026-11-23T18:00:00",
        "2026-11-23",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        None,
        1_795_456_800,
        ["2026-11-23T18:00:00Z"],
    ],
)
def test_time_that_cannot_be_parsed_is_never_now(time: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^scheduled_time is .*, allowed: an ISO 8601 time with its zone"):
        parse_snapshot_request({"scheduled_time": time}, NOW)


@pytest.mark.parametrize("reason", ["", "a;b", "x" * 257, "aws:x", 7, None, ["x"]])
def test_reason_that_no_tag_can_hold_is_refused(reason: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^reason is .*, allowed: 1 to 256 letters"):
        parse_snapshot_request({"reason": reason}, NOW)


@pytest.mark.parametrize("event", [{"schedule_time": "2026-11-23T18:00:00Z"}, {"dry_run": True}, [], "x", None])
def test_event_with_an_unknown_field_is_never_now(event: object) -> None:
    with pytest.raises(InvalidEventError, match="no other fields than scheduled_time, reason"):
        parse_snapshot_request(event, NOW)


@pytest.mark.parametrize(("event", "dry_run"), [({}, False), ({"dry_run": True}, True), ({"dry_run": False}, False)])
def test_dry_run_is_read(event: dict[str, bool], dry_run: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert parse_dry_run(event) is dry_run


@pytest.mark.parametrize("value", ["true", 1, 0, None, "", []])
def test_dry_run_is_a_truth_value_and_nothing_else(value: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^dry_run is .*, allowed: true or false"):
        parse_dry_run({"dry_run": value})


@pytest.mark.parametrize("event", [{"dryrun": True}, {"dry_run": True, "x": 1}, [], None])
def test_misspelt_dry_run_deletes_nothing(event: object) -> None:
    with pytest.raises(InvalidEventError, match="no other fields than dry_run"):
        parse_dry_run(event)
