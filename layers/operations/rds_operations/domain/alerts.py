"""The one shape of a message to people and machines, whatever triggered it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

DRILL_LABEL = "[DRILL]"
DURING_A_DRILL = " A failover drill is under way, which may be the reason."
"""Of what comes during a drill and may be something else: its title has no label."""

type Fact = str | int | float | bool | list[str] | dict[str, str] | None


class AlertKind(StrEnum):
    """What an alert is about."""

    ALARM = "alarm"
    FAILOVER = "failover"
    EVENT = "event"
    REPORT = "report"


class Severity(StrEnum):
    """How soon a person has to act: now, in hours, not at all, no longer."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Args:
        id: The same for the same input, so that a subscriber can drop a repeat; see `alert_id`.
        kind: What it is about.
        severity: How soon a person has to act.
        title: What happened, in a few words; that of a drill begins with `DRILL_LABEL`.
        resource: Identifier of the instance, snapshot or function concerned.
        environment: dev, staging or prod.
        occurred_at: When it happened (not when it was noticed), in UTC.
        summary: What it means for users, in one or two sentences.
        facts: What was found; keys are snake_case and carry their unit; `<key>_note` explains the fact `<key>`.
        actions: What to do next, most urgent first; lines after an action's first are commands to paste as they are.
        links: Console and runbook addresses by name.
        source: Where it came from: type and raw identifier.
    """

    id: str
    kind: AlertKind
    severity: Severity
    title: str
    resource: str
    environment: str
    occurred_at: datetime
    summary: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)


def alert_id(*parts: str) -> str:
    """Return an identifier that is the same whenever the same thing is told again.

    Args:
        parts: What makes the occurrence unique: resource, event identifier, time.
    """
    return sha256("\x1f".join(parts).encode()).hexdigest()[:32]
