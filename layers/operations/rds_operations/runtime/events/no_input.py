"""Reads what is sent to a function that needs to be told nothing."""

from collections.abc import Mapping

from rds_operations.runtime.events.fields import wrong


def require_no_input(event: object) -> None:
    """Make sure that nobody expects the function to do something that it is told.

    Args:
        event: `{}`.

    Raises:
        InvalidEventError: the event is something else.
    """
    if not isinstance(event, Mapping) or event:
        raise wrong("the event", event, "an empty object")
