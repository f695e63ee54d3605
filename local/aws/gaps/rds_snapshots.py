"""Snapshots: paged listings, events of creation and deletion, and a way to make aged ones.

AWS shows a listing in pages of at most 100 (RDS API reference, DescribeDBSnapshots). The tag `local:created-at` on
CreateDBSnapshot dates a snapshot back, because nobody can wait a month for a demonstration; it is not kept.
"""

from http import HTTPStatus
from typing import Any

from ministack.services import rds

from local.aws.gaps.rds_events import RdsEvent, emit_snapshot_event

CREATED_AT_TAG = "local:created-at"
PAGE_SIZE = 100

type Parameters = dict[str, list[str]]
type Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Wrap the three snapshot actions."""
    actions = rds._ACTION_MAP
    create, delete = actions["CreateDBSnapshot"], actions["DeleteDBSnapshot"]

    def create_snapshot(parameters: Parameters) -> Response:
        response: Response = create(parameters)
        snapshot = rds._snapshots.get(rds._p(parameters, "DBSnapshotIdentifier"))
        if response[0] != HTTPStatus.OK or snapshot is None:
            return response
        _date_back(snapshot)
        emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0040", ("creation",), "Creating manual snapshot"))
        emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0042", ("creation",), "Manual snapshot created"))
        return _answer("CreateDBSnapshot", snapshot)

    def delete_snapshot(parameters: Parameters) -> Response:
        snapshot = rds._snapshots.get(rds._p(parameters, "DBSnapshotIdentifier"))
        response: Response = delete(parameters)
        if snapshot:
            emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0041", ("deletion",), "Deleted user snapshot"))
        return response

    actions.update(CreateDBSnapshot=create_snapshot, DeleteDBSnapshot=delete_snapshot)
    actions["DescribeDBSnapshots"] = describe_in_pages


def describe_in_pages(parameters: Parameters) -> Response:
    """Return one page of the snapshots that match, with a marker where more follow."""
    identifier = rds._p(parameters, "DBSnapshotIdentifier")
    if identifier and identifier not in rds._snapshots:
        error: Response = rds._error("DBSnapshotNotFound", f"DBSnapshot {identifier} not found.", 404)
        return error
    wanted = {
        "DBSnapshotIdentifier": identifier,
        "DBInstanceIdentifier": rds._p(parameters, "DBInstanceIdentifier"),
        "SnapshotType": rds._p(parameters, "SnapshotType"),
    }
    matching = [
        snapshot
        for snapshot in rds._snapshots.values()
        if all(snapshot[field] == value for field, value in wanted.items() if value)
    ]
    size, start = int(rds._p(parameters, "MaxRecords") or PAGE_SIZE), int(rds._p(parameters, "Marker") or 0)
    page, more = matching[start : start + size], len(matching) > start + size
    members = "".join(f"<DBSnapshot>{rds._snapshot_xml(snapshot)}</DBSnapshot>" for snapshot in page)
    marker = f"<Marker>{start + size}</Marker>" if more else ""
    return _xml("DescribeDBSnapshots", f"<DBSnapshots>{members}</DBSnapshots>{marker}")


def _date_back(snapshot: dict[str, Any]) -> None:
    created_at = next((tag["Value"] for tag in snapshot["TagList"] if tag["Key"] == CREATED_AT_TAG), None)
    if created_at:
        snapshot["TagList"] = [tag for tag in snapshot["TagList"] if tag["Key"] != CREATED_AT_TAG]
        for field in ("SnapshotCreateTime", "OriginalSnapshotCreateTime", "SnapshotDatabaseTime"):
            snapshot[field] = created_at


def _answer(action: str, snapshot: dict[str, Any]) -> Response:
    return _xml(action, f"<DBSnapshot>{rds._snapshot_xml(snapshot)}</DBSnapshot>")


def _xml(action: str, inner: str) -> Response:
    response: Response = rds._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")
    return response
