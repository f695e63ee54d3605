"""How the kit writes a time for people and machines."""

from datetime import UTC, datetime


def utc_text(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC, e.g. `2026-11-23T18:00:00Z`.

    Args:
        at: A time that knows its zone.
    """
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
