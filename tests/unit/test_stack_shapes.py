"""S15 to S19: what the stack tells others, and which parts of it are there in which shape."""

from typing import Any

import pytest

from tests.stack_plan import NESTED, root
from tests.templates import TEMPLATES, functions, source

EXISTING = {
    "VpcId": "vpc-1",
    "PrivateSubnetIds": "subnet-1,subnet-2,subnet-3",
    "ExistingDBInstanceIdentifier": "orders-db",
    "ExistingDBEndpoint": "orders-db.example.com",
    "ExistingDBResourceId": "db-ABC",
    "ExistingDBSecurityGroupId": "sg-orders",
    "ReplicaCount": 0,
}
SHAPES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "own VPC": {"VpcId": "vpc-1", "PrivateSubnetIds": "subnet-1,subnet-2,subnet-3"},
    "existing instance": EXISTING,
    "dev without replicas": {"Environment": "dev", "MultiAZ": "false", "ReplicaCount": 0},
    "everything": {
        "ReplicaCount": 2, "FlowLogs": "true", "MasterSecretRotationDays": 30, "DatabaseSelfIngress": "true",
    },
    "without an endpoint": {"SecretsManagerEndpoint": "false"},
    "local": {"MetricsAuthentication": "secret", "DatabaseHostAddress": "127.0.0.1"},
}  # fmt: skip


@pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_is_wired_through(values: dict[str, Any]) -> None:
    plan = root(**values)
    types = {resource["Type"] for name in TEMPLATES for resource in source(name)["Resources"].values()}

    # Evaluating fails on a parameter that is missing or unknown, and on an attribute of what is not made.
    made = [path for resource_type in sorted(types) for path, _ in plan.made(resource_type)]
    told = {
        name: plan.output(name)
        for name, output in plan.template["Outputs"].items()
        if "Condition" not in output or plan.condition(output["Condition"])
    }

    assert len(made) > 40
    assert {"PrimaryEndpoint", "ReplicaEndpoint", "AlertsTopicArn"} <= set(told)


def test_exports_have_the_names_that_the_application_imports() -> None:
    exports = {
        name: root().value(output["Export"]["Name"])
        for name, output in source("root")["Outputs"].items()
        if "Export" in output
    }

    assert exports == {
        "PrimaryEndpoint": "prod-langpont-rds-endpoint",
        "PrimaryPort": "prod-langpont-rds-port",
        "DBInstanceResourceId": "prod-langpont-rds-resource-id",
        "ReplicaEndpoint": "prod-langpont-replica-endpoint",
        "ReplicaPort": "prod-langpont-replica-port",
        "MasterSecretArn": "prod-langpont-master-secret-arn",
        "AlarmsTopicArn": "prod-langpont-alarms-topic-arn",
        "AlertsTopicArn": "prod-langpont-alerts-topic-arn",
        "AutomationAlarmsTopicArn": "prod-langpont-automation-alarms-topic-arn",
    }


def test_readers_get_the_replica_or_else_the_primary() -> None:
    with_replica, without = root(ReplicaCount=1), root(ReplicaCount=0)

    assert with_replica.output("ReplicaEndpoint") == "DatabaseStack/Replica1Stack/ReplicaInstance.Endpoint.Address"
    assert without.output("ReplicaEndpoint") == without.output("PrimaryEndpoint")
    assert without.output("ReplicaPort") == without.output("PrimaryPort")


@pytest.mark.parametrize(
    ("count", "identifiers"), [(0, ["", ""]), (1, ["replica-1", ""]), (2, ["replica-1", "replica-2"])]
)
def test_replicas_are_told_by_identifier(count: int, identifiers: list[str]) -> None:
    database = root(ReplicaCount=count).nested("DatabaseStack")
    told = [database.output(f"Replica{number}Identifier").removeprefix("langpont-prod-") for number in (1, 2)]

    assert told == identifiers


def test_existing_instance_gets_the_automation_alone() -> None:
    plan = root(**EXISTING)
    made = {path for path, _ in plan.made(NESTED)}

    assert not {"KeysStack", "DatabaseStack", "NetworkStack/VpcStack"} & made
    assert {"NetworkStack", "AccessStack", "SnapshotsStack", "MetricsStack", "ReactionsStack"} <= made
    assert not [path for kind in ("DBInstance", "DBParameterGroup") for path, _ in plan.made(f"AWS::RDS::{kind}")]


def test_every_function_watches_over_the_existing_instance() -> None:
    variables = [each["Environment"]["Variables"] for _, each in root(**EXISTING).made("AWS::Lambda::Function")]

    assert {each["DB_INSTANCE_IDENTIFIER"] for each in variables} == {"orders-db"}
    assert {each["DB_HOST"] for each in variables if "DB_HOST" in each} == {"orders-db.example.com"}


def test_existing_instance_is_told_like_an_own_one() -> None:
    plan = root(**EXISTING, ExistingDBPort=6432)

    assert plan.output("PrimaryEndpoint") == plan.output("ReplicaEndpoint") == "orders-db.example.com"
    assert (plan.output("PrimaryPort"), plan.output("DBInstanceResourceId")) == ("6432", "db-ABC")


def test_the_application_s_database_is_set_up_where_its_master_secret_is_known() -> None:
    setup = "Custom::DatabaseSetup"

    assert len(list(root().made(setup))) == 1
    assert list(root(**EXISTING).made(setup)) == []
    assert list(root(SecretsManagerEndpoint="false").made(setup)) == []
    assert len(list(root(**SHAPES["own VPC"], SecretsManagerEndpoint="false").made(setup))) == 1


def test_the_application_keeps_its_password_when_the_endpoint_goes() -> None:
    with_endpoint, without = (
        {path for path, _ in root(SecretsManagerEndpoint=made).made("AWS::SecretsManager::Secret")}
        for made in ("true", "false")
    )

    assert {"AccessStack/AppRoleSecret", "AccessStack/ReadonlyRoleSecret"} <= without
    assert without == with_endpoint


@pytest.mark.parametrize("stack", sorted({stack for stack, _, _ in functions()}))
def test_stack_tells_the_names_of_its_functions_and_their_queues(stack: str) -> None:
    stems = [logical_id.removesuffix("Function") for name, logical_id, _ in functions() if name == stack]
    expected = {f"{stem}{what}" for stem in stems for what in ("FunctionName", "DeadLetterQueueName")}

    assert expected <= set(source(stack)["Outputs"])


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "root"])
def test_nested_parameter_is_described_and_used(name: str) -> None:
    template = source(name)
    text = TEMPLATES[name].read_text(encoding="utf-8")
    unused = [
        parameter
        for parameter in template["Parameters"]
        if f"!Ref {parameter}" not in text and f"${{{parameter}}}" not in text
    ]

    assert unused == []
    assert [each for each, parameter in template["Parameters"].items() if not parameter.get("Description")] == []


def test_vertical_scaling_is_a_parameter() -> None:
    classes = [each["DBInstanceClass"] for _, each in root(DBInstanceClass="db.m7g.large").made("AWS::RDS::DBInstance")]

    assert set(classes) == {"db.m7g.large"}


def test_storage_grows_to_what_the_parameter_says() -> None:
    plan = root(AllocatedStorageGiB=40, MaxAllocatedStorageGiB=400)
    primary, replica = (properties for _, properties in plan.made("AWS::RDS::DBInstance"))

    assert (primary["AllocatedStorage"], primary["MaxAllocatedStorage"]) == ("40", "400")
    assert replica["MaxAllocatedStorage"] == "400"
