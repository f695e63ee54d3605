"""Wrong parameters and combinations are refused in words before anything is made; right ones are not."""

from typing import Any

from tests.stack_refusals import EMPTY_LISTS, refusals
from tests.templates import source
from tests.whole_tables import for_each

SUBNETS = "subnet-0a1,subnet-0b2,subnet-0c3"
ZONES = "ap-northeast-1a,ap-northeast-1c,ap-northeast-1d"
OWN_VPC = {"VpcId": "vpc-0a1", "PrivateSubnetIds": SUBNETS}
EXISTING = {
    **OWN_VPC,
    "ExistingDBInstanceIdentifier": "orders-db",
    "ExistingDBEndpoint": "orders-db.abc.ap-northeast-1.rds.amazonaws.com",
    "ExistingDBResourceId": "db-ABCDEFGHIJKL01234",
    "ExistingDBSecurityGroupId": "sg-0a1",
    "ReplicaCount": 0,
}
BOTH_REPLICAS = {
    "AvailabilityZones": ZONES,
    "ReplicaCount": 2,
    "Replica1AvailabilityZone": "ap-northeast-1c",
    "Replica2AvailabilityZone": "ap-northeast-1d",
}
RIGHT = {
    "defaults": {},
    "an own VPC": OWN_VPC,
    "a zone for each replica": BOTH_REPLICAS,
    "a zone for each replica in an own VPC": {**OWN_VPC, **BOTH_REPLICAS},
    "a created VPC in named zones": {"AvailabilityZones": ZONES, "Replica1AvailabilityZone": "ap-northeast-1a"},
    "an existing instance": EXISTING,
    "an existing instance on another port": {**EXISTING, "ExistingDBPort": 6432},
    "dev": {"Environment": "dev", "MultiAZ": "false", "ReplicaCount": 0, "DeletionProtection": "false"},
    "rotation": {"MasterSecretRotationDays": 30},
    "rotation in an own VPC": {**OWN_VPC, "MasterSecretRotationDays": 30, "SecretsManagerEndpoint": "false"},
    "no administrators": {"AdminCidr": ""},
    "flow logs": {"FlowLogs": "true"},
    "local": {"MetricsAuthentication": "secret", "DatabaseHostAddress": "127.0.0.1"},
}  # fmt: skip
WRONG = [
    ({"VpcId": "vpc-0a1"}, "name three private subnets of it in PrivateSubnetIds"),
    ({"PrivateSubnetIds": SUBNETS}, "name the VPC that they belong to in VpcId"),
    ({**OWN_VPC, "PrivateSubnetIds": "subnet-0a1,subnet-0b2"}, "Three subnet ids"),
    ({**OWN_VPC, "PrivateSubnetIds": f"{SUBNETS},subnet-0d4"}, "Three subnet ids"),
    ({**OWN_VPC, "FlowLogs": "true"}, "FlowLogs records the VPC that is created"),
    ({**OWN_VPC, "Replica1AvailabilityZone": "ap-northeast-1c"}, "No subnet is given for Replica1AvailabilityZone"),
    ({"Replica1AvailabilityZone": "ap-northeast-1c"}, "No subnet is given for Replica1AvailabilityZone"),
    (
        {**BOTH_REPLICAS, "Replica1AvailabilityZone": "ap-northeast-1b"},
        "No subnet is given for Replica1AvailabilityZone",
    ),
    (
        {**BOTH_REPLICAS, "Replica2AvailabilityZone": "ap-northeast-1b"},
        "No subnet is given for Replica2AvailabilityZone",
    ),
    ({**EXISTING, "ReplicaCount": 1}, "set ReplicaCount to 0"),
    (
        {**EXISTING, "AvailabilityZones": ZONES, "Replica2AvailabilityZone": "ap-northeast-1d"},
        "leave the replicas' zones empty",
    ),
    ({**EXISTING, "ExistingDBEndpoint": ""}, "name the instance's host name in ExistingDBEndpoint"),
    ({**EXISTING, "ExistingDBResourceId": ""}, "name the instance's resource id in ExistingDBResourceId"),
    ({**EXISTING, "ExistingDBSecurityGroupId": ""}, "name the instance's security group"),
    ({**EXISTING, "VpcId": "", "PrivateSubnetIds": ""}, "name the instance's VPC in VpcId"),
    ({**EXISTING, "MasterSecretRotationDays": 30}, "no master secret of an existing instance"),
    ({"ExistingDBEndpoint": "orders-db.abc.amazonaws.com"}, "name it in ExistingDBInstanceIdentifier, too"),
    ({"ExistingDBSecurityGroupId": "sg-0a1"}, "name it in ExistingDBInstanceIdentifier, too"),
    ({"MasterSecretRotationDays": 30, "SecretsManagerEndpoint": "false"}, "leave SecretsManagerEndpoint at true"),
    ({"MetricsAuthentication": "secret"}, "for the embedded environment (make up)"),
    ({"BackupRetentionDays": 0}, "1 to 35 days"),
    ({"BackupRetentionDays": 36}, "1 to 35 days"),
    ({"ReplicaCount": 3}, "one of ['0', '1', '2']"),
    # RDS takes 63 characters for langpont-staging-replica-1.
    ({"ProjectName": "a" + 16 * "-b"}, "Up to 31 lower-case letters"),
    ({"EngineVersion": "15.4"}, "A minor version of PostgreSQL 16"),
    ({"EngineVersion": "16"}, "A minor version of PostgreSQL 16"),
    ({"DBUsername": "2fast"}, "beginning with a letter"),
    ({"DBName": "lang-pont"}, "letters, digits and underscores"),
    ({"DBInstanceClass": "t3.medium"}, "A DB instance class such as db.t3.medium"),
    ({"MaxConnections": 10}, "20 to 5000 connections"),
    ({"AllocatedStorageGiB": 10}, "20 to 65536 GiB"),
    ({"BackupWindow": "3:00-4:00"}, "A daily window of at least 30 minutes in UTC"),
    ({"MaintenanceWindow": "Sunday"}, "A weekly window of at least 30 minutes in UTC"),
    ({"AdminCidr": "home"}, "An IPv4 range such as 203.0.113.0/24"),
    ({"VpcCidr": "10.0.0.0/24"}, "An IPv4 range from /16 to /21"),
    ({"AvailabilityZones": "a,c,d"}, "Three zones such as ap-northeast-1a"),
    ({"MetricsSchedule": "every minute"}, "An EventBridge Scheduler expression"),
    ({"SnapshotRetentionDays": 0}, "1 to 3650 days"),
    ({"Environment": "test"}, "one of ['dev', 'staging', 'prod']"),
]


