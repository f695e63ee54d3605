"""Takes a right away from a deployed function, or a grant out of the key of the messages, for a while."""

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
    iam = client(scene, "iam")
    place = {"RoleName": role.rsplit("/", 1)[1], "PolicyName": f"{function}RolePolicy0"}
    policy = iam.get_role_policy(**place)["PolicyDocument"]
    kept = [statement for statement in policy["Statement"] if action not in statement["Action"]]
    iam.put_role_policy(**place, PolicyDocument=json.dumps({**policy, "Statement": kept}))
    try:
        yield
    finally:
        iam.put_role_policy(**place, PolicyDocument=json.dumps(policy))


@contextmanager
def without_grant(scene: Scene, sid: str) -> Iterator[None]:
    """Let the key of the messages go without one statement of its policy."""
    kms = client(scene, "kms")
    place = {"KeyId": scene.stack.physical_id("MessagesKey"), "PolicyName": "default"}
    policy = json.loads(kms.get_key_policy(**place)["Policy"])
    kept = [statement for statement in policy["Statement"] if statement["Sid"] != sid]
    assert len(kept) == len(policy["Statement"]) - 1
    kms.put_key_policy(**place, Policy=json.dumps({**policy, "Statement": kept}))
    try:
        yield
    finally:
        kms.put_key_policy(**place, Policy=json.dumps(policy))


@contextmanager
def uninvokable(scene: Scene, function: str) -> Iterator[None]:
    """Let no service invoke the function."""
    name = scene.stack.physical_id(function)
    statements = json.loads(scene.aws.functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    for statement in statements:
        scene.aws.functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        yield
    finally:
        for statement in statements:
            scene.aws.functions.add_permission(
                FunctionName=name,
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )


def client(scene: Scene, service: str) -> Any:
    """Return a client of a service that nothing else here talks to."""
    session: Any = boto3.Session(scene.aws.access_key_id, scene.aws.secret_access_key, region_name=REGION)
    return session.client(service, endpoint_url=scene.aws.endpoint_url)
