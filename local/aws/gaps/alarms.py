"""Alarms: evaluated on their own dimensions and periods, and told in CloudWatch's words to topics that let it publish.

The emulator looks at every metric of the name, as one period; its message lacks the ARN, the region's display name and
the shape of `Trigger` that shared parsers expect; and it publishes whatever the topic's policy says.
"""

import json
import logging
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, sns

from local.aws.gaps.service_permissions import PUBLISH, service_may_publish

_ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
log = logging.getLogger("local.alarms")


def install() -> None:
    """Replace the evaluation of metric alarms and the notification by all alarms."""
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._dispatch_alarm_actions = notify


def evaluate(alarm: dict[str, Any]) -> None:
    """Move the alarm to the state that its data call for, and act on a change."""
    values = period_values(alarm, time.time())
    state = decide_state(alarm, values)
    if state in (None, alarm["StateValue"]):
        return
    before, threshold = alarm["StateValue"], alarm["Threshold"]
    found = [value for value in values if value is not None]
    reason = f"Threshold Crossed: {found} {alarm['ComparisonOperator']} ({threshold})."
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    notify(alarm, before, str(state), reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def period_values(alarm: Mapping[str, Any], now: float) -> list[float | None]:
    """Return the alarm's statistic for each evaluated period, newest first; None where there are no data."""
    dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
    points = cloudwatch._metrics.get(key) or []
    period = alarm["Period"]
    edges = [now - period * count for count in range(alarm["EvaluationPeriods"])]
    return [_statistic(alarm, [p for p in points if edge - period < p["Timestamp"] <= edge]) for edge in edges]


def decide_state(alarm: Mapping[str, Any], values: Sequence[float | None]) -> str | None:
    """Return ALARM, OK or INSUFFICIENT_DATA; None where the state stays ("ignore", or an unknown operator)."""
    breaches = _BREACHES.get(alarm.get("ComparisonOperator") or "")
    if breaches is None:
        return None
    treatment = alarm.get("TreatMissingData") or "missing"
    if all(value is None for value in values) and treatment in ("missing", "ignore"):
        return "INSUFFICIENT_DATA" if treatment == "missing" else None
    breaching = sum(
        treatment == "breaching" if value is None else breaches(value, alarm["Threshold"]) for value in values
    )
    return "ALARM" if breaching >= (alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]) else "OK"


def notify(alarm: Mapping[str, Any], before: str, state: str, reason: str) -> None:
    """Publish the change to the SNS topics among the alarm's actions for that state, if their policies allow it."""
    if not alarm.get("ActionsEnabled", True):
        return
    message = json.dumps(notification(alarm, before, state, reason))
    subject = f'{state}: "{alarm["AlarmName"]}" in {region_name(get_region())}'[:100]
    for topic in _topics(alarm.get(_ACTIONS.get(state, "")) or []):
        if service_may_publish("cloudwatch.amazonaws.com", topic, alarm["AlarmArn"]):
            sns._fanout(topic, str(uuid.uuid4()), message, subject)
        else:
            log.warning("%s was denied %s on %s: its notification is lost", alarm["AlarmArn"], PUBLISH, topic)


def notification(alarm: Mapping[str, Any], before: str, state: str, reason: str) -> dict[str, Any]:
    """Return the message as CloudWatch words it (CloudWatch user guide; field captures of 2022 to 2025).

    A composite alarm tells its rule and the alarms that triggered it; a metric alarm tells its trigger.
    """
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "NewStateValue": state,
        "NewStateReason": reason,
        "StateChangeTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
        "Region": region_name(get_region()),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": before,
        **{field: alarm.get(field) or [] for field in _ACTIONS.values()},
        **(_rule(alarm) if "AlarmRule" in alarm else {"Trigger": _trigger(alarm)}),
    }


def _trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": "Statistic",
        "Statistic": (alarm.get("Statistic") or "Average").upper(),
        "Unit": alarm.get("Unit"),
        "Dimensions": [{"value": d["Value"], "name": d["Name"]} for d in alarm.get("Dimensions") or []],
        "Period": alarm["Period"],
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": "",
    }


def _rule(alarm: Mapping[str, Any]) -> dict[str, Any]:
    data = json.loads(alarm.get("StateReasonData") or "{}")
    children = [
        {"Arn": child["arn"], "State": {"Value": child["state"]["value"], "Timestamp": child["state"]["timestamp"]}}
        for child in data.get("triggeringAlarms", [])
    ]
    return {"AlarmRule": alarm["AlarmRule"], "TriggeringChildren": children}


@cache
def region_name(region: str) -> str:
    """Return the region's display name, as alarm messages carry it."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region


def _statistic(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> float | None:
    if not points:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
    return None if value is None else float(value)


def _topics(actions: Iterable[str]) -> list[str]:
    return [action for action in actions if ":sns:" in action]
