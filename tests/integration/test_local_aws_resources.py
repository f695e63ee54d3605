"""Resource types that the local CloudFormation learns: flow logs, default groups, rotation, policies, new secrets."""

import json
import string
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core import iam_actions
from ministack.services import secretsmanager

from local.aws.gaps import network_resources, secret_resources, secrets
from tests.emulator import call, physical_id, reasons, restored, status

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}}


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    with restored():
        network_resources.install()
        secrets.install()
        secret_resources.install()
        yield


def _deploy(operation: str, **resources: Any) -> None:
    group = {"Value": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}}
    template = {"Resources": resources, "Outputs": {"Group": group} if "Vpc" in resources else {}}
    call("cloudformation", operation, StackName="root", TemplateBody=json.dumps(template))


def _flow_log(**more: Any) -> dict[str, Any]:
    properties = {
        "ResourceId": {"Ref": "Vpc"},
        "ResourceType": "VPC",
        "TrafficType": "REJECT",
        "LogGroupName": "flow",
        "DeliverLogsPermissionArn": "arn:aws:iam::000000000000:role/flow",
        **more,
    }
    return {"Type": "AWS::EC2::FlowLog", "Properties": properties}


def _group() -> dict[str, Any]:
    (stack,) = call("cloudformation", "DescribeStacks", StackName="root")["Stacks"]
    (output,) = stack["Outputs"]
    (group,) = call("ec2", "DescribeSecurityGroups", GroupIds=[output["OutputValue"]])["SecurityGroups"]
    found: dict[str, Any] = group
    return found


def test_flow_log_is_described_and_goes_with_its_stack() -> None:
    _deploy("CreateStack", Vpc=VPC, Log=_flow_log(Tags=[{"Key": "Environment", "Value": "prod"}]))
    (log,) = call("ec2", "DescribeFlowLogs")["FlowLogs"]

    call("cloudformation", "DeleteStack", StackName="root")

    assert (log["TrafficType"], log["LogDestinationType"]) == ("REJECT", "cloud-watch-logs")
    assert log["Tags"] == [{"Key": "Environment", "Value": "prod"}]
    assert call("ec2", "DescribeFlowLogs")["FlowLogs"] == []


def test_flow_log_that_changes_is_another_one() -> None:
    _deploy("CreateStack", Vpc=VPC, Log=_flow_log())
    first = physical_id("root", "Log")

    _deploy("UpdateStack", Vpc=VPC, Log=_flow_log(TrafficType="ALL"))

    (log,) = call("ec2", "DescribeFlowLogs")["FlowLogs"]
    assert (log["FlowLogId"] != first, log["TrafficType"]) == (True, "ALL")


def test_flow_log_of_no_vpc_is_refused() -> None:
    _deploy("CreateStack", Log=_flow_log(ResourceId="vpc-none"))

    assert status("root") == "ROLLBACK_COMPLETE"
    assert "vpc-none' does not exist" in reasons("root")[0]


def test_default_group_lets_in_itself_and_lets_out_everything() -> None:
    _deploy("CreateStack", Vpc=VPC)

    group = _group()

    assert group["GroupName"] == "default"
    assert [pair["GroupId"] for rule in group["IpPermissions"] for pair in rule["UserIdGroupPairs"]] == [
        group["GroupId"]
    ]
    assert [span["CidrIp"] for rule in group["IpPermissionsEgress"] for span in rule["IpRanges"]] == ["0.0.0.0/0"]


def test_rules_of_the_default_group_are_revoked_as_they_are_described() -> None:
    _deploy("CreateStack", Vpc=VPC)
    group = _group()

    for direction, rules in (("Ingress", "IpPermissions"), ("Egress", "IpPermissionsEgress")):
        call("ec2", f"RevokeSecurityGroup{direction}", GroupId=group["GroupId"], IpPermissions=group[rules])

    after = _group()
    assert (after["IpPermissions"], after["IpPermissionsEgress"]) == ([], [])


def test_rules_of_the_default_group_are_revoked_by_their_ids() -> None:
    _deploy("CreateStack", Vpc=VPC)
    group = _group()["GroupId"]
    wanted = [{"Name": "group-id", "Values": [group]}]

    for rule in call("ec2", "DescribeSecurityGroupRules", Filters=wanted)["SecurityGroupRules"]:
        direction = "Egress" if rule["IsEgress"] else "Ingress"
        named = [rule["SecurityGroupRuleId"]]
        call("ec2", f"RevokeSecurityGroup{direction}", GroupId=group, SecurityGroupRuleIds=named)

    assert call("ec2", "DescribeSecurityGroupRules", Filters=wanted)["SecurityGroupRules"] == []


