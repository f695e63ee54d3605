"""SQL metrics from the deployed function to CloudWatch."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from local.demo.metrics import BUSINESS, NAMESPACE, PUSH, show_metrics
from local.demo.scene import Scene
from local.deployment import deploy
from tests.functions import FUNCTIONS

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef

NEW_METRIC = "translations_by_engine"
NEW_FILE = """-- description: Translations of the last day, by engine
-- unit: Count
-- timeout: 5s
-- dimensions: engine
-- at_most: 2

SELECT engine, count(*) AS metric_value
FROM translations.translation_history
GROUP BY engine
ORDER BY metric_value DESC, engine
LIMIT 2
"""


@pytest.fixture(scope="module")
def new_metric(scene: Scene) -> Iterator[str]:
    """A metric of which there is one file more in what is deployed, and nothing else."""
    file = scene.checkout.root / ".aws-sam/build/MetricsStack/PushMetricsFunction/queries" / f"{NEW_METRIC}.sql"
    ca_bundle = scene.cluster.folders.ca_bundle
    file.write_text(NEW_FILE, encoding="utf-8")
    deploy(scene.checkout, scene.aws, ca_bundle)
    yield NEW_METRIC
    file.unlink()
    deploy(scene.checkout, scene.aws, ca_bundle)


def dimensions_of(scene: Scene, further: Mapping[str, str]) -> "list[DimensionTypeDef]":
    every = {"Environment": "prod", "DBInstanceIdentifier": scene.instance, **further}
    return [{"Name": name, "Value": value} for name, value in every.items()]


def is_published(scene: Scene, name: str, dimensions: Mapping[str, str]) -> bool:
    found = scene.aws.cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName=name)["Metrics"]
    return dimensions in [{d["Name"]: d["Value"] for d in metric["Dimensions"]} for metric in found]


def state_of(scene: Scene, alarm: str) -> str:
    (found,) = scene.aws.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return found["StateValue"]


def test_metrics_of_the_schedule_equal_the_same_sql_by_hand(scene: Scene) -> None:
    evidence = show_metrics(scene)

    assert evidence.count("by hand") == len(BUSINESS) == 4


def test_metrics_carry_the_two_dimensions_and_no_other(scene: Scene) -> None:
    scene.stack.invoke(PUSH, {"metrics": ["database_size_mb"]})

    found = scene.aws.cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName="database_size_mb")["Metrics"]

    assert [{d["Name"]: d["Value"] for d in metric["Dimensions"]} for metric in found] == [
        {"Environment": "prod", "DBInstanceIdentifier": scene.instance}
    ]


def test_metric_of_one_new_file_arrives_with_unit_and_dimensions(scene: Scene, new_metric: str) -> None:
    response = scene.stack.invoke(PUSH, {"metrics": [new_metric]})

    now = datetime.now(UTC)
    labels = response["published"][new_metric]
    found = {
        label: scene.aws.cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=new_metric,
            Dimensions=dimensions_of(scene, {"engine": label.removeprefix("engine=")}),
            StartTime=now - timedelta(minutes=1),
            EndTime=now + timedelta(seconds=1),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        for label in labels
    }
    assert len(labels) == 2
    assert {label: {(point["Maximum"], point["Unit"]) for point in points} for label, points in found.items()} == {
        label: {(value, "Count")} for label, value in labels.items()
    }


def test_alarm_on_a_metric_of_one_new_file_goes_off(scene: Scene, new_metric: str) -> None:
    label, value = max(scene.stack.invoke(PUSH, {"metrics": [new_metric]})["published"][new_metric].items())
    scene.aws.cloudwatch.put_metric_alarm(
        AlarmName="many-translations",
        Namespace=NAMESPACE,
        MetricName=new_metric,
        Dimensions=dimensions_of(scene, {"engine": label.removeprefix("engine=")}),
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=value - 1,
        ComparisonOperator="GreaterThanThreshold",
    )

    try:
        scene.stack.invoke(PUSH, {"metrics": [new_metric]})
        state = scene.wait_for("the alarm", PUSH, lambda: state_of(scene, "many-translations") == "ALARM", 30)
    finally:
        scene.aws.cloudwatch.delete_alarms(AlarmNames=["many-translations"])

    assert state


def test_every_metric_of_the_project_is_measured_and_the_node_is_up(scene: Scene) -> None:
    names = sorted(path.stem for path in (FUNCTIONS / "push_metrics" / "queries").glob("*.sql"))

    response = scene.stack.invoke(PUSH, {"metrics": names})

    assert response["failed"] == {}
    assert response["up"][scene.instance] == 1


def test_replica_is_measured_under_its_own_identifier(scene: Scene) -> None:
    (replica,) = (found.identifier for found in scene.environment.postgres.replicas)

    response = scene.stack.invoke(PUSH, {"metrics": ["replay_lag_seconds", "blocked_sessions"]})

    assert response["up"] == {scene.instance: 1, replica: 1}
    assert response["replicas"][replica]["failed"] == {}
    for name in ("replay_lag_seconds", "blocked_sessions", "up"):
        wanted = {"Environment": "prod", "DBInstanceIdentifier": replica}
        scene.wait_for(f"{name} of the replica", PUSH, partial(is_published, scene, name, wanted), 30)


def test_unknown_metric_is_refused_by_name(scene: Scene) -> None:
    answer = scene.aws.functions.invoke(
        FunctionName=scene.stack.physical_id(PUSH), Payload=b'{"metrics": ["no_such_metric"]}'
    )

    assert b"no_such_metric" in answer["Payload"].read()
    assert "FunctionError" in answer
