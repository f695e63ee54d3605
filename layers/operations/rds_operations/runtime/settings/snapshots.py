"""The settings that both snapshot functions share."""

from dataclasses import dataclass

from rds_operations.domain.snapshots import Ownership
from rds_operations.runtime.settings.base import BaseSettings
from rds_operations.runtime.settings.reader import EnvironmentReader

# A snapshot's identifier has at most 255 characters (RDS API reference, CreateDBSnapshot); "-YYYYMMDD-HHMMSS" takes 16.
_PREFIX_PATTERN = r"(?=.{1,239}$)[a-z](?:-?[a-z0-9])*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSettings(BaseSettings):
    """Settings of a function that deals with this deployment's snapshots.

    Args:
        snapshot_prefix: What the identifiers of its snapshots begin with, before a hyphen, e.g. `langpont-manual`.
    """

    snapshot_prefix: str

    @property
    def ownership(self) -> Ownership:
        """Whose snapshots the function makes and deletes."""
        return Ownership(self.project_name, self.environment, self.db_instance_identifier)


def read_snapshot_prefix(reader: EnvironmentReader) -> str:
    """Read what the identifiers of snapshots begin with."""
    return reader.text(
        "SNAPSHOT_PREFIX",
        pattern=_PREFIX_PATTERN,
        allowed="1 to 239 lower-case letters, digits and single hyphens, beginning with a letter",
    )
