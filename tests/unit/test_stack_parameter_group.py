"""S10: every row of the parameter group, in the unit that RDS expects; the memory follows the class."""

import pytest

from local.postgres.configuration import DESIGN
from tests.parameter_group import GIB, evaluated, for_postgresql
from tests.stack_plan import Stack, root
from tests.templates import resources
from tests.whole_tables import for_each

# shared/system.md's table. RDS counts in pages of 8 kB, kB, ms and s, and writes booleans as 1 and 0.
S10 = {
    "shared_buffers": "131072",
    "work_mem": "16384",
    "maintenance_work_mem": "262144",
    "effective_cache_size": "393216",
    "max_connections": "300",
    "checkpoint_timeout": "600",
    "checkpoint_completion_target": "0.9",
    "wal_buffers": "2048",
    "log_destination": "csvlog",
    "log_min_duration_statement": "1000",
    "log_checkpoints": "1",
    "log_connections": "1",
    "log_disconnections": "1",
    "log_lock_waits": "1",
    "autovacuum": "1",
    "autovacuum_max_workers": "3",
    "autovacuum_vacuum_threshold": "50",
    "autovacuum_vacuum_scale_factor": "0.2",
    "autovacuum_analyze_threshold": "50",
    "autovacuum_analyze_scale_factor": "0.1",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "rds.force_ssl": "1",
    "ssl_min_protocol_version": "TLSv1.2",
    "password_encryption": "scram-sha-256",
    "rds.accepted_password_auth_method": "scram",
    "idle_in_transaction_session_timeout": "300000",
    "log_statement": "ddl",
    "log_min_messages": "warning",
    "shared_preload_libraries": "pg_stat_statements",
}
# RDS fixes them, or knows no such parameter: a group with one of them is not made at all.
NEVER = {
    "superuser_reserved_connections", "log_line_prefix", "default_text_search_config", "ssl",
    "ssl_prefer_server_ciphers", "wal_level", "archive_mode", "max_wal_senders",
}  # fmt: skip
MEMORY = {"shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"}
PAGE, KIB, MIB = 8192, 1024, 1024**2


def group(stack: Stack) -> dict[str, str]:
    parameters: dict[str, str] = stack.resource("ParameterGroup")["Parameters"]
    return parameters


PRIMARY = group(root().nested("DatabaseStack"))
OF_ANOTHER_CLASS = group(root(DBInstanceClass="db.r6g.large").nested("DatabaseStack"))


@for_each("parameter", S10)
def test_the_design_says_the_value_of(parameter: str) -> None:
    assert PRIMARY[parameter] == S10[parameter]


def test_nothing_is_set_beyond_the_design() -> None:
    assert set(PRIMARY) == set(S10)


def test_what_rds_refuses_is_not_set() -> None:
    assert not NEVER & set(PRIMARY)


def test_family_is_that_of_the_engine() -> None:
    families = [
        each["Properties"]["Family"]
        for stack in ("database", "replica")
        for each in resources(stack, "AWS::RDS::DBParameterGroup").values()
    ]

    assert families == ["postgres16", "postgres16"]


def test_only_memory_depends_on_the_class() -> None:
    assert {name for name, value in OF_ANOTHER_CLASS.items() if value != PRIMARY[name]} == MEMORY


@pytest.mark.parametrize("memory_gib", [1, 2, 4, 8, 16, 64, 256, 1024])
def test_memory_is_the_same_share_of_every_class(memory_gib: int) -> None:
    memory = memory_gib * GIB
    value = {name: int(evaluated(OF_ANOTHER_CLASS[name], memory)) for name in MEMORY}

    assert value["shared_buffers"] * PAGE == memory // 4
    assert value["effective_cache_size"] * PAGE == memory * 3 // 4
    assert value["work_mem"] * KIB == memory // 256
    assert value["maintenance_work_mem"] * KIB == min(memory // 16, 2048 * MIB)


def test_formulas_give_the_design_at_the_memory_of_the_default_class() -> None:
    assert {name: evaluated(OF_ANOTHER_CLASS[name], 4 * GIB) for name in MEMORY} == {name: S10[name] for name in MEMORY}


def test_smallest_classes_keep_a_usable_work_memory() -> None:
    assert evaluated(OF_ANOTHER_CLASS["work_mem"], GIB // 2) == "4096"


def test_buffers_and_maintenance_fit_every_class() -> None:
    for memory_mib in (400, 900, 1024, 4096, 65536):
        group_values = for_postgresql(OF_ANOTHER_CLASS, memory_mib * MIB)
        kib = {name: int(group_values[name].removesuffix("kB")) for name in MEMORY}
        workers = int(PRIMARY["autovacuum_max_workers"])

        assert kib["shared_buffers"] + workers * kib["maintenance_work_mem"] < memory_mib * KIB / 2


@pytest.mark.parametrize("number", [1, 2])
def test_replica_has_the_rows_of_the_primary(number: int) -> None:
    database = root(ReplicaCount=2, AnalyticsReplicaClass="db.t3.medium").nested("DatabaseStack")

    assert group(database.nested(f"Replica{number}Stack")) == group(database)


def test_analytics_replica_follows_its_own_class() -> None:
    analytics = group(root(ReplicaCount=2).nested("DatabaseStack").nested("Replica2Stack"))

    assert {name: analytics[name] for name in MEMORY} == {name: OF_ANOTHER_CLASS[name] for name in MEMORY}


@pytest.mark.parametrize("primary_class", ["db.t3.medium", "db.t3.large", "db.t4g.micro"])
def test_every_instance_takes_the_same_number_of_connections(primary_class: str) -> None:
    plan = root(ReplicaCount=2, DBInstanceClass=primary_class, MaxConnections=180)
    groups = [each["Parameters"] for _, each in plan.made("AWS::RDS::DBParameterGroup")]

    # A replica that takes fewer than its primary stops following it (PostgreSQL manual, "Hot Standby").
    assert [each["max_connections"] for each in groups] == ["180"] * 3


def test_log_goes_where_the_parameter_says() -> None:
    assert group(root(LogDestination="stderr").nested("DatabaseStack"))["log_destination"] == "stderr"


def test_embedded_servers_run_with_the_values_of_the_template() -> None:
    in_postgresql = {name: _base_units(value) for name, value in for_postgresql(PRIMARY, 4 * GIB).items()}
    embedded = {name: _base_units(value) for name, value in DESIGN.items()}
    unknown_to_postgresql = {"rds.force_ssl": "1", "rds.accepted_password_auth_method": "scram"}

    assert in_postgresql.items() <= embedded.items()
    assert {name: value for name, value in embedded.items() if name in PRIMARY} == in_postgresql | unknown_to_postgresql


def _base_units(value: str) -> str:
    """Return memory in kB, time in ms and booleans as PostgreSQL writes them: 1GB and 1048576kB are the same."""
    factors = {"GB": MIB, "MB": KIB, "kB": 1, "min": 60_000, "ms": 1, "s": 1000}
    for unit, factor in factors.items():
        if value.endswith(unit) and value.removesuffix(unit).isdigit():
            return f"{int(value.removesuffix(unit)) * factor} in base units"
    return {"on": "1", "off": "0"}.get(value, value)
