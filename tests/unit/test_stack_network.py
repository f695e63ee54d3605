"""S4, S11 to S13: the created VPC, the own one, and who reaches whom on which port."""

import re
from typing import Any

import pytest

from tests.stack_plan import ZONES, Stack, root
from tests.templates import source

WORLD = "0.0.0.0/0"
OWN_VPC = {"VpcId": "vpc-1", "PrivateSubnetIds": "subnet-1,subnet-2,subnet-3"}
EXISTING = {
    **OWN_VPC,
    "ExistingDBInstanceIdentifier": "orders-db",
    "ExistingDBEndpoint": "orders-db.example.com",
    "ExistingDBResourceId": "db-ABC",
    "ExistingDBSecurityGroupId": "sg-orders",
    "ExistingDBPort": 6432,
    "ReplicaCount": 0,
}
PLAN = root()

type Rule = tuple[str, str, str]


def rules(plan: Stack, direction: str) -> set[Rule]:
    """Return group, other end and port of every rule that is a resource of its own."""
    others = {"Ingress": "SourceSecurityGroupId", "Egress": "DestinationSecurityGroupId"}
    found = [properties for _, properties in plan.made(f"AWS::EC2::SecurityGroup{direction}")]
    assert all(rule["IpProtocol"] == "tcp" and str(rule["FromPort"]) == str(rule["ToPort"]) for rule in found)
    return {
        (_short(rule["GroupId"]), _short(rule.get(others[direction]) or rule["CidrIp"]), str(rule["FromPort"]))
        for rule in found
    }


def _short(group: str) -> str:
    return group.removeprefix("NetworkStack/").removesuffix("SecurityGroup")


def routes_of(plan: Stack, kind: str) -> list[dict[str, Any]]:
    vpc = plan.nested("NetworkStack").nested("VpcStack")
    tables = {
        vpc.resource(f"{kind}Subnet{number}Routes")["RouteTableId"]
        for number in (1, 2, 3)
        if vpc.resource(f"{kind}Subnet{number}Routes")["SubnetId"].endswith(f"{kind}Subnet{number}")
    }
    assert len(tables) == 1
    return [route for _, route in plan.made("AWS::EC2::Route") if route["RouteTableId"] in tables]


def test_created_vpc_has_three_private_and_three_public_subnets_in_three_zones() -> None:
    subnets = {path.rsplit("/", 1)[1]: properties for path, properties in PLAN.made("AWS::EC2::Subnet")}
    zones = {name: properties["AvailabilityZone"] for name, properties in subnets.items()}

    assert [zones[f"PrivateSubnet{number}"] for number in (1, 2, 3)] == ZONES
    assert [zones[f"PublicSubnet{number}"] for number in (1, 2, 3)] == ZONES
    assert len({properties["CidrBlock"] for properties in subnets.values()}) == 6
    assert {properties["MapPublicIpOnLaunch"] for properties in subnets.values()} == {False}


def test_zones_are_the_region_s_or_those_that_are_named() -> None:
    written = source("vpc")["Resources"]["PrivateSubnet1"]["Properties"]["AvailabilityZone"]
    named = root(AvailabilityZones="eu-west-1b,eu-west-1c,eu-west-1a").nested("NetworkStack")

    assert written["Fn::If"][2] == {"Fn::Select": [0, {"Fn::GetAZs": ""}]}
    assert named.output("AvailabilityZones") == "eu-west-1b,eu-west-1c,eu-west-1a"


def test_no_way_leads_from_private_subnets_to_the_internet() -> None:
    gateways = {"AWS::EC2::NatGateway", "AWS::EC2::EgressOnlyInternetGateway", "AWS::EC2::TransitGatewayAttachment"}

    assert routes_of(PLAN, "Private") == []
    assert not [path for gateway in gateways for path, _ in PLAN.made(gateway)]


def test_application_reaches_the_internet_from_public_subnets() -> None:
    (route,) = routes_of(PLAN, "Public")

    assert route["DestinationCidrBlock"] == WORLD
    assert route["GatewayId"] == "NetworkStack/VpcStack/InternetGateway"


def test_database_stands_in_the_private_subnets() -> None:
    (group,) = [properties for _, properties in PLAN.made("AWS::RDS::DBSubnetGroup")]

    assert group["SubnetIds"] == [f"NetworkStack/VpcStack/PrivateSubnet{number}" for number in (1, 2, 3)]


