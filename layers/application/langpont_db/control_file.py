"""Reads a server's control file where the role may: in PostgreSQL everybody may, and a provider can take that away.

The right to a function is checked before a query runs, whichever way the query would take (PostgreSQL manual,
"CREATE FUNCTION"), so it is the text of the query that has to go without.
"""

from dataclasses import dataclass
from typing import Final, LiteralString

_SYSTEM: Final = "(SELECT system_identifier FROM pg_control_system())"
_CHECKPOINT_TIMELINE: Final = "(SELECT timeline_id FROM pg_control_checkpoint())"
RIGHTS_QUERY: Final = """
SELECT has_function_privilege('pg_control_system()', 'EXECUTE'),
       has_function_privilege('pg_control_checkpoint()', 'EXECUTE')
"""
UNKNOWN: Final = 0
"""What stands for an identifier or a timeline that nobody may read; no server has it."""


@dataclass(frozen=True, slots=True)
class ControlRights:
    """What the role may read, as `RIGHTS_QUERY` returns it.

    Args:
        system: The database system's identifier; without it nobody notices a replica of another database.
        checkpoint: The timeline of the last restartpoint; without it a replica proves by what it replays that it
            follows.
    """

    system: bool = True
    checkpoint: bool = True

    def allowed(self, query: LiteralString) -> LiteralString:
        """Return a query without what the role may not read.

        Args:
            query: It reads each with a query of its own, in brackets, without another column.
        """
        if not self.system:
            query = query.replace(_SYSTEM, "0::bigint")
        return query if self.checkpoint else query.replace(_CHECKPOINT_TIMELINE, "0")

    @property
    def hidden(self) -> str:
        """The functions that the role may not call."""
        rights = (("pg_control_system", self.system), ("pg_control_checkpoint", self.checkpoint))
        return ", ".join(function for function, is_granted in rights if not is_granted)


def is_same_system(one: int, other: int | None) -> bool:
    """Tell whether two servers are of one database system, as far as that is known.

    Args:
        one: An identifier, or `UNKNOWN`.
        other: Another's; None when no server was seen yet.
    """
    return other is not None and (UNKNOWN in (one, other) or one == other)
