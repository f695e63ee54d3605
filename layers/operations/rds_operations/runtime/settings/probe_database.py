"""Settings of probe_database."""

from dataclasses import dataclass

from rds_operations.runtime.settings.nodes import NodeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDatabaseSettings(NodeSettings):
    """Settings of the function that asks the database for the others; none beyond those of a login to each node."""
