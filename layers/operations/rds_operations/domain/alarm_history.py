"""What an alarm did before: how long it was on, how often it came, and whether it flaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_operations.domain.alarms import AlarmNotification, AlarmState

FLAPPING_PERIOD = timedelta(hours=24)
FLAPS_FROM = 3
"""So often on within that time is said to be flapping: one return may be chance, a second is a pattern."""

# The history's entry of the change that is being told may be there already; its time differs by milliseconds.
_SAME_CHANGE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class StateChange:
    """One entry of an alarm's history.

    Args:
        changed_at: When, in UTC.
        old_state: CloudWatch's word for the state before; empty where it is not told.
        new_state: The same for the state since.
    """

    changed_at: datetime
    old_state: str
    new_state: str


@dataclass(frozen=True, slots=True)
class AlarmPast:
    """What the history says.

    Args:
        began_at: When an alarm that is over now came on; None for one that is not over, or where it is not known.
        times_on: How often it came on in the last 24 hours, now included.
    """

    began_at: datetime | None
    times_on: int

    @property
    def flaps(self) -> bool:
        """Whether it came on so often that the alarm itself deserves a look."""
        return self.times_on >= FLAPS_FROM


def alarm_past(alarm: AlarmNotification, changes: Iterable[StateChange]) -> AlarmPast:
    """Return what the changes before this one say, in whatever order they come.

    1. Changes within the second before it, or after it, are this one, or none that it could know.
    2. Gaps in the data while it was on do not end the time on, as long as it was never OK.
    """
    earlier = sorted(
        (change for change in changes if change.changed_at < alarm.changed_at - _SAME_CHANGE),
        key=lambda change: change.changed_at,
    )
    came_on = [change for change in earlier if change.new_state == AlarmState.ALARM != change.old_state]
    recent = [change for change in came_on if change.changed_at > alarm.changed_at - FLAPPING_PERIOD]
    is_over = alarm.state is AlarmState.OK and alarm.old_state != AlarmState.OK
    return AlarmPast(
        began_at=_beginning(earlier) if is_over else None,
        times_on=len(recent) + (alarm.state is AlarmState.ALARM),
    )


def _beginning(earlier: list[StateChange]) -> datetime | None:
    began_at = None
    for change in reversed(earlier):
        if change.new_state == AlarmState.OK:
            break
        if change.new_state == AlarmState.ALARM:
            began_at = change.changed_at
    return began_at
