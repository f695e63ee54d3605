"""Settings of create_snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.runtime.settings.base import read_base
from rds_operations.runtime.settings.reader import EnvironmentReader
from rds_operations.runtime.settings.snapshots import SnapshotSettings, read_snapshot_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSnapshotSettings(SnapshotSettings):
    """Settings of the function that makes snapshots; none beyond those that the snapshot functions share."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        snapshot_prefix = read_snapshot_prefix(reader)
        reader.finish()
        return cls(**base, snapshot_prefix=snapshot_prefix)