def test_own_vpc_is_used_as_it_is() -> None:
    plan = root(**OWN_VPC)
    (subnet_group,) = [properties for _, properties in plan.made("AWS::RDS::DBSubnetGroup")]

    assert subnet_group["SubnetIds"] == ["subnet-1", "subnet-2", "subnet-3"]
    assert {group["VpcId"] for _, group in plan.made("AWS::EC2::SecurityGroup")} == {"vpc-1"}
    assert not [path for kind in ("VPC", "Subnet", "Route", "FlowLog") for path, _ in plan.made(f"AWS::EC2::{kind}")]


def test_default_group_of_the_created_vpc_is_locked_and_that_of_an_own_one_left_alone() -> None:
    lock = "Custom::DefaultSecurityGroupLock"
    ((_, locked),) = PLAN.made(lock)

    assert locked["SecurityGroupId"] == "NetworkStack/VpcStack/Vpc.DefaultSecurityGroup"
    assert locked["ServiceToken"] == "NetworkStack/VpcStack/LockDefaultSecurityGroupFunction.Arn"
    assert list(root(**OWN_VPC).made(lock)) == []


def test_lock_touches_no_other_group() -> None:
    role = PLAN.nested("NetworkStack").nested("VpcStack").resource("LockDefaultSecurityGroupFunctionRole")
    statements = {
        each["Sid"]: each
        for policy in role["Policies"]
        for each in policy["PolicyDocument"]["Statement"]
        if "Sid" in each
    }
    revoke = statements["TakeTheRulesAway"]

    assert revoke["Action"] == ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"]
    assert revoke["Resource"].endswith(":security-group/NetworkStack/VpcStack/Vpc.DefaultSecurityGroup")
    assert statements["ReadTheRules"]["Action"] == "ec2:DescribeSecurityGroupRules"


def test_flow_logs_are_off_unless_asked_for() -> None:
    ((_, flow_log),) = root(FlowLogs="true").made("AWS::EC2::FlowLog")

    assert list(PLAN.made("AWS::EC2::FlowLog")) == []
    assert (flow_log["ResourceId"], flow_log["TrafficType"]) == ("NetworkStack/VpcStack/Vpc", "ALL")
    assert flow_log["LogGroupName"] == "NetworkStack/VpcStack/FlowLogsLogGroup"


def test_database_admits_application_administrators_and_automation_on_its_port() -> None:
    assert {rule for rule in rules(PLAN, "Ingress") if rule[0] == "Database"} == {
        ("Database", "Application", "5432"),
        ("Database", "203.0.113.0/24", "5432"),
        ("Database", "Automation", "5432"),
    }


def test_database_admits_itself_only_if_asked_to() -> None:
    itself = ("Database", "Database", "5432")

    assert rules(root(DatabaseSelfIngress="true"), "Ingress") - rules(PLAN, "Ingress") == {itself}


def test_without_an_administrators_range_nobody_is_let_in_by_address() -> None:
    without = rules(root(AdminCidr=""), "Ingress")

    assert rules(PLAN, "Ingress") - without == {
        ("Database", "203.0.113.0/24", "5432"),
        ("Application", "203.0.113.0/24", "22"),
    }


def test_nothing_leaves_the_database() -> None:
    assert not [rule for rule in rules(PLAN, "Egress") if rule[0] == "Database"]


def test_application_admits_the_web_and_reaches_the_database_and_https() -> None:
    assert {rule for rule in rules(PLAN, "Ingress") if rule[0] == "Application"} == {
        ("Application", WORLD, "80"),
        ("Application", WORLD, "443"),
        ("Application", "203.0.113.0/24", "22"),
    }
    assert {rule for rule in rules(PLAN, "Egress") if rule[0] == "Application"} == {
        ("Application", "Database", "5432"),
        ("Application", WORLD, "443"),
    }


def test_automation_reaches_the_database_and_the_endpoint_and_nothing_else() -> None:
    assert {rule for rule in rules(PLAN, "Egress") if rule[0] == "Automation"} == {
        ("Automation", "Database", "5432"),
        ("Automation", "Endpoint", "443"),
    }
    assert not [rule for rule in rules(PLAN, "Ingress") if rule[0] == "Automation"]


