"""Settings of expire_snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.runtime.settings.base import read_base
from rds_operations.runtime.settings.reader import EnvironmentReader
from rds_operations.runtime.settings.snapshots import SnapshotSettings, read_snapshot_prefix

_LONGEST_RETENTION_DAYS = 36_500
_MOST_SNAPSHOTS = 100
"""RDS keeps 100 manual snapshots a region unless the quota is raised (RDS User Guide, "Quotas and constraints")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSnapshotsSettings(SnapshotSettings):
    """Settings of the function that deletes snapshots past their retention.

    Args:
        retention_days: Age in days up to which a snapshot is kept.
        minimum_snapshots: How many of the newest good ones stay whatever their age.
        maximum_deletions: How many one run deletes at most.
    """

    retention_days: int
    minimum_snapshots: int
    maximum_deletions: int

    @property
    def policy(self) -> ExpiryPolicy:
        """How long and how many snapshots stay."""
        return ExpiryPolicy(
            retention=timedelta(days=self.retention_days),
            minimum_snapshots=self.minimum_snapshots,
            maximum_deletions=self.maximum_deletions,
        )

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        snapshot_prefix = read_snapshot_prefix(reader)
        retention_days = reader.integer("RETENTION_DAYS", minimum=1, maximum=_LONGEST_RETENTION_DAYS, default=30)
        minimum_snapshots = reader.integer("MINIMUM_SNAPSHOTS", minimum=1, maximum=_MOST_SNAPSHOTS, default=7)
        maximum_deletions = reader.integer("MAXIMUM_DELETIONS", minimum=1, maximum=_MOST_SNAPSHOTS, default=20)
        reader.finish()
        return cls(
            **base,
            snapshot_prefix=snapshot_prefix,
            retention_days=retention_days,
            minimum_snapshots=minimum_snapshots,
            maximum_deletions=maximum_deletions,
        )
