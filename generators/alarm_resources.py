"""Alarms as resources of a template: plain ones, one for each thing that a row is about."""

from collections.abc import Iterator, Mapping

from generators.alarm_parser import children
from generators.alarm_rows import Alarm, Math, Metric, Parameter, Watch
from generators.alarm_texts import alarm_name, description, logical_id, period_of
from generators.targets import Target, dimension_values
from generators.yaml_lines import comment, flow, folded, number, quoted, substituted

MEMORY_MAP = "MemoryLowOfClass"
_RESULT = "result"


def alarm_lines(alarm: Alarm, target: Target, topics: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of one alarm in the section Resources.

    Args:
        alarm: The row.
        target: What this one is about.
        topics: The parameters with the topics it tells; a part of a composite tells nobody.

    Raises:
        TableError: its description cannot be written.
    """
    yield f"  {logical_id(alarm.stem, target)}:"
    yield f"    Type: AWS::CloudWatch::{'Alarm' if alarm.watch else 'CompositeAlarm'}"
    condition = f"IsBurstable{target.key}" if alarm.only_burstable else target.condition
    if condition:
        yield f"    Condition: {condition}"
    yield "    Properties:"
    yield f"      AlarmName: !Sub {alarm_name(alarm, target)}"
    yield from folded("AlarmDescription", description(alarm, target), 6, tag="!Sub")
    if alarm.watch:
        yield from _watch_lines(alarm.watch, target)
    else:
        yield f"      AlarmRule: !Sub {quoted(_rule(alarm, target))}"
    if not alarm.part_of:
        told = ", ".join(f"!Ref {topic}" for topic in (*topics, *target.also_tells))
        yield "      ActionsEnabled: true"
        yield f"      AlarmActions: [{told}]"
        yield f"      OKActions: [{told}]"
    tags = [{"Key": "Environment", "Value": "!Ref Environment"}]
    tags.append({"Key": "Severity", "Value": str(alarm.severity or target.severity)})
    yield f"      Tags: [{', '.join(flow(tag) for tag in tags)}]"
    yield ""


def threshold(value: float | Parameter, target: Target) -> str:
    """Return a threshold in the unit of its metric, in YAML."""
    if not isinstance(value, Parameter):
        return number(value)
    if not value.bytes_per_unit:
        return f"!Ref {value.name}"
    given = f"!FindInMap [{bytes_map(value)}, !Ref {value.name}, Bytes]"
    if not value.share_of_memory:
        return given
    return f"!If [Gives{value.name}, {given}, !FindInMap [{MEMORY_MAP}, !Ref {target.memory_class}, Bytes]]"


def bytes_map(parameter: Parameter) -> str:
    """Return the name of the mapping from a unit's values to bytes: CloudFormation cannot multiply."""
    return f"BytesOf{parameter.unit}"


def expression(measured: Math, target: Target) -> str:
    """Return the metric math; a sum takes the target's further counts in, and counts what is missing as none."""
    if not measured.is_sum:
        return measured.expression
    return " + ".join(f"FILL({key}, 0)" for key in (*measured.metrics, *target.further_counts))


def metrics_of(measured: Math, target: Target) -> Mapping[str, Metric]:
    """Return the metrics of an expression by id, the target's further counts included."""
    return {**measured.metrics, **(target.further_counts if measured.is_sum else {})}


def _watch_lines(watch: Watch, target: Target) -> Iterator[str]:
    period = period_of(watch, target)
    seconds = f"!Ref {period.name}" if isinstance(period, Parameter) else str(period)
    if isinstance(watch.measured, Math):
        yield from _math_lines(watch.measured, target, seconds)
    else:
        yield from (f"      {line}" for line in _metric_lines(watch.measured, target))
        kind = "ExtendedStatistic" if watch.measured.statistic.startswith("p") else "Statistic"
        yield f"      {kind}: {watch.measured.statistic}"
        yield f"      Period: {seconds}{'' if isinstance(period, Parameter) else '  # seconds'}"
    yield f"      EvaluationPeriods: {watch.periods}"
    yield f"      DatapointsToAlarm: {watch.breaching}"
    yield f"      ComparisonOperator: {watch.comparison}"
    yield f"      Threshold: {threshold(watch.threshold, target)}"
    yield from comment(watch.missing_because, 6)
    yield f"      TreatMissingData: {watch.missing}"


def _metric_lines(metric: Metric, target: Target) -> Iterator[str]:
    values = dimension_values(metric, target).items()
    dimensions = ", ".join(flow({"Name": name, "Value": value}) for name, value in values)
    yield f"Namespace: {metric.dimensions.namespace}"
    yield f"MetricName: {metric.name}"
    yield f"Dimensions: [{dimensions}]"


def _math_lines(measured: Math, target: Target, seconds: str) -> Iterator[str]:
    yield "      Metrics:"
    yield f"        - Id: {_RESULT}"
    yield f"          Label: {quoted(measured.label)}"
    yield f"          Expression: {substituted(expression(measured, target))}"
    yield "          ReturnData: true"
    for key, metric in metrics_of(measured, target).items():
        yield f"        - Id: {key}"
        yield "          MetricStat:"
        yield "            Metric:"
        yield from (f"              {line}" for line in _metric_lines(metric, target))
        yield f"            Period: {seconds}"
        yield f"            Stat: {metric.statistic}"
        yield "          ReturnData: false"


def _rule(alarm: Alarm, target: Target) -> str:
    """Return a composite's rule; the references make CloudFormation make the children first."""
    rule = alarm.rule
    for stem in children(rule):
        rule = rule.replace(f"ALARM({stem})", f'ALARM("${{{logical_id(stem, target)}}}")')
    return rule
