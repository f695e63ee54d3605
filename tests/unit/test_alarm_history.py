"""How long an alarm was on, and how often it came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.alarm_history import AlarmPast, StateChange, alarm_past
from rds_operations.domain.alarms import AlarmNotification, AlarmState
from rds_operations.domain.console_links import Place
from rds_operations.domain.times import duration_text

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
states = st.sampled_from(AlarmState)
minutes = st.integers(1, 3000)


def notification(state: str, before: str = "") -> AlarmNotification:
    return AlarmNotification(
        arn="arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:x",
        name="x",
        description="",
        state=AlarmState(state),
        old_state=before,
        reason="",
        changed_at=NOW,
        change_time="2026-11-23T18:00:00Z",
        place=Place("aws", "ap-northeast-1"),
        message_id="",
    )


def change(minutes_ago: float, old: str, new: str) -> StateChange:
    return StateChange(NOW - timedelta(minutes=minutes_ago), old, new)


def test_alarm_that_is_over_began_when_it_came_on() -> None:
    changes = [
        change(90, "OK", "ALARM"),
        change(80, "ALARM", "OK"),
        change(15, "OK", "ALARM"),
        change(0, "ALARM", "OK"),
    ]

    assert alarm_past(notification("OK", "ALARM"), changes) == AlarmPast(NOW - timedelta(minutes=15), 2)


def test_gap_in_the_data_does_not_end_the_time_on() -> None:
    changes = [
        change(30, "OK", "ALARM"),
        change(20, "ALARM", "INSUFFICIENT_DATA"),
        change(10, "INSUFFICIENT_DATA", "ALARM"),
    ]

    assert alarm_past(notification("OK", "ALARM"), changes).began_at == NOW - timedelta(minutes=30)


@pytest.mark.parametrize("seconds", [-2, 0, 0.5])
def test_change_that_is_told_counts_once_whether_the_history_has_it_or_not(seconds: float) -> None:
    told = StateChange(NOW - timedelta(seconds=seconds), "OK", "ALARM")

    assert alarm_past(notification("ALARM", "OK"), [told]) == alarm_past(notification("ALARM", "OK"), [])
    assert alarm_past(notification("ALARM", "OK"), [told]).times_on == 1


def test_changes_of_the_day_before_are_not_counted() -> None:
    changes = [change(24 * 60, "OK", "ALARM"), change(24 * 60 - 1, "ALARM", "OK"), change(5, "OK", "ALARM")]

    assert alarm_past(notification("OK", "ALARM"), changes).times_on == 1


@pytest.mark.parametrize(("state", "before"), [("ALARM", "OK"), ("OK", "OK"), ("INSUFFICIENT_DATA", "ALARM")])
def test_alarm_that_is_not_over_has_no_time_on(state: str, before: str) -> None:
    assert alarm_past(notification(state, before), [change(15, "OK", "ALARM")]).began_at is None


def test_history_that_reaches_not_far_enough_gives_no_time_on() -> None:
    assert alarm_past(notification("OK", "ALARM"), []) == AlarmPast(None, 0)


@given(st.lists(st.builds(change, minutes, states, states)), st.randoms())
def test_order_of_the_history_does_not_matter(changes: list[StateChange], random: object) -> None:
    in_order = sorted(changes, key=lambda each: (each.changed_at, each.old_state, each.new_state))
    shuffled = list({each.changed_at: each for each in in_order}.values())
    past = alarm_past(notification("OK", "ALARM"), shuffled)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert alarm_past(notification("OK", "ALARM"), shuffled) == past
    assert past.began_at is None or past.began_at < NOW


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (900, "15 min"),
        (905, "15 min 5 s"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (97_200, "1 d 3 h"),
    ],
)
def test_duration_is_told_in_its_two_largest_units(seconds: int, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text
