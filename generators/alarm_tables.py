"""The alarm tables as a whole: read from their files, and checked for what no row can know alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generators.alarm_parser import OF_TARGET, AlarmParser, children, metric
from generators.alarm_rows import (
    SECONDS_OF_A_MINUTE,
    SECONDS_OF_AN_HOUR,
    Alarm,
    Dimensions,
    Metric,
    Parameter,
    Severity,
)
from generators.errors import TableError
from generators.fields import Fields

DATABASE, AUTOMATION = "monitoring/alarms.yaml", "monitoring/automation.yaml"
INSTANCES = ("primary", "replicas", "each")
AUTOMATA = ("functions", "topics", "schedules", "deployment")
MEBIBYTES_PER_GIB = 1024

_RUNS = {
    "often": 5 * SECONDS_OF_A_MINUTE,
    "hourly": SECONDS_OF_AN_HOUR,
    "daily": 24 * SECONDS_OF_AN_HOUR,
    "on demand": SECONDS_OF_AN_HOUR,
}
_FUNCTION = {"stem", "stack", "stack_condition", "runs", "failing", "dead_letters", "optional", "also_counts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFunction:
    """A function that is watched.

    Args:
        stem: Its stem, e.g. `create_snapshot`.
        stack: Logical id of its stack in the root template.
        stack_condition: The stack's condition there; empty where it has none.
        period: Seconds until its next run, at least.
        failing: What it means when it fails.
        dead_letters: What it means when it gave up.
        severity: How bad that is.
        optional: Whether some shapes of the deployment have it not.
        counts: Further counts that say that it failed.
    """

    stem: str
    stack: str
    stack_condition: str
    period: int
    failing: str
    dead_letters: str
    severity: Severity
    optional: bool
    counts: Mapping[str, Metric]


@dataclass(frozen=True, slots=True)
class WatchedTopic:
    """A topic that is watched: its stem, its resource in the root template, what it carries, who else is told."""

    stem: str
    resource: str
    carries: str
    also_tells: str


@dataclass(frozen=True, slots=True)
class WatchedSchedules:
    """A group of schedules that is watched: its stem, its stack in the root template, what comes late without it."""

    stem: str
    stack: str
    late: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmTables:
    """Both tables.

    Args:
        database: The alarms on the database, in the table's order.
        automation: The alarms on the automation.
        memory_mib: Memory of each known class in MiB.
        burstable: Families of classes that have CPU credits.
        functions: The functions of the automation.
        topics: Its topics.
        schedules: Its groups of schedules.
    """

    database: tuple[Alarm, ...]
    automation: tuple[Alarm, ...]
    memory_mib: Mapping[str, int]
    burstable: tuple[str, ...]
    functions: tuple[WatchedFunction, ...]
    topics: tuple[WatchedTopic, ...]
    schedules: tuple[WatchedSchedules, ...]

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """All of them."""
        return self.database + self.automation


def parameters_of(alarms: Iterable[Alarm]) -> tuple[Parameter, ...]:
    """Return the parameters that the alarms need, each once, in their order."""
    return tuple({parameter.name: parameter for alarm in alarms for parameter in alarm.all_parameters}.values())


def load_alarm_tables(root: Path) -> AlarmTables:
    """Return both tables of a checkout.

    Raises:
        TableError: a row is wrong, or does not fit the others.
    """
    database, automation = Fields.read(root, DATABASE), Fields.read(root, AUTOMATION)
    database.only({"instance_classes", "alarms"})
    automation.only({"functions", "topics", "schedules", "alarms"})
    on_instances = AlarmParser(INSTANCES)
    on_automata = AlarmParser(AUTOMATA, on_instances.parameters)
    tables = AlarmTables(
        database=tuple(on_instances.alarm(row) for row in database.parts("alarms", "stem")),
        automation=tuple(on_automata.alarm(row) for row in automation.parts("alarms", "stem")),
        memory_mib=dict(_classes(database)),
        burstable=tuple(_burstable(database)),
        functions=tuple(_function(row) for row in automation.parts("functions", "stem")),
        topics=tuple(_topic(row) for row in automation.parts("topics", "stem")),
        schedules=tuple(_schedules(row) for row in automation.parts("schedules", "stem")),
    )
    _check(tables.alarms)
    return tables


def _classes(table: Fields) -> Iterable[tuple[str, int]]:
    for row in table.parts("instance_classes", "families"):
        row.only({"families", "memory_gib", "burstable"})
        sizes = row.part("memory_gib")
        for family in row.texts("families"):
            for size in sizes.values:
                yield f"db.{family}.{size}", sizes.whole(size) * MEBIBYTES_PER_GIB


def _burstable(table: Fields) -> Iterable[str]:
    for row in table.parts("instance_classes", "families"):
        if row.values.get("burstable") is True:
            yield from row.texts("families")


def _function(row: Fields) -> WatchedFunction:
    row.only(_FUNCTION)
    letters = row.part("dead_letters")
    letters.only({"severity", "meaning"})
    counts = row.part("also_counts") if "also_counts" in row else Fields(row.where, {})
    return WatchedFunction(
        stem=row.text("stem", pattern="[a-z]+(_[a-z]+)*"),
        stack=row.text("stack", pattern="[A-Z][A-Za-z]+Stack"),
        stack_condition=row.text("stack_condition", "", pattern="[A-Z][A-Za-z]+"),
        period=_RUNS[row.choice("runs", tuple(_RUNS))],
        failing=row.text("failing", pattern=r"\S.*\."),
        dead_letters=letters.text("meaning", pattern=r"\S.*\."),
        severity=Severity(letters.choice("severity", tuple(Severity))),
        optional=row.values.get("optional") is True,
        counts={key: metric(counts.part(key), Dimensions.FUNCTION) for key in counts.values},
    )


def _topic(row: Fields) -> WatchedTopic:
    row.only({"stem", "resource", "carries", "also_tells"})
    resource = "[A-Z][A-Za-z]+Topic"
    return WatchedTopic(
        stem=row.text("stem", pattern="[a-z]+(-[a-z]+)*"),
        resource=row.text("resource", pattern=resource),
        carries=row.text("carries"),
        also_tells=row.text("also_tells", "", pattern=resource),
    )


def _schedules(row: Fields) -> WatchedSchedules:
    row.only({"stem", "stack", "late"})
    return WatchedSchedules(
        stem=row.text("stem", pattern="[a-z]+(-[a-z]+)*"),
        stack=row.text("stack", pattern="[A-Z][A-Za-z]+Stack"),
        late=row.text("late"),
    )


def _check(alarms: tuple[Alarm, ...]) -> None:
    by_stem = {alarm.stem: alarm for alarm in alarms}
    if len(by_stem) != len(alarms):
        twice = sorted({alarm.stem for alarm in alarms if by_stem[alarm.stem] is not alarm})
        raise TableError(f"alarm {', '.join(twice)} stands twice, allowed: once")
    for alarm in alarms:
        for child in children(alarm.rule):
            _check_child(alarm, by_stem.get(child))
        composite = by_stem.get(alarm.part_of)
        if alarm.part_of and (composite is None or alarm.stem not in children(composite.rule)):
            raise TableError(
                f"alarm {alarm.stem}: part_of is {alarm.part_of!r}, allowed: a composite whose rule names it"
            )
        if alarm.severity is None and alarm.applies_to != "functions":
            raise TableError(f"alarm {alarm.stem}: severity is {OF_TARGET!r}, allowed: with applies_to functions")


def _check_child(alarm: Alarm, child: Alarm | None) -> None:
    if child is None or child.only_burstable or child.applies_to not in {"each", alarm.applies_to}:
        named = child.stem if child else "an unknown alarm"
        raise TableError(f"alarm {alarm.stem}: rule names {named}, allowed: alarms that all its instances have")
