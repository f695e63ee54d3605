"""A replica that really is behind moves the alarm on it by what it counts itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from local.demo.metrics import PUSH
from local.demo.scene import Scene, scalar
from local.postgres.seed import DATABASE
from local.postgres.topology import Role

MEASURED = "replay_lag_bytes"
DEPLOYED = "langpont-prod-replica-bytes-behind-1"
HASTY = "hasty-bytes-behind"
PERIOD_SECONDS = 10
DEADLINE_SECONDS = 60.0
WRITTEN = 3 * 2**20


@pytest.fixture
def hasty_alarm(scene: Scene) -> Iterator[str]:
    """The deployed alarm but for its patience: ten seconds and one MiB are enough."""
    (alarm,) = scene.aws.cloudwatch.describe_alarms(AlarmNames=[DEPLOYED])["MetricAlarms"]
    queries = cast("list[dict[str, Any]]", alarm["Metrics"])
    for query in queries:
        query.get("MetricStat", {})["Period"] = PERIOD_SECONDS
    scene.aws.cloudwatch.put_metric_alarm(
        AlarmName=HASTY,
        Metrics=cast("Any", queries),
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator=alarm["ComparisonOperator"],
        TreatMissingData=alarm["TreatMissingData"],
    )
    yield HASTY
    scene.aws.cloudwatch.delete_alarms(AlarmNames=[HASTY])


@contextmanager
def replay_paused(scene: Scene) -> Iterator[None]:
    with scene.cluster.members.node(Role.REPLICA).connect(DATABASE) as replica:
        replica.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            replica.execute("SELECT pg_wal_replay_resume()")


def is_after_a_run(scene: Scene, alarm: str, state: str) -> bool:
    scene.stack.invoke(PUSH, {"metrics": [MEASURED]})
    (found,) = scene.aws.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return found["StateValue"] == state


def test_alarm_follows_what_a_paused_replica_counts(scene: Scene, hasty_alarm: str) -> None:
    (replica,) = (found.identifier for found in scene.environment.postgres.replicas)
    scene.wait_for("a replica that follows", PUSH, lambda: is_after_a_run(scene, hasty_alarm, "OK"), DEADLINE_SECONDS)

    with replay_paused(scene):
        with scene.connect() as primary:
            scalar(primary, f"SELECT pg_logical_emit_message(true, 'test', repeat('x', {WRITTEN}))")
        scene.wait_for("the alarm", PUSH, lambda: is_after_a_run(scene, hasty_alarm, "ALARM"), DEADLINE_SECONDS)
        counted = scene.stack.invoke(PUSH, {"metrics": [MEASURED]})["replicas"][replica]["published"][MEASURED]

    assert counted >= WRITTEN
    scene.wait_for("the end of the alarm", PUSH, lambda: is_after_a_run(scene, hasty_alarm, "OK"), DEADLINE_SECONDS)
