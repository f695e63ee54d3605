"""What CloudWatch and RDS answer about alarms, metrics and maintenance, through boto3's own clients."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from rds_operations.adapters.cloudwatch_history import CloudWatchHistory, cloudwatch_client
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_maintenance import RdsMaintenance
from rds_operations.domain.alarm_children import watched_by
from rds_operations.domain.alarm_history import StateChange
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import SeriesTerm, WatchedSeries

AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
CPU = MetricQuestion("CPUUtilization", (("DBInstanceIdentifier", "langpont-prod-db"),))
FREE = MetricQuestion("FreeStorageSpace", (("DBInstanceIdentifier", "langpont-prod-db"),))
ARN = "arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")


def entry(at: datetime, old: str, new: str) -> dict[str, Any]:
    data = {"version": "1.0", "oldState": {"stateValue": old}, "newState": {"stateValue": new, "stateReason": "x"}}
    return {"AlarmName": "x", "Timestamp": at, "HistoryItemType": "StateUpdate", "HistoryData": json.dumps(data)}


def test_history_of_an_alarm_comes_oldest_first_without_what_cannot_be_read() -> None:
    client = cloudwatch_client()
    items = [
        entry(AT, "ALARM", "OK"),
        {"HistoryData": "soon", "Timestamp": AT},
        entry(AT - timedelta(minutes=9), "OK", "ALARM"),
    ]

    with Stubber(client) as stubber:
        stubber.add_response("describe_alarm_history", {"AlarmHistoryItems": items})
        changes = CloudWatchHistory(client).changes("x")

    assert changes == (StateChange(AT - timedelta(minutes=9), "OK", "ALARM"), StateChange(AT, "ALARM", "OK"))


def test_changes_of_the_same_moment_keep_their_order() -> None:
    client = cloudwatch_client()

    with Stubber(client) as stubber:
        items = [entry(AT, "OK", "ALARM"), entry(AT, "ALARM", "OK")]
        stubber.add_response("describe_alarm_history", {"AlarmHistoryItems": items})
        changes = CloudWatchHistory(client).changes("x")

    assert [change.new_state for change in changes] == ["OK", "ALARM"]


def test_values_of_several_metrics_come_in_one_call_oldest_first() -> None:
    client = cloudwatch_client()
    results = [
        {"Id": "q1", "Timestamps": [AT, AT - timedelta(minutes=5)], "Values": [2.0, 1.0]},
        {"Id": "q0", "Timestamps": [], "Values": []},
    ]

    with Stubber(client) as stubber:
        stubber.add_response("get_metric_data", {"MetricDataResults": results})
        values = CloudWatchHistory(client).values([CPU, FREE], AT - timedelta(hours=1), AT)

    assert values == {FREE: (1.0, 2.0), CPU: ()}


def test_expression_is_asked_for_with_what_it_is_made_of() -> None:
    client = cloudwatch_client()
    terms = (SeriesTerm("e1", "100*(cpu/2)"), SeriesTerm("cpu", metric=CPU, is_returned=False))
    metric = {
        "Namespace": "AWS/RDS",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "langpont-prod-db"}],
    }
    asked = [
        {"Id": "e1", "Expression": "100*(cpu/2)", "ReturnData": True},
        {"Id": "cpu", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Average"}, "ReturnData": False},
    ]
    results = [{"Id": "e1", "Timestamps": [AT, AT - timedelta(minutes=5)], "Values": [84.0, 91.5]}]

    with Stubber(client) as stubber:
        expected = {"MetricDataQueries": asked, "StartTime": AT, "EndTime": AT}
        stubber.add_response("get_metric_data", {"MetricDataResults": results}, expected)
        values = CloudWatchHistory(client).series(WatchedSeries(terms, 300), AT, AT)

    assert values == (91.5, 84.0)


def test_described_alarm_says_what_its_message_says() -> None:
    client = cloudwatch_client()
    metric = {"Namespace": "AWS/RDS", "MetricName": "ReplicaLag", "Dimensions": [{"Name": "D", "Value": "v"}]}
    plain = {"AlarmName": "a", **metric, "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 5}
    queries = [
        {"Id": "e1", "Expression": "m1/60", "Label": "lag in min", "ReturnData": True},
        {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "p90"}, "ReturnData": False},
    ]
    compared = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 30.0}
    other = [{**queries[1], "AccountId": "210987654321", "ReturnData": True}]

    with Stubber(client) as stubber:
        alarms = [
            plain | compared,
            {"AlarmName": "b", "Metrics": queries, **compared},
            {"AlarmName": "c", "Metrics": other},
        ]
        expected = {"AlarmNames": ["a", "b", "c"], "AlarmTypes": ["MetricAlarm"]}
        stubber.add_response("describe_alarms", {"MetricAlarms": alarms}, expected)
        found = CloudWatchHistory(client).triggers(["a", "b", "c"])

    assert (found["a"].metric, found["a"].statistic, found["a"].period_seconds) == ("ReplicaLag", "Maximum", 60)
    assert (found["a"].dimensions, found["a"].short()) == ({"D": "v"}, "ReplicaLag > 30 s")
    assert (found["b"].metric, found["b"].period_seconds) == ("lag in min", 300)
    assert [term.name for term in found["b"].terms] == ["e1", "m1"]
    assert watched_by(found["b"]) == WatchedSeries(found["b"].terms, 300)
    assert watched_by(found["c"]) is None


def test_series_that_is_not_among_the_results_has_no_values() -> None:
    client = cloudwatch_client()

    with Stubber(client) as stubber:
        stubber.add_response("get_metric_data", {"MetricDataResults": []})
        watched = WatchedSeries((SeriesTerm("watched", metric=CPU),), 300)
        assert CloudWatchHistory(client).series(watched, AT, AT) == ()


def test_pending_maintenance_is_told_with_its_dates() -> None:
    client = rds_client()
    action = {
        "Action": "system-update",
        "Description": "New system",
        "ForcedApplyDate": AT,
        "OptInStatus": "next-maintenance",
    }
    answer = {"PendingMaintenanceActions": [{"ResourceIdentifier": ARN, "PendingMaintenanceActionDetails": [action]}]}

    with Stubber(client) as stubber:
        stubber.add_response("describe_pending_maintenance_actions", answer, {"ResourceIdentifier": ARN})
        pending = RdsMaintenance(client).pending(ARN)

    assert pending == ("system-update: New system, forced from 2026-11-23T18:00:00Z, opted in: next-maintenance",)


ASKED: dict[str, Callable[[Any], object]] = {
    "describe_alarm_history": lambda client: CloudWatchHistory(client).changes("x"),
    "get_metric_data": lambda client: CloudWatchHistory(client).values([CPU], AT, AT),
    "describe_alarms": lambda client: CloudWatchHistory(client).triggers(["x"]),
    "describe_pending_maintenance_actions": lambda client: RdsMaintenance(client).pending(ARN),
}


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize(("code", "error"), [("Throttling", RetryableError), ("AccessDenied", RefusedError)])
def test_errors_of_aws_become_the_kits_own(operation: str, code: str, error: type[OperationsError]) -> None:
    client: Any = rds_client() if "maintenance" in operation else cloudwatch_client()

    stubber = Stubber(client)
    stubber.add_client_error(operation, service_error_code=code, service_message="said AWS")

    with stubber, pytest.raises(error, match=r"^(reading|describing) .*said AWS"):
        ASKED[operation](client)
