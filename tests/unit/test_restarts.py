"""A restart is told by itself only where no failover explains it, and that may show minutes later."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.failover_history import belonged_to_failover, belongs_to_failover
from rds_operations.domain.findings import Findings
from rds_operations.domain.instances import HistoryEntry
from tests.fakes.follow_ups import FakeFollowUps
from tests.rds_event_world import COMPLETED_AT, FOUND, HISTORY, NOTHING_FOUND, RdsEventWorld
from tests.samples import sample

RESTARTED_AT = HISTORY[1].occurred_at
STARTED, RESTARTED, REASON, COMPLETED = HISTORY
# A failover ten minutes before whose reason is not listed: its completion could be a start.
EARLIER = tuple(replace(each, occurred_at=each.occurred_at - timedelta(minutes=10)) for each in HISTORY[:3])
UNDER_WAY = (*EARLIER, STARTED, RESTARTED)


def failover(*entries: HistoryEntry) -> Findings:
    return replace(FOUND, history=entries)


def second_look(findings: Findings) -> RdsEventWorld:
    """Return a world in which the restart is looked at again, three minutes later."""
    world = RdsEventWorld(findings, now=COMPLETED_AT + timedelta(minutes=3))
    world.handle(sample("react_to_rds_event", "follow_up_of_a_restart"))
    return world


def test_restart_that_may_belong_to_a_second_failover_is_looked_at_again() -> None:
    world = RdsEventWorld(failover(*UNDER_WAY), now=RESTARTED_AT)

    response = world.react("restarted").as_response()

    assert world.follow_ups
    [(name, (due_at, event))] = world.follow_ups.remembered.items()
    assert (response["action"], response["follow_up"], world.topic.published) == ("recorded", name, [])
    assert due_at - RESTARTED_AT == timedelta(minutes=3)
    assert event == sample("react_to_rds_event", "follow_up_of_a_restart")


def test_restart_that_may_belong_is_told_at_once_where_nothing_remembers() -> None:
    world = RdsEventWorld(failover(*UNDER_WAY), follow_ups=None)

    assert world.react("restarted").as_response()["action"] == "alerted"


@pytest.mark.parametrize("error", [RetryableError("AWS throttled the call"), RefusedError("scheduling was denied")])
def test_restart_that_may_belong_is_told_at_once_where_remembering_fails(error: OperationsError) -> None:
    world = RdsEventWorld(failover(*UNDER_WAY), now=RESTARTED_AT, follow_ups=FakeFollowUps(error))

    response = world.react("restarted").as_response()

    [alert] = world.topic.published
    assert (response["action"], response["alert_id"], response["severity"]) == ("alerted", alert.id, "warning")
    assert response["reason"] == f"told without a second look: {error}"
    assert (alert.title, "follow_up" in response) == ("The instance restarted", False)


def test_restart_of_a_failover_that_was_completed_since_is_not_told() -> None:
    world = second_look(failover(*UNDER_WAY, REASON, COMPLETED))

    assert world.topic.published == []


def test_restart_that_no_completion_followed_is_told_with_its_own_identifier() -> None:
    world = second_look(failover(*UNDER_WAY))
    at_once = RdsEventWorld(NOTHING_FOUND)
    at_once.react("restarted")

    [late], [prompt] = world.topic.published, at_once.topic.published
    assert (late.id, late.title, late.severity) == (prompt.id, "The instance restarted", "warning")


def test_restart_is_told_where_the_history_cannot_be_read_later() -> None:
    assert len(second_look(NOTHING_FOUND).topic.published) == 1


@pytest.mark.parametrize("restarts", [1, 2])
def test_restarts_of_three_failovers_in_a_row_are_never_told(restarts: int) -> None:
    history: list[HistoryEntry] = []
    for number in range(3):
        shift = timedelta(minutes=4 * number)
        for entry in (STARTED, *[RESTARTED] * restarts, REASON, COMPLETED):
            history.append(replace(entry, occurred_at=entry.occurred_at + shift))
            if entry is RESTARTED:
                assert belongs_to_failover(history, history[-1].occurred_at) is not False

    at = [entry.occurred_at for entry in history if "availability" in entry.categories]
    assert all(belonged_to_failover(history, moment) for moment in at)


@pytest.mark.parametrize("after", [timedelta(seconds=20), timedelta(minutes=4)])
def test_restart_after_a_known_completion_is_told_at_once(after: timedelta) -> None:
    restarted_at: datetime = COMPLETED_AT + after

    assert belongs_to_failover(HISTORY, restarted_at) is False


def test_restart_after_an_abandoned_request_is_told_in_the_end() -> None:
    abandoned = replace(STARTED, occurred_at=COMPLETED_AT + timedelta(minutes=5))
    restarted_at = abandoned.occurred_at + timedelta(seconds=30)

    assert belongs_to_failover([*HISTORY, abandoned], restarted_at) is None
    assert not belonged_to_failover([*HISTORY, abandoned], restarted_at)


@pytest.mark.parametrize("completed", [False, True], ids=["under way", "completed"])
def test_restart_before_the_next_failover_is_told_after_an_abandoned_request(completed: bool) -> None:  # noqa: FBT001
    abandoned = replace(STARTED, occurred_at=COMPLETED_AT - timedelta(minutes=10))
    crashed = replace(RESTARTED, occurred_at=COMPLETED_AT)
    following = [replace(each, occurred_at=each.occurred_at + timedelta(seconds=133)) for each in HISTORY]
    history = [abandoned, crashed, *(following if completed else following[:1])]

    assert belongs_to_failover(history[:2], COMPLETED_AT) is None
    assert not belonged_to_failover(history, COMPLETED_AT)


def test_late_restart_of_a_failover_whose_completion_is_certain_is_not_told() -> None:
    late = replace(RESTARTED, occurred_at=STARTED.occurred_at + timedelta(minutes=3))
    ended = [replace(each, occurred_at=late.occurred_at + timedelta(seconds=20)) for each in (REASON, COMPLETED)]

    assert belongs_to_failover([STARTED, late], late.occurred_at) is None
    assert belonged_to_failover([STARTED, late, *ended], late.occurred_at)
