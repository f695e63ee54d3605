"""Makes stacks/monitoring.yaml: the alarms on the database and its backups, and the dashboard."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from generators.alarm_resources import MEMORY_MAP, alarm_lines, bytes_map
from generators.alarm_rows import Parameter
from generators.alarm_tables import DATABASE, AlarmTables, load_alarm_tables, parameters_of
from generators.dashboard import DASHBOARD, dashboard_lines
from generators.pieces import Document, Piece
from generators.stack_lines import SHARED, head_lines, parameter_lines
from generators.targets import REPLICAS, instances
from generators.yaml_lines import flow, listed, number, quoted

PATH = "stacks/monitoring.yaml"
GIVEN = "given"
"""The class that is handed over where the threshold is given: a class without a row must not be looked up."""

_TOPIC = "AlarmsTopicArn"
_MEBIBYTE = 1024 * 1024
_TEXTS = SHARED | {
    "Replica1Identifier": "Read replica 1; empty where there is none.",
    "Replica2Identifier": "Read replica 2, for analytics; empty where there is none.",
    "ClassFamily": "Family of the class of the primary and of replica 1, such as t3.",
    "AnalyticsClassFamily": "The same of replica 2.",
    "MemoryClass": f"Class of the primary and of replica 1, or the word {GIVEN} where MemoryLowMiB is given.",
    "AnalyticsMemoryClass": "The same of replica 2.",
    _TOPIC: "Topic that alarms publish to.",
}


def generate(root: Path) -> Iterable[Piece]:
    """Return the stack.

    Raises:
        TableError: a table is wrong.
    """
    tables = load_alarm_tables(root)
    lines = chain(
        head_lines(
            "CloudWatch alarms on the database and its backups, and the dashboard", f"{DATABASE} and {DASHBOARD}"
        ),
        parameter_lines(_TEXTS, tables.database),
        _mapping_lines(tables),
        _condition_lines(tables),
        ["Resources:"],
        _alarms(tables),
        dashboard_lines(root, tables),
        _output_lines(),
    )
    return [Document(PATH, "\n".join(lines) + "\n")]


def _alarms(tables: AlarmTables) -> Iterator[str]:
    for alarm in tables.database:
        for target in instances(alarm.applies_to):
            yield from alarm_lines(alarm, target, (_TOPIC,))


def _mapping_lines(tables: AlarmTables) -> Iterator[str]:
    """Yield what CloudFormation cannot calculate: bytes of other units, and a share of a class's memory."""
    parameters = parameters_of(tables.database)
    in_bytes = [parameter for parameter in parameters if parameter.bytes_per_unit]
    yield "Mappings:"
    for name, bytes_per_unit in dict.fromkeys((bytes_map(found), found.bytes_per_unit) for found in in_bytes):
        values = {value for found in in_bytes if bytes_map(found) == name for value in found.allowed}
        yield f"  {name}:"
        yield from (_entry(number(value), value * bytes_per_unit) for value in sorted(values))
    share = next(parameter.share_of_memory for parameter in parameters if parameter.share_of_memory)
    yield f"  {MEMORY_MAP}:"
    yield _entry(GIVEN, 0)
    yield from (_entry(name, share * mebibytes * _MEBIBYTE) for name, mebibytes in tables.memory_mib.items())
    yield ""


def _entry(key: str, value: float) -> str:
    return f"    {quoted(key)}: {flow({'Bytes': number(value)})}"


def _condition_lines(tables: AlarmTables) -> Iterator[str]:
    yield "Conditions:"
    for index in REPLICAS:
        yield f"  HasReplica{index}: !Not [!Equals [!Ref Replica{index}Identifier, '']]"
    for name, family in (("IsBurstable", "ClassFamily"), ("IsAnalyticsBurstable", "AnalyticsClassFamily")):
        yield from listed((f"!Equals [!Ref {family}, {known}]" for known in tables.burstable), f"{name}: !Or ", "", 2)
    yield "  IsBurstableReplica1: !And [!Condition HasReplica1, !Condition IsBurstable]"
    yield "  IsBurstableReplica2: !And [!Condition HasReplica2, !Condition IsAnalyticsBurstable]"
    yield from (f"  {line}" for line in given_lines(parameters_of(tables.database)))
    yield ""


def given_lines(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    """Yield the conditions that a threshold is given, and not to be derived from a class's memory."""
    for parameter in parameters:
        if parameter.share_of_memory:
            yield f"Gives{parameter.name}: !Not [!Equals [!Ref {parameter.name}, 0]]"


def _output_lines() -> Iterator[str]:
    yield "Outputs:"
    yield "  CpuHighAlarmName: { Description: The alarm on the primary's processor, Value: !Ref CpuHighAlarm }"
    yield "  DashboardName: { Description: The dashboard of this environment, Value: !Ref Dashboard }"
