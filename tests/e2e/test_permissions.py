"""IAM is enforced: a right that is taken away is missed by the function that needs it, and named."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.aws.server import REGION
from local.demo.scene import Scene
from local.errors import LocalError

CREATE = "CreateSnapshotFunction"


@pytest.fixture
def without_create_snapshot(scene: Scene) -> Iterator[None]:
    """Take rds:CreateDBSnapshot away from the function for one test."""
    role = scene.aws.functions.get_function_configuration(FunctionName=scene.stack.physical_id(CREATE))["Role"]
    iam: Any = boto3.Session(scene.aws.access_key_id, scene.aws.secret_access_key, region_name=REGION).client(
        "iam", endpoint_url=scene.aws.endpoint_url
    )
    place = {"RoleName": role.rsplit("/", 1)[1], "PolicyName": f"{CREATE}RolePolicy0"}
    policy = iam.get_role_policy(**place)["PolicyDocument"]
    kept = [statement for statement in policy["Statement"] if "rds:CreateDBSnapshot" not in statement["Action"]]
    iam.put_role_policy(**place, PolicyDocument=json.dumps({**policy, "Statement": kept}))
    yield
    iam.put_role_policy(**place, PolicyDocument=json.dumps(policy))


def test_denied_function_is_named_with_action_and_resource(scene: Scene, without_create_snapshot: None) -> None:
    with pytest.raises(LocalError, match="was denied"):
        scene.stack.invoke(CREATE, {"scheduled_time": "2026-02-02T18:00:00Z"})

    denials = scene.stack.denials(CREATE)

    assert f"{CREATE} was denied rds:CreateDBSnapshot on arn:aws:rds:{REGION}" in str(denials[0])
