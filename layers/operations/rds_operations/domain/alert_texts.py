"""How an alert reads: subject and e-mail for people, attributes and JSON for machines. Pure: same alert, same text."""

import json
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rds_operations.domain.alert_commands import folded
from rds_operations.domain.alerts import DRILL_LABEL, Alert, Fact, Severity
from rds_operations.domain.rehearsals import rehearsal_attributes

COLUMNS = 72
SUBJECT_CHARACTERS = 99
"""SNS wants "less than 100" characters of ASCII text (API reference, Publish)."""
MESSAGE_BYTES = 250_000
"""SNS takes 262,144 bytes of message, attributes and envelope (API reference, Publish)."""

_TEXT_PROTOCOLS = ("default", "email")
_MACHINE_PROTOCOLS = ("sqs", "lambda", "https")
_LEFT_OUT = "facts_left_out"
_NOTE = "_note"
_SUMMARY_CHARACTERS = 1_000
_URGENCY = {
    Severity.CRITICAL: "CRITICAL - act now",
    Severity.WARNING: "WARNING - look at it today",
    Severity.INFO: "INFO - nothing to do now",
    Severity.RESOLVED: "RESOLVED - it is over",
}


def subject(alert: Alert) -> str:
    """Return the SNS subject: severity, where, what; printable ASCII of at most 99 characters."""
    drill = f"{DRILL_LABEL} " if alert.title.startswith(DRILL_LABEL) else ""
    title = alert.title.removeprefix(DRILL_LABEL).strip()
    return printable_subject(f"{drill}{alert.severity.upper()} {alert.resource}: {title}")


def printable_subject(text: str) -> str:
    """Return the text as SNS takes it for a subject: blanks collapsed, other than ASCII replaced by ?, cut at 99."""
    plain = (character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))
    ascii_text = "".join(
        character if " " <= character <= "~" else "?" for character in " ".join("".join(plain).split())
    )
    if len(ascii_text) <= SUBJECT_CHARACTERS:
        return ascii_text
    return ascii_text[: SUBJECT_CHARACTERS - 3] + "..."


def email_text(alert: Alert) -> str:
    """Return the text a person reads: key block first, 72 columns; addresses keep their own lines, however long.

    The key block is what a telephone's first screen shows: what, where, since when, how bad, and what to do first.
    """
    sections = [
        list(_key_block(alert)),
        ["WHAT IT MEANS", *_wrapped(alert.summary)],
        ["WHAT WAS FOUND", *_fact_block(alert.facts)],
        ["WHAT TO DO NEXT", *(line for number, text in enumerate(alert.actions, 1) for line in _action(number, text))],
        ["LINKS", *(line for name, address in alert.links.items() for line in (f"  {name}:", f"  {address}"))],
        [f"Alert {alert.id}"],
    ]
    return "\n\n".join("\n".join(section) for section in sections if len(section) > 1 or section is sections[-1]) + "\n"


def machine_form(alert: Alert) -> dict[str, object]:
    """Return the alert as subscribers' programs read it; the keys are an interface (docs: contracts, Alert)."""
    return {
        "version": 1,
        "id": alert.id,
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "title": alert.title,
        "resource": alert.resource,
        "environment": alert.environment,
        "occurred_at": alert.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "summary": alert.summary,
        "facts": dict(alert.facts),
        "actions": list(alert.actions),
        "links": dict(alert.links),
        "source": dict(alert.source),
    }


def attributes(alert: Alert) -> dict[str, str]:
    """Return the SNS message attributes that subscriptions filter by."""
    return {
        "severity": alert.severity.value,
        "kind": alert.kind.value,
        "environment": alert.environment,
        "resource": alert.resource,
    } | rehearsal_attributes(alert.source)


def sns_message(alert: Alert) -> str:
    """Return the message for `MessageStructure: json`; facts that do not fit are left out, and named."""
    message = _message(alert)
    while len(message.encode()) > MESSAGE_BYTES and any(key != _LEFT_OUT for key in alert.facts):
        alert = _without_largest_fact(alert)
        message = _message(alert)
    if len(message.encode()) > MESSAGE_BYTES:
        message = _message(replace(alert, summary=alert.summary[:_SUMMARY_CHARACTERS] + " ...", facts={}, actions=()))
    return message


def _message(alert: Alert) -> str:
    text = email_text(alert)
    machine = json.dumps(machine_form(alert))
    forms = dict.fromkeys(_TEXT_PROTOCOLS, text) | dict.fromkeys(_MACHINE_PROTOCOLS, machine)
    return json.dumps(forms)


def _without_largest_fact(alert: Alert) -> Alert:
    facts = dict(alert.facts)
    left_out = facts.pop(_LEFT_OUT, [])
    largest = max(facts, key=lambda key: len(json.dumps(facts[key]).encode()))
    del facts[largest]
    names = left_out if isinstance(left_out, list) else []
    return replace(alert, facts={**facts, _LEFT_OUT: [*names, largest]})


def _key_block(alert: Alert) -> Iterator[str]:
    rows = {
        "What": alert.title,
        "Where": f"{alert.resource} ({alert.environment})",
        "Since": f"{alert.occurred_at:%Y-%m-%d %H:%M:%S} UTC",
        "How bad": _URGENCY[alert.severity],
    }
    if alert.actions:
        rows["Do first"] = (alert.actions[0].splitlines() or [""])[0]
    for label, value in rows.items():
        yield from _wrapped(value, first=f"{label + ':':<10}", indent=" " * 10)


def _fact_block(facts: Mapping[str, Fact]) -> Iterator[str]:
    notes = {key: facts.get(key + _NOTE) for key in facts}
    for key, fact in facts.items():
        if not (key.endswith(_NOTE) and key.removesuffix(_NOTE) in facts):
            yield from _fact_lines(key.replace("_", " "), fact, f" ({notes[key]})" if notes[key] else "")


def _fact_lines(label: str, fact: Fact, note: str) -> Iterator[str]:
    items = [f"{name}: {value}" for name, value in fact.items()] if isinstance(fact, dict) else fact
    if isinstance(items, list) and len(items) > 1:
        yield f"  {label}:{note}"
        for item in items:
            yield from _wrapped(item, first="  - ", indent="    ")
        return
    single = ", ".join(items) or "none" if isinstance(items, list) else _in_words(items)
    yield from _wrapped(f"{label}: {single}{note}", indent="    ")


def _in_words(fact: Fact) -> str:
    if fact is None:
        return "not known"
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return str(fact)


def _action(number: int, text: str) -> Iterator[str]:
    sentence, *commands = text.splitlines() or [""]
    yield from _wrapped(sentence, first=f"  {number}. ", indent="     ")
    for command in commands:
        yield from folded(command, indent="     ", columns=COLUMNS)


def _wrapped(text: str, first: str = "  ", indent: str = "  ") -> list[str]:
    lines = textwrap.wrap(text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
    return lines or [first.rstrip()]
