"""Asks RDS about the instances of a stack: whether they are protected, and what snapshots they left."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deployment.errors import DeploymentError
from deployment.place import Place
from deployment.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

DEADLINE_SECONDS = 3600.0
_GONE = "DBInstanceNotFound"
_FAILED = {"failed", "incompatible-restore", "incompatible-parameters"}


@dataclass(frozen=True, slots=True)
class Instance:
    """A DB instance that is there.

    Args:
        identifier: Its identifier.
        protected: Whether deletion protection is on.
    """

    identifier: str
    protected: bool


def find_instances(place: Place, identifiers: Iterable[str]) -> list[Instance]:
    """Return those of the named instances that are there."""
    rds = place.rds
    return [instance for identifier in identifiers for instance in _find(rds, identifier)]


def manual_snapshots(place: Place, identifiers: Iterable[str]) -> dict[str, str]:
    """Return the identifiers of the manual snapshots of some instances, each with its instance."""
    found = {}
    for identifier in identifiers:
        pages = place.rds.get_paginator("describe_db_snapshots").paginate(
            DBInstanceIdentifier=identifier, SnapshotType="manual"
        )
        found.update(
            {snapshot["DBSnapshotIdentifier"]: identifier for page in pages for snapshot in page["DBSnapshots"]}
        )
    return found


def final_snapshots(place: Place, identifiers: Iterable[str], before: Mapping[str, str]) -> dict[str, str]:
    """Return the final snapshot of each deleted instance, once it is available.

    Args:
        place: Where they are.
        identifiers: Instances that were deleted and had to leave a snapshot.
        before: The snapshots that were there before, which are none of them.

    Raises:
        DeploymentError: an instance left none, or it is not good.
    """
    wanted = list(identifiers)
    new = {name: owner for name, owner in manual_snapshots(place, wanted).items() if name not in before}
    left = {owner: name for name, owner in sorted(new.items())}
    without = sorted(set(wanted) - set(left))
    if without:
        raise DeploymentError(f"{', '.join(without)} left no final snapshot; the automated backups are what there is")
    for name in left.values():
        wait_for(
            f"the final snapshot {name}",
            lambda name=name: _is_available(place.rds, name),  # type: ignore[misc]
            deadline_seconds=DEADLINE_SECONDS,
            poll_seconds=place.poll_seconds,
        )
    return left


def _find(rds: "RDSClient", identifier: str) -> Iterator[Instance]:
    try:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    except ClientError as error:
        if _GONE in error.response["Error"]["Code"]:
            return
        raise
    yield Instance(found["DBInstanceIdentifier"], found.get("DeletionProtection", False))


def _is_available(rds: "RDSClient", name: str) -> bool | None:
    (snapshot,) = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    status = snapshot.get("Status", "")
    if status in _FAILED:
        raise DeploymentError(f"the final snapshot {name} is {status}; the automated backups are what there is")
    return True if status == "available" else None
