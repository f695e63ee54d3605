"""Settings of expire_snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.snapshot_expiry import ExpiryPolicy
from rds_operations.domain.snapshot_tiers import PeriodCounts
from rds_operations.runtime.settings.base import read_base, read_optional_alerts_topic_arn
from rds_operations.runtime.settings.reactions import read_runbook_base_url
from rds_operations.runtime.settings.reader import EnvironmentReader
from rds_operations.runtime.settings.snapshots import SnapshotSettings, read_snapshot_prefix

_LONGEST_RETENTION_DAYS = 36_500
_MOST_SNAPSHOTS = 100
"""RDS keeps 100 manual snapshots a region unless the quota is raised (RDS User Guide, "Quotas and constraints")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSnapshotsSettings(SnapshotSettings):
    """Settings of the function that deletes snapshots past their retention.

    Args:
        retention_days: Age in days up to which a snapshot of the schedule is kept.
        on_demand_retention_days: Age in days up to which a snapshot on demand is kept.
        retention_weekly: How many of the newest ISO weeks keep a snapshot beyond that; 0 for none.
        retention_monthly: The same of months.
        retention_yearly: The same of years.
        minimum_snapshots: How many of the newest good ones stay whatever their age.
        maximum_deletions: How many one run deletes at most.
        alerts_topic_arn: Where reports go; empty switches them off.
        runbook_base_url: Where the runbooks are published; empty leaves links to them out of the reports.
    """

    retention_days: int
    on_demand_retention_days: int
    retention_weekly: int
    retention_monthly: int
    retention_yearly: int
    minimum_snapshots: int
    maximum_deletions: int
    alerts_topic_arn: str
    runbook_base_url: str

    @property
    def deployment(self) -> Deployment:
        """Whose reports the function sends."""
        return Deployment(self.project_name, self.environment, self.db_instance_identifier, self.runbook_base_url)

    @property
    def place(self) -> Place | None:
        """Where the deployment is, as the topic of its alerts tells; None without."""
        return Place.of_arn(self.alerts_topic_arn)

    @property
    def policy(self) -> ExpiryPolicy:
        """How long and how many snapshots stay."""
        return ExpiryPolicy(
            retention=timedelta(days=self.retention_days),
            on_demand_retention=timedelta(days=self.on_demand_retention_days),
            periods=PeriodCounts(
                weekly=self.retention_weekly, monthly=self.retention_monthly, yearly=self.retention_yearly
            ),
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
        settings = cls(
            **read_base(reader),
            snapshot_prefix=read_snapshot_prefix(reader),
            retention_days=_days(reader, "RETENTION_DAYS", default=30),
            on_demand_retention_days=_days(reader, "ON_DEMAND_RETENTION_DAYS", default=90),
            retention_weekly=_periods(reader, "RETENTION_WEEKLY"),
            retention_monthly=_periods(reader, "RETENTION_MONTHLY"),
            retention_yearly=_periods(reader, "RETENTION_YEARLY"),
            minimum_snapshots=reader.integer("MINIMUM_SNAPSHOTS", minimum=1, maximum=_MOST_SNAPSHOTS, default=7),
            maximum_deletions=reader.integer("MAXIMUM_DELETIONS", minimum=1, maximum=_MOST_SNAPSHOTS, default=20),
            alerts_topic_arn=read_optional_alerts_topic_arn(reader),
            runbook_base_url=read_runbook_base_url(reader),
        )
        reader.finish()
        return settings


def _days(reader: EnvironmentReader, name: str, *, default: int) -> int:
    return reader.integer(name, minimum=1, maximum=_LONGEST_RETENTION_DAYS, default=default)


def _periods(reader: EnvironmentReader, name: str) -> int:
    return reader.integer(name, minimum=0, maximum=_MOST_SNAPSHOTS, default=0)
