"""A rehearsal goes the whole way in the deployed stack: topic, function, topic, function, metric."""

import json

from local.demo.scene import Scene
from local.waiting import wait_until

REHEARSE = "RehearseAlertFunction"


def test_rehearsal_arrives_and_is_measured(scene: Scene) -> None:
    name = scene.stack.physical_id(REHEARSE)
    before = len(_arrivals(scene))

    answer = scene.aws.functions.invoke(FunctionName=name, Payload=b"{}")
    alert = scene.wait_for_alert("the alert", REHEARSE, lambda alert: "rehearsal" in alert.attributes)
    wait_until("its arrival", lambda: len(_arrivals(scene)) > before, deadline_seconds=60)

    assert json.loads(answer["Payload"].read()) == {"sent": 1, "arrived": 0}
    assert (alert.attributes["rehearsal"], alert.body["severity"]) == ("true", "info")
    assert alert.body["source"]["type"] == "langpont.rehearsal"
    assert scene.stack.denials(REHEARSE) == []


def _arrivals(scene: Scene) -> list[str]:
    return [
        line for line in scene.stack.log_lines(REHEARSE) if '"alert_rehearsal_seconds"' in line and '"_aws"' in line
    ]
