"""What alarms are about: the instances of the database, and the functions, queues and topics of the automation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generators.alarm_rows import Metric, Severity

PRIMARY = "primary"
REPLICAS = (1, 2)
ANALYTICS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that alarms are about.

    Args:
        key: What it is called in names of resources, e.g. `Replica1`; empty for the primary and the deployment.
        suffix: What the names of its alarms end with, e.g. `-replica-1`; empty likewise.
        words: What people read: fills placeholders such as `{subject}`.
        values: The values of its dimensions, in YAML.
        condition: Under which condition it exists; empty where it always does.
        period: The period that fits it in seconds, where a row asks for that.
        severity: How bad, where a row asks for that.
        further_counts: Counts that are added to a row's own.
        also_tells: Parameters with further topics that its alarms tell.
        memory_class: Parameter with the class whose memory it has; empty where it is no instance.
    """

    key: str = ""
    suffix: str = ""
    words: Mapping[str, str]
    values: Mapping[str, str]
    condition: str = ""
    period: int = 0
    severity: Severity | None = None
    further_counts: Mapping[str, Metric] = field(default_factory=dict)
    also_tells: tuple[str, ...] = ()
    memory_class: str = ""


PRIMARY_TARGET = Target(
    words={"subject": "the primary"},
    values={"DBInstanceIdentifier": "!Ref DBInstanceIdentifier", "Environment": "!Ref Environment"},
    memory_class="MemoryClass",
)


def replica(number: int, *, of_replicas_only: bool) -> Target:
    """Return a replica.

    Args:
        number: 1 or 2.
        of_replicas_only: Whether the alarm exists on replicas alone, which shortens its name to `…-<number>`.
    """
    return Target(
        key=f"Replica{number}",
        suffix=f"-{number}" if of_replicas_only else f"-replica-{number}",
        words={"subject": f"replica {number}"},
        values={"DBInstanceIdentifier": f"!Ref Replica{number}Identifier", "Environment": "!Ref Environment"},
        condition=f"HasReplica{number}",
        memory_class="AnalyticsMemoryClass" if number == ANALYTICS else "MemoryClass",
    )


def instances(applies_to: str) -> tuple[Target, ...]:
    """Return the instances that a row applies to."""
    replicas = tuple(replica(number, of_replicas_only=applies_to == "replicas") for number in REPLICAS)
    return {"primary": (PRIMARY_TARGET,), "replicas": replicas}.get(applies_to, (PRIMARY_TARGET, *replicas))


def dimension_values(metric: Metric, target: Target) -> Mapping[str, str]:
    """Return the dimensions of a target's metric, in YAML, by name."""
    values = {**PRIMARY_TARGET.values, **({} if metric.of_primary else target.values)}
    return {name: values[name] for name in metric.dimensions.names}
