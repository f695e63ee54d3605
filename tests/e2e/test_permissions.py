"""IAM is enforced: a right that is taken away is missed by the function that needs it, and named."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.aws.server import REGION
from local.demo.scene import Scene
from local.errors import LocalError

EXPIRE = "ExpireSnapshotsFunction"


@pytest.fixture
def without_listing(scene: Scene) -> Iterator[None]:
    """Take rds:DescribeDBSnapshots away from the function for one test."""
    role = scene.aws.functions.get_function_configuration(FunctionName=scene.stack.physical_id(EXPIRE))["Role"]
    iam: Any = boto3.Session(scene.aws.access_key_id, scene.aws.secret_access_key, region_name=REGION).client(
        "iam", endpoint_url=scene.aws.endpoint_url
    )
    place = {"RoleName": role.rsplit("/", 1)[1], "PolicyName": f"{EXPIRE}RolePolicy0"}
    policy = iam.get_role_policy(**place)["PolicyDocument"]
    kept = [statement for statement in policy["Statement"] if "rds:DescribeDBSnapshots" not in statement["Action"]]
    iam.put_role_policy(**place, PolicyDocument=json.dumps({**policy, "Statement": kept}))
    yield
    iam.put_role_policy(**place, PolicyDocument=json.dumps(policy))


def test_denied_function_is_named_with_action_and_resource(scene: Scene, without_listing: None) -> None:
    with pytest.raises(LocalError, match="was denied"):
        scene.stack.invoke(EXPIRE, {"dry_run": True})

    denials = scene.stack.denials(EXPIRE)

    assert f"{EXPIRE} was denied rds:DescribeDBSnapshots on arn:aws:rds:{REGION}" in str(denials[0])
