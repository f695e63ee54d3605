"""What a rule about a kind of RDS event says, and the identifiers that the kit acts on by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from rds_operations.domain.alerts import Severity

_PREFIX = "RDS-EVENT-"
FAILOVER_STARTS = frozenset({"RDS-EVENT-0013", "RDS-EVENT-0050"})
FAILOVER_COMPLETIONS = frozenset({"RDS-EVENT-0015", "RDS-EVENT-0049", "RDS-EVENT-0051", "RDS-EVENT-0065"})
RESTARTED = "RDS-EVENT-0006"
SHUT_DOWN = "RDS-EVENT-0004"
_STANDBY_RECOVERIES = frozenset({"RDS-EVENT-0052", "RDS-EVENT-0053", "RDS-EVENT-0361", "RDS-EVENT-0362"})
PARTS_OF_A_FAILOVER = FAILOVER_STARTS | FAILOVER_COMPLETIONS | _STANDBY_RECOVERIES | {RESTARTED}
"""What a forced failover brings with it; whatever else happens in its time may have another reason."""
PLANNED_STATUSES = frozenset({"rebooting", "maintenance", "upgrading", "stopping", "stopped"})
"""RDS's words for an instance that is down because a person or a maintenance window wanted it."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """What one kind of event asks for.

    Args:
        category: RDS's category.
        meaning: What happened, as an alert's title.
        severity: How soon a person has to act; None for a routine event, which is recorded only.
        impact: What it means for users.
        advice: What to do next.
    """

    category: str
    meaning: str
    severity: Severity | None = None
    impact: str = ""
    advice: str = ""


def alerted(
    severity: Severity, impact: str, advice: str, events: Mapping[str, tuple[str, str]]
) -> dict[str, EventRule]:
    """Return the rules of events that need a person and share severity, impact and advice.

    Args:
        severity: How soon a person has to act.
        impact: What it means for users.
        advice: What to do next.
        events: Category and meaning by the identifier's four digits.
    """
    return {
        f"{_PREFIX}{number}": EventRule(category, meaning, severity, impact, advice)
        for number, (category, meaning) in events.items()
    }


def routine(category: str, events: Mapping[str, str]) -> dict[str, EventRule]:
    """Return the rules of events that are recorded only: meaning by the identifier's four digits."""
    return {f"{_PREFIX}{number}": EventRule(category, meaning) for number, meaning in events.items()}
