"""Reads the `Trigger` of an alarm message: plain metrics, metric math and anomaly bands.

Lenient on purpose: the keys differ between kinds of alarms and have changed over the years, and an alarm that is only
half understood is still worth telling.
"""

from collections.abc import Iterable, Mapping

from rds_operations.domain.alarms import AlarmTrigger
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import SeriesTerm
from rds_operations.runtime.events.fields import wrong


def parse_trigger(trigger: object) -> AlarmTrigger | None:
    """Return what the alarm looks at; None for a composite alarm, which has no trigger.

    Raises:
        InvalidEventError: the threshold is a number that CloudWatch cannot have.
    """
    if not isinstance(trigger, Mapping):
        return None
    queries = [query for query in _items(trigger.get("Metrics")) if isinstance(query, Mapping)]
    return AlarmTrigger(
        metric=_text(trigger.get("MetricName")) or _returned(queries) or "metric math",
        statistic=_text(trigger.get("ExtendedStatistic")) or _text(trigger.get("Statistic")),
        period_seconds=_whole(trigger.get("Period")),
        comparison=_text(trigger.get("ComparisonOperator")),
        threshold=_threshold(trigger.get("Threshold")),
        evaluation_periods=_whole(trigger.get("EvaluationPeriods")),
        datapoints_to_alarm=_whole(trigger.get("DatapointsToAlarm")),
        dimensions=_dimensions([trigger, *map(_metric, queries)]),
        namespace=_text(trigger.get("Namespace")),
        terms=_terms(queries),
        band=_text(trigger.get("ThresholdMetricId")),
    )


def _returned(queries: Iterable[Mapping[str, object]]) -> str:
    for query in queries:
        if query.get("ReturnData") is True:
            named = _text(query.get("Label")) or _text(_metric(query).get("MetricName"))
            return named or _text(query.get("Expression"))
    return ""


def _terms(queries: Iterable[Mapping[str, object]]) -> tuple[SeriesTerm, ...]:
    """Return what can be asked for again; nothing where a part of it is another account's, or has no name."""
    terms = [_term(query) for query in queries]
    return tuple(term for term in terms if term) if all(terms) else ()


def _term(query: Mapping[str, object]) -> SeriesTerm | None:
    name, expression, metric = _text(query.get("Id")), _text(query.get("Expression")), _metric(query)
    is_returned = query.get("ReturnData") is True
    if not name or query.get("AccountId") or not (expression or metric):
        return None
    if expression:
        return SeriesTerm(name, expression, None, is_returned)
    stat = query.get("MetricStat")
    asked = stat if isinstance(stat, Mapping) else {}
    question = MetricQuestion(
        name=_text(metric.get("MetricName")),
        dimensions=tuple(_dimensions([metric]).items()),
        namespace=_text(metric.get("Namespace")),
        statistic=_text(asked.get("Stat")),
        period_seconds=_whole(asked.get("Period")) or 0,
    )
    return SeriesTerm(name, "", question, is_returned) if question.statistic and question.period_seconds else None


def _metric(query: Mapping[str, object]) -> Mapping[str, object]:
    stat = query.get("MetricStat")
    metric = stat.get("Metric") if isinstance(stat, Mapping) else None
    return metric if isinstance(metric, Mapping) else {}


def _dimensions(metrics: Iterable[Mapping[str, object]]) -> dict[str, str]:
    pairs = [pair for metric in metrics for pair in _items(metric.get("Dimensions")) if isinstance(pair, Mapping)]
    named = {_text(pair.get("name")): _text(pair.get("value")) for pair in reversed(pairs)}
    return {name: named[name] for name in reversed(named) if name}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _threshold(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError as error:
        raise wrong("Trigger.Threshold", value, "a number within the range of a double") from error


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
