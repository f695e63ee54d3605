"""What a deployment costs a month: every resource that the templates make of its parameters, times a price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generators.prices import Prices
from generators.stack_plan import Stack

_INSTANCE = "AWS::RDS::DBInstance"
_DAYS_A_MONTH = 30
# One standby: RDS user guide, "DB instance billing for Amazon RDS", bills its hours and its storage like the primary's.
_WITH_STANDBY = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    Args:
        what: What is paid for.
        formula: How the amount comes about, with numbers.
        usd: US dollars a month.
    """

    what: str
    formula: str
    usd: float


def bill(stack: Stack, prices: Prices) -> tuple[Line, ...]:
    """Return the lines of a month's bill.

    Args:
        stack: The root stack, with the environment's parameters.
        prices: What units cost, and what is assumed about use.

    Raises:
        TableError: there is no price of something.
        PlanError: the templates do not go together with the parameters.
    """
    parts = (_instances, _storage, _backups, _logs, _keys_and_secrets, _endpoints, _watching, _running)
    return tuple(line for part in parts for line in part(stack, prices))


def instance_hours(lines: tuple[Line, ...]) -> float:
    """Return what of a bill is for hours of instances, which can be reserved, in US dollars."""
    return sum(line.usd for line in lines if line.what.startswith("hours of"))


def _instances(stack: Stack, prices: Prices) -> Iterator[Line]:
    for instance in _made(stack, _INSTANCE):
        name, usd, copies = (
            str(instance["DBInstanceClass"]),
            prices.usd(str(instance["DBInstanceClass"])),
            _copies(instance),
        )
        doubled = f" x {copies} (Multi-AZ)" if copies > 1 else ""
        formula = f"{prices.hours:g} h x {usd:g}{doubled}"
        yield Line(f"hours of {_role(instance)}, {name}", formula, prices.hours * usd * copies)


def _storage(stack: Stack, prices: Prices) -> Iterator[Line]:
    size, usd = _allocated(stack), prices.usd("storage")
    copies = [_copies(instance) for instance in _made(stack, _INSTANCE)]
    if not copies:
        return
    formula = f"{size:g} GiB x {sum(copies)} (primary{', standby' if copies[0] > 1 else ''}"
    formula += f"{f', {len(copies) - 1} replica(s)' if len(copies) > 1 else ''}) x {usd:g}"
    yield Line("storage", formula, size * sum(copies) * usd)


def _backups(stack: Stack, prices: Prices) -> Iterator[Line]:
    """Yield the line of backups: as much as is allocated is free, and snapshots hold what has changed."""
    if not _made(stack, _INSTANCE):
        return
    size, days = _allocated(stack), float(stack.parameter("SnapshotRetentionDays"))
    held = size * prices.assumed("storage_used") * (1 + prices.assumed("daily_change") * days)
    beyond = max(0.0, held - size) * prices.usd("backups")
    formula = f"({held:.1f} GiB of backups and {days:g} days of snapshots - {size:g} free) x {prices.usd('backups'):g}"
    yield Line(
        "backups and snapshots", formula if beyond else f"{held:.1f} GiB, within the {size:g} that are free", beyond
    )


def _logs(stack: Stack, prices: Prices) -> Iterator[Line]:
    count, forms = len(_made(stack, _INSTANCE)), 1 if stack.parameter("LogDestination") == "stderr" else 2
    taken = {
        "enhanced monitoring": (
            count * prices.assumed("monitoring_gb"),
            f"{count} x {prices.assumed('monitoring_gb'):g} GB",
        ),
        "server logs": (
            count * forms * prices.assumed("log_gb"),
            f"{count} x {forms} form(s) x {prices.assumed('log_gb'):g} GB",
        ),
        "logs of functions": (prices.assumed("function_log_gb"), f"{prices.assumed('function_log_gb'):g} GB"),
    }
    for what, (amount, words) in taken.items():
        yield Line(f"{what}, taken in", f"{words} x {prices.usd('log'):g}", amount * prices.usd("log"))
    amount = sum(each for each, _ in taken.values())
    months, share = float(stack.parameter("LogRetentionDays")) / _DAYS_A_MONTH, prices.assumed("log_share_kept")
    formula = f"{amount:.1f} GB x {months:.1f} months x {share:g} x {prices.usd('log_kept'):g}"
    yield Line("logs, kept", formula, amount * months * share * prices.usd("log_kept"))


def _keys_and_secrets(stack: Stack, prices: Prices) -> Iterator[Line]:
    yield _counted("KMS keys", len(_made(stack, "AWS::KMS::Key")), prices, "key")
    yield _counted("secrets", len(_made(stack, "AWS::SecretsManager::Secret")), prices, "secret")


def _endpoints(stack: Stack, prices: Prices) -> Iterator[Line]:
    zones = sum(len(endpoint["SubnetIds"]) for endpoint in _made(stack, "AWS::EC2::VPCEndpoint"))
    usd = prices.usd("endpoint")
    yield Line("interface endpoint", f"{zones} zone(s) x {prices.hours:g} h x {usd:g}", zones * prices.hours * usd)


def _watching(stack: Stack, prices: Prices) -> Iterator[Line]:
    alarms = _made(stack, "AWS::CloudWatch::Alarm")
    yield _counted("metrics of alarms", sum(map(_metrics, alarms)), prices, "alarm")
    yield _counted("composite alarms", len(_made(stack, "AWS::CloudWatch::CompositeAlarm")), prices, "composite")
    replicas = sum("SourceDBInstanceIdentifier" in instance for instance in _made(stack, _INSTANCE))
    count = prices.assumed("metrics") + replicas * prices.assumed("replica_metrics")
    yield _counted("custom metrics", count, prices, "metric")
    yield _counted("dashboard", len(_made(stack, "AWS::CloudWatch::Dashboard")), prices, "dashboard")


def _running(stack: Stack, prices: Prices) -> Iterator[Line]:
    runs, seconds = prices.assumed("runs"), prices.assumed("seconds")
    each = prices.usd("request") + prices.usd("schedule") + seconds * 0.25 * prices.usd("compute")
    formula = f"{runs:g} runs x ({seconds:g} s x 0.25 GB x {prices.usd('compute'):g} + requests and schedules)"
    functions = len(_made(stack, "AWS::Lambda::Function"))
    yield Line(f"{functions} functions and their schedules", formula, runs * each)


def _counted(what: str, count: float, prices: Prices, key: str) -> Line:
    return Line(what, f"{count:g} x {prices.usd(key):g}", count * prices.usd(key))


def _metrics(alarm: Mapping[str, Any]) -> int:
    """Return of how many metrics an alarm is; each is paid for."""
    return sum("MetricStat" in query for query in alarm.get("Metrics", [])) or 1


def _role(instance: Mapping[str, Any]) -> str:
    return str(instance["DBInstanceIdentifier"]) if "SourceDBInstanceIdentifier" in instance else "the primary"


def _copies(instance: Mapping[str, Any]) -> int:
    return _WITH_STANDBY if str(instance.get("MultiAZ")) == "true" else 1


def _allocated(stack: Stack) -> float:
    return float(stack.parameter("AllocatedStorageGiB"))


def _made(stack: Stack, resource_type: str) -> list[dict[str, Any]]:
    return [properties for _, properties in stack.made(resource_type)]
