"""The numbers of the alarms: the design's own, and where every other one comes from and can be changed."""

import tomllib
from typing import Any

import pytest

from generators.alarm_rows import Parameter
from generators.alarm_tables import parameters_of
from tests.alarms import ROWS, TABLES, TWO_REPLICAS, made
from tests.stack_refusals import refusals
from tests.templates import ROOT, source
from tests.whole_tables import for_each

GIB = 1024**3
PARAMETERS = {parameter.name: parameter for parameter in parameters_of(TABLES.alarms)}
REPLICAS = ("", "-replica-1", "-replica-2")


def condition(name: str, *parameters: tuple[str, str]) -> tuple[Any, ...]:
    """Return what an alarm looks at, with which statistic, and when it goes off."""
    alarm = made(*TWO_REPLICAS, *parameters)[f"langpont-prod-{name}"]
    sign = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}[alarm["ComparisonOperator"]]
    often = f"{alarm['DatapointsToAlarm']} of {alarm['EvaluationPeriods']}"
    return alarm["MetricName"], sign, float(alarm["Threshold"]), alarm["Statistic"], int(alarm["Period"]), often


@pytest.mark.parametrize("replica", REPLICAS)
def test_a1_processor_is_busier_than_80_percent(replica: str) -> None:
    expected = ("CPUUtilization", ">", 80, "Average", 300, "2 of 2")

    assert condition(f"rds-cpu-high{replica}") == expected


@pytest.mark.parametrize("replica", REPLICAS)
def test_a2_connections_exceed_80_percent_of_300(replica: str) -> None:
    expected = ("DatabaseConnections", ">", 240, "Average", 300, "2 of 2")

    assert condition(f"connections-high{replica}") == expected


@pytest.mark.parametrize("number", [1, 2])
def test_a3_replica_lags_more_than_30_seconds_or_is_silent(number: int) -> None:
    name = f"replica-lag-{number}"

    assert condition(name) == ("ReplicaLag", ">", 30, "Average", 60, "5 of 5")
    assert made(*TWO_REPLICAS)[f"langpont-prod-{name}"]["TreatMissingData"] == "breaching"
    assert ROWS["replica-lag"].severity == "warning"


@pytest.mark.parametrize("replica", REPLICAS)
def test_a4_less_than_10_gib_are_free(replica: str) -> None:
    expected = ("FreeStorageSpace", "<", 10 * GIB, "Average", 300, "1 of 1")

    assert condition(f"storage-low{replica}") == expected


@for_each(
    ("name", "expected"),
    [
        ("instance-silent", ("CPUUtilization", "<", 1, "SampleCount", 60, "5 of 5")),
        ("db-load-high", ("DBLoadRelativeToNumVCPUs", ">", 1, "Average", 60, "15 of 15")),
        ("ebs-byte-balance-low", ("EBSByteBalance%", "<", 10, "Average", 60, "3 of 3")),
        ("ebs-io-balance-low", ("EBSIOBalance%", "<", 10, "Average", 60, "3 of 3")),
        ("transaction-ids-high", ("MaximumUsedTransactionIDs", ">", 500_000_000, "Average", 300, "1 of 1")),
        ("transaction-ids-critical", ("MaximumUsedTransactionIDs", ">", 1_000_000_000, "Average", 300, "1 of 1")),
        ("memory-low", ("FreeableMemory", "<", GIB, "Average", 60, "15 of 15")),
        ("memory-low-replica-2", ("FreeableMemory", "<", 2 * GIB, "Average", 60, "15 of 15")),
        ("replication-slot-lag-high", ("OldestReplicationSlotLag", ">", GIB, "Average", 300, "3 of 3")),
        ("database-down", ("up", "<", 1, "Minimum", 60, "3 of 3")),
        ("database-down-replica-1", ("up", "<", 1, "Minimum", 60, "3 of 3")),
        ("connections-used-critical", ("connections_used_percent", ">", 90, "Minimum", 60, "3 of 3")),
        ("idle-in-transaction-long", ("idle_in_transaction_seconds", ">", 120, "Maximum", 60, "3 of 3")),
        ("sessions-blocked", ("blocked_sessions", ">", 5, "Minimum", 60, "3 of 3")),
        ("sessions-blocked-critical-replica-2", ("blocked_sessions", ">", 20, "Minimum", 60, "3 of 3")),
        ("error-rate-high", ("error_rate_1h", ">", 5, "Average", 60, "5 of 5")),
        ("multixact-ids-high", ("multixact_id_age", ">", 400_000_000, "Maximum", 300, "3 of 3")),
        ("slot-inactive", ("inactive_replication_slots", ">", 0, "Minimum", 60, "10 of 10")),
        ("slot-retained-critical", ("replication_slot_retained_bytes", ">", 10 * GIB, "Minimum", 60, "5 of 5")),
        ("sequence-exhaustion", ("fullest_key_percent", ">", 75, "Maximum", 10800, "1 of 1")),
        ("checksum-failures-replica-1", ("checksum_failures", ">", 0, "Sum", 300, "1 of 1")),
        ("wal-archive-failing", ("wal_archive_failures", ">", 0, "Sum", 300, "3 of 3")),
        ("transaction-logs-large", ("TransactionLogsDiskUsage", ">", 10 * GIB, "Average", 300, "3 of 3")),
    ],
)
def test_alarms_of_aws_and_dbas_have_their_numbers(name: str, expected: tuple[Any, ...]) -> None:
    assert condition(name) == expected


