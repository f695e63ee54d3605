"""The environments of samconfig.toml: allowed, of their sizes, and as safe as what they hold is worth."""

import tomllib
from typing import Any

import pytest

from tests.parameter_group import GIB, for_postgresql
from tests.stack_plan import Stack, root
from tests.stack_refusals import EMPTY_LISTS, refusals
from tests.templates import ROOT, source

CONFIGURATION: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
DEPLOYED = ["dev", "staging", "prod"]
# What `python -m local` adds.
MACHINE = {"DatabaseHostAddress": "127.0.0.1", "DatabaseCaBundle": "/ca.pem", "Architecture": "x86_64"}
# Memory of the classes by Amazon ("Hardware specifications for DB instance classes").
MEMORY_GIB = {"db.t4g.micro": 1, "db.t4g.small": 2, "db.t3.medium": 4}
every_environment = pytest.mark.parametrize("environment", DEPLOYED)


def settings(environment: str) -> dict[str, Any]:
    found: dict[str, Any] = CONFIGURATION[environment]["deploy"]["parameters"]
    return found


def parameters(environment: str) -> dict[str, str]:
    return dict(override.split("=", 1) for override in settings(environment)["parameter_overrides"])


def value(environment: str, name: str) -> str:
    return parameters(environment).get(name, str(source("root")["Parameters"][name]["Default"]))


def plan(environment: str) -> Stack:
    return root(**parameters(environment))


@pytest.mark.parametrize("empty_list", EMPTY_LISTS, ids=repr)
@pytest.mark.parametrize("environment", [*DEPLOYED, "local"])
def test_environment_is_a_combination_that_is_not_refused(environment: str, empty_list: list[str]) -> None:
    machine = MACHINE if environment == "local" else {}

    assert refusals(empty_list, **parameters(environment), **machine) == []


@every_environment
def test_environment_says_its_name_and_is_tagged_with_it(environment: str) -> None:
    assert value(environment, "Environment") == environment
    assert CONFIGURATION[environment]["global"]["parameters"]["stack_name"] == f"langpont-rds-{environment}"
    assert settings(environment)["tags"] == f"Application=langpont-rds Environment={environment}"


def test_somebody_agrees_before_production_is_changed() -> None:
    assert settings("prod")["confirm_changeset"] is True


@every_environment
def test_failed_deployment_is_rolled_back(environment: str) -> None:
    assert settings(environment)["disable_rollback"] is False


def test_sizes_grow_towards_production() -> None:
    memory = [MEMORY_GIB[value(environment, "DBInstanceClass")] for environment in DEPLOYED]
    connections = [int(value(environment, "MaxConnections")) for environment in DEPLOYED]
    instances = [len(list(plan(environment).made("AWS::RDS::DBInstance"))) for environment in DEPLOYED]

    assert memory == sorted(memory)
    assert connections == sorted(connections)
    assert instances == [1, 2, 3]


def test_dev_is_one_small_instance_that_can_be_deleted() -> None:
    primary = plan("dev").nested("DatabaseStack").resource("PrimaryInstance")

    assert (primary["DBInstanceClass"], primary["MultiAZ"]) == ("db.t4g.micro", "false")
    assert primary["DeletionProtection"] == "false"


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_what_is_worth_it_survives_a_zone_and_a_slip(environment: str) -> None:
    primary = plan(environment).nested("DatabaseStack").resource("PrimaryInstance")

    assert (primary["MultiAZ"], primary["DeletionProtection"]) == ("true", "true")
    assert int(primary["BackupRetentionPeriod"]) >= 7


def test_production_has_both_replicas() -> None:
    assert value("prod", "ReplicaCount") == "2"


@every_environment
def test_alarm_on_connections_is_at_four_fifths_of_them(environment: str) -> None:
    assert int(value(environment, "ConnectionsHigh")) * 100 == int(value(environment, "MaxConnections")) * 80


@every_environment
def test_alarm_on_storage_rings_before_it_is_full_and_not_from_the_start(environment: str) -> None:
    allocated, low = int(value(environment, "AllocatedStorageGiB")), int(value(environment, "StorageLowGiB"))

    assert allocated / 10 <= low <= allocated / 4
    assert int(value(environment, "TransactionLogsLargeGiB")) <= allocated / 4


def test_alarm_on_memory_of_the_smallest_class_can_end() -> None:
    alarm = plan("dev").nested("MonitoringStack").resource("MemoryLowAlarm")

    # An idle server leaves little more than 100 MiB of its 1 GiB.
    assert 0 < float(alarm["Threshold"]) <= 100 * 1024**2


@every_environment
def test_storage_can_grow(environment: str) -> None:
    allocated, limit = int(value(environment, "AllocatedStorageGiB")), int(value(environment, "MaxAllocatedStorageGiB"))

    # RDS refuses less than a tenth, and may not grow with less than a quarter (RDS user guide, "Managing capacity
    # automatically with Amazon RDS storage autoscaling").
    assert limit >= allocated * 1.26


@every_environment
def test_memory_holds_what_every_connection_may_take_at_rest(environment: str) -> None:
    memory = MEMORY_GIB[value(environment, "DBInstanceClass")] * GIB
    (_, group), *_ = plan(environment).made("AWS::RDS::DBParameterGroup")
    buffers = int(for_postgresql(group["Parameters"], memory)["shared_buffers"].removesuffix("kB")) * 1024
    # A backend that has looked at the schema once: about 8 MiB.
    connections = int(value(environment, "MaxConnections")) * 8 * 1024**2

    assert buffers + connections < memory
