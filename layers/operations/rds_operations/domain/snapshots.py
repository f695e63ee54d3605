"""Manual snapshots: whose they are, and what makes one a backup."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MANAGED_BY = "langpont-rds"


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who a snapshot belongs to: this kit, deployed for this project, environment and instance.

    Args:
        project_name: The deployment's project.
        environment: dev, staging or prod.
        db_instance_identifier: The instance that snapshots are taken of.
    """

    project_name: str
    environment: str
    db_instance_identifier: str

    def tags(self) -> dict[str, str]:
        """Return the tags that mark a snapshot as owned; the delete permission in the template requires them."""
        return {
            "managed-by": MANAGED_BY,
            "project": self.project_name,
            "environment": self.environment,
            "source-instance": self.db_instance_identifier,
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One manual DB snapshot as RDS lists it.

    Args:
        identifier: Its name.
        instance_identifier: The instance it was taken of.
        status: RDS's word; only an `available` one is a backup.
        created_at: When it was taken; None while RDS is still creating it.
        tags: Its tags, which RDS lists inline (no call per snapshot).
    """

    identifier: str
    instance_identifier: str
    status: str
    created_at: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_available(self) -> bool:
        """Whether the snapshot can be restored."""
        return self.status == "available"

    def is_owned_by(self, ownership: Ownership) -> bool:
        """Return whether this deployment made the snapshot of its own instance."""
        return self.instance_identifier == ownership.db_instance_identifier and all(
            self.tags.get(key) == value for key, value in ownership.tags().items()
        )
