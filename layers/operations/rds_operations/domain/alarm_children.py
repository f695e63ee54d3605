"""The alarms that a composite alarm's rule is about: it has no values of its own, and theirs are worth telling."""

import re

from rds_operations.domain.alarms import AlarmTrigger
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import SeriesTerm, WatchedSeries, watched_series

MOST_CHILDREN = 10
# CloudWatch user guide, "Creating a composite alarm": by name or by ARN, in quotes where the name has other characters.
_CHILD = re.compile(r"\bALARM\(\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s()]+))\s*\)")
_ARN_NAME = 6
# The message shouts them, GetMetricData wants them as the API documents them.
_STATISTICS = {"AVERAGE": "Average", "MAXIMUM": "Maximum", "MINIMUM": "Minimum", "SUM": "Sum"} | {
    "SAMPLECOUNT": "SampleCount",
    "SAMPLE_COUNT": "SampleCount",
}


def children_of(rule: str) -> tuple[str, ...]:
    """Return the names of the alarms that a rule asks whether they are on, in its order, ten at most."""
    found = (next(part for part in match if part) for match in _CHILD.findall(rule))
    names = (text.split(":", _ARN_NAME)[-1] if text.startswith("arn:") else text for text in found)
    return tuple(dict.fromkeys(names))[:MOST_CHILDREN]


def watched_by(trigger: AlarmTrigger) -> WatchedSeries | None:
    """Return what a metric, metric math or anomaly alarm watches; None where it cannot be asked for again."""
    if trigger.terms:
        return watched_series(trigger.terms, trigger.period_seconds, without=trigger.band)
    if not trigger.namespace or not trigger.period_seconds or not trigger.statistic:
        return None
    statistic = _STATISTICS.get(trigger.statistic.upper(), trigger.statistic)
    dimensions = tuple(trigger.dimensions.items())
    metric = MetricQuestion(trigger.metric, dimensions, trigger.namespace, statistic, trigger.period_seconds)
    return watched_series([SeriesTerm("watched", metric=metric)], trigger.period_seconds)
