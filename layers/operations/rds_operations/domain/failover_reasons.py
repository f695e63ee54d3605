"""Why RDS failed over, as far as its history tells: the only hint at the cause that there is.

Source: RDS User Guide, "Failing over a Multi-AZ DB instance". The texts carry no identifier and are not stable, so they
are known by a few words and shown in RDS's own: nothing is decided by them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rds_operations.domain.failover_history import SAME_TIME
from rds_operations.domain.instances import HistoryEntry

_CAUSES = {
    "requested a failover": "somebody asked for it",
    "modified by customer": "the instance was modified",
    "being patched": "the operating system was patched",
    "unhealthy": "the primary's host was unhealthy",
    "loss of network connectivity": "the primary's host could not be reached",
    "busy and unresponsive": "the primary was too busy to answer",
    "storage volume": "the primary's storage failed",
}


@dataclass(frozen=True, slots=True)
class FailoverReasons:
    """What RDS says at the moment of a completion beside the completion itself.

    Args:
        messages: RDS's texts.
    """

    messages: tuple[str, ...] = ()

    @classmethod
    def told_at(cls, completed_at: datetime, message: str, history: Iterable[HistoryEntry]) -> "FailoverReasons":
        """Return the reasons that the history gives at that time; a known text counts under any category.

        Args:
            completed_at: The completion's own time, UTC.
            message: The completion's own text, which is no reason.
            history: The instance's events.
        """
        said = [
            entry.message.strip()
            for entry in history
            if abs(entry.occurred_at - completed_at) <= SAME_TIME
            and ("failover" in entry.categories or _cause(entry.message))
        ]
        return cls(tuple(dict.fromkeys(text for text in said if text and text != message.strip())))

    @property
    def root_cause(self) -> str | None:
        """The cause in a few words with RDS's own behind them; None where no text is known."""
        for message in self.messages:
            if cause := _cause(message):
                return f'{cause} (RDS: "{message}")'
        return None


def _cause(message: str) -> str | None:
    text = message.lower()
    return next((cause for words, cause in _CAUSES.items() if words in text), None)
