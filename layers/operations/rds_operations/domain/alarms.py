"""CloudWatch alarm notifications: metric, metric math and composite ones, and how bad each is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rds_operations.domain.alerts import Severity
from rds_operations.domain.console_links import Place
from rds_operations.domain.metric_units import measured
from rds_operations.domain.watched_series import SeriesTerm

_SEVERITY = re.compile(r"\bseverity:\s*(critical|warning|info)\b[.;,]?\s*", re.IGNORECASE)
# What the alarms of this kit end with: where their runbook is, by address or by path, whose name is its stem.
_RUNBOOK = re.compile(r"\s*\brunbook:\s*(?:\S*/)?([a-z][a-z0-9-]*)\.md\s*$", re.IGNORECASE)
# The newest of the values in CloudWatch's reason; the message of an alarm carries them nowhere else.
_VALUE = re.compile(r"\[(-?[0-9]+(?:\.[0-9]+)?(?:E-?[0-9]+)?) \(")
_COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
_OUT_OF_A_BAND = "LessThanLowerOrGreaterThanUpperThreshold"
# A new alarm is evaluated within minutes; half an hour later, OK after unknown means that data were missing.
_FIRST_LOOK = timedelta(minutes=30)
_INSTANCE_DIMENSION = "DBInstanceIdentifier"
_RESOURCE_DIMENSIONS = (_INSTANCE_DIMENSION, "FunctionName", "QueueName", "TopicName")


class AlarmState(StrEnum):
    """The three states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class AlarmTrigger:
    """What a metric or metric math alarm looks at.

    Args:
        metric: The metric's name, or the label of the expression.
        statistic: E.g. `AVERAGE` or `p99`; empty for an expression.
        period_seconds: Length of one period; None where the message does not tell it.
        comparison: CloudWatch's operator, e.g. `GreaterThanThreshold`.
        threshold: The bound in the metric's unit; None for an anomaly band.
        evaluation_periods: How many periods are looked at.
        datapoints_to_alarm: How many of them have to breach; all, where the message does not tell it.
        dimensions: Value by name; of an expression, those of all its metrics.
        namespace: Of a plain metric, e.g. `AWS/RDS`; empty for an expression.
        terms: What an expression is made of, itself included; empty for a plain metric.
        band: The name of the term that is an anomaly alarm's band; empty without one.
    """

    metric: str
    statistic: str = ""
    period_seconds: int | None = None
    comparison: str = ""
    threshold: float | None = None
    evaluation_periods: int | None = None
    datapoints_to_alarm: int | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    namespace: str = ""
    terms: tuple[SeriesTerm, ...] = ()
    band: str = ""

    def short(self, value: float | None = None) -> str:
        """Return metric, value and threshold, e.g. `CPUUtilization 93.1 % > 80 %`.

        Args:
            value: What was measured; None where that is not known.
        """
        subject = self.metric if value is None else f"{self.metric} {measured(self.metric, value)}"
        if self.threshold is None or self.comparison not in _COMPARISONS:
            return f"{subject} out of its expected band" if self.threshold is None else subject
        return f"{subject} {_COMPARISONS[self.comparison]} {measured(self.metric, self.threshold)}"

    def worst(self, values: Iterable[float]) -> float | None:
        """Return the value furthest out: the least where less alarms, of a band the one furthest from the others."""
        found = list(values)
        if self.comparison == _OUT_OF_A_BAND and found:
            usual = sum(found) / len(found)
            return max(found, key=lambda value: abs(value - usual))
        return (min if self.comparison.startswith("Less") else max)(found, default=None)

    def in_words(self) -> str:
        """Return the whole condition, e.g. `CPUUtilization > 80 (Average over 300 s, 2 of 2 periods)`."""
        statistic = self.statistic.capitalize() if self.statistic.isupper() else self.statistic
        period = f"over {self.period_seconds} s" if self.period_seconds else ""
        measured = f"{statistic} {period}".strip()
        needed = self.datapoints_to_alarm or self.evaluation_periods
        periods = f"{needed} of {self.evaluation_periods} periods" if self.evaluation_periods else ""
        details = ", ".join(part for part in (measured, periods) if part)
        return f"{self.short()} ({details})" if details else self.short()


