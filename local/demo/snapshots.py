"""Steps: a schedule makes a snapshot, a retry makes no second one, and the expiry decides with reasons."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from local.aws.snapshot_wishes import CREATED_AT_TAG
from local.demo.report import lines
from local.demo.scene import Scene
from local.errors import LocalError

CREATE, EXPIRE = "CreateSnapshotFunction", "ExpireSnapshotsFunction"
EXPIRED_DAYS = (45, 32)
KEPT_DAYS = (29, 20, 8, 5, 3, 2, 1)
STRANGER = "langpont-manual-stranger"


def show_scheduled_snapshot(scene: Scene) -> str:
    """Wait for a snapshot that the schedule made."""
    snapshot = scene.wait_for("a snapshot made by the schedule", CREATE, lambda: _made_by_schedule(scene))
    scene.refuse_denials(CREATE)
    identifier, tags = snapshot["DBSnapshotIdentifier"], _tags(snapshot)
    return f"{identifier} is {snapshot['Status']}, managed-by={tags['managed-by']}, reason={tags.get('reason')}"


def show_retry(scene: Scene) -> str:
    """Ask for the same moment twice."""
    event = {"scheduled_time": "2026-01-01T18:00:00Z", "reason": "demonstration"}
    first, second = scene.stack.invoke(CREATE, event), scene.stack.invoke(CREATE, event)
    made = [s for s in _snapshots(scene) if s["DBSnapshotIdentifier"] == first["snapshot_identifier"]]
    if (second["status"], len(made)) != ("already_exists", 1):
        raise LocalError(f"the retry answered {second['status']} and left {len(made)} snapshots of that name")
    scene.refuse_denials(CREATE)
    return f"{first['snapshot_identifier']}: {first['status']}, then {second['status']}; one snapshot"


def show_expiry(scene: Scene) -> str:
    """Let the schedule expire aged snapshots, and compare its reasons with what is left."""
    now = datetime.now(UTC)
    aged = {days: _age(scene, now - timedelta(days=days)) for days in (*EXPIRED_DAYS, *KEPT_DAYS)}
    _stranger(scene, now - timedelta(days=400))
    expired = {aged[days] for days in EXPIRED_DAYS}
    scene.wait_for("the schedule's expiry to delete what is past its retention", EXPIRE, lambda: _gone(scene, expired))
    scene.refuse_denials(EXPIRE)
    left = {s["DBSnapshotIdentifier"] for s in _snapshots(scene)}
    if wrong := ({aged[days] for days in KEPT_DAYS} | {STRANGER}) - left:
        raise LocalError(f"the expiry deleted {', '.join(sorted(wrong))}")
    decided = scene.stack.log_records(EXPIRE, "expiry was decided")
    deleted = {r["snapshot_identifier"]: r["reason"] for r in decided if r["snapshot_identifier"] in expired}
    if missing := expired - set(deleted):
        raise LocalError(f"the expiry logged no reason for deleting {', '.join(sorted(missing))}")
    kept = scene.stack.invoke(EXPIRE, {"dry_run": True})["kept"]
    told = {identifier: kept[identifier] for identifier in (aged[max(KEPT_DAYS)], STRANGER)}
    return lines([*_reasons("deleted", deleted), f"kept {len(kept)}, among them:", *_reasons("kept", told)])


def _reasons(what: str, reasons: Mapping[str, str]) -> list[str]:
    return [f"{what} {identifier}: {reason}" for identifier, reason in sorted(reasons.items())]


def _made_by_schedule(scene: Scene) -> Any:
    own = (s for s in _snapshots(scene) if _tags(s).get("managed-by") == "langpont-rds")
    # The hourly look makes one, too, where it finds none: that one says so.
    return next((snapshot for snapshot in own if _tags(snapshot).get("reason") == "scheduled"), None)


def _gone(scene: Scene, identifiers: set[str]) -> bool:
    return not identifiers & {s["DBSnapshotIdentifier"] for s in _snapshots(scene)}


def _snapshots(scene: Scene) -> list[Any]:
    pages = scene.aws.rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=scene.instance, SnapshotType="manual"
    )
    return [snapshot for page in pages for snapshot in page["DBSnapshots"]]


def _tags(snapshot: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}


def _age(scene: Scene, created_at: datetime) -> str:
    """Make a snapshot of this deployment as it would look had it been made then."""
    template = next(s for s in _snapshots(scene) if _tags(s).get("managed-by") == "langpont-rds")
    identifier = f"langpont-manual-{created_at:%Y%m%d-%H%M%S}"
    _create(scene, identifier, created_at, _tags(template))
    return identifier


def _stranger(scene: Scene, created_at: datetime) -> None:
    _create(scene, STRANGER, created_at, {"owner": "somebody else"})


def _create(scene: Scene, identifier: str, created_at: datetime, tags: dict[str, str]) -> None:
    dated = {**tags, CREATED_AT_TAG: created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    scene.aws.rds.create_db_snapshot(
        DBSnapshotIdentifier=identifier,
        DBInstanceIdentifier=scene.instance,
        Tags=[{"Key": key, "Value": value} for key, value in dated.items()],
    )
