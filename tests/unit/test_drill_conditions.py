"""A failover is forced only where nothing speaks against it, and every reason against it is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.drill.conditions import (
    REPLICA_LAG_BYTES,
    REPLICA_LAG_SECONDS,
    RESTORABLE_WITHIN,
    SNAPSHOT_WITHIN,
    ReplicaSeen,
    Situation,
    decide_drill,
    needs_typed_name,
)

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
FOLLOWING = ReplicaSeen("langpont-staging-replica-1", "streaming", 0, 0.0)
GOOD = Situation(
    instance="langpont-staging-db",
    environment="staging",
    status="available",
    is_multi_az=True,
    is_writable=True,
    expected_replicas=("langpont-staging-replica-1",),
    replicas=(FOLLOWING,),
    restorable_until=NOW - timedelta(minutes=5),
    newest_snapshot_at=NOW - timedelta(hours=9),
)


def _codes(**changes: Any) -> list[str]:
    return [refusal.code for refusal in decide_drill(replace(GOOD, **changes), NOW)]


def test_quiet_deployment_may_be_failed_over() -> None:
    assert _codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "backing-up"}, "not_available"),
        ({"is_writable": False}, "not_writable"),
        ({"is_multi_az": False}, "not_multi_az"),
        ({"pending": ("DBInstanceClass",)}, "changes_pending"),
        ({"replicas": (replace(FOLLOWING, lag_bytes=REPLICA_LAG_BYTES + 1),)}, "replica_lags"),
        ({"replicas": (replace(FOLLOWING, lag_seconds=REPLICA_LAG_SECONDS + 0.1),)}, "replica_lags"),
        ({"replicas": (FOLLOWING, ReplicaSeen("langpont-staging-replica-1", "error"))}, "replica_not_following"),
        ({"replicas": ()}, "replica_not_following"),
        ({"restorable_until": NOW - RESTORABLE_WITHIN - timedelta(seconds=1)}, "backups_stale"),
        ({"restorable_until": None}, "backups_stale"),
        ({"newest_snapshot_at": NOW - SNAPSHOT_WITHIN - timedelta(seconds=1)}, "backups_stale"),
        ({"newest_snapshot_at": None}, "backups_stale"),
        ({"alarms_on": ("langpont-staging-rds-cpu-high",)}, "alarm_on"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_each_doubt_refuses_by_itself(changes: dict[str, Any], code: str) -> None:
    assert _codes(**changes) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"restorable_until": NOW - RESTORABLE_WITHIN},
        {"newest_snapshot_at": NOW - SNAPSHOT_WITHIN},
        {"replicas": (replace(FOLLOWING, lag_seconds=REPLICA_LAG_SECONDS, lag_bytes=REPLICA_LAG_BYTES),)},
        {"replicas": (FOLLOWING, ReplicaSeen("langpont-staging-replica-1", "replicating"))},
        {"replicas": (replace(FOLLOWING, lag_bytes=None, lag_seconds=None),)},
        {"expected_replicas": (), "replicas": ()},
    ],
    ids=["restorable", "snapshot", "lag", "as RDS says it", "lag unknown", "no replicas"],
)
def test_what_is_just_good_enough_does_not_refuse(changes: dict[str, Any]) -> None:
    assert _codes(**changes) == []


def test_every_reason_is_told_at_once_and_by_name() -> None:
    situation = replace(GOOD, is_multi_az=False, alarms_on=("langpont-staging-storage-low",), newest_snapshot_at=None)

    reasons = [refusal.reason for refusal in decide_drill(situation, NOW)]

    assert reasons == [
        "langpont-staging-db has no standby in another zone: it would be restarted, not failed over",
        "there is no good snapshot",
        "alarms are on: langpont-staging-storage-low",
    ]


@given(st.lists(st.sampled_from(["catchup", "startup", "backup", "stopped", "error", ""]), min_size=1))
def test_replica_that_does_not_stream_is_never_overlooked(states: list[str]) -> None:
    replicas = tuple(ReplicaSeen(f"replica-{n}", state) for n, state in enumerate(states))

    assert "replica_not_following" in _codes(replicas=(FOLLOWING, *replicas))


@pytest.mark.parametrize(("environment", "asked"), [("prod", True), ("staging", False), ("dev", False)])
def test_only_productions_name_has_to_be_typed(environment: str, *, asked: bool) -> None:
    assert needs_typed_name(replace(GOOD, environment=environment)) is asked
