"""A small application on the local AWS's emulator, in this process, as the deployment's commands see it."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore import xform_name
from ministack.services import cloudformation
from rich.console import Console

from deployment.deploy import Deployer
from deployment.destroy import Destroyer
from deployment.place import Place
from deployment.samconfig import Target
from local.aws.gaps import change_sets, nested_stacks, rds_deletion, stack_policies
from tests.emulator import call, put_template, restored

STACK = "langpont-rds-test"
ACCOUNT = "000000000000"

type Template = dict[str, Any]


@contextmanager
def emulated() -> Iterator[None]:
    """Supply what CloudFormation and RDS do with deployments."""
    with restored():
        for gap in (nested_stacks, change_sets, rds_deletion, stack_policies):
            gap.install()
        yield


def database(**properties: Any) -> Template:
    """Return the stack of the instance, its subnet group and a replica."""
    primary = {
        "DBInstanceIdentifier": "langpont-test-db",
        "Engine": "postgres",
        "MasterUsername": "langpont",
        "MasterUserPassword": "not a secret here",
        "DBInstanceClass": "db.t3.medium",
        "DBName": {"Ref": "DBName"},
        "KmsKeyId": {"Ref": "StorageKeyArn"},
        "DeletionProtection": {"Ref": "DeletionProtection"},
        **properties,
    }
    replica = {
        "DBInstanceIdentifier": "langpont-test-replica-1",
        "SourceDBInstanceIdentifier": {"Ref": "PrimaryInstance"},
        "DBInstanceClass": "db.t3.medium",
    }
    return {
        "Parameters": {
            name: {"Type": "String"} for name in ("DBName", "StorageKeyArn", "Replicas", "DeletionProtection")
        },
        "Conditions": {"HasReplica": {"Fn::Equals": [{"Ref": "Replicas"}, "1"]}},
        "Resources": {
            "PrimaryInstance": {
                "Type": "AWS::RDS::DBInstance",
                "DeletionPolicy": "Snapshot",
                "UpdateReplacePolicy": "Snapshot",
                "Properties": primary,
            },
            "ReplicaInstance": {"Type": "AWS::RDS::DBInstance", "Condition": "HasReplica", "Properties": replica},
        },
    }


def keys(**properties: Any) -> Template:
    """Return the stack of the storage key, which outlives its stack."""
    key = {"Description": "Storage", **properties}
    return {
        "Resources": {"StorageKey": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "Properties": key}},
        "Outputs": {"StorageKeyArn": {"Value": {"Fn::GetAtt": ["StorageKey", "Arn"]}}},
    }


def root(database_stack: Template | None = None, keys_stack: Template | None = None, **resources: Any) -> Template:
    """Return the root, with a topic that functions might publish to."""
    given = {name: {"Ref": name} for name in ("DBName", "Replicas", "DeletionProtection")}
    from_keys = {"StorageKeyArn": {"Fn::GetAtt": ["KeysStack", "Outputs.StorageKeyArn"]}}
    return {
        "Metadata": {"Packaged": "s3://templates/layer"},
        "Parameters": {
            "DBName": {"Type": "String", "Default": "langpont"},
            "Replicas": {"Type": "String", "Default": "1"},
            "DeletionProtection": {"Type": "String", "Default": "false"},
            "Existing": {"Type": "String", "Default": ""},
            "Subject": {"Type": "String", "Default": "alerts"},
        },
        "Conditions": {"MakesDatabase": {"Fn::Equals": [{"Ref": "Existing"}, ""]}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Subject"}}},
            "KeysStack": _nested("keys", keys_stack or keys(), {}),
            "DatabaseStack": {
                **_nested("database", database_stack or database(), {**given, **from_keys}),
                "Condition": "MakesDatabase",
            },
            **resources,
        },
        "Outputs": {"TopicArn": {"Value": {"Ref": "Topic"}}},
    }


class World:
    """What a person has: a folder, a target, and what was said.

    Args:
        folder: Where packaged templates lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said = io.StringIO()
        self._console = Console(file=self._said, width=200, highlight=False)
        self.place = Place(_Session(), "https://emulated", poll_seconds=0)  # type: ignore[arg-type]

    @property
    def said(self) -> str:
        """Return everything that was said."""
        return self._said.getvalue()

    def deploy(
        self, template: Template | None = None, confirm: Callable[[str], bool] | None = None, **values: str
    ) -> None:
        deployer = self._deployer(values)
        deployer.deploy(deployer.template(self._packaged(template or root())), confirm)

    def diff(self, template: Template | None = None, **values: str) -> None:
        deployer = self._deployer(values)
        deployer.diff(deployer.template(self._packaged(template or root())))

    def destroy(self, typed: str = STACK) -> None:
        Destroyer(_target({}), self.place, self._console).destroy(lambda _: typed)

    def _deployer(self, values: dict[str, str]) -> Deployer:
        return Deployer(_target(values), self.place, self._console)

    def _packaged(self, template: Template) -> Path:
        packaged = self._folder / "packaged.json"
        packaged.write_text(json.dumps(template), encoding="utf-8")
        return packaged


def stack(name: str = STACK) -> Template:
    """Return a stack as CloudFormation describes it."""
    (found,) = call("cloudformation", "DescribeStacks", StackName=name)["Stacks"]
    return dict(found)


def emulated_stack() -> Template:
    """Return the emulator's own record of the stack, to be tampered with."""
    found: Template = cloudformation._stacks[STACK]
    return found


def policy(name: str) -> Template | None:
    """Return the policy of a stack; None where it has none."""
    body = call("cloudformation", "GetStackPolicy", StackName=name).get("StackPolicyBody")
    return json.loads(body) if body else None


def change_sets_left() -> list[str]:
    """Return the change sets of the stack that nobody deleted or executed."""
    summaries = call("cloudformation", "ListChangeSets", StackName=STACK)["Summaries"]
    return [summary["ChangeSetName"] for summary in summaries if summary["ExecutionStatus"] == "AVAILABLE"]


def _target(values: dict[str, str]) -> Target:
    return Target("test", STACK, "ap-northeast-1", values, ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"))


def _nested(name: str, template: Template, parameters: Template) -> Template:
    # As packaged: the address changes with the content.
    address = put_template(f"{name}-{abs(hash(json.dumps(template)))}", template)
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": address, "Parameters": parameters}}


@cache
def _operations(service: str) -> dict[str, str]:
    """Return the operations of a service by the names that boto3 gives them."""
    names = botocore.session.get_session().get_service_model(service).operation_names
    return {xform_name(name): name for name in names}


class _Session:
    """Makes clients of the emulator, as boto3's session does of AWS."""

    def client(self, service: str, **_: Any) -> Any:
        return {"s3": _S3(), "sts": _Sts()}.get(service) or _Client(service)


class _S3:
    meta = SimpleNamespace(endpoint_url="https://s3.amazonaws.com")

    def put_object(self, **request: Any) -> None:
        put_template(request["Key"], json.loads(request["Body"]))


class _Sts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": ACCOUNT}


class _Client:
    def __init__(self, service: str) -> None:
        self._service = service
        self._operations = _operations(service)

    def __getattr__(self, name: str) -> Callable[..., Template]:
        return lambda **request: call(self._service, self._operations[name], **request)

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **request: [getattr(self, name)(**request)])
