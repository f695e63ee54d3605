"""Snapshots: of available instances and within the quota only, paged and filtered listings, events, wishes by tag.

AWS shows a listing in pages of at most 100 (RDS API reference, DescribeDBSnapshots) and deletes available snapshots
only (RDS API reference, DeleteDBSnapshot).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ministack.core.responses import get_region
from ministack.services import rds

from local.aws.gaps.rds_events import RdsEvent, emit_snapshot_event
from local.aws.snapshot_wishes import AVAILABLE, QUOTA, over_quota, play

PAGE_SIZES = range(20, 101)
# RDS API reference, DescribeDBSnapshots; two of the filters take ARNs, too, whose last part is the identifier.
_FILTERS = {
    "db-instance-id": "DBInstanceIdentifier",
    "db-snapshot-id": "DBSnapshotIdentifier",
    "dbi-resource-id": "DbiResourceId",
    "engine": "Engine",
    "snapshot-type": "SnapshotType",
}
_MARKER = re.compile("after-([0-9]+)")
_NO_TIME = re.compile(r"<(\w+Time)></\1>\s*")

type Parameters = dict[str, list[str]]
type Response = tuple[int, dict[str, str], bytes]
type Snapshot = dict[str, Any]


class _RefusedError(Exception):
    """What RDS answers InvalidParameterValue to."""


def install() -> None:
    """Wrap the three snapshot actions."""
    actions = rds._ACTION_MAP
    create, delete = actions["CreateDBSnapshot"], actions["DeleteDBSnapshot"]

    def create_snapshot(parameters: Parameters) -> Response:
        if refusal := refuse_creation(parameters):
            return refusal
        response: Response = create(parameters)
        snapshot = rds._snapshots.get(rds._p(parameters, "DBSnapshotIdentifier"))
        if response[0] != HTTPStatus.OK or snapshot is None:
            return response
        play(snapshot)
        # What AddTagsToResource adds to later.
        rds._tags[snapshot["DBSnapshotArn"]] = snapshot["TagList"]
        emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0040", ("creation",), "Creating manual snapshot"))
        if snapshot["Status"] == AVAILABLE:
            emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0042", ("creation",), "Manual snapshot created"))
        return _xml("CreateDBSnapshot", _member(snapshot))

    def delete_snapshot(parameters: Parameters) -> Response:
        snapshot = rds._snapshots.get(rds._p(parameters, "DBSnapshotIdentifier"))
        if snapshot and snapshot["Status"] != AVAILABLE:
            return _error("InvalidDBSnapshotState", f"The snapshot is {snapshot['Status']}, not available.")
        response: Response = delete(parameters)
        if snapshot:
            emit_snapshot_event(snapshot, RdsEvent("RDS-EVENT-0041", ("deletion",), "Deleted user snapshot"))
        return response

    actions.update(CreateDBSnapshot=create_snapshot, DeleteDBSnapshot=delete_snapshot)
    actions["DescribeDBSnapshots"] = describe_in_pages


def refuse_creation(parameters: Parameters) -> Response | None:
    """Return the refusal of one too many, or of an instance that is not available, or None."""
    is_new = rds._p(parameters, "DBSnapshotIdentifier") not in rds._snapshots
    if is_new and over_quota(rds._snapshots.values(), get_region()):
        return _error("SnapshotQuotaExceeded", f"Cannot create more than {QUOTA} manual snapshots")
    instance = rds._resolve_instance(rds._p(parameters, "DBInstanceIdentifier"))
    if instance is None or instance["DBInstanceStatus"] == "available":
        return None
    message = (
        f"Cannot create a snapshot because the database instance {instance['DBInstanceIdentifier']} "
        "is not currently in the available state."
    )
    return _error("InvalidDBInstanceState", message)


def describe_in_pages(parameters: Parameters) -> Response:
    """Return one page of the snapshots that match, with a marker where more follow."""
    identifier = rds._p(parameters, "DBSnapshotIdentifier")
    if identifier and identifier not in rds._snapshots:
        error: Response = rds._error("DBSnapshotNotFound", f"DBSnapshot {identifier} not found.", 404)
        return error
    try:
        wanted = dict(_wanted(parameters))
        matching = [s for s in rds._snapshots.values() if all(s[field] in values for field, values in wanted.items())]
        start, size = _page(parameters)
    except _RefusedError as refused:
        return _error("InvalidParameterValue", str(refused))
    members = "".join(_member(snapshot) for snapshot in matching[start : start + size])
    marker = f"<Marker>after-{start + size}</Marker>" if len(matching) > start + size else ""
    return _xml("DescribeDBSnapshots", f"<DBSnapshots>{members}</DBSnapshots>{marker}")


def _wanted(parameters: Parameters) -> Iterator[tuple[str, Collection[str]]]:
    """Yield each field that the request names with the values that match; a filter narrows a parameter down."""
    filters: Mapping[str, list[str]] = rds._parse_filters(parameters)
    if unknown := sorted(set(filters) - set(_FILTERS)):
        raise _RefusedError(f"Unrecognized filter name: {unknown[0]}")
    for name, field in _FILTERS.items():
        asked = {rds._p(parameters, field)} - {""}
        filtered = {value.rsplit(":", 1)[-1] if value.startswith("arn:") else value for value in filters.get(name, [])}
        if asked or name in filters:
            yield field, asked & filtered if asked and name in filters else asked | filtered


def _page(parameters: Parameters) -> tuple[int, int]:
    size, marker = rds._p(parameters, "MaxRecords") or str(PAGE_SIZES[-1]), rds._p(parameters, "Marker") or "after-0"
    if not size.isdecimal() or int(size) not in PAGE_SIZES:
        message = f"Invalid value {size} for MaxRecords. Must be between {PAGE_SIZES[0]} and {PAGE_SIZES[-1]}"
        raise _RefusedError(message)
    after = _MARKER.fullmatch(marker)
    if after is None:
        raise _RefusedError(f"Invalid value {marker} for Marker.")
    return int(after[1]), int(size)


def _member(snapshot: Snapshot) -> str:
    return f"<DBSnapshot>{_NO_TIME.sub('', rds._snapshot_xml(snapshot))}</DBSnapshot>"


def _error(code: str, message: str) -> Response:
    response: Response = rds._error(code, message, 400)
    return response


def _xml(action: str, inner: str) -> Response:
    response: Response = rds._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")
    return response
