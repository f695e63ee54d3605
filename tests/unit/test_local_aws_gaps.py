"""Small pieces that make the local AWS behave like AWS."""

import json
from typing import Any

from local.aws.gaps.embedded_metrics import Datum, extract
from local.aws.gaps.rds_authorization import checks
from local.aws.gaps.schedules import replace_context_attributes

DB = "arn:aws:rds:us-east-1:000000000000:db:langpont-prod-db"
SNAPSHOT = "arn:aws:rds:us-east-1:000000000000:snapshot:langpont-manual-1"
NAMES = {"DBSnapshotIdentifier": ["langpont-manual-1"], "DBInstanceIdentifier": ["langpont-prod-db"]}


def test_schedule_attributes_become_this_firings_values() -> None:
    event: dict[str, Any] = {"Time": 1_795_456_800.4, "Resources": ["arn:aws:scheduler:eu-west-1:1:schedule/default/x"]}

    text = replace_context_attributes(
        '{"at": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"}', event
    )

    assert json.loads(text) == {"at": "2026-11-23T18:00:00Z", "by": event["Resources"][0]}


def test_embedded_metrics_are_read_with_unit_and_dimensions() -> None:
    directive = {"Namespace": "N", "Dimensions": [["Environment"]], "Metrics": [{"Name": "m", "Unit": "Count"}]}
    line = json.dumps({"_aws": {"CloudWatchMetrics": [directive]}, "Environment": "prod", "m": [1, 2.5]})

    found = list(extract(line))

    assert found == [
        Datum("N", "m", 1.0, "Count", {"Environment": "prod"}),
        Datum("N", "m", 2.5, "Count", {"Environment": "prod"}),
    ]


def test_other_log_lines_and_broken_ones_yield_no_metric() -> None:
    assert list(extract("START RequestId: 1")) == []
    assert list(extract('{"_aws": {"value": NaN')) == []


def test_creating_a_tagged_snapshot_is_authorized_three_times() -> None:
    wanted = checks("rds:CreateDBSnapshot", {**NAMES, "Tags.Tag.1.Key": ["managed-by"], "Tags.Tag.1.Value": ["x"]})

    assert wanted == [
        ("rds:CreateDBSnapshot", SNAPSHOT),
        ("rds:CreateDBSnapshot", DB),
        ("rds:AddTagsToResource", SNAPSHOT),
    ]


def test_creating_an_untagged_snapshot_needs_no_right_to_tag() -> None:
    assert [action for action, _ in checks("rds:CreateDBSnapshot", NAMES)] == ["rds:CreateDBSnapshot"] * 2


def test_deletion_is_authorized_on_the_snapshot() -> None:
    assert checks("rds:DeleteDBSnapshot", NAMES) == [("rds:DeleteDBSnapshot", SNAPSHOT)]


def test_listing_of_an_instance_is_authorized_on_the_instance() -> None:
    assert checks("rds:DescribeDBSnapshots", {"DBInstanceIdentifier": ["langpont-prod-db"]}) == [
        ("rds:DescribeDBSnapshots", DB)
    ]
    assert checks("rds:DescribeEvents", {}) == [("rds:DescribeEvents", "*")]
