"""What a look at the backups decides and measures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rds_operations.domain.backups import BackupAction, BackupDecision, BackupState, decide_missing, figures
from rds_operations.domain.snapshots import Snapshot, SnapshotRequest
from tests.backups import PLAN, WELL, hours_old, on_demand, seen
from tests.snapshots import NOW, owned

STRANGER = replace(owned("stranger", 0), tags={})


def decided(state: BackupState) -> BackupDecision:
    return decide_missing(state, PLAN)


@pytest.mark.parametrize(
    ("newest", "action"),
    [
        (hours_old("new", 1), "none"),
        (hours_old("new", 25), "none"),
        (hours_old("old", 25.01), "create"),
        (hours_old("making", 0.1, "creating"), "none"),
        (hours_old("making", 5.9, "creating"), "none"),
        (hours_old("stuck", 6.1, "creating"), "create"),
        (hours_old("failed", 1, "failed"), "create"),
        (hours_old("deleting", 1, "deleting"), "create"),
        (owned("future", -1), "none"),
        (replace(hours_old("unnoted", 1, "creating"), tags=PLAN.ownership.tags()), "create"),
        (on_demand("by-hand", 1), "create"),
        (replace(hours_old("unknown-tier", 1), tags=PLAN.ownership.tags() | {"tier": "gold"}), "none"),
        (STRANGER, "create"),
        (replace(owned("x", 0), identifier="another-prefix-x"), "create"),
        (replace(owned("x", 0), instance_identifier="other-db"), "create"),
    ],
    ids=lambda value: value.identifier if isinstance(value, Snapshot) else value,
)
def test_snapshot_is_missing_when_none_of_the_schedule_covers(newest: Snapshot, action: str) -> None:
    decision = decided(seen(newest))

    assert decision.action == action
    assert (decision.request is not None) == (action == "create")
    assert decision.reason


def test_instance_without_any_snapshot_misses_one() -> None:
    assert decided(seen()).action is BackupAction.CREATE


def test_older_failure_does_not_hide_a_good_one() -> None:
    assert decided(seen(hours_old("good", 3), hours_old("failed", 1, "failed"))).action is BackupAction.NONE


@pytest.mark.parametrize("minutes", [0, 1, 59])
def test_missing_snapshot_is_named_by_its_hour(minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes, seconds=7)

    decision = decided(seen(now=now))

    assert decision.request == SnapshotRequest(NOW, "missed-schedule", asked_at=now)


@pytest.mark.parametrize("status", ["stopped", "backing-up", "modifying", "storage-full", "creating"])
def test_missing_snapshot_waits_for_the_instance(status: str) -> None:
    decision = decided(seen(of=replace(WELL, status=status)))

    assert decision.action is BackupAction.WAIT
    assert decision.request is None
    assert f"the instance is {status}, not available" in decision.reason


def test_instance_that_is_gone_gets_no_snapshot() -> None:
    decision = decided(seen(hours_old("old", 400), of=None))

    assert decision == BackupDecision(BackupAction.NONE, "the instance is gone: there is nothing to make a snapshot of")


def test_reason_names_the_snapshot_that_covers() -> None:
    assert decided(seen(hours_old("new", 2))).reason == (
        "langpont-manual-new was begun at 2026-11-23T16:00:00Z, not more than 25 hours ago"
    )


def test_figures_of_a_healthy_deployment() -> None:
    state = seen(hours_old("new", 1.5), hours_old("old", 25.5), hours_old("failed", 2, "failed"), STRANGER)

    assert figures(state, PLAN) == {
        "good_snapshots": 2,
        "failed_snapshots": 1,
        "manual_snapshot_quota_used_percent": 4.0,
        "newest_good_snapshot_age_hours": 1.5,
        "automated_backups_enabled": 1,
        "latest_restorable_time_lag_minutes": 5.5,
    }


def test_newest_good_snapshot_may_be_one_on_demand() -> None:
    state = seen(hours_old("old", 30), on_demand("by-hand", 2))

    assert figures(state, PLAN)["newest_good_snapshot_age_hours"] == 2.0


@pytest.mark.parametrize(
    ("allocated", "maximum", "percent"), [(100, 1000, 10.0), (1000, 1000, 100.0), (333, 1000, 33.3)]
)
def test_growth_is_measured_against_what_autoscaling_may_give(allocated: int, maximum: int, percent: float) -> None:
    of = replace(WELL, allocated_storage_gib=allocated, maximum_storage_gib=maximum)

    assert figures(seen(of=of), PLAN)["allocated_storage_percent_of_maximum"] == percent


def test_storage_without_autoscaling_has_no_maximum_to_come_near() -> None:
    of = replace(WELL, allocated_storage_gib=100, maximum_storage_gib=0)

    assert "allocated_storage_percent_of_maximum" not in figures(seen(of=of), PLAN)


def test_what_is_not_known_has_no_figure() -> None:
    of = replace(WELL, backup_retention_days=0, latest_restorable_time=None)

    assert figures(seen(hours_old("making", 1, "creating"), of=of), PLAN) == {
        "good_snapshots": 0,
        "failed_snapshots": 0,
        "manual_snapshot_quota_used_percent": 1.0,
        "automated_backups_enabled": 0,
    }


def test_snapshot_of_unknown_age_is_not_counted_as_good() -> None:
    ageless = replace(hours_old("ageless", 1), created_at=None)

    found = figures(seen(ageless), PLAN)

    assert found["good_snapshots"] == 0
    assert "newest_good_snapshot_age_hours" not in found


def test_snapshots_of_an_instance_that_is_gone_are_still_measured() -> None:
    found = figures(seen(hours_old("new", 3), of=None), PLAN)

    assert found["newest_good_snapshot_age_hours"] == 3.0
    assert "automated_backups_enabled" not in found


def test_quota_counts_every_snapshot_once() -> None:
    strangers = [replace(STRANGER, identifier=f"stranger-{number}") for number in range(80)]

    found = figures(seen(*strangers, *strangers, hours_old("new", 1)), PLAN)

    assert found["manual_snapshot_quota_used_percent"] == 81.0