@dataclass(frozen=True, slots=True)
class AlarmNotification:
    """One change of an alarm's state, as its topic told it.

    Args:
        arn: The alarm's ARN.
        name: Its name.
        description: What it means, in its author's words; empty where there is none.
        state: The new state.
        old_state: The state before; empty where the message does not tell it.
        reason: CloudWatch's reason, with the values.
        changed_at: When the state changed, UTC.
        change_time: The same as it came: part of the alert's identifier.
        place: Partition and region.
        message_id: SNS's identifier of the message.
        trigger: What is looked at; None for a composite alarm.
        rule: A composite alarm's rule; empty otherwise.
        triggering_alarms: Names of the alarms that made a composite one change.
        configured_at: When the alarm was made or last changed, UTC; None where the message does not tell it.
    """

    arn: str
    name: str
    description: str
    state: AlarmState
    old_state: str
    reason: str
    changed_at: datetime
    change_time: str
    place: Place
    message_id: str
    trigger: AlarmTrigger | None = None
    rule: str = ""
    triggering_alarms: tuple[str, ...] = ()
    configured_at: datetime | None = None

    @property
    def is_first_look(self) -> bool:
        """Whether a new alarm found all well at its first look: each does so at a deployment, and it is no news.

        A composite alarm's message does not tell when it was made, but it is without data only until its first look.
        """
        if self.state is not AlarmState.OK or self.old_state != AlarmState.INSUFFICIENT_DATA:
            return False
        if self.trigger is None:
            return bool(self.rule)
        return self.configured_at is not None and self.changed_at - self.configured_at <= _FIRST_LOOK

    @property
    def severity(self) -> Severity:
        """How soon a person has to act.

        1. OK is resolved.
        2. ALARM is what the description says as `Severity: critical|warning|info`, else a warning.
        3. INSUFFICIENT_DATA is a warning, or info for an alarm that is info itself: nobody knows whether things are
           well, which is worth a look and not worth waking anyone. An alarm for which silence is an outage treats
           missing data as breaching, and so goes to ALARM.
        """
        if self.state is AlarmState.OK:
            return Severity.RESOLVED
        found = _SEVERITY.search(self.description)
        own = Severity(found.group(1).lower()) if found else Severity.WARNING
        if self.state is AlarmState.INSUFFICIENT_DATA and own is Severity.CRITICAL:
            return Severity.WARNING
        return own

    @property
    def meaning(self) -> str:
        """The description without its severity, and without the runbook, which an alert links to."""
        return _RUNBOOK.sub("", _SEVERITY.sub("", self.description)).strip()

    @property
    def value(self) -> float | None:
        """The newest value that CloudWatch names in its reason; None where it names none."""
        found = _VALUE.search(self.reason)
        return float(found[1]) if found else None

    @property
    def runbook(self) -> str:
        """The stem of the runbook that the description names; empty where it names none."""
        found = _RUNBOOK.search(self.description)
        return found[1] if found else ""

    @property
    def instance_identifier(self) -> str | None:
        """The DB instance that the alarm names; None where it names none."""
        return (self.trigger.dimensions.get(_INSTANCE_DIMENSION) if self.trigger else None) or None

    @property
    def resource(self) -> str | None:
        """The instance, function, queue or topic that the alarm names; None where it names none."""
        dimensions = self.trigger.dimensions if self.trigger else {}
        return next((dimensions[name] for name in _RESOURCE_DIMENSIONS if dimensions.get(name)), None)


@dataclass(frozen=True, slots=True)
class PlainMessage:
    """A message on the alarms topic that is no alarm: passed on as it came."""

    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that cannot be understood, and why; it fails, and the others go on."""

    reason: str


type AlarmRecord = AlarmNotification | PlainMessage | UnreadableRecord
