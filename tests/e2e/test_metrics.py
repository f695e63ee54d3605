"""SQL metrics from the deployed function to CloudWatch."""

from local.demo.metrics import NAMESPACE, PUSH, show_metrics
from local.demo.scene import Scene


def test_metrics_of_the_schedule_equal_the_same_sql_by_hand(scene: Scene) -> None:
    evidence = show_metrics(scene)

    assert evidence.count("by hand") == 4


def test_metrics_carry_the_two_dimensions_and_no_other(scene: Scene) -> None:
    scene.stack.invoke(PUSH, {"metrics": ["database_size_mb"]})

    found = scene.aws.cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName="database_size_mb")["Metrics"]

    assert [{d["Name"]: d["Value"] for d in metric["Dimensions"]} for metric in found] == [
        {"Environment": "prod", "DBInstanceIdentifier": scene.instance}
    ]


def test_unknown_metric_is_refused_by_name(scene: Scene) -> None:
    answer = scene.aws.functions.invoke(
        FunctionName=scene.stack.physical_id(PUSH), Payload=b'{"metrics": ["no_such_metric"]}'
    )

    assert b"no_such_metric" in answer["Payload"].read()
    assert "FunctionError" in answer
