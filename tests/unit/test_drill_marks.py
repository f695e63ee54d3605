"""A failover that was forced for a drill is told as one: by a mark on the instance, which ends by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.drill import notices
from rds_operations.domain.alert_texts import subject
from rds_operations.domain.drill_marks import LONGEST_DRILL, REPORT_TAG, SINCE_TAG, UNTIL_TAG, DrillMark, drill_mark
from rds_operations.domain.failover_looks import STALLED_AFTER
from rds_operations.domain.instances import HistoryEntry
from tests.rds_event_world import COMPLETED_AT, FOUND, HISTORY, INSTANCE, NOTHING_FOUND, RdsEventWorld, probing
from tests.samples import sample

STARTED_AT = HISTORY[0].occurred_at
TIMES = {SINCE_TAG: "2026-11-23T17:50:00Z", UNTIL_TAG: "2026-11-23T18:20:00Z"}
MARK = {**TIMES, REPORT_TAG: "https://reports.example.com/drill.html"}
AFTERWARDS = {SINCE_TAG: "2026-11-23T18:05:00Z"}
MARKED = replace(FOUND, instance=replace(INSTANCE, tags=MARK))


@pytest.mark.parametrize(("name", "now"), [("failover_started", STARTED_AT), ("failover_completed", COMPLETED_AT)])
def test_events_of_a_marked_instance_are_those_of_a_drill(name: str, now: datetime) -> None:
    world = RdsEventWorld(MARKED, now=now, probe=probing())

    world.react(name)

    [alert] = world.topic.published
    assert subject(alert).startswith("[DRILL] ")
    assert alert.facts["drill_note"] == "the instance is marked as drilled until 18:20:00 UTC"
    assert alert.links["report"] == MARK[REPORT_TAG]
    assert alert.source["type"] == "aws.rds"


@pytest.mark.parametrize("number", ["0006", "0052", "0053", "0361", "0362"])
def test_restart_and_recovery_of_the_standby_are_those_of_a_drill(number: str) -> None:
    world = RdsEventWorld(replace(MARKED, history=()))

    world.react("restarted", EventID=f"RDS-EVENT-{number}")

    assert [alert.title[:8] for alert in world.topic.published] == ["[DRILL] "]


@pytest.mark.parametrize("number", ["0003", "0007", "0028", "0031", "0045", "9999"])
def test_what_no_failover_brings_keeps_its_title_during_a_drill(number: str) -> None:
    marked, other = RdsEventWorld(MARKED), RdsEventWorld()

    for world in (marked, other):
        world.react("unknown_identifier", EventID=f"RDS-EVENT-{number}", Date="2026-11-23T18:10:00Z")

    [[alert], [usual]] = [world.topic.published for world in (marked, other)]
    assert (alert.title, alert.severity) == (usual.title, usual.severity)
    assert alert.summary == f"{usual.summary} A failover drill is under way, which may be the reason."
    assert alert.facts["drill_note"] == "the instance is marked as drilled until 18:20:00 UTC"
    assert alert.links["report"] == MARK[REPORT_TAG]


def test_drill_s_failover_that_does_not_end_is_told_as_an_outage() -> None:
    started = RdsEventWorld(MARKED, now=STARTED_AT)
    started.react("failover_started")
    assert started.follow_ups
    [(due_at, event)] = started.follow_ups.remembered.values()
    later = RdsEventWorld(replace(MARKED, history=HISTORY[:1]), now=due_at, probe=probing())

    later.handle(event)

    [alert] = later.topic.published
    assert subject(alert).startswith("CRITICAL langpont-prod-db: Failover not completed 15.0 min")
    assert alert.summary.endswith(" A failover drill is under way, which may be the reason.")
    assert alert.facts["drill"] is True


def test_drill_takes_nothing_from_how_bad_it_is_or_how_long_it_took() -> None:
    marked, other = RdsEventWorld(MARKED, probe=probing()), RdsEventWorld(probe=probing())

    responses = [world.react("failover_completed").as_response() for world in (marked, other)]

    assert responses[0] == responses[1]
    assert responses[0]["failover_duration_seconds"] == 43.172


def test_tags_that_come_with_the_event_need_no_question() -> None:
    world = RdsEventWorld(NOTHING_FOUND, now=STARTED_AT)

    world.react("failover_started", Tags=TIMES)

    [alert] = world.topic.published
    assert alert.title.startswith("[DRILL] ")
    assert world.enrichment.described == []
    assert "report" not in alert.links


def test_second_look_knows_the_mark_though_it_has_ended() -> None:
    world = RdsEventWorld(MARKED, probe=probing())
    world.react("failover_completed")
    assert world.follow_ups
    [(_, event)] = world.follow_ups.remembered.values()
    later = RdsEventWorld(FOUND, now=COMPLETED_AT + STALLED_AFTER, probe=probing())

    later.handle(event)

    assert later.topic.published[0].title.startswith("[DRILL] ")


@pytest.mark.parametrize(
    ("look", "history"),
    [("follow_up_of_a_start", HISTORY[:1]), ("follow_up_of_a_completion", HISTORY), ("follow_up_of_a_restart", ())],
)
def test_second_look_finds_the_mark_that_the_first_one_missed(look: str, history: tuple[HistoryEntry, ...]) -> None:
    world = RdsEventWorld(replace(MARKED, history=history), now=COMPLETED_AT + STALLED_AFTER, probe=probing())

    world.handle(sample("react_to_rds_event", look))

    [alert] = world.topic.published
    assert alert.facts["drill_note"] == "the instance is marked as drilled until 18:20:00 UTC"
    assert alert.links["report"] == MARK[REPORT_TAG]
    assert alert.title.startswith("[DRILL] ") is (look != "follow_up_of_a_start")


def test_start_whose_mark_cannot_be_asked_for_is_told_and_says_so() -> None:
    world = RdsEventWorld(NOTHING_FOUND, now=STARTED_AT)

    world.react("failover_started")

    [alert] = world.topic.published
    assert alert.title == "Multi-AZ failover started"
    assert "describing langpont-prod-db took longer" in alert.summary


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-11-23T17:30:00Z", "2026-11-23T17:59:59Z"),
        ("2026-11-23T18:00:01Z", "2026-11-23T18:30:00Z"),
        ("2026-11-23T17:30:00Z", "2026-11-23T19:30:01Z"),
        ("2026-11-23T17:30:00Z", "2027-11-23T18:00:00Z"),
        ("", "2026-11-23T18:20:00Z"),
        ("2026-11-23T17:30:00Z", "tomorrow"),
        ("2026-11-23T17:30:00Z", ""),
        ("0001-01-01T00:00:00+14:00", "2026-11-23T18:20:00Z"),
    ],
    ids=["over", "later", "longer than a drill", "forgotten", "no beginning", "unreadable", "no end", "impossible"],
)
def test_mark_makes_no_drill_of_an_outage_outside_it(since: str, until: str) -> None:
    assert drill_mark({SINCE_TAG: since, UNTIL_TAG: until}, datetime(2026, 11, 23, 18, 0, tzinfo=UTC)) is None


def test_outage_right_before_a_drill_that_is_told_late_is_no_drill() -> None:
    world = RdsEventWorld(replace(FOUND, instance=replace(INSTANCE, tags=MARK | AFTERWARDS)), probe=probing())

    world.react("failover_completed")

    [alert] = world.topic.published
    assert not alert.title.startswith("[DRILL] ")
    assert "drill" not in alert.facts


@given(st.text(), st.text(), st.text(), st.datetimes(timezones=st.just(UTC)))
def test_no_tag_fails_an_alert(since: str, until: str, report: str, at: datetime) -> None:
    mark = drill_mark({SINCE_TAG: since, UNTIL_TAG: until, REPORT_TAG: report}, at)

    assert mark is None or mark.facts()["drill"] is True


@given(st.timedeltas(timedelta(0), LONGEST_DRILL), st.floats(0, 1))
def test_mark_survives_being_written_into_tags(lasting: timedelta, share: float) -> None:
    since = STARTED_AT.replace(microsecond=0)
    mark = DrillMark(since, since + timedelta(seconds=int(lasting.total_seconds())), "somewhere")

    assert drill_mark(mark.tags(), since + (mark.until - since) * share) == mark


def test_drill_and_reaction_name_the_tags_alike_and_agree_on_how_long() -> None:
    assert (notices.SINCE_TAG, notices.UNTIL_TAG, notices.REPORT_TAG) == (SINCE_TAG, UNTIL_TAG, REPORT_TAG)
    assert timedelta(0) < notices.MARKED_AFTERWARDS <= notices.MARKED_FOR
    assert notices.CLOCKS_DIFFER + notices.MARKED_FOR + notices.MARKED_AFTERWARDS < LONGEST_DRILL
