"""The words of an alarm's notification, as CloudWatch sends them to topics.

CloudWatch user guide, and field captures of 2022 to 2025: shared parsers rely on this shape.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader

ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}

type Alarm = Mapping[str, Any]
type Message = dict[str, Any]


def notification(alarm: Alarm, before: str, state: str, reason: str) -> Message:
    """Return the message: a composite alarm tells its rule and who triggered it, any other its trigger.

    Args:
        alarm: The alarm's record.
        before: The state that it leaves.
        state: The state that it is in now.
        reason: Why, in words.
    """
    _, _, _, region, account, *_ = alarm["AlarmArn"].split(":")
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": account,
        "NewStateValue": state,
        "NewStateReason": reason,
        "StateChangeTime": _time(datetime.now(UTC)),
        "Region": region_name(region),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": before,
        **{field: alarm.get(field) or [] for field in ACTIONS.values()},
        **(_rule(alarm) if "AlarmRule" in alarm else {**_configured(alarm), "Trigger": _trigger(alarm)}),
    }


def subject(alarm: Alarm, state: str) -> str:
    """Return the subject, cut to what SNS takes."""
    return f'{state}: "{alarm["AlarmName"]}" in {region_name(alarm["AlarmArn"].split(":")[3])}'[:100]


@cache
def region_name(region: str) -> str:
    """Return the region's display name, as alarm messages carry it."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region


def _configured(alarm: Alarm) -> Message:
    """Return when the alarm was made or last changed, which the messages of composite alarms do not carry."""
    name = "AlarmConfigurationUpdatedTimestamp"
    return {name: _time(datetime.fromtimestamp(alarm[name], UTC))} if alarm.get(name) else {}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _trigger(alarm: Alarm) -> Message:
    what = {"Metrics": [_query(query) for query in alarm["Metrics"]]} if "Metrics" in alarm else _metric(alarm)
    datapoints = {name: alarm[name] for name in ("DatapointsToAlarm",) if name in alarm}
    return {
        **what,
        "Period": alarm["Period"],
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        **datapoints,
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": "",
    }


def _metric(alarm: Alarm) -> Message:
    extended = alarm.get("ExtendedStatistic")
    plain = (alarm.get("Statistic") or "Average").upper()
    return {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": "ExtendedStatistic" if extended else "Statistic",
        **({"ExtendedStatistic": extended} if extended else {"Statistic": plain}),
        "Unit": alarm.get("Unit"),
        "Dimensions": _dimensions(alarm.get("Dimensions") or []),
    }


def _query(query: Alarm) -> Message:
    metric = query.get("MetricStat", {}).get("Metric", {})
    named = {"Dimensions": _dimensions(metric.get("Dimensions") or [])}
    shown = {name: query[name] for name in ("Expression", "Id", "Label", "MetricStat", "ReturnData") if name in query}
    if metric:
        shown["MetricStat"] = {**query["MetricStat"], "Metric": {**metric, **named}}
    return shown


def _dimensions(dimensions: Sequence[Alarm]) -> list[Message]:
    return [{"value": dimension["Value"], "name": dimension["Name"]} for dimension in dimensions]


def _rule(alarm: Alarm) -> Message:
    data = json.loads(alarm.get("StateReasonData") or "{}")
    children = [
        {"Arn": child["arn"], "State": {"Value": child["state"]["value"], "Timestamp": child["state"]["timestamp"]}}
        for child in data.get("triggeringAlarms", [])
    ]
    return {"AlarmRule": alarm["AlarmRule"], "TriggeringChildren": children}
