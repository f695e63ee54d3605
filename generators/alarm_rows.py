"""The rows of the alarm tables, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SECONDS_OF_A_MINUTE, SECONDS_OF_AN_HOUR = 60, 3600

COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}


class Severity(StrEnum):
    """How soon a person has to act: get up, or look at it today."""

    CRITICAL = "critical"
    WARNING = "warning"


class MissingData(StrEnum):
    """What CloudWatch does with periods without a value (CloudWatch user guide, "Alarms and missing data")."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


class Dimensions(StrEnum):
    """What a metric is about, which decides its namespace and its dimensions."""

    INSTANCE = "instance"
    ENVIRONMENT = "environment"
    FUNCTION = "function"
    QUEUE = "queue"
    TOPIC = "topic"
    RULE = "rule"
    SCHEDULES = "schedules"

    @property
    def namespace(self) -> str:
        """CloudWatch's namespace."""
        return _NAMESPACES[self][0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the dimensions; exactly these make the metric."""
        return _NAMESPACES[self][1]


_NAMESPACES = {
    Dimensions.INSTANCE: ("AWS/RDS", ("DBInstanceIdentifier",)),
    # What runtime/metrics.py gives every embedded metric.
    Dimensions.ENVIRONMENT: ("LangPont/RDS", ("DBInstanceIdentifier", "Environment")),
    Dimensions.FUNCTION: ("AWS/Lambda", ("FunctionName",)),
    Dimensions.QUEUE: ("AWS/SQS", ("QueueName",)),
    Dimensions.TOPIC: ("AWS/SNS", ("TopicName",)),
    Dimensions.RULE: ("AWS/Events", ("RuleName",)),
    Dimensions.SCHEDULES: ("AWS/Scheduler", ("ScheduleGroup",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the deployment.

    Args:
        name: Its name in every template.
        default: Its default in the root template.
        unit: The unit of its value.
        description: What it is, without unit and full stop.
        note: A further sentence for whoever sets it; may be empty.
        minimum: The smallest value; None where `allowed` lists them.
        maximum: The largest value; None likewise.
        allowed: The values it may have; empty where bounds say it.
        bytes_per_unit: Bytes in a unit, where the metric is in bytes and the parameter is not; else 0.
        share_of_memory: Share of a class's memory that the value 0 stands for; else 0.
    """

    name: str
    default: float
    unit: str
    description: str
    note: str = ""
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[float, ...] = ()
    bytes_per_unit: int = 0
    share_of_memory: float = 0


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of an alarm.

    Args:
        name: CloudWatch's name of it.
        statistic: E.g. `Average` or `p90`.
        dimensions: What it is about.
        of_primary: Whether it is the primary's, whatever instance the alarm is about.
    """

    name: str
    statistic: str
    dimensions: Dimensions
    of_primary: bool = False


@dataclass(frozen=True, slots=True)
class Math:
    """An expression over several metrics.

    Args:
        expression: In CloudWatch's metric math; `${Name}` is a parameter.
        label: What people read as the metric's name.
        metrics: The metrics by their id in the expression.
        is_sum: Whether it only adds up counts, so that further counts may be added.
    """

    expression: str
    label: str
    metrics: Mapping[str, Metric]
    is_sum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What an alarm on metrics looks at, and when it goes off.

    Args:
        measured: One metric, or an expression.
        period: Seconds, a parameter, or None: as the target says.
        periods: How many periods are looked at.
        breaching: How many of them have to breach.
        comparison: One of `COMPARISONS`.
        threshold: A number or a parameter.
        missing: What periods without a value count as, and why.
        missing_because: The reason, as a sentence.
    """

    measured: Metric | Math
    period: int | Parameter | None
    periods: int
    breaching: int
    comparison: str
    threshold: float | Parameter
    missing: MissingData
    missing_because: str

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric that is looked at."""
        return tuple(self.measured.metrics.values()) if isinstance(self.measured, Math) else (self.measured,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One row.

    Args:
        stem: What its name and its runbook are called.
        severity: How bad it is; None: as the target says.
        applies_to: Which targets have one.
        meaning: What is the case, with `{subject}` and `{window}`.
        consequence: What that means for users, as the end of a sentence.
        source: Where its numbers are from.
        watch: What it looks at; None for a composite.
        rule: A composite's rule over stems; empty otherwise.
        part_of: The composite that speaks for it; empty where it speaks for itself.
        only_burstable: Whether only classes with CPU credits have it.
        parameters: Further parameters that its expression names.
    """

    stem: str
    severity: Severity | None
    applies_to: str
    meaning: str
    consequence: str
    source: str
    watch: Watch | None = None
    rule: str = ""
    part_of: str = ""
    only_burstable: bool = False
    parameters: tuple[Parameter, ...] = field(default=())

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that it needs: threshold, period, then those of its expression."""
        found = (self.watch.threshold, self.watch.period) if self.watch else ()
        own = [value for value in found if isinstance(value, Parameter)]
        return (*own, *self.parameters)

    @property
    def text(self) -> str:
        """Everything in it that may name a parameter."""
        measured = self.watch.measured if self.watch else None
        return f"{self.meaning} {measured.expression if isinstance(measured, Math) else ''}"

    @property
    def runbook(self) -> str:
        """The stem of its runbook; a silent alarm has that of the composite it is part of."""
        return self.part_of or self.stem
