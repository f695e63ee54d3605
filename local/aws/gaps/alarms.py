"""Alarms: evaluated on their own dimensions and periods, and told in CloudWatch's words to topics that let it publish.

The emulator looks at every metric of the name, as one period, and at no expression; its message lacks the ARN, the
region's display name and the shape of `Trigger` that shared parsers expect; and no topic's policy keeps it out.
"""

import json
import logging
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ministack.services import cloudwatch, sns

from local.aws.alarm_messages import ACTIONS, notification, subject
from local.aws.gaps.service_permissions import PUBLISH, service_may_publish
from local.aws.metric_math import Series
from local.aws.metric_math import evaluate as evaluate_expression

_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
# Periods before those that are evaluated, for what expressions compare with or repeat.
_EARLIER_PERIODS = 3
log = logging.getLogger("local.alarms")

type Alarm = Mapping[str, Any]


def install() -> None:
    """Replace the evaluation of metric alarms and the notification by all alarms."""
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._dispatch_alarm_actions = notify


def evaluate(alarm: dict[str, Any]) -> None:
    """Move the alarm to the state that its data call for, and act on a change."""
    if not alarm.get("MetricName") and not alarm.get("Metrics"):
        # It is being made: its expressions come next.
        return
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


def period_values(alarm: Alarm, now: float) -> Series:
    """Return what the alarm watches in each evaluated period, newest first; None where there are no data."""
    count, period = alarm["EvaluationPeriods"], alarm["Period"]
    if "Metrics" not in alarm:
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        return _metric_values(alarm, statistic, period, _edges(now, period, count))
    edges = _edges(now, period, count + _EARLIER_PERIODS)
    known: dict[str, Series] = {}
    pending = list(alarm["Metrics"])
    while pending:
        query = next((query for query in pending if _is_ready(query, pending)), pending[0])
        pending.remove(query)
        known[query["Id"]] = _query_values(query, known, period, edges)
    (watched,) = [query["Id"] for query in alarm["Metrics"] if query.get("ReturnData", True)]
    return known[watched][:count]


def decide_state(alarm: Alarm, values: Sequence[float | None]) -> str | None:
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


def notify(alarm: Alarm, before: str, state: str, reason: str) -> None:
    """Publish the change to the SNS topics among the alarm's actions for that state, if their policies allow it."""
    if not alarm.get("ActionsEnabled", True):
        return
    suppressor = alarm.get("ActionsSuppressor")
    if suppressor and cloudwatch._rule_alarm_state(suppressor) == "ALARM":
        log.info("%s keeps its actions to itself: %s is in alarm", alarm["AlarmArn"], suppressor)
        return
    message = json.dumps(notification(alarm, before, state, reason))
    for topic in _topics(alarm.get(ACTIONS.get(state, "")) or []):
        if service_may_publish("cloudwatch.amazonaws.com", topic, alarm["AlarmArn"]):
            sns._fanout(topic, str(uuid.uuid4()), message, subject(alarm, state))
        else:
            log.warning("%s was denied %s on %s: its notification is lost", alarm["AlarmArn"], PUBLISH, topic)


def _edges(now: float, period: int, count: int) -> list[float]:
    return [now - period * number for number in range(count)]


def _is_ready(query: Alarm, pending: Iterable[Alarm]) -> bool:
    """Tell whether an expression names none of the others that are still to be evaluated."""
    others = [other["Id"] for other in pending if other is not query]
    return "MetricStat" in query or not any(other in query["Expression"] for other in others)


def _query_values(query: Alarm, known: Mapping[str, Series], period: int, edges: Sequence[float]) -> Series:
    if "MetricStat" not in query:
        return evaluate_expression(query["Expression"], known, period, len(edges))
    return _metric_values(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"], period, edges)


def _metric_values(metric: Alarm, statistic: str, period: int, edges: Sequence[float]) -> Series:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    points = cloudwatch._metrics.get((metric.get("Namespace"), metric.get("MetricName"), dimensions)) or []
    spans = ([p for p in points if edge - period < p["Timestamp"] <= edge] for edge in edges)
    return tuple(_statistic(statistic, span) for span in spans)


def _statistic(name: str, points: Sequence[Mapping[str, Any]]) -> float | None:
    if not points:
        return None
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
    return None if value is None else float(value)


def _topics(actions: Iterable[str]) -> list[str]:
    return [action for action in actions if ":sns:" in action]
