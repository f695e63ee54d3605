"""Metrics out of embedded metric format in log events, whether a function printed them or PutLogEvents brought them.

CloudWatch user guide, "Specification: Embedded metric format". A line that breaks the specification yields no metric.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

log = logging.getLogger("local.embedded_metrics")


@dataclass(frozen=True, slots=True)
class Datum:
    """One value on its way to CloudWatch; `at` is in seconds since 1970."""

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: dict[str, str]
    at: float


def install() -> None:
    """Read every log event on its way to the log group's subscriptions."""
    fan_out = cloudwatch_logs._fanout_to_subscription_filters

    def fan_out_and_record(group: str, stream: str, events: Sequence[Mapping[str, Any]], *rest: Any) -> Any:
        found = [datum for event in events for datum in extract(event.get("message", ""))]
        for datum in found:
            record(datum)
        if found:
            cloudwatch._evaluate_all_alarms()
        return fan_out(group, stream, events, *rest)

    cloudwatch_logs._fanout_to_subscription_filters = fan_out_and_record


def extract(message: str) -> Sequence[Datum]:
    """Return the values that an embedded-metric line declares; nothing for any other line."""
    if '"_aws"' not in message:
        return []
    try:
        return list(_data_of(json.loads(message)))
    except ValueError as error:
        log.warning("Embedded metrics were not valid: %s: %s", error, message[:200])
    except (KeyError, TypeError, AttributeError) as error:
        log.warning("Embedded metrics broke the specification: %r: %s", error, message[:200])
    return []


def record(datum: Datum) -> None:
    """Add the value to CloudWatch's, at its own time; the emulator itself knows only the present."""
    key = datum.namespace, datum.name, cloudwatch._dims_key(datum.dimensions)
    point = {"Timestamp": datum.at, "Value": datum.value, "Unit": datum.unit, "Dimensions": dict(datum.dimensions)}
    cloudwatch._metric_bucket(key).append(point)


def _data_of(document: Any) -> Iterator[Datum]:
    if not isinstance(document, dict) or "_aws" not in document:
        return
    at = document["_aws"]["Timestamp"] / 1000  # milliseconds
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: str(document[name]) for name in names}
            for metric in directive["Metrics"]:
                yield from _data(directive["Namespace"], metric, document, dimensions, at)


def _data(
    namespace: str, metric: Mapping[str, str], document: Mapping[str, Any], dimensions: dict[str, str], at: float
) -> Iterator[Datum]:
    found = document[metric["Name"]]
    for value in found if isinstance(found, list) else [found]:
        yield Datum(namespace, metric["Name"], float(value), metric.get("Unit", "None"), dimensions, at)