@pytest.mark.parametrize(
    ("name", "threshold", "period", "evaluated"),
    [
        ("read-latency-high", 20, 60, (5, 5)),
        ("write-latency-high-replica-1", 20, 60, (5, 5)),
        ("swap-growing", 20, 3600, (2, 2)),
        ("replica-bytes-behind-1", 128, 60, (5, 7)),
        ("automation-schedule-failing-snapshots", 0, 3600, (1, 1)),
    ],
)
def test_expressions_have_their_numbers(name: str, threshold: float, period: int, evaluated: tuple[int, int]) -> None:
    alarm = made(*TWO_REPLICAS)[f"langpont-prod-{name}"]
    periods = {query["MetricStat"]["Period"] for query in alarm["Metrics"] if "MetricStat" in query}

    assert (float(alarm["Threshold"]), periods) == (threshold, {period})
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == evaluated


def test_somebody_gets_up_for_what_cannot_wait_until_tomorrow() -> None:
    assert {stem for stem, row in ROWS.items() if row.severity == "critical" and not row.part_of} == {
        *("instance-silent", "database-overloaded", "storage-low", "transaction-ids-critical", "replica-behind"),
        *("backup-too-old", "restorable-time-stalled", "checksum-failures"),
        *("database-down", "connections-used-critical", "sessions-blocked-critical"),
        *("slot-inactive", "slot-retained-critical"),
        *("automation-event-delivery-failing", "automation-delivery-failing", "automation-alert-rehearsal-missing"),
    }
    assert {function.stem for function in TABLES.functions if function.severity == "critical"} == {
        *("react_to_rds_event", "react_to_alarm"),
    }


def test_silence_breaches_where_silence_is_the_failure() -> None:
    assert {stem for stem, row in ROWS.items() if row.watch and row.watch.missing == "breaching"} == {
        *("instance-silent", "replica-lag", "replica-lag-long", "backup-too-old", "restorable-time-stalled"),
        *("metrics-silent", "database-down", "automation-alert-rehearsal-missing"),
    }


@pytest.mark.parametrize(
    ("metric", "threshold", "operations", "verdict"),
    [(0.021, 20, 50, True), (0.019, 20, 50, False), (0.9, 20, 49, False)],
)
def test_idle_volume_is_not_slow(metric: float, threshold: float, operations: float, verdict: bool) -> None:  # noqa: FBT001
    alarm = made(*TWO_REPLICAS)["langpont-prod-read-latency-high"]
    # Metric math's IF(condition, then, else) is Python's conditional expression.
    condition, then, otherwise = alarm["Metrics"][0]["Expression"].removeprefix("IF(").removesuffix(")").split(", ")
    names = {"operations": operations, "latency": metric}
    value = eval(then if eval(condition, {}, names) else otherwise, {}, names)  # noqa: S307

    assert (value > threshold) is verdict
    assert float(alarm["Threshold"]) == threshold


@for_each("parameter", PARAMETERS.values(), ids=PARAMETERS.keys())
def test_every_number_is_a_parameter_with_default_bounds_and_words(parameter: Parameter) -> None:
    declared = source("root")["Parameters"][parameter.name]
    bounded = "AllowedValues" in declared or {"MinValue", "MaxValue"} <= set(declared)

    assert declared["Default"] == parameter.default
    assert bounded
    assert declared["Description"].endswith(".")
    assert declared["ConstraintDescription"].endswith(".")


@pytest.mark.parametrize(
    ("parameter", "value", "name", "threshold"),
    [
        ("CpuHighPercent", "90", "rds-cpu-high", 90),
        ("ConnectionsHigh", "400", "connections-high-replica-1", 400),
        ("StorageLowGiB", "20", "storage-low", 20 * GIB),
        ("ReplicaLagHighSeconds", "60", "replica-lag-2", 60),
        ("MemoryLowMiB", "512", "memory-low", GIB // 2),
        ("MemoryLowMiB", "512", "memory-low-replica-2", GIB // 2),
        ("DBInstanceClass", "db.r7g.large", "memory-low-replica-1", 4 * GIB),
        ("AnalyticsReplicaClass", "db.t4g.micro", "memory-low-replica-2", GIB // 4),
    ],
)
def test_parameter_moves_the_threshold(parameter: str, value: str, name: str, threshold: float) -> None:
    assert condition(name, (parameter, value))[2] == threshold


def test_class_of_unknown_memory_is_refused_in_words() -> None:
    words = refusals([], DBInstanceClass="db.x9z.large")

    assert words == ["The memory of this DBInstanceClass is not known; say in MemoryLowMiB what is too little."]


def test_class_of_unknown_memory_is_taken_with_its_threshold() -> None:
    given = {"DBInstanceClass": "db.x9z.large", "MemoryLowMiB": "2048"}

    assert refusals([], **given) == []
    assert condition("memory-low", *given.items())[2] == 2 * GIB


def test_warning_of_connections_is_80_percent_in_every_environment() -> None:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    for environment in ("local", "dev", "staging", "prod"):
        overrides = configuration[environment]["deploy"]["parameters"]["parameter_overrides"]
        chosen = dict(override.split("=", 1) for override in overrides)
        limit, alarm = chosen.get("MaxConnections", 300), chosen.get("ConnectionsHigh", 240)

        assert 0.79 * int(limit) <= int(alarm) <= 0.81 * int(limit), environment
