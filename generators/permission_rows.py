"""Who may do what, to what, on which condition, and why: one row for every statement of every policy in a template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generators.templates import Template

WITHOUT_SID = {
    "sqs:SendMessage": "Send what it could not handle to its dead-letter queue",
    "AWSLambdaBasicExecutionRole": "Write its log",
    "AWSLambdaVPCAccessExecutionRole": "Have a network interface in the VPC, and write its log",
    "AWSXrayWriteOnlyAccess": "Send its traces",
    "AmazonRDSEnhancedMonitoringRole": "Write what RDS measures inside the server to its log",
    "lambda.amazonaws.com": "Lambda runs the function",
    "events.amazonaws.com": "Its rule invokes the function",
    "sns.amazonaws.com": "Its topic invokes the function",
}
"""Reasons of what cannot have a Sid, because SAM or AWS writes it: by service, managed policy or action."""

_DOCUMENTS = {
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}
_OWN = re.compile(r"arn:\$\{AWS::Partition\}:([\w-]+):(?:\$\{AWS::Region\})?:\$\{AWS::AccountId\}:")
_MANAGED = re.compile(r"arn:(?:aws|\$\{AWS::Partition\}):iam::aws:policy/(?:service-role/)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One statement.

    Args:
        where: Stack and logical id, such as `snapshots.CreateSnapshotFunctionRole`.
        sid: The statement's own name; empty where SAM wrote it.
        effect: `Allow` or `Deny`.
        who: Whom the policy of a resource, or a role's trust, is about; empty where it is the role itself.
        actions: What may be done; of a managed policy its name.
        resources: To what, in the short form of this module; empty in a role's trust.
        conditions: All of them have to hold.
    """

    where: str
    sid: str
    effect: str
    who: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Return why, in words: the Sid's, or what is known of statements without one; empty if nothing is."""
        if self.sid:
            return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", self.sid).capitalize()
        return WITHOUT_SID.get(self.who or self.actions[0], "")


def rows_of(stack: str, template: Template) -> Iterator[Row]:
    """Yield a row for every statement in a stack: of roles, keys, topics, queues, secrets and functions.

    Args:
        stack: What the rows call it.
        template: What SAM makes of it.
    """
    for logical_id, resource in template["Resources"].items():
        yield from _rows_of_resource(f"{stack}.{logical_id}", resource["Type"], resource.get("Properties", {}))


def short(value: Any) -> str:
    """Return a value of a template in one line: `${Name}` for what is filled in, ARNs of this account without it."""
    return _OWN.sub(r"\1:", _filled_in(value))


def _filled_in(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    ((function, argument),) = value.items()
    match function:
        case "Ref":
            text = f"${{{argument}}}"
        case "Fn::GetAtt":
            text = f"${{{'.'.join(argument)}}}"
        case "Fn::If":
            text = f"{short(argument[1])} or {short(argument[2])}"
        case "Fn::Join":
            text = argument[0].join(short(part) for part in argument[1])
        case _:
            text, variables = argument if isinstance(argument, list) else (argument, {})
            for name, meant in variables.items():
                text = text.replace(f"${{{name}}}", short(meant))
    return text


def _rows_of_resource(where: str, resource_type: str, properties: Template) -> Iterator[Row]:
    if resource_type == "AWS::IAM::Role":
        yield from _rows_of_role(where, properties)
    elif resource_type == "AWS::Lambda::Permission":
        yield _row_of_function(where, properties)
    elif resource_type in _DOCUMENTS:
        yield from (_row(where, statement) for statement in properties[_DOCUMENTS[resource_type]]["Statement"])


def _row_of_function(where: str, properties: Template) -> Row:
    conditions = [
        f"StringEquals {key} = {short(properties[name])}"
        for name, key in (("SourceAccount", "aws:SourceAccount"), ("SourceArn", "aws:SourceArn"))
        if name in properties
    ]
    function = (short(properties["FunctionName"]),)
    return Row(where, "", "Allow", short(properties["Principal"]), (properties["Action"],), function, tuple(conditions))


def _rows_of_role(where: str, properties: Template) -> Iterator[Row]:
    for statement in properties["AssumeRolePolicyDocument"]["Statement"]:
        yield _row(where, statement)
    for policy in properties.get("ManagedPolicyArns", []):
        yield Row(where, "", "Allow", "", (_MANAGED.sub("", short(policy)),))
    for policy in properties.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            # A conditional statement counts with both of its branches.
            branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
            yield from (_row(where, branch) for branch in branches if branch != {"Ref": "AWS::NoValue"})


def _row(where: str, statement: Template) -> Row:
    conditions = (
        f"{operator} {key} = {' or '.join(short(value) for value in _listed(values))}"
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )
    return Row(
        where,
        statement.get("Sid", ""),
        statement["Effect"],
        " or ".join(_principals(statement.get("Principal", {}))),
        tuple(short(action) for action in _listed(statement["Action"])),
        tuple(short(resource) for resource in _listed(statement.get("Resource", []))),
        tuple(conditions),
    )


def _principals(principal: Any) -> list[str]:
    if not isinstance(principal, Mapping):
        return [str(principal)]
    return [short(value) for values in principal.values() for value in _listed(values)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
