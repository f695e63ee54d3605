"""Takes a right away from a deployed function for a while."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from local.aws.server import REGION
from local.demo.scene import Scene


@contextmanager
def without_right(scene: Scene, function: str, action: str) -> Iterator[None]:
    """Let the function go without every statement that names the action."""
    role = scene.aws.functions.get_function_configuration(FunctionName=scene.stack.physical_id(function))["Role"]
    iam: Any = boto3.Session(scene.aws.access_key_id, scene.aws.secret_access_key, region_name=REGION).client(
        "iam", endpoint_url=scene.aws.endpoint_url
    )
    place = {"RoleName": role.rsplit("/", 1)[1], "PolicyName": f"{function}RolePolicy0"}
    policy = iam.get_role_policy(**place)["PolicyDocument"]
    kept = [statement for statement in policy["Statement"] if action not in statement["Action"]]
    iam.put_role_policy(**place, PolicyDocument=json.dumps({**policy, "Statement": kept}))
    try:
        yield
    finally:
        iam.put_role_policy(**place, PolicyDocument=json.dumps(policy))
