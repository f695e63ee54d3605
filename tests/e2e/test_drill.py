"""The drill on the deployed stack: nothing acknowledged is lost, and the way it goes on AWS works, too."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from local.alerts import ReceivedAlert
from local.demo.scene import Scene
from local.drill.aws import DrilledDeployment
from local.drill.conditions import Situation, decide_drill
from local.drill.embedded import EmbeddedDrill, is_report
from local.drill.forced import ForcedDrill
from local.drill.losses import Mode
from local.drill.notices import REPORT_TAG, SINCE_TAG, UNTIL_TAG
from local.drill.runs import Moment
from local.errors import LocalError
from local.redrive.places import Place, embedded_place
from local.waiting import wait_until
from tests.drills import a_drill, a_run

REACT = "ReactToRdsEventFunction"
REPORT = "https://reports.example.com/drills/today.html"


@pytest.fixture
def deployment(scene: Scene) -> Iterator[DrilledDeployment]:
    yield DrilledDeployment(embedded_place(scene.environment))
    described = scene.aws.rds.describe_db_instances()["DBInstances"]
    for arn in (instance["DBInstanceArn"] for instance in described):
        scene.aws.rds.remove_tags_from_resource(ResourceName=arn, TagKeys=[SINCE_TAG, UNTIL_TAG, REPORT_TAG])


def _is_completion(alert: ReceivedAlert) -> bool:
    return alert.body["kind"] == "failover" and "failover_duration_seconds" in alert.body["facts"]


@pytest.mark.parametrize("mode", [Mode.FORCED, Mode.KILLED])
def test_loss_of_the_primary_loses_no_acknowledged_write_and_is_told(scene: Scene, mode: Mode) -> None:
    run = EmbeddedDrill(scene).run(1, mode)

    assert run.account is not None
    assert run.account.acknowledged >= 800
    assert run.account.lost == 0
    assert set(run.moments) == set(Moment)
    assert run.moments[Moment.DETECTED] < run.moments[Moment.PROMOTED] < run.moments[Moment.FIRST_WRITE]
    assert run.event_to_alert_seconds is not None
    assert not scene.cluster.folders.watch.exists()


def test_situation_before_a_drill_is_what_the_apis_say(scene: Scene, deployment: DrilledDeployment) -> None:
    def settled() -> list[Situation]:
        found = deployment.situation()
        follows = [replica.state for replica in found.replicas] == ["streaming"]
        return [found] if found.newest_snapshot_at and found.is_writable and follows else []

    (situation,) = wait_until("a snapshot, and a replica that follows", settled, deadline_seconds=100)

    assert (situation.instance, situation.environment, situation.status) == (scene.instance, "prod", "available")
    assert situation.is_multi_az
    assert decide_drill(replace(situation, alarms_on=()), datetime.now(UTC)) == ()


def test_alarm_that_is_on_refuses_the_drill(scene: Scene, deployment: DrilledDeployment) -> None:
    name = scene.stack.physical_id("StorageLowAlarm")
    scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    try:
        refusals = decide_drill(deployment.situation(), datetime.now(UTC))
    finally:
        scene.aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="the test is over")

    assert [name in refusal.reason for refusal in refusals if refusal.code == "alarm_on"] == [True]


def test_forced_failover_is_counted_from_inside_told_as_a_drill_and_leaves_no_row(
    scene: Scene, deployment: DrilledDeployment
) -> None:
    said: list[str] = []
    with deployment.notices.marked(REPORT, said.append, is_lost=lambda: True):
        run = ForcedDrill(deployment, said.append, every_seconds=0.2).run()
    alert = scene.wait_for_alert("the alert of the completion", REACT, _is_completion)
    wait_until("the standby to be in sync", scene.cluster.is_in_sync, deadline_seconds=60)

    assert {Moment.DETECTED, Moment.FIRST_WRITE, Moment.EVENT, Moment.ALERT} == set(run.moments)
    assert said == []
    assert run.account is not None
    assert (run.account.acknowledged > 100, run.account.lost) == (True, 0)
    assert run.notes[1].endswith("Replicas at the end: replica_1 streaming.")
    assert alert.subject.startswith("[DRILL] ")
    assert alert.body["links"]["report"] == REPORT
    with scene.connect() as connection:
        assert connection.execute("SELECT count(*) FROM langpont_drill_writes").fetchone() == (0,)


def test_end_of_a_drill_is_told_with_its_objectives_and_its_report(scene: Scene, deployment: DrilledDeployment) -> None:
    deployment.notices.tell(a_drill(a_run(lost=2)), REPORT)

    alert = scene.wait_for_alert("the alert of the drill's report", REACT, is_report)

    assert alert.subject == f"[DRILL] WARNING {scene.instance}: The failover drill missed O2"
    assert alert.body["links"]["report"] == REPORT
    assert "fail (2 of 900 lost)" in alert.body["facts"]["objectives"].values()


def test_deployment_that_is_not_there_is_named(scene: Scene) -> None:
    place = embedded_place(scene.environment)

    with pytest.raises(LocalError, match="looking into stack nowhere failed"):
        DrilledDeployment(Place("nowhere", place.session, place.endpoint_url))
