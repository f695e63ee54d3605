"""What the policies in the templates allow: parameters filled in, judged by the evaluator of the local AWS."""

import re
from collections.abc import Mapping
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, evaluate_resource_policy, parse_policy_document

from tests.templates import statements

REGION, ACCOUNT = "ap-northeast-1", "123456789012"
PARAMETERS = {
    "ProjectName": "langpont",
    "Environment": "prod",
    "DBInstanceIdentifier": "langpont-prod-db",
    "SnapshotPrefix": "langpont-manual",
    "AlertsTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:langpont-prod-alerts",
    "MessagesKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/messages",
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
}
NO_TAGS: Mapping[str, str] = {}


def may(
    role: str, action: str, resource: str, *, request: Mapping[str, str] = NO_TAGS, found: Mapping[str, str] = NO_TAGS
) -> bool:
    """Return whether a role of a stack may do this.

    Args:
        role: Stack and logical id, such as `snapshots.CreateSnapshotFunctionRole`.
        action: Such as `rds:DeleteDBSnapshot`.
        resource: The last part of the ARN in RDS, such as `snapshot:langpont-manual-x`.
        request: The tags that the request brings.
        found: The tags that the resource has.
    """
    policy = {"Statement": [_filled_in(statement) for where, statement in statements() if where == role]}
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:{resource}",
        region=REGION,
        request_tags=dict(request),
        tag_keys=list(request),
        service_context={f"aws:resourcetag/{key}".lower(): value for key, value in found.items()},
    )
    return bool(evaluate(context, [parse_policy_document(policy)]).decision == "Allow")


def service_may(
    document: Mapping[str, Any], service: str, action: str, *, source: Mapping[str, str], secure: bool = True
) -> bool:
    """Return whether the policy of a resource lets a service do this to it.

    Args:
        document: The policy, as a template has it.
        service: Such as `cloudwatch.amazonaws.com`.
        action: Such as `sns:Publish`.
        source: What the service tells of its source, such as `aws:SourceAccount`.
        secure: Whether it comes by TLS.
    """
    filled_in = _filled_in(document)
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        # Each statement is about the resource that the policy belongs to.
        resource_arn=filled_in["Statement"][0]["Resource"],
        region=REGION,
        secure_transport=secure,
        service_context={key.lower(): value for key, value in source.items()},
    )
    return bool(evaluate_resource_policy(filled_in, context, service=service).decision == "Allow")


def _filled_in(value: Any) -> Any:
    match value:
        case list():
            return [_filled_in(item) for item in value]
        case {"Ref": name}:
            filled: Any = PARAMETERS.get(name, f"made:{name}")
        case {"Fn::GetAtt": [name, _]}:
            filled = f"made:{name}"
        case {"Fn::Sub": str(text)}:
            filled = re.sub(r"\$\{([\w:]+)\}", lambda name: PARAMETERS[name[1]], text)
        case dict():
            filled = {key: _filled_in(item) for key, item in value.items()}
        case _:
            filled = value
    return filled
