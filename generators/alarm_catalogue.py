"""Makes docs/alarms.md: every alarm with its condition, its consequence, its policies and their reasons."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from generators.alarm_resources import expression
from generators.alarm_rows import COMPARISONS, Alarm, Math, Metric, Parameter, Watch
from generators.alarm_tables import AUTOMATION, DATABASE, AlarmTables, load_alarm_tables, parameters_of
from generators.alarm_texts import in_words, window
from generators.automation_stack import targets
from generators.pieces import Document, Piece
from generators.stack_lines import about_parameter
from generators.targets import Target, instances
from generators.yaml_lines import number

PATH = "docs/alarms.md"

_SIGNS = {name: sign for sign, name in COMPARISONS.items()}
_HEAD = f"""# Alarms

<!-- Generated from {DATABASE} and {AUTOMATION} by `make generate`: change a table, not this file. -->

An alarm is called `<project>-<environment>-<stem>`, with `-replica-1`, `-1` or the name of a function or topic behind
it where there are several of a stem. Its stem is the name of its runbook. Its description says how bad it is, for how
long what is the case, and what that means for users.

| severity | means |
|---|---|
| critical | somebody gets up |
| warning | somebody looks at it today |

Alarms on the database tell `AlarmsTopic`, whose function makes a readable alert of them for `AlertsTopic`; alarms on
the automation tell `AutomationAlarmsTopic`, straight to people. Each tells its end, too. An alarm that is *part of*
another tells nobody by itself. How the table is read and changed, and why alarms are as they are:
[decision 4](adr/0004-alarms-from-a-table.md).
"""


def generate(root: Path) -> Iterable[Piece]:
    """Return the catalogue.

    Raises:
        TableError: a table is wrong.
    """
    tables = load_alarm_tables(root)
    lines = chain(
        [_HEAD],
        _section("On the database and its backups", tables.database, tables),
        _section("On the automation", tables.automation, tables),
        _parameters(tables),
    )
    return [Document(PATH, "\n".join(lines) + "\n")]


def _section(title: str, alarms: tuple[Alarm, ...], tables: AlarmTables) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| alarm | severity | goes off when | for users | without data |"
    yield "|---|---|---|---|---|"
    yield from (_row(alarm, tables) for alarm in alarms)
    yield ""
    yield "Where the numbers are from:"
    yield ""
    yield from (f"- {alarm.stem}: {alarm.source}" for alarm in alarms)
    yield ""


def _row(alarm: Alarm, tables: AlarmTables) -> str:
    of_automation = alarm in tables.automation
    target = (targets(tables, alarm.applies_to) if of_automation else instances(alarm.applies_to))[0]
    who = "" if alarm.applies_to in {"primary", "deployment"} else f", {_who(alarm)}"
    part = f"; part of {alarm.part_of}" if alarm.part_of else ""
    cells = (
        f"[{alarm.stem}](runbooks/{alarm.runbook}.md){who}{part}",
        str(alarm.severity or "by function"),
        f"`{_condition(alarm.watch, target)}`, {_span(alarm.watch, target)}" if alarm.watch else f"`{alarm.rule}`",
        _consequence(alarm, target),
        f"{alarm.watch.missing}: {alarm.watch.missing_because}" if alarm.watch else "",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _who(alarm: Alarm) -> str:
    applies = {
        "each": "each instance",
        "replicas": "each replica",
        "functions": "each function",
        "topics": "each topic",
        "schedules": "each group of schedules",
    }
    return f"{applies[alarm.applies_to]}{' of a burstable class' if alarm.only_burstable else ''}"


def _consequence(alarm: Alarm, target: Target) -> str:
    """Return the consequence; where it is each function's or group's own, only that."""
    if alarm.applies_to == "functions":
        return "what the function does not do any more; the alarm's description says it"
    if alarm.applies_to == "schedules":
        return "what the group starts was late or did not happen; the alarm's description says what"
    return in_words(alarm.consequence, alarm, target)


def _condition(watch: Watch, target: Target) -> str:
    measured = watch.measured
    name = f"{measured.name} ({measured.statistic})" if isinstance(measured, Metric) else _plain(measured, target)
    limit = watch.threshold.name if isinstance(watch.threshold, Parameter) else number(watch.threshold)
    return f"{name} {_SIGNS[watch.comparison]} {limit}"


def _plain(measured: Math, target: Target) -> str:
    """Return the expression with metrics instead of ids; a sum as a sum, without what counts missing ones as none."""
    if measured.is_sum:
        return " + ".join(metric.name for metric in measured.metrics.values())
    text = expression(measured, target).replace("${", "").replace("}", "")
    for key, metric in measured.metrics.items():
        text = text.replace(f"({key}", f"({metric.name}").replace(f", {key} ", f", {metric.name} ")
    return text


def _span(watch: Watch, target: Target) -> str:
    if watch.period is None:
        return "within the time between two runs"
    return f"for {window(watch, target)}".replace("${", "`").replace("}", "`")


def _parameters(tables: AlarmTables) -> Iterator[str]:
    yield "## Parameters"
    yield ""
    yield "Thresholds are parameters of the deployment; the dashboard draws the same ones."
    yield ""
    yield "| parameter | default | allowed | what it is |"
    yield "|---|---|---|---|"
    for parameter in parameters_of(tables.alarms):
        about = about_parameter(parameter, tables.alarms)
        yield f"| `{parameter.name}` | {number(parameter.default)} | {_allowed(parameter)} | {about} |"


def _allowed(parameter: Parameter) -> str:
    if parameter.allowed:
        return ", ".join(number(value) for value in parameter.allowed)
    return f"{number(parameter.minimum or 0)} to {number(parameter.maximum or 0)}"