@pytest.mark.parametrize("values", [{}, OWN_VPC, EXISTING, {"SecretsManagerEndpoint": "false"}], ids=str)
def test_no_group_lets_everything_out(values: dict[str, Any]) -> None:
    plan = root(**values)
    inline = [rule for _, group in plan.made("AWS::EC2::SecurityGroup") for rule in group["SecurityGroupEgress"]]

    # A group without an inline rule would get "everything to everywhere" from EC2.
    assert inline
    assert {rule["CidrIp"] for rule in inline} == {"127.0.0.1/32"}
    assert {rule[:2] for rule in rules(plan, "Egress") if rule[1] == WORLD} <= {("Application", WORLD)}


def test_only_the_application_is_open_to_the_world() -> None:
    assert {rule[0] for rule in rules(PLAN, "Ingress") if rule[1] == WORLD} == {"Application"}
    assert not [group for _, group in PLAN.made("AWS::EC2::SecurityGroup") if "SecurityGroupIngress" in group]


def test_every_rule_and_group_is_described_in_letters_that_ec2_takes() -> None:
    kinds = {
        "SecurityGroupIngress": "Description",
        "SecurityGroupEgress": "Description",
        "SecurityGroup": "GroupDescription",
    }
    described = [properties[name] for kind, name in kinds.items() for _, properties in PLAN.made(f"AWS::EC2::{kind}")]

    assert len(described) > 12
    # EC2 API reference, IpRange: no apostrophes, for one.
    assert [each for each in described if not re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", each)] == []


def test_existing_application_group_is_let_in_and_left_alone() -> None:
    plan = root(**OWN_VPC, ApplicationSecurityGroupId="sg-app")

    assert ("Database", "sg-app", "5432") in rules(plan, "Ingress")
    assert not [rule for rule in rules(plan, "Ingress") | rules(plan, "Egress") if rule[0] == "sg-app"]
    assert plan.output("ApplicationSecurityGroupId") == "sg-app"


def test_endpoint_stands_in_one_private_subnet_and_serves_automation_and_application() -> None:
    ((_, endpoint),) = PLAN.made("AWS::EC2::VPCEndpoint")
    (statement,) = endpoint["PolicyDocument"]["Statement"]

    assert endpoint["ServiceName"] == "com.amazonaws.ap-northeast-1.secretsmanager"
    assert endpoint["SubnetIds"] == ["NetworkStack/VpcStack/PrivateSubnet1"]
    assert (endpoint["VpcEndpointType"], endpoint["PrivateDnsEnabled"]) == ("Interface", True)
    assert endpoint["SecurityGroupIds"] == ["NetworkStack/EndpointSecurityGroup"]
    assert {rule for rule in rules(PLAN, "Ingress") if rule[0] == "Endpoint"} == {
        ("Endpoint", "Automation", "443"),
        ("Endpoint", "Application", "443"),
    }
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def test_without_an_endpoint_automation_reaches_https_inside_the_vpc_only() -> None:
    plan = root(**OWN_VPC, VpcCidr="10.20.0.0/16", SecretsManagerEndpoint="false")

    assert list(plan.made("AWS::EC2::VPCEndpoint")) == []
    assert ("Automation", "10.20.0.0/16", "443") in rules(plan, "Egress")


def test_vpc_of_an_existing_instance_keeps_its_way_to_secrets_manager() -> None:
    assert list(root(**EXISTING, SecretsManagerEndpoint="true").made("AWS::EC2::VPCEndpoint")) == []


def test_only_functions_that_ask_the_database_are_in_the_vpc() -> None:
    inside = {
        path: properties["VpcConfig"]
        for path, properties in root(MetricsAuthentication="iam").made("AWS::Lambda::Function")
        if "VpcConfig" in properties
    }

    assert {path.rsplit("/", 1)[1] for path in inside} == {
        "PushMetricsFunction",
        "SetUpDatabaseFunction",
        "CheckDatabaseFunction",
        "ProbeDatabaseFunction",
    }
    assert {tuple(each["SecurityGroupIds"]) for each in inside.values()} == {("NetworkStack/AutomationSecurityGroup",)}


def test_existing_instance_lets_the_automation_in_and_nobody_else() -> None:
    plan = root(**EXISTING)

    assert rules(plan, "Ingress") == {("sg-orders", "Automation", "6432")}
    assert rules(plan, "Egress") == {("Automation", "sg-orders", "6432")}
    assert {path for path, _ in plan.made("AWS::EC2::SecurityGroup")} == {"NetworkStack/AutomationSecurityGroup"}
