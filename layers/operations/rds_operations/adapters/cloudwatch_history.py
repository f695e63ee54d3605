"""What alarms did and what metrics were, from CloudWatch."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_clients import aws_client
from rds_operations.adapters.aws_errors import translating
from rds_operations.adapters.described_alarms import described_trigger
from rds_operations.domain.alarm_history import StateChange
from rds_operations.domain.alarms import AlarmTrigger
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import SeriesTerm, WatchedSeries

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import (
        AlarmHistoryItemTypeDef,
        DimensionTypeDef,
        MetricDataQueryTypeDef,
        MetricDataResultTypeDef,
        MetricStatTypeDef,
        MetricTypeDef,
    )

MOST_CHANGES = 100
"""The most that CloudWatch lists in one call (API reference, DescribeAlarmHistory)."""


def cloudwatch_client() -> "CloudWatchClient":
    """Return a client whose calls end after 7 s: two attempts of 1 s to connect and 2 s to answer, 1 s between."""
    client: CloudWatchClient = aws_client("cloudwatch", connect_timeout_seconds=1, read_timeout_seconds=2, attempts=2)
    return client


class CloudWatchHistory:
    """An `AlarmHistory`; one client may serve several threads.

    Args:
        client: boto3's client of CloudWatch.
    """

    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client

    def changes(self, alarm_name: str) -> tuple[StateChange, ...]:
        """Return the latest changes of an alarm's state, a hundred at most, oldest first.

        Raises:
            RetryableError: CloudWatch throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
        with translating(f"reading the history of alarm {alarm_name}"):
            answer = self._client.describe_alarm_history(
                AlarmName=alarm_name,
                # Without them CloudWatch lists metric alarms only (API reference, DescribeAlarmHistory).
                AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                HistoryItemType="StateUpdate",
                MaxRecords=MOST_CHANGES,
            )
        # They come newest first; of two with the same time the order stays.
        changes = (_change(item) for item in reversed(answer["AlarmHistoryItems"]))
        return tuple(sorted((each for each in changes if each), key=lambda each: each.changed_at))

    def values(
        self, questions: Sequence[MetricQuestion], since: datetime, until: datetime
    ) -> Mapping[MetricQuestion, tuple[float, ...]]:
        """Return the values of each metric between two times in UTC, oldest first, in one call; errors as `changes`."""
        with translating(f"reading {', '.join(question.name for question in questions)}"):
            answer = self._client.get_metric_data(
                MetricDataQueries=[_query(number, question) for number, question in enumerate(questions)],
                StartTime=since,
                EndTime=until,
            )
        found: dict[MetricQuestion, tuple[float, ...]] = {}
        for result in answer["MetricDataResults"]:
            found[questions[int(result["Id"].removeprefix("q"))]] = _values(result)
        return found

    def triggers(self, alarm_names: Sequence[str]) -> Mapping[str, AlarmTrigger]:
        """Return what those of the alarms look at that are no composite ones; errors as `changes`."""
        with translating(f"describing the alarms {', '.join(alarm_names)}"):
            answer = self._client.describe_alarms(AlarmNames=list(alarm_names), AlarmTypes=["MetricAlarm"])
        return {alarm["AlarmName"]: described_trigger(alarm) for alarm in answer["MetricAlarms"]}

    def series(self, watched: WatchedSeries, since: datetime, until: datetime) -> tuple[float, ...]:
        """Return the values of what an alarm watches between two times in UTC, oldest first; errors as `changes`."""
        with translating(f"reading {watched.returned.expression or watched.returned.name}"):
            answer = self._client.get_metric_data(
                MetricDataQueries=[_term(term) for term in watched.terms], StartTime=since, EndTime=until
            )
        return next((_values(each) for each in answer["MetricDataResults"] if each["Id"] == watched.returned.name), ())


def _change(item: "AlarmHistoryItemTypeDef") -> StateChange | None:
    """Return the change that an entry tells; None for one that cannot be read, which costs no alert."""
    try:
        data = json.loads(item.get("HistoryData", ""))
        old, new = data["oldState"]["stateValue"], data["newState"]["stateValue"]
        return StateChange(item["Timestamp"].astimezone(UTC), str(old), str(new))
    except (ValueError, KeyError, TypeError):
        return None


def _values(result: "MetricDataResultTypeDef") -> tuple[float, ...]:
    return tuple(value for _, value in sorted(zip(result["Timestamps"], result["Values"], strict=False)))


def _term(term: SeriesTerm) -> "MetricDataQueryTypeDef":
    if term.metric is None:
        return {"Id": term.name, "Expression": term.expression, "ReturnData": term.is_returned}
    return {"Id": term.name, "MetricStat": _stat(term.metric), "ReturnData": term.is_returned}


def _query(number: int, question: MetricQuestion) -> "MetricDataQueryTypeDef":
    return {"Id": f"q{number}", "MetricStat": _stat(question)}


def _stat(question: MetricQuestion) -> "MetricStatTypeDef":
    dimensions: list[DimensionTypeDef] = [{"Name": name, "Value": value} for name, value in question.dimensions]
    metric: MetricTypeDef = {"Namespace": question.namespace, "MetricName": question.name, "Dimensions": dimensions}
    return {"Metric": metric, "Period": question.period_seconds, "Stat": question.statistic}
