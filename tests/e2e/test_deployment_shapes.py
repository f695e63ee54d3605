"""Each shape of the application: deployed, updated in place, kept from losing data and destroyed, all by `make`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from local.lifecycle import Lifecycle
from tests.e2e.shapes import (
    EXISTING,
    Done,
    Ground,
    Shape,
    deployed,
    existing_instance,
    made,
    own_network,
    physical_id,
    prepared,
    without_key,
)

PROD, DEV = "langpont-prod", "langpont-dev"
DEFAULTS = Shape("shape-defaults", PROD, lambda _: {})
OWN_VPC = Shape("shape-own-vpc", PROD, lambda ground: {"DeletionProtection": "false", **own_network(ground)})
SMALL = Shape("shape-dev", DEV, lambda _: {"MultiAZ": "false", "ReplicaCount": "0", "DeletionProtection": "false"})
ADOPTED = Shape("shape-existing", DEV, existing_instance, ({}, "MessagesKey (key) would be removed from its stack"))

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, slots=True)
class Life:
    """A shape that is deployed.

    Args:
        shape: Which.
        ground: Where.
        parameters: What it was deployed with.
        resource_id: What RDS calls its instance: another one has another.
    """

    shape: Shape
    ground: Ground
    parameters: Mapping[str, str]
    resource_id: str

    def deploy(self, **changes: str) -> Done:
        return deployed(self.shape, self.ground, {**self.parameters, **changes})

    def destroy(self, name: str = "") -> Done:
        return made("destroy", self.ground, STACK=self.shape.name, CONFIRM=name or self.shape.name)

    def has_its_instance(self) -> bool:
        return _resource_id(self.ground, self.shape) == self.resource_id


@pytest.fixture(scope="module")
def stand_on(lifecycle: Lifecycle) -> Iterator[Callable[[str], Ground]]:
    """Stand on an environment beside the suite's own, whose build it deploys; one project's at a time."""
    present: dict[str, Ground] = {}
    with ExitStack() as stack:

        def stand(project: str) -> Ground:
            if project not in present:
                stack.close()
                present.clear()
                present[project] = stack.enter_context(prepared(project))
            return present[project]

        yield stand


@pytest.fixture(scope="module", params=(DEFAULTS, OWN_VPC, SMALL, ADOPTED), ids=lambda shape: shape.name)
def life(request: pytest.FixtureRequest, stand_on: Callable[[str], Ground]) -> Life:
    """Deploy a shape; the tests of one follow each other, and the last of them destroys it."""
    shape: Shape = request.param
    ground = stand_on(shape.project)
    parameters = {**ground.parameters, **shape.parameters(ground)}
    done = deployed(shape, ground, parameters)
    assert done.returncode == 0, done.stderr
    return Life(shape, ground, parameters, _resource_id(ground, shape))


def _resource_id(ground: Ground, shape: Shape) -> str:
    identifier = EXISTING if shape is ADOPTED else f"{shape.project}-db"
    (instance,) = ground.aws.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return instance["DbiResourceId"]


def _final_snapshots(life: Life) -> list[str]:
    """Return the states of the snapshots that CloudFormation named after the stack."""
    found = life.ground.aws.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return [s["Status"] for s in found if s["DBSnapshotIdentifier"].startswith(life.shape.name)]


def test_changed_function_leaves_the_instance_alone(life: Life) -> None:
    updated = life.deploy(SnapshotRetentionDays="31")

    assert updated.returncode == 0, updated.stderr
    name = physical_id(life.shape, life.ground, "ExpireSnapshotsFunction")
    function = life.ground.aws.functions.get_function_configuration(FunctionName=name)
    assert function["Environment"]["Variables"]["RETENTION_DAYS"] == "31"
    assert life.has_its_instance()


def test_replacement_is_refused_by_name(life: Life) -> None:
    changes, complaint = life.shape.replacing
    template = without_key(life.ground) if life.shape is ADOPTED else None

    refused = deployed(life.shape, life.ground, {**life.parameters, **changes}, template)

    assert refused.returncode != 0
    assert complaint in refused.stderr
    assert life.has_its_instance()


def test_destroying_by_mistake_is_refused(life: Life) -> None:
    protected = life.shape is DEFAULTS

    refused = life.destroy() if protected else life.destroy("langpont-rds-prod")

    words = "is protected against deletion: switch it off deliberately" if protected else "another name was given"
    assert refused.returncode != 0
    assert words in refused.stderr
    assert life.has_its_instance()
    assert not protected or life.deploy(DeletionProtection="false").returncode == 0


def test_destroyed_stack_leaves_the_final_snapshot(life: Life) -> None:
    destroyed = life.destroy()

    assert destroyed.returncode == 0, destroyed.stderr
    with pytest.raises(ClientError, match="does not exist"):
        life.ground.aws.cloudformation.describe_stacks(StackName=life.shape.name)
    assert _final_snapshots(life) == ([] if life.shape is ADOPTED else ["available"])
    if life.shape is ADOPTED:
        assert life.has_its_instance()


def test_destroying_again_finds_nothing(life: Life) -> None:
    again = life.destroy()

    assert again.returncode == 0
    assert f"There is no stack {life.shape.name}" in again.stdout
