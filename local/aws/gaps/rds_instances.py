"""DB instances: endpoints of the embedded servers, replicas that know their source, tags and times that are right.

The emulator answers for instances that do not exist. Here the instances are real: name and port of an endpoint are the
embedded cluster's, whatever port the template asks for.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import rds
from ministack.services.cloudformation import provisioners

TYPE = "AWS::RDS::DBInstance"
# RDS uploads transaction logs every five minutes (RDS user guide, "Restoring a DB instance to a specified time").
RESTORABLE_LAG_SECONDS = 300
SECONDARY_ZONE = "c"

type Response = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an instance is reached."""

    host: str
    port: int


def install(endpoints: Mapping[str, Endpoint]) -> None:
    """Wrap creation, update and description of instances.

    Args:
        endpoints: The embedded cluster's endpoints by instance identifier, the primary's first. An instance of another
            name, of another environment, has the one of its kind that no instance uses.
    """
    _show_secondary_zone()
    handlers = provisioners._RESOURCE_HANDLERS[TYPE]
    create, update, describe = handlers["create"], handlers["update"], rds._ACTION_MAP["DescribeDBInstances"]

    def create_real(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        if properties.get("DBInstanceIdentifier") in rds._instances:
            raise ValueError("DB instance already exists")
        identifier, _ = create(logical_id, properties, stack)
        return identifier, _complete(rds._instances[identifier], properties, endpoints)

    def update_real(
        identifier: str, old: dict[str, Any], new: dict[str, Any], stack: str, *rest: Any
    ) -> tuple[str, dict[str, Any]]:
        identifier, _ = update(identifier, old, new, stack, *rest)
        return identifier, _complete(rds._instances[identifier], new, endpoints)

    def describe_current(parameters: dict[str, list[str]]) -> Response:
        for instance in rds._instances.values():
            if instance.get("BackupRetentionPeriod"):
                instance["LatestRestorableTime"] = rds._format_time(time.time() - RESTORABLE_LAG_SECONDS)
        response: Response = describe(parameters)
        return response

    handlers.update(create=create_real, update=update_real)
    rds._ACTION_MAP["DescribeDBInstances"] = describe_current


def _show_secondary_zone() -> None:
    render = rds._instance_xml

    def render_with_zone(instance: Mapping[str, Any]) -> str:
        zone = instance.get("SecondaryAvailabilityZone")
        return (
            f"{render(instance)}<SecondaryAvailabilityZone>{zone}</SecondaryAvailabilityZone>"
            if zone
            else render(instance)
        )

    rds._instance_xml = render_with_zone


def _complete(
    instance: dict[str, Any], properties: Mapping[str, Any], endpoints: Mapping[str, Endpoint]
) -> dict[str, Any]:
    if endpoint := _endpoint(instance, properties, endpoints):
        instance["Endpoint"].update(Address=endpoint.host, Port=endpoint.port)
    if instance["MultiAZ"]:
        instance.setdefault("SecondaryAvailabilityZone", instance["AvailabilityZone"][:-1] + SECONDARY_ZONE)
    # Tags that are added later come to those of the stack; the emulator would put them in their place.
    rds._tags[instance["DBInstanceArn"]] = list(instance["TagList"])
    if source := rds._instances.get(properties.get("SourceDBInstanceIdentifier", "")):
        _attach(instance, source)
    attributes: dict[str, Any] = provisioners._rds_db_instance_attrs(instance)
    return attributes


def _endpoint(
    instance: Mapping[str, Any], properties: Mapping[str, Any], endpoints: Mapping[str, Endpoint]
) -> Endpoint | None:
    """Return where an instance is reached: at its own endpoint, else at one of its kind that nobody uses."""
    if own := endpoints.get(instance["DBInstanceIdentifier"]):
        return own
    is_replica = bool(properties.get("SourceDBInstanceIdentifier"))
    of_its_kind = list(endpoints.values())[1:] if is_replica else list(endpoints.values())[:1]
    used = {other["Endpoint"]["Port"] for other in rds._instances.values() if other is not instance}
    return next((endpoint for endpoint in of_its_kind if endpoint.port not in used), None)


def _attach(replica: dict[str, Any], source: dict[str, Any]) -> None:
    identifier = replica["DBInstanceIdentifier"]
    replica.update(ReadReplicaSourceDBInstanceIdentifier=source["DBInstanceIdentifier"], BackupRetentionPeriod=0)
    if identifier not in source["ReadReplicaDBInstanceIdentifiers"]:
        source["ReadReplicaDBInstanceIdentifiers"].append(identifier)
