"""What an alarm looks at, as CloudWatch describes it; its messages say the same in other words."""

from typing import TYPE_CHECKING

from rds_operations.domain.alarms import AlarmTrigger
from rds_operations.domain.metric_trends import MetricQuestion
from rds_operations.domain.watched_series import SeriesTerm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricAlarmTypeDef, MetricDataQueryOutputTypeDef


def described_trigger(alarm: "MetricAlarmTypeDef") -> AlarmTrigger:
    """Return what the alarm looks at; without terms where a part of it is another account's."""
    terms = [_term(query) for query in alarm.get("Metrics", [])]
    returned = next((term for term in terms if term and term.is_returned), None)
    labels = {query["Id"]: query.get("Label", "") for query in alarm.get("Metrics", [])}
    name = returned and (labels[returned.name] or (returned.metric and returned.metric.name) or returned.expression)
    periods = [term.metric.period_seconds for term in terms if term and term.metric]
    return AlarmTrigger(
        metric=alarm.get("MetricName") or name or "metric math",
        statistic=alarm.get("ExtendedStatistic") or alarm.get("Statistic", ""),
        period_seconds=alarm.get("Period") or max(periods, default=None),
        comparison=alarm.get("ComparisonOperator", ""),
        threshold=alarm.get("Threshold"),
        evaluation_periods=alarm.get("EvaluationPeriods"),
        dimensions=dict(_pairs(alarm.get("Dimensions", []))),
        namespace=alarm.get("Namespace", ""),
        terms=tuple(term for term in terms if term) if all(terms) else (),
        band=alarm.get("ThresholdMetricId", ""),
    )


def _term(query: "MetricDataQueryOutputTypeDef") -> SeriesTerm | None:
    is_returned = query.get("ReturnData", True)
    if query.get("AccountId"):
        return None
    if expression := query.get("Expression"):
        return SeriesTerm(query["Id"], expression, None, is_returned)
    stat = query["MetricStat"]
    metric = MetricQuestion(
        name=stat["Metric"].get("MetricName", ""),
        dimensions=_pairs(stat["Metric"].get("Dimensions", [])),
        namespace=stat["Metric"].get("Namespace", ""),
        statistic=stat["Stat"],
        period_seconds=stat["Period"],
    )
    return SeriesTerm(query["Id"], "", metric, is_returned)


def _pairs(dimensions: "Sequence[DimensionTypeDef]") -> tuple[tuple[str, str], ...]:
    return tuple((dimension["Name"], dimension["Value"]) for dimension in dimensions)
