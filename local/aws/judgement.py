"""Who may do what by the policies that the local AWS holds; asked by the gaps that act for services and principals."""

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

type Policy = str | Mapping[str, Any]
NOTHING: Mapping[str, Any] = {}
_EVERYTHING = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def service_may(service: str, action: str, resource_arn: str, source_arn: str, policy: Policy) -> bool:
    """Tell whether the resource's policy lets a service do that for one of this account's resources.

    Args:
        service: Such as `sns.amazonaws.com`.
        action: Such as `sqs:SendMessage`.
        resource_arn: What it is done to.
        source_arn: For what the service does it, such as a topic; empty where the service does not tell.
        policy: The resource's policy; a role's trust policy is one, too.
    """
    account = get_account_id()
    # The default policy of a topic names the source's account by its older key.
    source = {"aws:sourcearn": source_arn, "aws:sourceaccount": account, "aws:sourceowner": account}
    # As the emulator does it for S3: the service itself calls, so that a grant to an account does not reach it.
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        secure_transport=True,
        service_context=source if source_arn else {},
    )
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow")


def principal_may(principal_arn: str, action: str, resource_arn: str, context: Mapping[str, Any] = NOTHING) -> bool:
    """Tell whether a role's session, a user or the account's root may do that, by its policies and the resource's.

    Args:
        principal_arn: As `sts:GetCallerIdentity` tells it.
        action: Such as `kms:Decrypt`.
        resource_arn: What it is done to; keys have to let even their owner's principals.
        context: Condition keys of the request, in lower case.
    """
    account, name = principal_arn.split(":")[4], _name(principal_arn)
    evaluated = EvalContext(
        principal_arn=principal_arn,
        principal_type="AssumedRole" if ":assumed-role/" in principal_arn else "User",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        secure_transport=True,
        service_context=dict(context),
    )
    policies, limits = _policies(principal_arn, name, account)
    result = iam_evaluator.evaluate(evaluated, policies, *limits)
    service = action.partition(":")[0]
    found = iam_evaluator._resource_policy(service, resource_arn)
    if found is not None:
        required = service in iam_evaluator._POLICY_REQUIRED
        result = iam_evaluator.combine_resource_policy(result, evaluated, *found, required=required, limits=limits)
    return bool(result.decision == "Allow")


def session_of(role_arn: str) -> str:
    """Return the principal that a service is when it acts for a role."""
    account = role_arn.split(":")[4] if role_arn else ""
    return f"arn:aws:sts::{account}:assumed-role/{role_arn.rsplit('/', 1)[-1]}/service"


def _name(principal_arn: str) -> str:
    parts = principal_arn.split("/")
    return parts[1] if ":assumed-role/" in principal_arn else parts[-1]


def _policies(principal_arn: str, name: str, account: str) -> tuple[list[Any], tuple[Any, ...]]:
    if principal_arn.endswith(":root"):
        return [iam_evaluator.parse_policy_document(_EVERYTHING)], ()
    if ":assumed-role/" in principal_arn:
        limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
        return iam_evaluator._gather_role_policies(name, account), tuple(limits)
    limits = iam_evaluator._permissions_boundary(iam._users, name, account)
    return iam_evaluator._gather_user_policies(name, account), tuple(limits)
