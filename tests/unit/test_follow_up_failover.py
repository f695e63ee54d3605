"""The second look at a failover: when it is remembered, and what people hear of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rds_operations.domain.alert_texts import email_text, subject
from rds_operations.domain.alerts import Severity
from rds_operations.domain.errors import InvalidEventError, RefusedError
from rds_operations.domain.findings import Findings
from rds_operations.domain.probes import ProbeAnswer
from rds_operations.runtime.events.follow_up import parse_occurrence
from tests.fakes.follow_ups import FakeFollowUps
from tests.fakes.prompt_probe import FakePromptProbe
from tests.rds_event_world import (
    COMPLETED_AT,
    FOUND,
    HISTORY,
    INSTANCE,
    NOTHING_FOUND,
    PLAN,
    RdsEventWorld,
    probing,
)
from tests.samples import sample

GOLDEN = Path(__file__).parents[1] / "golden"
RESTORABLE = COMPLETED_AT - timedelta(minutes=4)
BEFORE = replace(FOUND, instance=replace(INSTANCE, latest_restorable_time=RESTORABLE))
TOLD_AT = {
    "failover_started": HISTORY[0].occurred_at + timedelta(seconds=2),
    "failover_completed": COMPLETED_AT + timedelta(seconds=2),
    "drill_failover_completed": COMPLETED_AT + timedelta(seconds=2),
}
AFTER = replace(
    INSTANCE,
    availability_zone="ap-northeast-1c",
    secondary_availability_zone="ap-northeast-1a",
    latest_restorable_time=RESTORABLE + timedelta(minutes=10),
)
NOT_COMPLETED = replace(FOUND, history=HISTORY[:2])


def remembered(name: str) -> tuple[datetime, Mapping[str, object]]:
    """Return when the one second look at an event is due, and what the function is sent then."""
    world = RdsEventWorld(BEFORE, now=TOLD_AT[name])
    world.react(name)
    assert world.follow_ups
    [look] = world.follow_ups.remembered.values()
    return look


def second_look(name: str, findings: Findings, probe: FakePromptProbe | None = None) -> RdsEventWorld:
    """Return the world after the second look was taken at its time."""
    due_at, event = remembered(name)
    world = RdsEventWorld(findings, now=due_at, probe=probe or probing())
    world.handle(event)
    return world


def test_completed_failover_is_looked_at_again_once_zones_are_shown() -> None:
    due_at, event = remembered("failover_completed")

    assert due_at == TOLD_AT["failover_completed"] + PLAN.zones_after
    assert event == sample("react_to_rds_event", "follow_up_of_a_completion")


def test_started_failover_is_looked_at_again_when_it_should_be_over() -> None:
    due_at, event = remembered("failover_started")

    assert due_at == TOLD_AT["failover_started"] + PLAN.completion_within
    assert event == sample("react_to_rds_event", "follow_up_of_a_start")


def test_late_event_is_followed_up_from_now_on() -> None:
    world = RdsEventWorld(now=COMPLETED_AT + timedelta(hours=6))

    world.react("failover_completed")

    assert world.follow_ups
    [(due_at, _)] = world.follow_ups.remembered.values()
    assert due_at == COMPLETED_AT + timedelta(hours=6) + PLAN.zones_after


@pytest.mark.parametrize("name", ["failover_completed", "failover_started"])
def test_event_that_comes_five_times_is_followed_up_once(name: str) -> None:
    world = RdsEventWorld(now=TOLD_AT[name])

    for _ in range(5):
        world.react(name)

    assert world.follow_ups
    assert len(world.follow_ups.remembered) == 1
    assert len({alert.id for alert in world.topic.published}) == 1


def test_two_completions_of_one_failover_share_a_second_look() -> None:
    world = RdsEventWorld()

    world.react("failover_completed")
    world.react("failover_completed", EventID="RDS-EVENT-0015")

    assert world.follow_ups
    assert len(world.follow_ups.remembered) == 1


def test_name_of_a_second_look_is_one_that_the_scheduler_takes() -> None:
    world = RdsEventWorld()

    world.react("failover_completed")

    assert world.follow_ups
    [name] = world.follow_ups.remembered
    assert len(name) <= 64
    assert name.replace("-", "").isalnum()


@pytest.mark.parametrize("name", ["low_storage", "restarted", "parameter_group_changed"])
def test_other_events_are_not_followed_up(name: str) -> None:
    world = RdsEventWorld()

    world.react(name)

    assert world.follow_ups
    assert not world.follow_ups.remembered


def test_without_a_schedule_group_nothing_is_promised() -> None:
    world = RdsEventWorld(follow_ups=None)

    assert "follow_up" not in world.react("failover_completed").as_response()
    assert world.topic.published


def test_alert_goes_out_before_the_second_look_is_refused() -> None:
    world = RdsEventWorld(follow_ups=FakeFollowUps(RefusedError("scheduling was denied")))

    with pytest.raises(RefusedError, match="scheduling was denied"):
        world.react("failover_completed")

    assert len(world.topic.published) == 1


def test_second_look_tells_from_which_zone_to_which() -> None:
    world = second_look("failover_completed", replace(FOUND, instance=AFTER))

    [alert] = world.topic.published
    assert alert.severity is Severity.RESOLVED
    assert alert.title == "The failover moved the primary from ap-northeast-1a to ap-northeast-1c"
    assert alert.facts["availability_zone"] == "ap-northeast-1c"
    assert (alert.facts["multi_az"], alert.facts["writable"]) == (True, True)
    assert alert.facts["restorable_time_moves"] is True


def test_second_look_has_an_alert_of_its_own_and_the_same_on_a_repeat() -> None:
    first = RdsEventWorld(BEFORE)
    first.react("failover_completed")

    late = [second_look("failover_completed", replace(FOUND, instance=AFTER)).topic.published[0].id for _ in range(2)]

    assert late[0] == late[1]
    assert late[0] != first.topic.published[0].id


@pytest.mark.parametrize(
    ("name", "golden", "findings"),
    [
        ("failover_completed", "failover_followed_up.txt", replace(FOUND, instance=AFTER)),
        ("failover_started", "failover_overdue.txt", NOT_COMPLETED),
    ],
)
def test_alert_of_a_second_look_reads_as_agreed(name: str, golden: str, findings: Findings) -> None:
    unreachable = probing(reachable=False, writable=None, replicas=(), error="nobody answered in 3 s")
    probe = unreachable if name == "failover_started" else probing()

    [alert] = second_look(name, findings, probe).topic.published

    assert email_text(alert) == (GOLDEN / golden).read_text(encoding="utf-8")


def test_zones_that_have_not_moved_are_told_without_alarm() -> None:
    [alert] = second_look("failover_completed", BEFORE).topic.published

    assert alert.title == "After the failover RDS shows the primary in ap-northeast-1a"
    assert (alert.severity, alert.facts["availability_zone"]) == (Severity.RESOLVED, None)
    assert "the same zones as with the completion" in alert.summary


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"multi_az": False}, "There is no standby"),
        ({"status": "modifying"}, "The instance is modifying."),
        ({"latest_restorable_time": RESTORABLE - timedelta(minutes=20)}, "restorable time does not advance"),
    ],
)
def test_what_is_not_as_it_should_be_is_a_warning(changes: dict[str, object], problem: str) -> None:
    instance = replace(AFTER, **changes)  # type: ignore[arg-type]

    [alert] = second_look("failover_completed", replace(FOUND, instance=instance)).topic.published

    assert alert.severity is Severity.WARNING
    assert problem in alert.summary


def test_replica_that_does_not_follow_is_a_warning() -> None:
    [alert] = second_look("failover_completed", replace(FOUND, instance=AFTER), probing(replicas=())).topic.published

    assert (alert.severity, alert.facts["replicas_follow"]) == (Severity.WARNING, False)
    assert "Fewer replicas follow than RDS names." in alert.summary


def test_database_without_writes_is_critical_in_the_second_look() -> None:
    probe = probing(writable=False, in_recovery=True)

    [alert] = second_look("failover_completed", replace(FOUND, instance=AFTER), probe).topic.published

    assert alert.severity is Severity.CRITICAL
    assert "takes NO WRITES" in alert.summary


def test_second_look_goes_out_when_nobody_answers() -> None:
    probe = FakePromptProbe(ProbeAnswer(missing="asking the database took longer than 5 s"))

    [alert] = second_look("failover_completed", NOTHING_FOUND, probe).topic.published

    assert alert.severity is Severity.WARNING
    assert "asking the database took longer than 5 s" in alert.summary
    assert "The instance could not be described." in alert.summary


def test_failover_that_is_not_completed_in_time_is_critical() -> None:
    [alert] = second_look("failover_started", NOT_COMPLETED).topic.published

    assert alert.severity is Severity.CRITICAL
    assert subject(alert).startswith("CRITICAL langpont-prod-db: Failover not completed 15.0 min after its start")
    assert "RDS's events tell a start and no completion." in alert.summary


@pytest.mark.parametrize("history", [HISTORY, HISTORY[:3], (HISTORY[0], HISTORY[2], HISTORY[3])])
def test_failover_that_was_completed_is_not_told_as_overdue(history: object) -> None:
    world = second_look("failover_started", replace(FOUND, history=history))  # type: ignore[arg-type]

    assert not world.topic.published


def test_abandoned_request_is_no_completion() -> None:
    abandoned = replace(HISTORY[0], occurred_at=HISTORY[0].occurred_at + timedelta(seconds=9), message="Abandoning")

    world = second_look("failover_started", replace(FOUND, history=(HISTORY[0], abandoned, HISTORY[1])))

    assert [alert.severity for alert in world.topic.published] == [Severity.CRITICAL]


def test_unreadable_history_is_critical_unless_the_database_takes_writes() -> None:
    silent = probing(reachable=False, writable=None, error="nobody answered in 3 s")

    severities = [
        second_look("failover_started", NOTHING_FOUND, probe).topic.published[0].severity
        for probe in (probing(), silent)
    ]

    assert severities == [Severity.WARNING, Severity.CRITICAL]


def test_drill_is_labelled_in_its_second_look() -> None:
    world = second_look("drill_failover_completed", replace(FOUND, instance=AFTER))

    [alert] = world.topic.published
    assert subject(alert).startswith("[DRILL] ")
    assert (alert.facts["drill"], alert.source["type"]) == (True, "langpont.drill")


def test_start_of_a_drill_sets_no_timer_because_no_history_tells_its_end() -> None:
    world = RdsEventWorld()

    world.react("failover_started", {"source": "langpont.drill"})

    assert world.topic.published
    assert world.follow_ups
    assert not world.follow_ups.remembered


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"follow_up": "lunch"},
            "follow_up is 'lunch', allowed: one of failover_started, failover_completed, instance_restarted",
        ),
        ({"zones": None}, "zones is missing, allowed: an object"),
        ({"zones": {"primary": 1}}, "zones.primary is 1, allowed: a text that is not empty"),
        ({"incident": ""}, "incident is '', allowed: a text that is not empty"),
        ({"event": "x"}, "event is 'x', allowed: an object"),
        ({"restorable_time": "noon"}, "restorable_time is 'noon', allowed: a time such as 2026-11-23T18:00:00Z"),
    ],
)
def test_malformed_second_look_names_the_field(changes: dict[str, object], complaint: str) -> None:
    event = sample("react_to_rds_event", "follow_up_of_a_completion") | changes

    with pytest.raises(InvalidEventError, match=f"^{complaint}$"):
        parse_occurrence(event)
