"""Reads what the schedule and people send to watch_backups: nothing."""

from rds_operations.runtime.events.fields import wrong


def check_watch_event(event: object) -> None:
    """Refuse an event that asks for something: a `dry_run` that nobody knows would make a snapshot.

    Raises:
        InvalidEventError: the event is not `{}`.
    """
    if event != {}:
        raise wrong("the event", event, "an empty object, {}")
