"""The shapes in which the application is deployed, each on an embedded environment of its own, through `make`."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from deployment.packaging import Workshop, package
from deployment.place import find_place
from deployment.sam import machine_architecture
from deployment.samconfig import FILE, LOCAL, read_target
from deployment.stacks import list_resources
from local.aws import server
from local.aws.server import LocalAws
from local.checkout import Checkout
from local.free_ports import LOOPBACK
from local.instances import ENDPOINT_NAMES
from local.lifecycle import Lifecycle
from local.postgres.cluster import Cluster
from local.postgres.creation import EndpointNames
from local.processes import Processes

ZONES = [f"{server.REGION}{letter}" for letter in "acd"]
EXISTING = "bought-before-db"
DEADLINE_SECONDS = 240

type Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """An embedded environment on which nothing is deployed yet.

    Args:
        aws: The local AWS.
        template: The packaged application.
        parameters: What every deployment on it needs.
    """

    aws: LocalAws
    template: Path
    parameters: Mapping[str, str]

    def client(self, service: str) -> Any:
        """Return a client of a service."""
        variables = self.aws.variables()
        session: Any = boto3.Session(
            variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region_name=server.REGION
        )
        return session.client(service, endpoint_url=self.aws.endpoint_url)


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to deploy the application.

    Args:
        name: The stack's name.
        project: Project and environment: what the instance's identifier begins with.
        parameters: What makes it this shape; asked on the ground that it stands on.
        replacing: A change that would replace something, and what is said about it.
    """

    name: str
    project: str
    parameters: Callable[[Ground], Mapping[str, str]]
    replacing: tuple[Mapping[str, str], str] = field(
        default=({"DBName": "other"}, "DatabaseStack/PrimaryInstance (instance) would be replaced: DBName changes")
    )


def own_network(ground: Ground) -> dict[str, str]:
    """Make a VPC with three private subnets and return the parameters that name them."""
    ec2 = ground.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(ZONES)
    ]
    return {"VpcId": vpc, "PrivateSubnetIds": ",".join(subnets), "AvailabilityZones": ",".join(ZONES)}


def existing_instance(ground: Ground) -> dict[str, str]:
    """Make an instance as somebody else did and return the parameters that describe it."""
    network, rds = own_network(ground), ground.client("rds")
    group = ground.client("ec2").create_security_group(
        GroupName=EXISTING, Description="of an instance that exists", VpcId=network["VpcId"]
    )
    rds.create_db_instance(
        DBInstanceIdentifier=EXISTING,
        Engine="postgres",
        DBInstanceClass="db.t3.medium",
        MasterUsername="langpont_admin",
        MasterUserPassword="chosen-by-somebody-else",
        AllocatedStorage=20,
    )
    (instance,) = rds.describe_db_instances(DBInstanceIdentifier=EXISTING)["DBInstances"]
    return {
        **network,
        "ReplicaCount": "0",
        "ExistingDBInstanceIdentifier": EXISTING,
        "ExistingDBEndpoint": instance["Endpoint"]["Address"],
        "ExistingDBResourceId": instance["DbiResourceId"],
        "ExistingDBSecurityGroupId": group["GroupId"],
    }


def made(target: str, ground: Ground, **variables: str) -> Done:
    """Run a target of the Makefile on a ground and return what came of it."""
    words = [f"{name}={value}" for name, value in variables.items() if value]
    return subprocess.run(
        ["make", target, "ENV=local", *words],
        cwd=Checkout.here().root,
        env={**os.environ, **ground.aws.variables(), "NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def deployed(shape: Shape, ground: Ground, parameters: Mapping[str, str], template: Path | None = None) -> Done:
    """Run `make deploy` with a packaged template and return what came of it."""
    words = " ".join(f"{name}={value}" for name, value in parameters.items())
    return made("deploy", ground, STACK=shape.name, TEMPLATE=str(template or ground.template), PARAMETERS=words)


def physical_id(shape: Shape, ground: Ground, logical_id: str) -> str:
    """Return what a resource of the stack, or of one nested in it, is called."""
    found = {r.logical_id: r.physical_id for r in list_resources(ground.aws.cloudformation, shape.name)}
    return found[logical_id]


def without_key(ground: Ground) -> Path:
    """Return the packaged template with its key under another name, which takes the present key out of the stack."""
    text = ground.template.read_text(encoding="utf-8")
    renamed = ground.template.with_name("renamed.json")
    for old, new in (('"MessagesKey"', '"OtherKey"'), ("MessagesKey.Arn", "OtherKey.Arn")):
        text = text.replace(old, new)
    renamed.write_text(text, encoding="utf-8")
    return renamed


@contextmanager
def prepared(project: str) -> Iterator[Ground]:
    """Start a cluster and a local AWS for instances of that project, and stop them at the end.

    Args:
        project: Project and environment, such as langpont-prod.
    """
    checkout = Checkout.of_shapes()
    lifecycle, processes = Lifecycle(checkout, _silent), Processes(checkout.local)
    lifecycle.down()
    try:
        cluster = Cluster(checkout.local, _silent)
        cluster.up(_names(project))
        aws = server.start(checkout, processes)
        yield Ground(aws, _packaged(checkout, aws), _needed(project, cluster))
    finally:
        lifecycle.down()


def _packaged(checkout: Checkout, aws: LocalAws) -> Path:
    """Package what `sam build` made for the whole suite."""
    target = read_target(checkout.root / FILE, LOCAL)
    workshop = Workshop(checkout.root, checkout.programs, {**os.environ, "NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK})
    return package(workshop, target, find_place(target, checkout.root, aws.variables()))


def _needed(project: str, cluster: Cluster) -> dict[str, str]:
    return {
        "Architecture": machine_architecture(),
        "DatabaseHostAddress": LOOPBACK,
        "DatabaseCaBundle": str(cluster.folders.ca_bundle),
        "Environment": project.rpartition("-")[2],
    }


def _names(project: str) -> EndpointNames:
    ours = ENDPOINT_NAMES.primary.partition("-db.")[0]
    return EndpointNames(
        primary=ENDPOINT_NAMES.primary.replace(ours, project), replica=ENDPOINT_NAMES.replica.replace(ours, project)
    )


def _silent(what: str) -> None:
    """Progress would only disturb the test runner's own."""
