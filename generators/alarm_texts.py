"""What people read about an alarm: its name, its window in words and its description."""

import re

from generators.alarm_rows import SECONDS_OF_A_MINUTE, SECONDS_OF_AN_HOUR, Alarm, Parameter, Watch
from generators.errors import TableError
from generators.targets import Target

LONGEST_DESCRIPTION = 1024
"""Characters (PutMetricAlarm and PutCompositeAlarm, AlarmDescription)."""

# CloudFormation's own `${…}` are left alone.
_PLACEHOLDER = re.compile(r"(?<!\$)\{(\w+)\}")
# What the values of parameters may be longer than their names by.
_RESERVE = 100


def logical_id(stem: str, target: Target) -> str:
    """Return the resource's name; CloudFormation cannot give an alarm another one while the alarm's name stays."""
    words = stem.removeprefix("rds-").split("-")
    return "".join(word.capitalize() for word in words) + target.key + "Alarm"


def alarm_name(alarm: Alarm, target: Target) -> str:
    """Return the alarm's name, with CloudFormation's `${…}`."""
    return "${ProjectName}-${Environment}-" + alarm.stem + target.suffix


def period_of(watch: Watch, target: Target) -> int | Parameter:
    """Return the period in seconds, or the parameter that says it."""
    return target.period if watch.period is None else watch.period


def window(watch: Watch, target: Target) -> str:
    """Return the time that is looked at, in words, e.g. `10 minutes` or `5 of 7 minutes`."""
    period = period_of(watch, target)
    if isinstance(period, Parameter):
        return f"{watch.periods} times ${{{period.name}}} s"
    seconds = period * watch.periods
    hours = seconds >= SECONDS_OF_AN_HOUR
    count = seconds // (SECONDS_OF_AN_HOUR if hours else SECONDS_OF_A_MINUTE)
    words = f"{count} {'hour' if hours else 'minute'}{'' if count == 1 else 's'}"
    if watch.breaching == watch.periods:
        return words
    return f"{watch.breaching} of {words if count == watch.periods else f'{watch.periods} parts of {words}'}"


def in_words(text: str, alarm: Alarm, target: Target) -> str:
    """Return a text of the table with its placeholders filled, beginning with a capital unless it is a function's stem.

    Raises:
        TableError: a placeholder is not known for this target.
    """
    words = dict(target.words)
    if alarm.watch:
        words["window"] = window(alarm.watch, target)
    unknown = set(_PLACEHOLDER.findall(text)) - set(words)
    if unknown:
        raise TableError(f"alarm {alarm.stem}: {{{unknown.pop()}}} is no placeholder, allowed: {', '.join(words)}")
    return _PLACEHOLDER.sub(lambda found: words[found[1]], text)


def description(alarm: Alarm, target: Target) -> str:
    """Return the description: severity, what is the case and for how long, what it means, and the runbook.

    Raises:
        TableError: it has an unknown placeholder, or is longer than CloudWatch takes.
    """
    severity = alarm.severity or target.severity
    case = in_words(alarm.meaning, alarm, target)
    if "_" not in case.split()[0]:
        case = case[0].upper() + case[1:]
    silent = f" Tells nobody by itself: {alarm.part_of} does." if alarm.part_of else ""
    text = (
        f"Severity: {severity}. {case}: {in_words(alarm.consequence, alarm, target)}{silent}"
        f" Runbook: ${{RunbookPlace}}/{alarm.runbook}.md"
    )
    if len(text) > LONGEST_DESCRIPTION - _RESERVE:
        raise TableError(
            f"alarm {alarm.stem}: its description has {len(text)} characters, allowed: {LONGEST_DESCRIPTION - _RESERVE}"
        )
    return text
