"""Small pieces that make the local AWS behave like AWS."""

import json
from typing import Any

import pytest
from ministack.services import cloudwatch

from local.aws.gaps.embedded_metrics import Datum, extract, record
from local.aws.gaps.rds_authorization import checks
from local.aws.gaps.rds_maintenance import nothing_pending
from local.aws.gaps.schedules import replace_context_attributes

DB = "arn:aws:rds:us-east-1:000000000000:db:langpont-prod-db"
SNAPSHOT = "arn:aws:rds:us-east-1:000000000000:snapshot:langpont-manual-1"
NAMES = {"DBSnapshotIdentifier": ["langpont-manual-1"], "DBInstanceIdentifier": ["langpont-prod-db"]}
DIRECTIVE = {"Namespace": "N", "Dimensions": [["Environment"]], "Metrics": [{"Name": "m", "Unit": "Count"}]}
METADATA: dict[str, Any] = {"Timestamp": 1_795_456_800_500, "CloudWatchMetrics": [DIRECTIVE]}


def test_schedule_attributes_become_this_firings_values() -> None:
    event: dict[str, Any] = {"Time": 1_795_456_800.4, "Resources": ["arn:aws:scheduler:eu-west-1:1:schedule/default/x"]}

    text = replace_context_attributes(
        '{"at": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"}', event
    )

    assert json.loads(text) == {"at": "2026-11-23T18:00:00Z", "by": event["Resources"][0]}


def test_embedded_metrics_are_read_with_unit_dimensions_and_time() -> None:
    line = json.dumps({"_aws": METADATA, "Environment": "prod", "m": [1, 2.5]})

    found = extract(line)

    assert found == [
        Datum("N", "m", 1.0, "Count", {"Environment": "prod"}, 1_795_456_800.5),
        Datum("N", "m", 2.5, "Count", {"Environment": "prod"}, 1_795_456_800.5),
    ]


def test_embedded_metric_stands_at_its_own_time() -> None:
    record(Datum("N of a test", "m", 1.0, "Count", {}, 1_795_456_800.5))

    points = cloudwatch._metrics.pop(("N of a test", "m", cloudwatch._dims_key({})))

    assert [(point["Timestamp"], point["Value"]) for point in points] == [(1_795_456_800.5, 1.0)]


@pytest.mark.parametrize("line", ["START RequestId: 1", '["about", "_aws"]', '{"text": {"_aws": 1}}'])
def test_other_log_lines_yield_no_metric(line: str, caplog: pytest.LogCaptureFixture) -> None:
    assert extract(line) == []
    assert "broke the specification" not in caplog.text


@pytest.mark.parametrize(
    "document",
    [
        {"_aws": None},
        {"_aws": {"CloudWatchMetrics": [DIRECTIVE]}, "Environment": "prod", "m": 1},
        {"_aws": METADATA, "m": 1},
        {"_aws": METADATA, "Environment": "prod"},
        {"_aws": METADATA, "Environment": "prod", "m": "much"},
        {"_aws": {**METADATA, "CloudWatchMetrics": [{**DIRECTIVE, "Metrics": ["m"]}]}, "Environment": "prod", "m": 1},
        {"_aws": {**METADATA, "CloudWatchMetrics": 7}, "Environment": "prod", "m": 1},
    ],
)
def test_embedded_metrics_that_break_the_specification_are_logged_only(
    document: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert extract(json.dumps(document)) == []
    assert "Embedded metrics" in caplog.text


def test_embedded_metrics_that_are_no_json_are_logged_only(caplog: pytest.LogCaptureFixture) -> None:
    assert extract('{"_aws": {"value": NaN') == []
    assert "Embedded metrics were not valid" in caplog.text


def test_creating_a_tagged_snapshot_is_authorized_three_times() -> None:
    wanted = checks("rds:CreateDBSnapshot", {**NAMES, "Tags.Tag.1.Key": ["managed-by"], "Tags.Tag.1.Value": ["x"]})

    assert wanted == [
        ("rds:CreateDBSnapshot", SNAPSHOT),
        ("rds:CreateDBSnapshot", DB),
        ("rds:AddTagsToResource", SNAPSHOT),
    ]


def test_creating_an_untagged_snapshot_needs_no_right_to_tag() -> None:
    assert [action for action, _ in checks("rds:CreateDBSnapshot", NAMES)] == ["rds:CreateDBSnapshot"] * 2


def test_pending_maintenance_is_authorized_on_the_arn_and_there_is_none() -> None:
    arn = "arn:aws:rds:ap-northeast-1:000000000000:db:langpont-prod-db"

    status, _, body = nothing_pending({"ResourceIdentifier": [arn]})

    assert checks("rds:DescribePendingMaintenanceActions", {"ResourceIdentifier": [arn]}) == [
        ("rds:DescribePendingMaintenanceActions", arn)
    ]
    assert (status, b"<PendingMaintenanceActions/>" in body) == (200, True)


def test_deletion_is_authorized_on_the_snapshot() -> None:
    assert checks("rds:DeleteDBSnapshot", NAMES) == [("rds:DeleteDBSnapshot", SNAPSHOT)]


def test_listing_of_an_instance_is_authorized_on_the_instance() -> None:
    assert checks("rds:DescribeDBSnapshots", {"DBInstanceIdentifier": ["langpont-prod-db"]}) == [
        ("rds:DescribeDBSnapshots", DB)
    ]
    assert checks("rds:DescribeEvents", {}) == [("rds:DescribeEvents", "*")]
