"""Reads fields of what came in; each complaint names the field, its value and what is allowed."""

from collections.abc import Mapping
from datetime import UTC, datetime

from rds_operations.domain.errors import InvalidEventError

# AWS knows no time outside these years, and at the ends of the calendar no hour can be taken off or added.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def wrong(path: str, value: object, allowed: str) -> InvalidEventError:
    """Return the complaint about one field."""
    found = "is missing" if value is None else f"is {value!r}"
    return InvalidEventError(f"{path} {found}, allowed: {allowed}")


def section(parent: object, key: str, path: str) -> Mapping[str, object]:
    """Return an object inside an object.

    Raises:
        InvalidEventError: it is missing, or no object.
    """
    value = parent.get(key) if isinstance(parent, Mapping) else None
    if not isinstance(value, Mapping):
        raise wrong(path, value, "an object")
    return value


def text(parent: Mapping[str, object], key: str, path: str, default: str | None = None) -> str:
    """Return a text; `default` where it is missing or null, and without a default a text that is not empty.

    Raises:
        InvalidEventError: it is missing or empty without a default, or no text.
    """
    value = parent.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise wrong(path, value, "a text" if default is not None else "a text that is not empty")
    return value


def texts(parent: Mapping[str, object], key: str, path: str) -> tuple[str, ...]:
    """Return a list of texts, empty where it is missing.

    Raises:
        InvalidEventError: it is no list, or holds something else than texts.
    """
    value = parent.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong(path, value, "a list of texts")
    return tuple(value)


def utc_time(value: str, path: str) -> datetime:
    """Return an ISO 8601 time in UTC; one without a zone is UTC already, as AWS writes it.

    Raises:
        InvalidEventError: it cannot be parsed, or is of a year before 1970 or after 9998.
    """
    allowed = "a time such as 2026-11-23T18:00:00Z"
    try:
        time = datetime.fromisoformat(value)
        in_utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong(path, value, allowed) from error
    if not _FIRST_YEAR <= in_utc.year <= _LAST_YEAR:
        raise wrong(path, value, allowed)
    return in_utc
