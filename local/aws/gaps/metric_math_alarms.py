"""Alarms on metric math, made by template or by request, and described as they were made."""

from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

# What an alarm on one metric has, and one on expressions has not.
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Unit")

NOT_ONE = "Exactly one element of the metrics list should return data."

type Alarm = dict[str, Any]


def install() -> None:
    """Keep the expressions that the emulator refuses in templates and drops from requests."""
    record, put = provisioners._cw_metric_alarm_record, cloudwatch._put_metric_alarm

    def record_with_expressions(name: str, properties: Mapping[str, Any]) -> Alarm:
        if not properties.get("Metrics"):
            return _one_statistic(record(name, properties))
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        return with_expressions(record(name, {**plain, "MetricName": "-", "Namespace": "-"}), properties["Metrics"])

    def put_with_expressions(parameters: Any, data: Mapping[str, Any], *protocol: bool) -> Any:
        queries = data.get("Metrics")
        if queries and len(_watched(queries)) != 1:
            return cloudwatch._error("ValidationError", NOT_ONE, 400, *reversed(protocol))
        answer = put(parameters, data, *protocol)
        alarm = cloudwatch._alarms.get(data.get("AlarmName", ""))
        if alarm and queries:
            with_expressions(alarm, queries)
            cloudwatch._evaluate_alarm(alarm)
        elif alarm:
            _one_statistic(alarm)
        return answer

    provisioners._cw_metric_alarm_record = record_with_expressions
    cloudwatch._put_metric_alarm = put_with_expressions


def with_expressions(alarm: Alarm, queries: list[Mapping[str, Any]]) -> Alarm:
    """Make the record one of an alarm on these queries.

    Raises:
        ValueError: not exactly one of them is what the alarm watches.
    """
    metrics, watched = [_typed(query) for query in queries], _watched(queries)
    if len(watched) != 1:
        raise ValueError(NOT_ONE)
    for name in _OF_ONE_METRIC:
        alarm.pop(name, None)
    periods = [query["MetricStat"]["Period"] for query in metrics if "MetricStat" in query]
    alarm.update(Metrics=metrics, Period=max(periods, default=watched[0].get("Period", 60)))
    return alarm


def _one_statistic(alarm: Alarm) -> Alarm:
    """Leave the percentile alone where there is one: AWS describes no other statistic beside it."""
    if alarm.get("ExtendedStatistic"):
        alarm.pop("Statistic", None)
    return alarm


def _watched(queries: list[Mapping[str, Any]]) -> list[Alarm]:
    return [query for query in map(_typed, queries) if query["ReturnData"]]


def _typed(query: Mapping[str, Any]) -> Alarm:
    """Return the query with numbers and truth values where a template may have texts."""
    typed: Alarm = {**query, "ReturnData": str(query.get("ReturnData", True)).lower() == "true"}
    if "MetricStat" in query:
        typed["MetricStat"] = {**query["MetricStat"], "Period": int(query["MetricStat"]["Period"])}
    if "Period" in query:
        typed["Period"] = int(query["Period"])
    return typed
