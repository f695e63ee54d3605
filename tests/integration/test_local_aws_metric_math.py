"""The local AWS's metric math, and alarms on it: evaluated when data arrive, told and described as on AWS."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import cloudwatch

from local.aws.alarm_messages import notification
from local.aws.gaps import alarms, metric_math_alarms
from local.aws.metric_math import evaluate
from tests.emulator import call, reasons, restored, status

type Query = dict[str, Any]

SAMPLE = Path(__file__).parents[2] / "events/react_to_alarm/metric_math.json"
METRICS = {"a": (6.0, 4.0, None, 1.0), "b": (2.0, 0.0, 5.0, None)}
POINTS = st.one_of(st.none(), st.floats(-1e6, 1e6))
RATIO: Query = {"Id": "ratio", "Expression": "100 * used / FILL(limit, 300)", "Label": "in use"}


@pytest.fixture
def emulator() -> Iterator[None]:
    with restored():
        alarms.install()
        metric_math_alarms.install()
        yield


def _stat(identifier: str, metric: str) -> Query:
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "langpont-prod-db"}]
    named = {"Namespace": "AWS/RDS", "MetricName": metric, "Dimensions": dimensions}
    return {
        "Id": identifier,
        "MetricStat": {"Metric": named, "Period": 300, "Stat": "Average"},
        "ReturnData": False,
    }


def _alarm(**changes: Any) -> dict[str, Any]:
    return {
        "AlarmName": "connections-high",
        "Metrics": [RATIO, _stat("used", "DatabaseConnections"), _stat("limit", "MaxConnections")],
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 80.0,
        **changes,
    }


def _data(metric: str, value: float, age: timedelta = timedelta()) -> None:
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "langpont-prod-db"}]
    at = datetime.now(UTC) - age
    datum = {"MetricName": metric, "Dimensions": dimensions, "Value": value, "Timestamp": at}
    call("cloudwatch", "PutMetricData", Namespace="AWS/RDS", MetricData=[datum])


def _described() -> dict[str, Any]:
    (alarm,) = call("cloudwatch", "DescribeAlarms")["MetricAlarms"]
    found: dict[str, Any] = alarm
    return found


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a + b", (8.0, 4.0, None, None)),
        ("100 * (a / b)", (300.0, None, None, None)),
        ("-a ^ 2", (-36.0, -16.0, None, -1.0)),
        ("a > 4", (1.0, 0.0, None, 0.0)),
        ("a >= 4 AND b < 1", (0.0, 1.0, None, None)),
        ("a > 5 || NOT b", (1.0, 1.0, None, None)),
        ("FILL(b, 7)", (2.0, 0.0, 5.0, 7.0)),
        ("FILL(a, REPEAT)", (6.0, 4.0, 1.0, 1.0)),
        ("DIFF(a)", (2.0, None, None, None)),
        ("RATE(a)", (2.0 / 60, None, None, None)),
        ("IF(a > 4, a, 0)", (6.0, 0.0, None, 0.0)),
        ("IF(FILL(a, 9) > 5, 1)", (1.0, None, 1.0, None)),
        ("SUM([a, b])", (8.0, 4.0, 5.0, 1.0)),
        ("MAX([a, b, 3])", (6.0, 4.0, 5.0, 3.0)),
        ("MAX(a)", (6.0,) * 4),
        ("a - AVG(a)", (6.0 - 11 / 3, 4.0 - 11 / 3, None, 1.0 - 11 / 3)),
        ("ABS(b - a)", (4.0, 4.0, None, None)),
        ("42", (42.0,) * 4),
    ],
)
def test_expression_has_a_value_in_each_period(expression: str, values: tuple[float | None, ...]) -> None:
    assert evaluate(expression, METRICS, 60, 4) == pytest.approx(values)


@pytest.mark.parametrize(
    "expression", ["c + 1", "a +", "SEARCH('x')", "[a, b]", "a.real", "__import__('os')", "a if b"]
)
def test_expression_that_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="not understood"):
        evaluate(expression, METRICS, 60, 4)


@given(series=st.lists(POINTS, min_size=1, max_size=5))
def test_filled_series_has_no_gaps_and_keeps_its_data(series: list[float | None]) -> None:
    filled = evaluate("FILL(m, -1)", {"m": tuple(series)}, 60, len(series))

    assert filled == tuple(-1.0 if point is None else point for point in series)


@pytest.mark.usefixtures("emulator")
def test_alarm_on_an_expression_follows_its_data() -> None:
    call("cloudwatch", "PutMetricAlarm", **_alarm())
    states = [_described()["StateValue"]]

    for connections in (270, 10_000, 0):
        _data("DatabaseConnections", connections)
        states.append(_described()["StateValue"])
    _data("MaxConnections", 1e9)

    assert [*states, _described()["StateValue"]] == ["INSUFFICIENT_DATA", "ALARM", "ALARM", "ALARM", "OK"]


@pytest.mark.usefixtures("emulator")
def test_data_of_earlier_periods_do_not_move_the_alarm() -> None:
    call("cloudwatch", "PutMetricAlarm", **_alarm())

    _data("DatabaseConnections", 1000, timedelta(minutes=11))
    earlier = _described()["StateValue"]
    _data("DatabaseConnections", 100)

    assert (earlier, _described()["StateValue"]) == ("INSUFFICIENT_DATA", "OK")


@pytest.mark.usefixtures("emulator")
def test_alarm_on_an_expression_is_described_as_it_was_made() -> None:
    call("cloudwatch", "PutMetricAlarm", **_alarm(TreatMissingData="breaching"))

    described = _described()

    assert [query["Id"] for query in described["Metrics"]] == ["ratio", "used", "limit"]
    assert described["Metrics"][0]["Expression"] == RATIO["Expression"]
    assert not {"MetricName", "Namespace", "Statistic"} & set(described)
    assert described["StateValue"] == "ALARM"


@pytest.mark.usefixtures("emulator")
def test_template_makes_alarms_on_expressions_and_percentiles() -> None:
    percentile = {
        "Namespace": "AWS/RDS",
        "MetricName": "ReadLatency",
        "ExtendedStatistic": "p90",
        "Period": "60",
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1,
    }
    made = {"Math": _alarm(), "Slow": {"AlarmName": "slow", **percentile}}
    resources = {name: {"Type": "AWS::CloudWatch::Alarm", "Properties": made[name]} for name in made}
    call("cloudformation", "CreateStack", StackName="root", TemplateBody=json.dumps({"Resources": resources}))

    described = {alarm["AlarmName"]: alarm for alarm in call("cloudwatch", "DescribeAlarms")["MetricAlarms"]}

    assert status("root") == "CREATE_COMPLETE"
    assert described["connections-high"]["Metrics"][1]["MetricStat"]["Period"] == 300
    assert described["slow"]["ExtendedStatistic"] == "p90"
    assert "Statistic" not in described["slow"]


@pytest.mark.usefixtures("emulator")
def test_template_alarm_that_watches_two_things_at_once_fails() -> None:
    both = _alarm(Metrics=[RATIO, {**RATIO, "Id": "other"}])
    resources = {"Math": {"Type": "AWS::CloudWatch::Alarm", "Properties": both}}

    call("cloudformation", "CreateStack", StackName="root", TemplateBody=json.dumps({"Resources": resources}))

    assert "Exactly one element" in reasons("root")[0]


@pytest.mark.usefixtures("emulator")
def test_percentile_is_what_the_alarm_compares() -> None:
    alarm = {
        "AlarmName": "slow",
        "Namespace": "N",
        "MetricName": "m",
        "ExtendedStatistic": "p90",
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 90.5,
    }
    call("cloudwatch", "PutMetricAlarm", **alarm)

    datum = {"MetricName": "m", "Values": [float(value) for value in range(1, 101)]}
    call("cloudwatch", "PutMetricData", Namespace="N", MetricData=[datum])
    low = _described()["StateValue"]
    call("cloudwatch", "PutMetricAlarm", **{**alarm, "Threshold": 89.5})

    assert (low, _described()["StateValue"]) == ("OK", "ALARM")


@pytest.mark.usefixtures("emulator")
def test_message_of_an_expression_has_the_shape_of_a_captured_one() -> None:
    call("cloudwatch", "PutMetricAlarm", **_alarm())
    captured = json.loads(json.loads(SAMPLE.read_text(encoding="utf-8"))["Records"][0]["Sns"]["Message"])["Trigger"]

    told = notification(cloudwatch._alarms["connections-high"], "OK", "ALARM", "too many")["Trigger"]

    assert told.keys() == captured.keys()
    assert told["Metrics"][0].keys() == captured["Metrics"][0].keys()
    assert told["Metrics"][1].keys() == captured["Metrics"][1].keys()
    assert told["Metrics"][1]["MetricStat"]["Metric"] == captured["Metrics"][1]["MetricStat"]["Metric"]


@pytest.mark.usefixtures("emulator")
def test_message_of_a_percentile_names_it() -> None:
    alarm = {"AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:slow", "AlarmName": "slow", "ExtendedStatistic": "p90"}
    rest = {"Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "LessThanThreshold", "Threshold": 1.0}

    trigger = notification({**alarm, **rest}, "OK", "ALARM", "slow")["Trigger"]

    assert (trigger["StatisticType"], trigger["ExtendedStatistic"]) == ("ExtendedStatistic", "p90")
    assert "Statistic" not in trigger


@pytest.mark.usefixtures("emulator")
def test_alarm_that_watches_nothing_is_refused_by_request() -> None:
    with pytest.raises(ClientError, match="Exactly one element"):
        call("cloudwatch", "PutMetricAlarm", **_alarm(Metrics=[{**RATIO, "ReturnData": False}]))

    assert call("cloudwatch", "DescribeAlarms")["MetricAlarms"] == []
