"""The local AWS's alarms: the state that data call for, and the words of the notification."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.aws.gaps.alarms import decide_state, notification, region_name

ALARM: dict[str, Any] = {
    "AlarmName": "langpont-prod-rds-cpu-high",
    "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:000000000000:alarm:langpont-prod-rds-cpu-high",
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/RDS",
    "Statistic": "Average",
    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "langpont-prod-db"}],
    "Period": 300,
    "EvaluationPeriods": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "missing",
}
SAMPLE = Path(__file__).parents[2] / "events/react_to_alarm/metric_alarm.json"


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ([97.0, 97.0], "ALARM"),
        ([97.0, 12.0], "OK"),
        ([80.0, 80.0], "OK"),
        ([97.0, None], "OK"),
        ([None, None], "INSUFFICIENT_DATA"),
    ],
)
def test_every_evaluated_period_has_to_breach(values: list[float | None], state: str) -> None:
    assert decide_state(ALARM, values) == state


@pytest.mark.parametrize(("treatment", "state"), [("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", None)])
def test_missing_data_are_treated_as_the_alarm_says(treatment: str, state: str | None) -> None:
    assert decide_state({**ALARM, "TreatMissingData": treatment}, [None, None]) == state


def test_one_breach_of_two_is_enough_where_the_alarm_says_so() -> None:
    assert decide_state({**ALARM, "DatapointsToAlarm": 1}, [97.0, 12.0]) == "ALARM"


def test_notification_has_the_keys_of_a_captured_one() -> None:
    captured = json.loads(json.loads(SAMPLE.read_text(encoding="utf-8"))["Records"][0]["Sns"]["Message"])

    told = notification(ALARM, "OK", "ALARM", "Threshold Crossed")

    assert set(told) <= set(captured) | {"AlarmConfigurationUpdatedTimestamp"}
    assert set(told["Trigger"]) <= set(captured["Trigger"]) | {"DatapointsToAlarm"}


def test_region_is_told_by_its_display_name() -> None:
    assert region_name("ap-northeast-1") == "Asia Pacific (Tokyo)"