def test_revoking_is_authorized_on_the_group() -> None:
    request = {"Action": ["RevokeSecurityGroupEgress"], "GroupId": ["sg-1"]}

    arn = iam_actions.extract_resource_arn("ec2", "POST", "/", {}, b"", request, "ap-northeast-1", "123456789012")

    assert arn == "arn:aws:ec2:ap-northeast-1:123456789012:security-group/sg-1"


def test_rotation_schedule_shows_on_the_secret_until_it_is_deleted() -> None:
    properties = {"SecretId": {"Ref": "Secret"}, "RotationRules": {"AutomaticallyAfterDays": 30}}
    rotation = {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": properties}
    _deploy("CreateStack", Secret=SECRET, Rotation=rotation)
    during = _secret()
    shown = (during["RotationEnabled"], during["RotationRules"])

    _deploy("UpdateStack", Secret=SECRET, Queue={"Type": "AWS::SQS::Queue"})

    assert shown == (True, {"AutomaticallyAfterDays": 30})
    assert _secret()["RotationEnabled"] is False


def test_hosted_rotation_is_deployed_where_its_macro_is_declared() -> None:
    rotation = {"SecretId": {"Ref": "Secret"}, "HostedRotationLambda": {"RotationType": "PostgreSQLSingleUser"}}
    template = {
        "Transform": "AWS::SecretsManager-2024-09-16",
        "Resources": {
            "Secret": SECRET,
            "Rotation": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": rotation},
        },
    }
    call("cloudformation", "CreateStack", StackName="root", TemplateBody=json.dumps(template))

    assert (status("root"), _secret()["RotationEnabled"]) == ("CREATE_COMPLETE", True)


def test_resource_policy_of_a_secret_is_kept_with_it() -> None:
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}]}
    properties = {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": policy, "BlockPublicPolicy": True}
    _deploy(
        "CreateStack", Secret=SECRET, Policy={"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}
    )

    found = secretsmanager.secret_policy_for_arn(_secret()["ARN"])

    assert found is not None
    assert json.loads(found[0]) == policy


def test_secret_that_is_updated_keeps_its_arn() -> None:
    _deploy("CreateStack", Secret=SECRET)
    arn = physical_id("root", "Secret")

    _deploy("UpdateStack", Secret={**SECRET, "Properties": {"SecretString": "{}", "Description": "changed"}})

    assert (physical_id("root", "Secret"), _secret()["Description"]) == (arn, "changed")


def _secret() -> dict[str, Any]:
    (secret,) = secretsmanager._secrets.values()
    found: dict[str, Any] = secret
    return found


def _generated(**wanted: Any) -> str:
    parameters = {"Length": {"Type": "Number", "Default": "48"}}
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": wanted}}
    template = {"Parameters": parameters, "Resources": {"Secret": secret}}
    call("cloudformation", "CreateStack", StackName="root", TemplateBody=json.dumps(template))
    (found,) = secretsmanager._secrets.values()
    (version,) = found["Versions"].values()
    return str(version["SecretString"])


def test_generated_password_of_letters_and_digits_is_just_that() -> None:
    text = _generated(
        SecretStringTemplate='{"username": "somebody"}',
        GenerateStringKey="password",
        PasswordLength=4000,
        ExcludePunctuation=True,
    )

    login = json.loads(text)
    assert login["username"] == "somebody"
    assert set(login["password"]) == set(string.ascii_letters + string.digits)
    assert len(login["password"]) == 4000


@pytest.mark.parametrize(
    ("wanted", "length", "characters"),
    [
        ({"PasswordLength": 4000, "ExcludePunctuation": "false"}, 4000, string.ascii_letters + string.digits + "!"),
        ({"PasswordLength": 4000, "ExcludePunctuation": "true", "ExcludeCharacters": "123"}, 4000, "0aA"),
        ({"ExcludeUppercase": True, "ExcludeNumbers": True, "ExcludePunctuation": True}, 32, "a"),
        ({"PasswordLength": {"Ref": "Length"}, "ExcludePunctuation": True}, 48, "a0A"),
        ({}, 32, "a0A!"),
    ],
)
def test_generated_password_is_as_long_as_asked_and_has_one_of_each_kind(
    wanted: dict[str, Any], length: int, characters: str
) -> None:
    password = _generated(**wanted)

    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
    assert len(password) == length
    for kind in kinds:
        assert bool(set(password) & set(kind)) == bool(set(characters) & set(kind))
    assert not set(password) & set(wanted.get("ExcludeCharacters", ""))


def test_password_that_cannot_be_fails_the_stack() -> None:
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"PasswordLength": 3}}}

    _deploy("CreateStack", Secret=secret)

    assert status("root") == "ROLLBACK_COMPLETE"
    assert "GenerateSecretString: PasswordLength too short" in reasons("root")[0]
