"""The parameter group in PostgreSQL's words: formulas evaluated for a class's memory, units of RDS translated."""

import re
from collections.abc import Mapping

# Parameters of the RDS kind, which PostgreSQL does not know.
RDS_ONLY = "rds."
# RDS user guide, "RDS for PostgreSQL DB instance parameter list": units that its values are in.
UNITS = {
    "shared_buffers": "8kB",
    "effective_cache_size": "8kB",
    "wal_buffers": "8kB",
    "work_mem": "kB",
    "maintenance_work_mem": "kB",
    "checkpoint_timeout": "s",
    "log_min_duration_statement": "ms",
    "idle_in_transaction_session_timeout": "ms",
}
GIB = 1024**3

_FORMULA = re.compile(r"\{DBInstanceClassMemory(?:\*([0-9]+))?/([0-9]+)\}")
_LIMITED = re.compile(r"(GREATEST|LEAST)\(([0-9]+),([0-9]+)\)")


def evaluated(value: str, memory_bytes: int) -> str:
    """Return what RDS makes of a value on a class with that much memory: an integer, cut off.

    Source: RDS user guide, "Specifying DB parameters".
    """

    def share(match: re.Match[str]) -> str:
        return str(memory_bytes * int(match[1] or 1) // int(match[2]))

    def limited(match: re.Match[str]) -> str:
        choose = max if match[1] == "GREATEST" else min
        return str(choose(int(match[2]), int(match[3])))

    return _LIMITED.sub(limited, _FORMULA.sub(share, value))


def for_postgresql(group: Mapping[str, str], memory_bytes: int) -> dict[str, str]:
    """Return a parameter group as postgresql.conf has it."""
    return {
        name: _with_unit(evaluated(value, memory_bytes), UNITS.get(name, ""))
        for name, value in group.items()
        if not name.startswith(RDS_ONLY)
    }


def _with_unit(value: str, unit: str) -> str:
    # Without a unit PostgreSQL counts in pages itself.
    return f"{int(value) * 8}kB" if unit == "8kB" else f"{value}{unit}"
