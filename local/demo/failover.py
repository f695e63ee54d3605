"""Step: a failover forced through the RDS call while writers never pause, and the alert that names its duration."""

from local.alerts import ReceivedAlert
from local.demo.report import lines
from local.demo.scene import Scene
from local.demo.writers import SteadyWriters, WriteCount
from local.errors import LocalError
from local.postgres.topology import Role

REACT = "ReactToRdsEventFunction"
WRITES_BEFORE, WRITES_AFTER = 500, 500


def show_failover(scene: Scene) -> str:
    """Write, force a failover, go on writing, and compare what was acknowledged with what is there."""
    server = _primary_server(scene)
    with SteadyWriters(scene.connect) as writers:
        writers.wait_for_further(WRITES_BEFORE)
        before = writers.acknowledged()
        scene.aws.rds.reboot_db_instance(DBInstanceIdentifier=scene.instance, ForceFailover=True)
        alert = scene.wait_for_alert("the alert of the completed failover", REACT, _tells_completion)
        writers.wait_for_further(WRITES_AFTER)
    count = writers.count()
    if _primary_server(scene) == server:
        raise LocalError(f"{server} is still the primary: nothing was failed over")
    scene.refuse_denials(REACT)
    if count.lost:
        raise LocalError(f"{count.lost} of {count.acknowledged} acknowledged writes are lost")
    if alert.body["facts"].get("failover_duration_seconds") is None:
        raise LocalError(f"the alert names no duration: {alert.body['facts']}")
    return _evidence(alert, before, count)


def _primary_server(scene: Scene) -> str:
    return scene.cluster.topology.server(Role.PRIMARY).name


def _tells_completion(alert: ReceivedAlert) -> bool:
    return alert.body["kind"] == "failover" and "failover_duration_seconds" in alert.body["facts"]


def _evidence(alert: ReceivedAlert, before: int, count: WriteCount) -> str:
    duration = alert.body["facts"]["failover_duration_seconds"]
    return lines(
        [
            f"subject: {alert.subject}",
            alert.body["summary"],
            f"duration by the events: {duration} s; no write was acknowledged for {count.outage_seconds:.2f} s",
            f"acknowledged before the failover: {before}, in all: {count.acknowledged}, lost: {count.lost}",
        ]
    )
