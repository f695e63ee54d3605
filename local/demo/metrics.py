"""Step: the values that the schedule's metrics run sent to CloudWatch, beside the same SQL run by hand."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from local.demo.report import lines
from local.demo.scene import Scene, scalar
from local.errors import LocalError
from local.postgres.access import Connection

PUSH = "PushMetricsFunction"
NAMESPACE = "LangPont/RDS"
# Those of the design; what the others say has changed by the time that it is asked by hand.
BUSINESS = ("active_users_24h", "avg_translation_time", "database_size_mb", "error_rate_1h")
# Between the run and the reading by hand rows leave the queries' windows: one of about a hundred in an hour.
RELATIVE_TOLERANCE = 0.02
FRESH_SECONDS = 15


def show_metrics(scene: Scene) -> str:
    """Wait for a fresh run's metrics in CloudWatch and compare them with their queries."""
    with scene.connect() as connection:
        found = scene.wait_for(
            f"{len(BUSINESS)} fresh metrics that equal their SQL", PUSH, lambda: _equal(scene, connection, BUSINESS)
        )
    scene.refuse_denials(PUSH)
    return lines([f"{name}: CloudWatch {sent:.6g}, by hand {by_hand:.6g}" for name, (sent, by_hand) in found.items()])


def _refuse_failures(scene: Scene) -> None:
    """Raise what a run could not measure: no value of it will ever come."""
    for record in scene.stack.log_records(PUSH, "metric query failed"):
        raise LocalError(f"{record['metric']} failed: {record['reason']}")


def _equal(scene: Scene, connection: Connection, names: Sequence[str]) -> dict[str, tuple[float, float]] | None:
    """Return what was sent beside what the SQL says now; None while something is missing, old or different."""
    _refuse_failures(scene)
    values = _all_published(scene, names)
    if values is None:
        return None
    pairs = {name: (values[name], _number(scalar(connection, _query(scene, name)))) for name in names}
    equal = all(math.isclose(sent, by_hand, rel_tol=RELATIVE_TOLERANCE) for sent, by_hand in pairs.values())
    return pairs if equal else None


def _all_published(scene: Scene, names: Sequence[str]) -> dict[str, float] | None:
    values = {name: _latest(scene, name) for name in names}
    found = {name: value for name, value in values.items() if value is not None}
    return found if len(found) == len(names) else None


def _latest(scene: Scene, name: str) -> float | None:
    now = datetime.now(UTC)
    points = scene.aws.cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=name,
        Dimensions=[
            {"Name": "Environment", "Value": "prod"},
            {"Name": "DBInstanceIdentifier", "Value": scene.instance},
        ],
        StartTime=now - timedelta(seconds=FRESH_SECONDS),
        EndTime=now + timedelta(seconds=1),
        Period=1,
        Statistics=["Average"],
    )["Datapoints"]
    newest = max(points, key=lambda point: point["Timestamp"], default=None)
    return newest["Average"] if newest else None


def _query(scene: Scene, name: str) -> str:
    return (scene.checkout.queries / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


def _number(value: object) -> float:
    return float(str(value))
