"""How long a load takes, and in which pieces."""

from dataclasses import dataclass
from typing import Self

from local.errors import LocalError
from local.pooler.program import require_pgbouncer

LEAST_SECONDS, MOST_SECONDS = 3.0, 600.0
_SECONDS_ARE = f"SECONDS is from {LEAST_SECONDS:g} to {MOST_SECONDS:g}"
ROUNDS = 3
_LEAST_ROUND_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line."""

    seconds: float = 60.0

    @classmethod
    def typed(cls, seconds: str) -> Self:
        """Return what was typed, which need not be possible.

        Raises:
            LocalError: it is no number.
        """
        try:
            return cls(float(seconds))
        except ValueError as error:
            raise LocalError(f"{_SECONDS_ARE}, not {seconds}") from error

    def require_possible(self) -> None:
        """Refuse what cannot be done.

        Raises:
            LocalError: the phases would be too short or too long, or there is no pooler.
        """
        if not LEAST_SECONDS <= self.seconds <= MOST_SECONDS:
            raise LocalError(f"{_SECONDS_ARE}, not {self.seconds:g}")
        require_pgbouncer()

    @property
    def round_seconds(self) -> float:
        """Rounds of different phases take turns, so that all see the same machine; very short ones would be noise."""
        return self.seconds / ROUNDS if self.seconds / ROUNDS >= _LEAST_ROUND_SECONDS else self.seconds

    @property
    def rounds(self) -> int:
        """How many rounds a phase has."""
        return round(self.seconds / self.round_seconds)
