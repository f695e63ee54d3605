"""The local RDS's snapshots: refusals, filters, pages and events as AWS has them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import rds

from local.aws.gaps import rds_snapshots
from local.aws.gaps.rds_snapshots import describe_in_pages, refuse_creation

DB = "langpont-prod-db"
ARN = f"arn:aws:rds:us-east-1:000000000000:db:{DB}"


@pytest.fixture(autouse=True)
def instance() -> Iterator[dict[str, Any]]:
    record = {
        "DBInstanceIdentifier": DB,
        "DBInstanceArn": ARN,
        "DBInstanceStatus": "available",
        "Engine": "postgres",
        "EngineVersion": "16.14",
    }
    rds._instances[DB] = record
    yield record
    rds._instances.pop(DB)
    rds._snapshots.clear()
    rds._events.clear()


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(rds, "_ACTION_MAP", dict(rds._ACTION_MAP))
    rds_snapshots.install()
    wrapped: dict[str, Any] = rds._ACTION_MAP
    return wrapped


def _make(count: int, database: str = DB) -> None:
    for number in range(count):
        rds._create_snapshot_internal(f"{database}-{number}", {**rds._instances[DB], "DBInstanceIdentifier": database})


def _listed(**parameters: str) -> tuple[list[str], str | None]:
    """Return the identifiers of one page, and the marker of the next."""
    _, _, body = describe_in_pages({name.replace("__", "."): [value] for name, value in parameters.items()})
    marker = re.search(r"<Marker>(.*)</Marker>", body.decode())
    found = re.findall(r"<DBSnapshotIdentifier>(.*?)</DBSnapshotIdentifier>", body.decode())
    return found, marker[1] if marker else None


def _filtered(name: str, value: str, **more: str) -> list[str]:
    return _listed(Filters__Filter__1__Name=name, Filters__Filter__1__Values__Value__1=value, **more)[0]


@pytest.mark.parametrize("status", ["rebooting", "failed", "modifying"])
def test_snapshot_of_an_instance_that_is_not_available_is_refused(instance: dict[str, Any], status: str) -> None:
    instance["DBInstanceStatus"] = status

    refusal = refuse_creation({"DBInstanceIdentifier": [DB], "DBSnapshotIdentifier": ["s"]})

    assert refusal is not None
    assert b"<Code>InvalidDBInstanceState</Code>" in refusal[2]


def test_snapshot_of_an_available_or_unknown_instance_is_left_to_the_emulator() -> None:
    assert refuse_creation({"DBInstanceIdentifier": [DB]}) is None
    assert refuse_creation({"DBInstanceIdentifier": ["no-such-db"]}) is None


def test_filters_pick_by_instance_snapshot_and_type() -> None:
    _make(2)
    _make(1, "other-db")

    assert _filtered("db-instance-id", DB) == [f"{DB}-0", f"{DB}-1"]
    assert _filtered("db-instance-id", ARN) == [f"{DB}-0", f"{DB}-1"]
    assert _filtered("db-snapshot-id", "other-db-0") == ["other-db-0"]
    assert len(_filtered("snapshot-type", "manual")) == 3
    assert _filtered("snapshot-type", "automated") == []


def test_filter_and_parameter_have_both_to_match() -> None:
    _make(1)
    _make(1, "other-db")

    assert _filtered("db-instance-id", "other-db", DBInstanceIdentifier=DB) == []
    assert _filtered("db-snapshot-id", f"{DB}-0", DBInstanceIdentifier=DB) == [f"{DB}-0"]


def test_pages_follow_each_other_by_marker() -> None:
    _make(45)

    first, marker = _listed(MaxRecords="20")
    second, _ = _listed(MaxRecords="20", Marker=marker or "")
    whole, end = _listed()

    assert first + second == whole[:40]
    assert (len(whole), end) == (45, None)


@pytest.mark.parametrize(
    "parameters",
    [
        {"MaxRecords": ["19"]},
        {"MaxRecords": ["101"]},
        {"MaxRecords": ["many"]},
        {"Marker": ["no-such-page"]},
        {"Filters.Filter.1.Name": ["colour"], "Filters.Filter.1.Values.Value.1": ["red"]},
    ],
)
def test_values_out_of_bounds_are_refused(parameters: dict[str, list[str]]) -> None:
    status, _, body = describe_in_pages(parameters)

    assert status == 400
    assert b"<Code>InvalidParameterValue</Code>" in body


def test_making_and_deleting_a_snapshot_is_in_the_event_history(actions: dict[str, Any]) -> None:
    actions["CreateDBSnapshot"]({"DBInstanceIdentifier": [DB], "DBSnapshotIdentifier": ["s"]})
    actions["DeleteDBSnapshot"]({"DBSnapshotIdentifier": ["s"]})

    _, _, body = actions["DescribeEvents"]({"SourceType": ["db-snapshot"], "SourceIdentifier": ["s"]})

    assert sorted(re.findall(r"<Message>(.*?)</Message>", body.decode())) == [
        "Creating manual snapshot",
        "Deleted user snapshot",
        "Manual snapshot created",
    ]
