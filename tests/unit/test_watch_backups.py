"""What one look at the backups does and reports."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from rds_operations.domain.alerts import Severity
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.errors import OperationsError, PartialFailureError, RefusedError, RetryableError
from rds_operations.domain.instances import DbInstance
from rds_operations.domain.snapshots import Tier
from rds_operations.runtime.backup_records import record_watch
from rds_operations.usecases.watch_backups import BackupWatch, watch_backups
from tests.backups import PLAN, WELL, hours_old
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.fakes.instances import FakeInstanceDirectory
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.snapshot_store import EVERYTHING, FakeSnapshotStore
from tests.snapshots import INSTANCE, NOW, PREFIX

DEPLOYMENT = Deployment("langpont", "dev", INSTANCE)
MISSED = f"{PREFIX}-20261123-180000"
NEW, FAILED = hours_old("new", 3), hours_old("failed", 2, "failed")
THROTTLED, DENIED = RetryableError("throttled"), RefusedError("was denied")


class World:
    """One deployment that is looked at again and again."""

    def __init__(
        self,
        store: FakeSnapshotStore,
        *instances: DbInstance,
        failing: Mapping[str, OperationsError] | None = None,
        unheard: Mapping[str, OperationsError] | None = None,
    ) -> None:
        self.store = store
        self.directory = FakeInstanceDirectory(*instances, failing=failing)
        self.topic = FakeAlertTopic(unheard)
        self.clock = FakeClock(NOW)

    def look(self) -> BackupWatch:
        return watch_backups(
            PLAN,
            deployment=DEPLOYMENT,
            directory=self.directory,
            catalog=self.store,
            topic=self.topic,
            clock=self.clock,
        )


def test_look_at_a_healthy_deployment_only_measures() -> None:
    world = World(FakeSnapshotStore(NEW), WELL)

    watch = world.look()

    assert world.store.identifiers == [NEW.identifier]
    assert world.topic.published == []
    assert watch.as_response() == {
        "db_instance_identifier": INSTANCE,
        "instance_status": "available",
        "metrics": {
            "good_snapshots": 1,
            "failed_snapshots": 0,
            "manual_snapshot_quota_used_percent": 1.0,
            "newest_good_snapshot_age_hours": 3.0,
            "automated_backups_enabled": 1,
            "latest_restorable_time_lag_minutes": 5.5,
        },
        "action": "none",
        "reason": f"{NEW.identifier} was begun at 2026-11-23T15:00:00Z, not more than 25 hours ago",
        "created_snapshots": [],
        "alerted": [],
        "failed": [],
    }


def test_missed_snapshot_is_made_as_one_of_the_schedule() -> None:
    world = World(FakeSnapshotStore(), WELL)

    response = world.look().as_response()

    made = world.store.find(MISSED)
    assert made is not None
    assert (made.tier, made.tags["reason"]) == (Tier.SCHEDULED, "missed-schedule")
    assert (response["action"], response["created_snapshots"]) == ("create", [MISSED])


def test_two_looks_in_an_hour_make_one_snapshot() -> None:
    world = World(FakeSnapshotStore(), WELL)
    world.look()
    world.clock.advance(timedelta(minutes=59))

    second = world.look()

    assert world.store.identifiers == [MISSED]
    assert second.as_response()["action"] == "none"


def test_look_that_overlaps_another_succeeds_with_its_snapshot() -> None:
    others = replace(NEW, identifier=MISSED, status="creating", created_at=None)
    world = World(FakeSnapshotStore(made_by_others=[others]), WELL)

    watch = world.look()

    assert watch.failures == ()
    assert world.store.identifiers == [MISSED]


def test_snapshot_under_way_is_left_alone() -> None:
    making = hours_old("making", 0.1, "creating")
    world = World(FakeSnapshotStore(making), replace(WELL, status="backing-up"))

    response = world.look().as_response()

    assert world.store.identifiers == [making.identifier]
    assert (response["action"], response["failed"]) == ("none", [])


@pytest.mark.parametrize("error", [THROTTLED, DENIED])
def test_snapshot_that_cannot_be_made_is_reported_and_raised_at_the_end(error: OperationsError) -> None:
    world = World(FakeSnapshotStore(FAILED, failing={MISSED: error}), WELL)

    watch = world.look()

    assert watch.as_response()["failed"] == [{"subject": INSTANCE, "error": str(error)}]
    assert [alert.resource for alert in world.topic.published] == [FAILED.identifier]
    with pytest.raises(PartialFailureError, match=f"1 of 2 actions on backups failed: {error}"):
        watch.raise_failures()


def test_full_quota_is_named() -> None:
    watch = World(FakeSnapshotStore(quota=0), WELL).look()

    with pytest.raises(PartialFailureError, match="quota of 0 manual DB snapshots is full"):
        watch.raise_failures()


@pytest.mark.parametrize("error", [THROTTLED, DENIED])
def test_listing_that_fails_is_raised(error: OperationsError) -> None:
    world = World(FakeSnapshotStore(NEW, failing={EVERYTHING: error}), WELL)

    with pytest.raises(type(error), match=str(error)):
        world.look()


@pytest.mark.parametrize("error", [THROTTLED, DENIED])
def test_description_that_fails_is_not_taken_for_an_instance_that_is_gone(error: OperationsError) -> None:
    world = World(FakeSnapshotStore(NEW), WELL, failing={INSTANCE: error})

    with pytest.raises(type(error), match=str(error)):
        world.look()

    assert world.topic.published == []


def test_instance_that_is_gone_is_told_once_and_keeps_its_snapshots() -> None:
    world = World(FakeSnapshotStore(NEW))

    looks = [world.look(), world.look()]

    assert [(alert.severity, alert.resource) for alert in world.topic.published] == [(Severity.CRITICAL, INSTANCE)]
    assert world.store.identifiers == [NEW.identifier]
    assert looks[0].as_response()["instance_status"] == "gone"
    assert [look.failures for look in looks] == [(), ()]


def test_instance_that_is_gone_without_a_trace_is_told_at_every_look() -> None:
    world = World(FakeSnapshotStore())

    world.look()
    world.look()

    first, second = world.topic.published
    assert first.id == second.id


@pytest.mark.parametrize("trouble", [FAILED, hours_old("stuck", 7, "creating")])
def test_snapshot_in_trouble_is_told_once(trouble: object) -> None:
    world = World(FakeSnapshotStore(NEW, trouble), WELL)  # type: ignore[arg-type]

    first, second = world.look(), world.look()

    [alert] = world.topic.published
    assert alert.severity is Severity.WARNING
    assert (first.as_response()["alerted"], second.as_response()["alerted"]) == ([alert.resource], [])


def test_stuck_snapshot_that_fails_at_last_is_told_again() -> None:
    stuck = hours_old("stuck", 7, "creating")
    world = World(FakeSnapshotStore(NEW, stuck), WELL)
    world.look()
    told = world.store.find(stuck.identifier)
    assert told is not None
    world.store = FakeSnapshotStore(NEW, replace(told, status="failed"))

    world.look()

    assert len({alert.id for alert in world.topic.published}) == 2


def test_alert_that_was_not_published_is_tried_again() -> None:
    world = World(FakeSnapshotStore(NEW, FAILED), WELL, unheard={FAILED.identifier: THROTTLED})

    watch = world.look()
    world.topic = FakeAlertTopic()
    world.look()

    assert [failure.code for failure in watch.failures] == ["alert_failed"]
    assert [alert.resource for alert in world.topic.published] == [FAILED.identifier]


def test_alert_that_cannot_be_noted_is_said_to_have_gone_out() -> None:
    world = World(FakeSnapshotStore(NEW, FAILED, failing={FAILED.identifier: DENIED}), WELL)

    response = world.look().as_response()

    assert response["alerted"] == [FAILED.identifier]
    assert response["failed"] == [{"subject": FAILED.identifier, "error": "was denied"}]


def test_figures_are_published_with_their_units_whatever_failed() -> None:
    sink = FakeMetricSink()
    growing = replace(WELL, allocated_storage_gib=100, maximum_storage_gib=1000)

    record_watch(World(FakeSnapshotStore(FAILED, failing={MISSED: THROTTLED}), growing).look(), sink)

    assert sink.units == {
        "good_snapshots": "Count",
        "failed_snapshots": "Count",
        "manual_snapshot_quota_used_percent": "Percent",
        "automated_backups_enabled": "None",
        "allocated_storage_percent_of_maximum": "Percent",
        "latest_restorable_time_lag_minutes": "None",
    }
    assert sink.values["failed_snapshots"] == 1
