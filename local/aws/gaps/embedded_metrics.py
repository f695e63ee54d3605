"""Metrics out of embedded metric format in log events, whether a function printed them or PutLogEvents brought them.

CloudWatch user guide, "Specification: Embedded metric format". A line that is not valid JSON yields no metric.
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
    """One value on its way to CloudWatch."""

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: dict[str, str]


def install() -> None:
    """Read every log event on its way to the log group's subscriptions."""
    fan_out = cloudwatch_logs._fanout_to_subscription_filters

    def fan_out_and_record(group: str, stream: str, events: Sequence[Mapping[str, Any]], *rest: Any) -> Any:
        found = [datum for event in events for datum in extract(event.get("message", ""))]
        for datum in found:
            cloudwatch.record_metric(datum.namespace, datum.name, datum.value, datum.unit, datum.dimensions)
        if found:
            cloudwatch._evaluate_all_alarms()
        return fan_out(group, stream, events, *rest)

    cloudwatch_logs._fanout_to_subscription_filters = fan_out_and_record


def extract(message: str) -> Iterator[Datum]:
    """Yield the values that an embedded-metric line declares; nothing for any other line."""
    if '"_aws"' not in message:
        return
    try:
        document = json.loads(message)
    except ValueError:
        log.warning("Embedded metrics were not valid JSON: %s", message[:200])
        return
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: str(document[name]) for name in names}
            for metric in directive["Metrics"]:
                yield from _data(directive["Namespace"], metric, document, dimensions)


def _data(
    namespace: str, metric: Mapping[str, str], document: Mapping[str, Any], dimensions: dict[str, str]
) -> Iterator[Datum]:
    found = document[metric["Name"]]
    for value in found if isinstance(found, list) else [found]:
        yield Datum(namespace, metric["Name"], float(value), metric.get("Unit", "None"), dimensions)
