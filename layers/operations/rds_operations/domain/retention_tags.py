"""Tags by which a person keeps a snapshot: `hold` and `retain-until`."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

HOLD = "hold"
RETAIN_UNTIL = "retain-until"
RETENTION_TAGS = frozenset({HOLD, RETAIN_UNTIL})


def reason_to_retain(tags: Mapping[str, str], now: datetime) -> str | None:
    """Return why a tag keeps the snapshot, or None.

    1. `hold` keeps it, whatever its value.
    2. `retain-until` with a date keeps it to the end of that day in UTC; with a time, until then (UTC without a zone).
    3. `retain-until` that cannot be parsed keeps it.

    Keys are compared without case, because people type them.

    Args:
        tags: The snapshot's tags.
        now: The current time, aware of its zone.
    """
    for key in _retaining_keys(tuple(tags)):
        reason = _reason(key.strip().lower(), tags[key].strip(), now)
        if reason:
            return reason
    return None


# A run may look at a million snapshots, and they have the same keys.
@lru_cache(maxsize=1024)
def _retaining_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(key for key in keys if key.strip().lower() in RETENTION_TAGS))


def _reason(key: str, value: str, now: datetime) -> str | None:
    if key == HOLD:
        return "it has the tag hold"
    if key != RETAIN_UNTIL:
        return None
    try:
        has_passed = _has_passed(value, now)
    except ValueError:
        return f"its tag retain-until is {value!r}, no ISO 8601 date or time: it stays until that is corrected"
    return None if has_passed else f"its tag retain-until is {value}"


def _has_passed(value: str, now: datetime) -> bool:
    try:
        last_day = date.fromisoformat(value)
    except ValueError:
        until = datetime.fromisoformat(value)
        return (until if until.tzinfo else until.replace(tzinfo=UTC)) <= now
    return last_day < now.astimezone(UTC).date()
