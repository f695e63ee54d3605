"""The table of the dashboard: sections of widgets, which draw what alarms measure, and further metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generators.alarm_parser import metric
from generators.alarm_rows import Alarm, Dimensions, Metric
from generators.alarm_tables import INSTANCES
from generators.errors import TableError
from generators.fields import Fields

PATH = "monitoring/dashboard.yaml"


@dataclass(frozen=True, slots=True)
class Line:
    """A metric that no alarm of the widget draws.

    Args:
        metric: What is drawn.
        right: Whether its axis is the right one.
        instances: Of which instances: the primary, unless the row says otherwise.
        by: A further dimension, of which every value is a line; empty where there is none.
    """

    metric: Metric
    right: bool = False
    instances: str = "primary"
    by: str = ""


@dataclass(frozen=True, slots=True)
class Widget:
    """One graph: its title, the alarms whose metrics and thresholds it draws, and further lines."""

    title: str
    alarms: tuple[Alarm, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its graphs."""

    title: str
    widgets: tuple[Widget, ...]


def load_dashboard(root: Path, alarms: Mapping[str, Alarm]) -> tuple[Section, ...]:
    """Return the sections in their order.

    Args:
        root: The checkout.
        alarms: The alarms that a widget may draw, by stem.

    Raises:
        TableError: a row is wrong, or names an alarm that is not there.
    """
    table = Fields.read(root, PATH)
    table.only({"sections"})
    return tuple(
        Section(row.text("title"), tuple(_widget(found, alarms) for found in row.parts("widgets", "title")))
        for row in table.parts("sections", "title")
    )


def _widget(row: Fields, alarms: Mapping[str, Alarm]) -> Widget:
    row.only({"title", "alarms", "metrics"})
    stems = row.texts("alarms")
    if unknown := [stem for stem in stems if stem not in alarms or not alarms[stem].watch]:
        raise TableError(f"{row.where}: {unknown[0]} is no alarm on metrics, allowed: stems of monitoring/alarms.yaml")
    lines = tuple(_line(found) for found in row.parts("metrics", "name"))
    if all(line.instances == "replicas" for line in lines) and all(
        alarms[stem].applies_to == "replicas" for stem in stems
    ):
        raise row.wrong("metrics", "at least one line of the primary")
    return Widget(row.text("title"), tuple(alarms[stem] for stem in stems), lines)


def _line(found: Fields) -> Line:
    columns = {key: value for key, value in found.values.items() if key not in {"right", "instances", "by"}}
    return Line(
        metric(Fields(found.where, columns), Dimensions.INSTANCE),
        right=found.values.get("right") is True,
        instances=found.choice("instances", INSTANCES) if "instances" in found else "primary",
        by=found.text("by", "", pattern=r"[a-z_]+"),
    )