@for_each("empty_list", EMPTY_LISTS, ids=repr)
@for_each("values", RIGHT.values(), ids=RIGHT.keys())
def test_right_combination_passes(values: dict[str, Any], empty_list: list[str]) -> None:
    assert refusals(empty_list, **values) == []


@for_each("empty_list", EMPTY_LISTS, ids=repr)
@for_each(("values", "words"), WRONG, ids=[words for _, words in WRONG])
def test_wrong_combination_is_refused_in_words(values: dict[str, Any], words: str, empty_list: list[str]) -> None:
    refused = refusals(empty_list, **values)

    assert [each for each in refused if words in each], refused


def test_every_pattern_and_every_bound_is_explained() -> None:
    unexplained = [
        name
        for name, parameter in source("root")["Parameters"].items()
        if {"AllowedPattern", "MinValue", "MaxValue"} & set(parameter) and "ConstraintDescription" not in parameter
    ]

    assert unexplained == []


def test_every_parameter_is_described_and_shown_in_a_group() -> None:
    template = source("root")
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]

    assert [name for name, each in template["Parameters"].items() if not each.get("Description")] == []
    assert sorted(shown) == sorted(template["Parameters"])


def test_text_parameters_have_a_pattern_or_a_list_of_values() -> None:
    free = [
        name
        for name, parameter in source("root")["Parameters"].items()
        if parameter["Type"] != "Number" and not {"AllowedPattern", "AllowedValues"} & set(parameter)
    ]

    assert free == []
