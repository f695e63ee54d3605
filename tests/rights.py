"""What the policies in the templates allow: parameters filled in, judged by the evaluator of the local AWS."""

import re
from collections.abc import Mapping
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.templates import statements

REGION, ACCOUNT = "ap-northeast-1", "123456789012"
PARAMETERS = {
    "ProjectName": "langpont",
    "Environment": "prod",
    "DBInstanceIdentifier": "langpont-prod-db",
    "SnapshotPrefix": "langpont-manual",
    "AlertsTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:langpont-prod-alerts",
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


def _filled_in(value: Any) -> Any:
    if isinstance(value, list):
        return [_filled_in(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return PARAMETERS[value["Ref"]]
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([\w:]+)\}", lambda name: PARAMETERS[name[1]], value["Fn::Sub"])
    return {key: _filled_in(item) for key, item in value.items()}
