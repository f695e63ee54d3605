"""Settings of watch_backups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from rds_operations.domain.backups import BackupPlan
from rds_operations.domain.snapshots import Ownership
from rds_operations.runtime.settings.base import read_alerts_topic_arn, read_base
from rds_operations.runtime.settings.reactions import ReactionSettings, read_runbook_base_url
from rds_operations.runtime.settings.reader import EnvironmentReader
from rds_operations.runtime.settings.snapshots import read_snapshot_prefix

_LONGEST_INTERVAL_HOURS = 744
"""A month: what is made more seldom protects nobody."""
_LARGEST_QUOTA = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchBackupsSettings(ReactionSettings):
    """Settings of the function that looks whether backups can be trusted.

    Args:
        snapshot_prefix: What the identifiers of the deployment's snapshots begin with, before a hyphen.
        snapshot_interval_hours: How often the schedule makes a snapshot, in hours.
        manual_snapshot_quota: How many manual snapshots the account may have in the region.
    """

    snapshot_prefix: str
    snapshot_interval_hours: int
    manual_snapshot_quota: int

    @property
    def plan(self) -> BackupPlan:
        """What there should be."""
        return BackupPlan(
            ownership=Ownership(self.project_name, self.environment, self.db_instance_identifier),
            prefix=self.snapshot_prefix,
            interval=timedelta(hours=self.snapshot_interval_hours),
            manual_snapshot_quota=self.manual_snapshot_quota,
        )

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        alerts_topic_arn = read_alerts_topic_arn(reader)
        runbook_base_url = read_runbook_base_url(reader)
        snapshot_prefix = read_snapshot_prefix(reader)
        # AWS's own figure unless it is raised (RDS User Guide, "Quotas and constraints").
        quota = reader.integer("MANUAL_SNAPSHOT_QUOTA", minimum=1, maximum=_LARGEST_QUOTA, default=100)
        interval = reader.integer("SNAPSHOT_INTERVAL_HOURS", minimum=1, maximum=_LONGEST_INTERVAL_HOURS, default=24)
        reader.finish()
        return cls(
            **base,
            alerts_topic_arn=alerts_topic_arn,
            runbook_base_url=runbook_base_url,
            snapshot_prefix=snapshot_prefix,
            snapshot_interval_hours=interval,
            manual_snapshot_quota=quota,
        )
