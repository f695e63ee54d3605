"""How the kit writes a time for people and machines."""

from datetime import UTC, datetime, timedelta


def utc_text(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC, e.g. `2026-11-23T18:00:00Z`.

    Args:
        at: A time that knows its zone.
    """
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def duration_text(duration: timedelta) -> str:
    """Return a duration for people in its two largest units, e.g. `45 s`, `15 min` or `2 d 3 h`.

    Args:
        duration: Not negative.
    """
    seconds = round(duration.total_seconds())
    parts = [(seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts = parts[1:]
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number) or "0 s"
